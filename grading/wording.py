"""What sentence embeddings do not see: negation, word order, opposites, copied questions, numbers, look-alike letters.

Embeddings place "the gap separates them" beside "the gap does not separate them", and beside the same words
shuffled. Each check here compares an answer with one model answer, word by word, and returns a reason to doubt.
The word lists are English and German; in other languages the checks on order, numbers, letters and length remain.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEGATORS = _set(
    "not no never none nothing nobody neither nor without cannot hardly barely lack lacks fails "
    "nicht kein keine keinen keiner keinem nie niemals ohne weder"
)
ARTICLES = frozenset(["the", "a", "an"])
FUNCTION = (
    ARTICLES
    | NEGATORS
    | _set(
        "of is are was were be been being to and or in on at by from with for because that which who it its they their "
        "them this these those as than then so if when while will would can could should may might do does did has have "
        "had there he she we you i his her our your into onto between but also just only very more most each every "
        "der die das ein eine einen ist sind und oder von zu mit auf im in den dem des für weil dass es sie er"
    )
)
EMPTY = _set(
    "the a an is are was were be been being it its they their this that these those because so as very just also"
)
AFTER_ARTICLE_NEVER = _set("of is are was were be been to and or the a an in by from with for because that it they not")
OPPOSITES = (
    ("increase", "decrease"), ("rise", "fall"), ("more", "less"), ("more", "fewer"), ("higher", "lower"), ("high", "low"),
    ("larger", "smaller"), ("large", "small"), ("greater", "less"), ("bigger", "smaller"), ("faster", "slower"),
    ("before", "after"), ("above", "below"), ("open", "closed"), ("positive", "negative"), ("true", "false"),
    ("always", "never"), ("all", "none"), ("first", "last"), ("maximum", "minimum"), ("same", "different"),
    ("equal", "different"), ("inside", "outside"), ("hot", "cold"), ("hotter", "colder"), ("warmer", "cooler"),
    ("strong", "weak"), ("stronger", "weaker"), ("cause", "prevent"), ("allow", "prevent"),
    ("add", "remove"), ("gain", "lose"), ("win", "lose"), ("left", "right"), ("long", "short"), ("longer", "shorter"),
    ("mutable", "immutable"), ("sorted", "unsorted"), ("encrypt", "decrypt"), ("up", "down"), ("accept", "reject"),
)  # fmt: skip
NEGATING_PREFIXES = ("un", "in", "im", "ir", "dis", "non", "il")
_ENDINGS = ("ingly", "edly", "ings", "ing", "ied", "ies", "ed", "es", "er", "ly", "s", "e")


def normal(text: str) -> str:
    """Compatibility form, lower case, one space, without invisible marks and outer punctuation."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    return " ".join(text.split()).strip(" .,;:!?\"'")


def words(text: str) -> list[str]:
    """Lower-case words; "isn't" gives "is not"."""
    text = normal(text).replace("can't", "can not").replace("won't", "will not")
    return re.findall(r"\d+(?:[.,]\d+)*|[^\W_]+", re.sub(r"n't\b", " not", text))


def stem(word: str) -> str:
    """Cut one English ending, so that "separates" meets "separated"."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


def content(text: str) -> list[str]:
    """Stems of the words that carry meaning, in order."""
    return [stem(word) for word in words(text) if word not in FUNCTION]


def covered(answer: str, model: str, question: str) -> float:
    """How much (0 to 1) of what the model answer adds to the question is named in the answer."""
    asked, said = set(content(question)), set(content(answer))
    added = set(content(model)) - asked or set(content(model))
    return len(added & said) / len(added) if added else float(normal(answer) == normal(model))


def reworded(answer: str, model: str, question: str) -> bool:
    """Whether the answer is the model answer without words that the question holds, or without empty words.

    Nothing may be added, the order stays and articles stand before nouns, so nothing else can be meant. A single word is no rewording.
    """
    mine, theirs = ([stem(word) for word in words(text) if word not in EMPTY] for text in (answer, model))
    if not 1 < len(mine) <= len(theirs) or not content(answer) or _broken(words(answer)):
        return False
    left_out = set(Counter(theirs) - Counter(mine))
    spare = {stem(word) for word in (FUNCTION - NEGATORS)} | set(map(stem, words(question)))
    return left_out <= spare and _common_run(mine, theirs) == len(mine)


@dataclass(frozen=True)
class Pair:
    """An answer beside the model answer that is nearest to it, and the question both are about."""

    answer: str
    model: str
    question: str


def doubts(answer: str, model: str, question: str) -> list[str]:
    """Reasons why closeness to the model answer proves nothing; none for a plain paraphrase."""
    return [reason for check in CHECKS for reason in check(Pair(answer, model, question))]


def _polarity(pair: Pair) -> Iterator[str]:
    counts = [sum(word in NEGATORS for word in words(text)) for text in (pair.answer, pair.model)]
    if counts[0] % 2 != counts[1] % 2:
        yield "says 'not' where the model answer does not, or the other way round"


def _opposites(pair: Pair) -> Iterator[str]:
    mine, theirs = set(words(pair.answer)), set(words(pair.model))
    stems, others = {stem(word) for word in mine}, {stem(word) for word in theirs}
    for one, two in OPPOSITES:
        for said, meant in ((stem(one), stem(two)), (stem(two), stem(one))):
            if meant in others and said in stems - others and (meant not in stems or len(mine) < 2 * len(theirs)):
                yield f"has the opposite of a word in the model answer ({said}/{meant})"
    for word in sorted(mine ^ theirs):
        for prefix in NEGATING_PREFIXES:
            bare = word.removeprefix(prefix)
            if bare != word and len(bare) > 3 and bare in (theirs if word in mine else mine):
                yield f"has the opposite of a word in the model answer ({word})"


def _order(pair: Pair) -> Iterator[str]:
    mine, theirs = words(pair.answer), words(pair.model)
    if _broken(mine):
        yield "does not read as a sentence"
        return
    shared = sum((Counter(mine) & Counter(theirs)).values())
    pairs = sum((Counter(pairwise(mine)) & Counter(pairwise(theirs))).values())
    if len(mine) > 3 and shared >= 0.75 * len(mine) and pairs < 0.4 * (len(mine) - 1):
        yield "has the model answer's words in another order"
        return
    meant = set(content(pair.model))
    run, other = [w for w in content(pair.answer) if w in meant], content(pair.model)
    if len(run) > 2 and _common_run(run, other) < 0.7 * len(run):
        yield "has the model answer's words in another order"


def _keywords(pair: Pair) -> Iterator[str]:
    mine, theirs = words(pair.answer), words(pair.model)
    if len(mine) > 4 and _function_share(mine) < 0.15 and _function_share(theirs) > 0.2:
        yield "is a list of words, not a sentence"
    repeated = Counter(word for word in mine if word not in FUNCTION)
    if repeated and repeated.most_common(1)[0][1] > 3:
        yield "repeats one word many times"


def _copied(pair: Pair) -> Iterator[str]:
    asked, said, meant = set(content(pair.question)), set(content(pair.answer)), set(content(pair.model))
    if said and len(said & asked) >= 0.8 * len(said) and not meant <= said:
        yield "mostly repeats the question"


def _length(pair: Pair) -> Iterator[str]:
    if len(words(pair.answer)) > 3 * len(words(pair.model)) + 25:
        yield "is much longer than the model answer"


def _numbers(pair: Pair) -> Iterator[str]:
    mine, theirs = ({word for word in words(text) if word[0].isdigit()} for text in (pair.answer, pair.model))
    if theirs - mine or (mine - theirs and mine - set(words(pair.question))):
        yield "has other numbers than the model answer"


def _letters(pair: Pair) -> Iterator[str]:
    for word in words(pair.answer):
        scripts = {unicodedata.name(letter, "?").split()[0] for letter in word if letter.isalpha()}
        if len(scripts & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}) > 1:
            yield "mixes look-alike letters of two alphabets in one word"
            return


CHECKS = (_polarity, _opposites, _order, _keywords, _copied, _length, _numbers, _letters)


def _broken(tokens: Sequence[str]) -> bool:
    """Whether an article stands at the end, or before a word that no article stands before."""
    return any(one in ARTICLES and two in AFTER_ARTICLE_NEVER for one, two in pairwise([*tokens, "of"]))


def _function_share(tokens: Sequence[str]) -> float:
    return sum(word in FUNCTION for word in tokens) / max(1, len(tokens))


def _common_run(one: Sequence[str], two: Sequence[str]) -> int:
    """Length of the longest common subsequence."""
    row = [0] * (len(two) + 1)
    for left in one:
        previous = 0
        for at, right in enumerate(two, 1):
            previous, row[at] = row[at], previous + 1 if left == right else max(row[at], row[at - 1])
    return row[-1]
