"""What the cores and services say in plain English, said again in the reader's language.

What a core said is kept as evidence, word for word, and a core knows no other language. So its sentences are recognised
where they are shown: every message of the catalogue with named places is a template. A place takes a number, unless its
name stands in one of the tables below. What is not known stays as it is: it may be a person's own words.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from html import escape, unescape
from typing import Final

from babel import Locale
from babel.numbers import get_decimal_symbol, get_group_symbol
from markupsafe import Markup

from exam_api.web.i18n import PLACE, SOURCE_LANGUAGE, _

Say = Callable[[str], str]

_NUMBER: Final = r"-?\d[\d.,]*(?:e[-+]?\d+)?[⁰¹²³⁴⁵⁶⁷⁸⁹]*%?"
_TIME: Final = r"-?\d+(?:\.\d)? s|-?\d+ min(?: \d+ s)?"
_QUOTED: Final = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
# Written by somebody else, so never translated: people's names, programs' output, authors' words.
_VERBATIM: Final = {
    **dict.fromkeys(("name", "first", "second", "text", "wanted", "printed"), ".+"),
    "quoted": _QUOTED,
    "other": _QUOTED,
    "key": '[^"]+',
    "hashes": "#+",
    "moment": r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\dZ)?",
    "address": r"\S+",
}
# Words of our own: they must be known too, or the whole is no sentence of ours.
_WORDS: Final = dict.fromkeys(("what", "why", "rule", "kind", "status", "next"), ".+?")
_PATTERNS: Final = {"time": _TIME, "span": _TIME, **_VERBATIM, **_WORDS}
_LONGEST: Final = 4_000  # characters of a line that are compared with the templates
# Where several of ours stand in a row, from the coarsest joint to the finest.
_JOINTS: Final = (r"(?<=[.!?]) ", "; ", ", ", " or ", " and ")
_TEXT_OF_A_DRAWING: Final = re.compile(r"(?<=>)[^<>]+(?=<)")

FINDINGS: Final = (
    _(
        "{first} and {second} gave {identical} identical answers to {items} items (expected {expected}), {shared} of them "
        "the same mistake in {missed} items that both missed; two people of their abilities who work separately agree "
        "this much, in places this rare, with probability {chance}, and some pair among all {pairs} does with "
        "probability at most {adjusted}."
    ),
    _(
        "{name} took {share} of the typical time over {items} items; somebody of this cohort is that fast with "
        "probability {chance}, and the fastest of all {people} with probability at most {adjusted}."
    ),
    _("There are no answers; at least {least} people are needed."),
    _(
        "Too few answers to tell chance from copying: {people} of at least {least} people, {items} of at least {fewest} "
        "items."
    ),
    _("None of {pairs} pairs agrees more than chance explains."),
    _("1 of {pairs} pairs agree more than chance explains: {what}."),
    _("{count} of {pairs} pairs agree more than chance explains: {what}."),
    _("{first} and {second} (adjusted p {adjusted})"),
    _("and {count} more"),
    _("Pairs by how unlikely their shared answers are"),
    _("How unlikely each pair is, if all worked separately"),
    _("where the same rank would lie in an honest cohort"),
    _("reported above this line ({alpha})"),
    _("1 in {count}"),
)
GRADES: Final = (
    _("The text {quoted} behind the number is not a unit we know, so a person looks at it."),
    _("The stored answer cannot be read, so a person looks at it: {why}."),
    _("A person reads every essay ({what})."),
    *(_("1 word"), _("{count} words"), _("fewer than the {least} asked for"), _("more than the {most} allowed")),
    _("A person looks at what was handed in ({what})."),
    _("A person looks at every drawing ({what})."),
    *(_("1 file"), _("{count} files"), _("1 line"), _("{count} lines")),
    _("{passed} of {tests} tests passed."),
    _("The program does not compile."),
    _("Test {quoted}: {what}."),
    _("Hidden test {number}: {what}."),
    _("Test {quoted}: expected {wanted}, and the program printed {printed}."),
    _("the program stopped with an error"),
    _("the program used more computing time than allowed"),
    _("the program did not finish in time"),
    _("the program used more memory than allowed"),
    _("the program printed more than allowed"),
    _("the output is not the expected one"),
)
PROGRAMS: Final = (
    *(_("the program did something that is not allowed here"), _("the program does not compile")),
    _("the sandbox stopped before this test had run"),
    *(_("the value is not the expected one"), _("the function did not come back with a value")),
    *(_("the function stopped with an error"), _("the program could not be loaded")),
    *(_("the conversation did not end as it should"), _("the output is judged after the exam has been handed in")),
    _("the test is not content with what the program did"),
    _("the test's own set-up is broken, which is no fault of the program"),
    _("the input could not set the database up"),
    _("Group {quoted}: {count} of {points} points."),
    _("Group {quoted} counts nothing, because not every test of {other} passed."),
    *(_("Test {quoted}: accepted, for {points} points."), _("Hidden test {number}: accepted, for {points} points.")),
    _("Hidden test {number}: expected {wanted}, and the program printed {printed}."),
    _("Test {quoted}: expected {wanted}, and the function returned {printed}."),
    _("Hidden test {number}: expected {wanted}, and the function returned {printed}."),
    _("Line {line} of {quoted} uses {other}, which this exercise asks not to use."),
    _("this program is called by the tests, so it takes no input of your own"),
    _("this item has no sample tests; run the program on an input of your own"),
    _("this program talks to another one, so it takes no input of your own"),
    _("an input has at most {count} characters, and no NUL"),
    _("The reference solution has not been run: it waits for a sandbox."),
    _("The sandbox stopped before the reference solution had run, so it must run again."),
    _("The reference solution does not compile."),
    _("Test {quoted}: its output could not be judged ({text})."),
    _("The reference solution fails the test {quoted}: {what}."),
    _("The reference solution gets {count} of {points} points in the test {quoted}."),
    _(
        "The test {quoted} took the reference solution {seconds} s of computing time, so the limit cpu_seconds of {limit} "
        "leaves less than three times that; {proposed} would."
    ),
    _(
        "The test {quoted} took the reference solution {seconds} s by the clock, so the limit wall_seconds of {limit} leaves "
        "less than three times that; {proposed} would."
    ),
    _(
        "The test {quoted} took the reference solution {memory} MiB of memory, so the limit memory_mib of {limit} leaves less "
        "than three times that; {proposed} would."
    ),
)
DOUBTS: Final = (
    _("says 'not' where the model answer does not, or the other way round"),
    _("has the opposite of a word in the model answer ({text})"),
    _("does not read as a sentence"),
    _("has the model answer's words in another order"),
    _("is a list of words, not a sentence"),
    _("repeats one word many times"),
    _("mostly repeats the question"),
    _("is much longer than the model answer"),
    _("has other numbers than the model answer"),
    _("mixes look-alike letters of two alphabets in one word"),
)
RECEIPTS: Final = (
    *(_("receipt {number}: {why}"), _("answer {number}: {why}"), _("answer {quoted}: {why}"), _("keys: {why}")),
    _("no trusted key was given, so nothing can be proven"),
    _("the start statement belongs to another attempt"),
    _("its sequence number is {number}: one is missing, doubled or out of order"),
    _("it belongs to another attempt"),
    _("it does not follow the start statement as that stands in this file"),
    _("it does not follow receipt {number} as that stands in this file"),
    *(_("no receipt stands for it"), _("it is not the answer that was received")),
    _("its number of receipts is {count}, but that of this file is {number}"),
    _("it does not close the last receipt of this file"),
    _("its time is not in our form"),
    *(_("it does not have exactly the fields of a receipt"), _("it does not have exactly the fields of a seal")),
    *(_("its {quoted} is not that of a receipt"), _("its {quoted} is not that of a seal")),
    _("it was signed with {quoted}, which is not a key that we trust"),
    _("its content is not what {key} signed"),
    _("received_at must look like 2027-03-01T10:42:07.123Z"),
    _("a receipt's seq counts from 1"),
    # and of what the file says about the public log
    _("the seal that was logged is missing, so the file was cut after the exam was submitted"),
    _("the log proof has not its three texts, salt, proof and key"),
    _("a salt has {least} bytes at least"),
    _("the proof does not lead to the root that the log signed"),
    _("the proof is longer than the tree is high"),
    _("a log of {size} entries has no entry {index}"),
    _("no key that we trust for {quoted} signed it"),
    _("it was not made over these bytes by {address}"),
    _("it is of the log {quoted}, not of {other}"),
    *(_("the checkpoint is not a signed note"), _("the proof has no index line")),
    _("a signature line of the checkpoint is not in the form of a signed note"),
    _("this is not a c2sp.org/tlog-proof@v1 text"),
)
REFUSALS: Final = (
    _("an answer is a JSON object"),
    _("an answer to this item has exactly one field, {quoted}"),
    _("{quoted} must be text"),
    _("the answer has {count} characters; at most {most} are accepted"),
    _("the answer holds a character that cannot be stored (a NUL or half of a surrogate pair)"),
    _("an answer to this item has 'source' or 'files', and may name its 'language'"),
    _("the answer is in a language that this item does not take"),
    _("the files of an answer are texts by their names, under 'files'"),
    _("a file of the answer has a name that cannot be used"),
    _("the file {quoted} belongs to the exercise and cannot be replaced"),
    _("the answer needs a file {quoted}, with which the program starts"),
    _("a name in the answer is both a file and a folder"),
    _("the files have more than {most} characters together"),
    _("the input is a JSON list of the function's arguments, such as [1, 2]"),
    _("an answer to this item is a list of option ids under 'choice'"),
    _("the answer names an option that this item does not have"),
    _("the answer names an option twice"),
    _("an answer to this item maps its rows to texts of the right side, under 'match'"),
    _("the answer names a row that this item does not have"),
    _("the answer names a text that this item does not have on its right side"),
    _("this item takes one option"),
    _("the file needs a name with an ending, such as 'sketch.pdf'"),
    _("this item takes files that end in {wanted}, and this is {quoted}"),
    _("an answer to this item is a list of files under 'files'"),
    _("the answer has {count} files; at most {most} are accepted"),
    _("the answer names a file twice"),
    _("a file of an answer has exactly the fields {wanted}"),
    _("the fields of a file are short texts, and its size is a number"),
    _("a file of the answer has no id, or no digest, of the right form"),
    _("the file {quoted} cannot be {other}"),
    _("a file of this answer has from 1 byte to {most} MiB"),
    *(_("the file is empty"), _("the file is a program; programs are not accepted")),
    _("the file does not hold what its ending {quoted} says, or its end is missing"),
    _("the picture has no size, or more than {most} megapixels"),
    _("an answer to this item is a list of lines under 'strokes', and words under 'text'"),
    _("the drawing has more than {most} lines"),
    _("the drawing has more points than can be kept; take some lines away"),
    _("a line has exactly the fields colour, width and points"),
    _("a line is {wanted}, and {text}"),
    _("the points of a line are whole numbers, three for each point"),
    _("a point lies outside of the sheet"),
    *(_("ready"), _("running"), _("paused"), _("submitted"), _("voided")),
    *(_("token: {why}"), _("proof: {why}")),
    *(_("it is missing"), _("it has expired"), _("it is for another attempt"), _("it is bound to another key")),
    *(_("it was made for another request"), _("it cannot be read"), _("its signature does not hold")),
    *(_("its time is not now; use the server's nonce and time"), _("it needs the server's current nonce")),
    # The words of Pydantic about a form or a body
    *(_("Field required"), _("Value error, {why}"), _("Extra inputs are not permitted")),
    *(_("String should have at least {least} characters"), _("String should have at most {most} characters")),
    # and those of email-validator
    _("An email address must have an @-sign."),
    _("There must be something before the @-sign."),
    _("There must be something after the @-sign."),
    _("The part after the @-sign is not valid. It should have a period."),
    _("The email address contains invalid characters before the @-sign: {text}."),
    _("The part after the @-sign contains invalid characters: {text}."),
)


def sentences(language: str, words: Mapping[str, str]) -> Say:
    """What says a text of ours in `language`. In English every text stays itself. `words`: English → translation."""
    return str if language == SOURCE_LANGUAGE else _Sentences(language, words)


def in_drawing(svg: str, say: Say) -> Markup:
    """An SVG with its texts said by `say`, and as safe as it came: each new text is escaped."""

    def said(found: re.Match[str]) -> str:
        text = unescape(found[0])
        shown = say(text)
        return found[0] if shown == text else escape(shown, quote=False)

    return Markup(_TEXT_OF_A_DRAWING.sub(said, str(svg)))  # noqa: S704  (as safe as what came in)


class _Sentences:
    """One language: fixed sentences word for word, the others as patterns, those with most words of their own first."""

    def __init__(self, language: str, words: Mapping[str, str]) -> None:
        self._fixed = words
        percent = Locale.parse(language).percent_formats[None].pattern.rpartition("0")[2]  # "%", or after a space
        marks = {".": get_decimal_symbol(locale=language), ",": get_group_symbol(locale=language), "%": percent}
        self._numbers = str.maketrans(marks)
        templates = [message for message in words if PLACE.search(message)]
        templates.sort(key=lambda message: len(PLACE.sub("", message)), reverse=True)
        self._templates = [(_pattern(message), words[message]) for message in templates]

    def __call__(self, text: str) -> str:
        """Line by line: what a program printed may follow a sentence of ours."""
        return "\n".join(self._known(line) or line for line in text.split("\n"))

    def _known(self, text: str, joint: int = 0) -> str | None:
        """The translation, or None. `joint`: where a text may still be taken apart."""
        if found := self._fixed.get(text):
            return found
        for pattern, template in self._templates if len(text) <= _LONGEST else ():
            match = pattern.fullmatch(text)
            values = self._values(match) if match else None
            if values is not None:
                return template.format(**values)
        return self._row(text, joint)

    def _values(self, match: re.Match[str]) -> dict[str, str] | None:
        """What stands in the places, in this language; None where words that should be ours are not known."""
        values: dict[str, str] = {}
        for place, value in match.groupdict().items():
            if place in _VERBATIM:
                values[place] = value
            elif place not in _WORDS:
                values[place] = value.translate(self._numbers)
            elif known := self._known(value):
                values[place] = known
            else:
                return None
        return values

    def _row(self, text: str, joint: int) -> str | None:
        """Several of ours in a row: all of them, or None. Only ever finer joints, so that it costs little."""
        for at in range(joint, len(_JOINTS)):
            parts = re.split(_JOINTS[at], text)
            if len(parts) > 1 and (said := self._all(parts, at + 1)):
                return self._between(at).join(said)
        return None

    def _all(self, parts: Iterable[str], joint: int) -> list[str] | None:
        said: list[str] = []
        for part in parts:
            known = self._known(part, joint)
            if known is None:
                return None
            said.append(known)
        return said

    def _between(self, at: int) -> str:
        """The joint in this language."""
        word = _JOINTS[at].strip()
        return f" {self._fixed.get(word, word)} " if word.isalpha() else _JOINTS[at] if at else " "


def _pattern(message: str) -> re.Pattern[str]:
    """The pattern of the English sentences that a message stands for."""
    pieces = PLACE.split(message)  # text, place, text, place, …, text
    written = [
        f"(?P<{piece}>{_PATTERNS.get(piece, _NUMBER)})" if at % 2 else re.escape(piece)
        for at, piece in enumerate(pieces)
    ]
    return re.compile("".join(written))
