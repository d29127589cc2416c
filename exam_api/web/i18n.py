"""Languages: which one a request speaks, its catalogue, and the command that keeps the catalogues complete.

`python -m exam_api.web.i18n extract` rewrites the `.po` files from what templates and code say;
`python -m exam_api.web.i18n check` lists every sentence that has no translation and exits 1 when there is one.
The English sentence is the key, so English needs no translation and a missing one still reads well.
"""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.core import negotiate_locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "de": "Deutsch"}
SOURCE_LANGUAGE: Final = "en"
LANGUAGE_COOKIE: Final = "lang"
WEB: Final = Path(__file__).resolve().parent
LOCALE_DIR: Final = WEB / "locale"

_KEYWORDS: Final = {
    "_": None,
    "t": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
_NOISE: Final = tuple(
    f'"{name}:'.encode()
    for name in (
        *("Project-Id-Version", "Report-Msgid-Bugs-To", "POT-Creation-Date", "PO-Revision-Date", "Last-Translator"),
        *("Language-Team", "MIME-Version", "Content-Transfer-Encoding", "Generated-By"),
    )
)
# The cores know no translation; what graders, detectors and rules say in fixed words is read from their text.
_CORES: Final = ("grading/mark.py", "grading/kinds/**/*.py", "integrity/detectors/*.py", "proctor/rules/*.py")
_SENTENCE: Final = re.compile(r"[A-Z][^\n]*\.")
_PYTHON_KEYWORDS: Final = {"_": None, "ngettext": (1, 2)}
# Tables of words for files that leave the house: every value of `WORDS`.
_TABLES: Final = ("credentials/forms/offline/__init__.py",)
# Their docstrings are what a person reads when something is refused.
_ERRORS: Final = ("exam_api/errors.py", "proctor/errors.py")
PLACE: Final = re.compile(r"\{([a-z]+)\}")
"""A named place in a sentence, for what `exam_api.web.sentences` recognises."""


def _(message: str) -> str:
    """Mark a sentence of Python code for translation; the template says `{{ t(sentence) }}`.

    A module cannot know which language the next request speaks, so translating happens on the page.
    """
    return message


def choose_language(cookie: str | None, accept_language: str | None) -> str:
    """The language of a request: what the person chose, else what the browser asks for (RFC 9110, 12.5.4), else English."""
    if cookie in LANGUAGES:
        return str(cookie)
    wanted = [tag.replace("-", "_") for tag in _by_preference(accept_language or "")]
    found = negotiate_locale(wanted, list(LANGUAGES))
    return found.split("_")[0] if found else SOURCE_LANGUAGE


def _by_preference(header: str) -> list[str]:
    """Language tags of an Accept-Language header, most wanted first; a malformed weight counts as unwanted."""
    ranked: list[tuple[float, str]] = []
    for part in header.split(","):
        tag, _sep, weight = part.strip().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            quality = 0.0
        if tag and tag != "*" and quality > 0:
            ranked.append((quality, tag))
    return [tag for _quality, tag in sorted(ranked, key=lambda pair: -pair[0])]


@dataclass(frozen=True)
class Catalogues:
    """The translations of every language we ship, compiled in memory: a `.po` file is all that is installed.

    `words` has the same without plurals and contexts, English → translation, for whoever looks through them.
    """

    by_language: Mapping[str, NullTranslations]
    words: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls, folder: Path = LOCALE_DIR) -> "Catalogues":
        """Read and compile every language's `.po` file. Raises OSError when a shipped language has no file."""
        read = {language: read_catalogue(language, folder) for language in LANGUAGES}
        return cls(
            {language: _compile(catalogue) for language, catalogue in read.items()},
            {language: _words(catalogue) for language, catalogue in read.items()},
        )

    def __getitem__(self, language: str) -> NullTranslations:
        return self.by_language.get(language, self.by_language[SOURCE_LANGUAGE])


def _words(catalogue: Catalog) -> dict[str, str]:
    simple = [each for each in catalogue if each.id and isinstance(each.id, str) and not each.context]
    return {str(each.id): each.string for each in simple if each.string and isinstance(each.string, str)}


def po_file(language: str, folder: Path = LOCALE_DIR) -> Path:
    return folder / language / "LC_MESSAGES" / "messages.po"


def read_catalogue(language: str, folder: Path = LOCALE_DIR) -> Catalog:
    """The `.po` file of a language. Raises OSError when it is not there."""
    with po_file(language, folder).open("rb") as file:
        return read_po(file, locale=language)


def _compile(catalogue: Catalog) -> GNUTranslations:
    binary = BytesIO()
    write_mo(binary, catalogue)
    binary.seek(0)
    return GNUTranslations(binary)


def extract(package: Path = WEB.parent) -> Catalog:
    """Every sentence that templates, `_()` in code, refusals (docstrings and details) and the cores say to a person."""
    found = Catalog(project="Invigil", charset="utf-8")
    for message, context in _sentences(package):
        found.add(message, context=context)
    return found


def _sentences(package: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    templates = extract_from_dir(
        package / "web" / "templates",
        [("**.html", "jinja2.ext:babel_extract")],
        {"**.html": {"silent": "false", "extensions": "jinja2.ext.do"}},
        keywords=_KEYWORDS,
    )
    code = extract_from_dir(package, [("**.py", "python")], keywords=_PYTHON_KEYWORDS)
    for _name, _line, message, _comments, context in (*templates, *code):
        yield message, context
    # What can be refused is written once, as docstrings, and shown to people: so it is translated from there.
    refusals: set[str] = set()
    for name in _ERRORS:
        for node in ast.parse((package.parent / name).read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and (sentence := ast.get_docstring(node)):
                refusals.add(node.name)
                yield sentence, None
    for file in sorted(package.rglob("*.py")):
        for detail in _details(ast.parse(file.read_text("utf-8")), refusals):
            yield detail, None
    for file in sorted(path for pattern in _CORES for path in package.parent.glob(pattern)):
        for sentence in _fixed_sentences(ast.parse(file.read_text("utf-8"))):
            yield sentence, None
    for name in _TABLES:
        for words in _table(ast.parse((package.parent / name).read_text("utf-8"))):
            yield words, None


def _table(tree: ast.Module) -> Iterator[str]:
    """The values of a module's dictionary `WORDS`."""
    for node in tree.body:
        match node:
            case ast.AnnAssign(target=ast.Name(id="WORDS"), value=ast.Dict(values=values)):
                yield from (str(each.value) for each in values if isinstance(each, ast.Constant))


def _details(tree: ast.Module, refusals: set[str]) -> Iterator[str]:
    """What is said where one of the `refusals` is raised: `raise Invalid("A frame is a binary message.")`."""
    for node in ast.walk(tree):
        match node:
            case ast.Raise(exc=ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(detail))])):
                if name in refusals:
                    yield detail


def _fixed_sentences(tree: ast.Module) -> Iterator[str]:
    """What a core says word for word: whole sentences, and the members of tuples such as `INNOCENT`."""
    silent: set[ast.AST] = set()  # docstrings, and the pieces of texts with numbers in them
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr | ast.JoinedStr | ast.Raise):
            silent.update(ast.walk(node))
    listed = {member for node in ast.walk(tree) if isinstance(node, ast.Tuple) for member in node.elts}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or node in silent:
            continue
        if _SENTENCE.fullmatch(node.value) or (node in listed and " " in node.value):
            yield node.value


def missing(wanted: Catalog, have: Catalog) -> list[str]:
    """The sentences of `wanted` that `have` does not translate, with their placeholders intact, in order."""
    return sorted(_key(message) for message in wanted if message.id and not _is_translated(message, have))


def _is_translated(message: Message, have: Catalog) -> bool:
    found = have.get(_key(message), message.context)
    if found is None or found.fuzzy or not found.string:
        return False
    strings = found.string if isinstance(found.string, (tuple, list)) else (found.string,)
    places = [set(PLACE.findall(text)) for text in (_key(message), *strings)]
    return all(strings) and not any(found.check(have)) and all(each == places[0] for each in places)


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def rewrite(language: str, wanted: Catalog, folder: Path = LOCALE_DIR) -> None:
    """Bring a language's file up to `wanted`: new sentences empty, unused ones gone, translations kept."""
    path = po_file(language, folder)
    have = read_catalogue(language, folder) if path.exists() else Catalog(locale=language)
    have.update(wanted, no_fuzzy_matching=True)
    have.header_comment, have.fuzzy = f"# What Invigil says, in {LANGUAGES[language]}.", False
    written = BytesIO()
    write_po(written, have, width=110, no_location=True, sort_output=True, ignore_obsolete=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Names, dates and line numbers would make every change touch every language's file.
    path.write_bytes(b"".join(line for line in written.getvalue().splitlines(True) if not line.startswith(_NOISE)))


def main(arguments: list[str]) -> int:
    """Extract or check; returns the exit status."""
    wanted = extract()
    match arguments:
        case ["extract"]:
            for language in LANGUAGES:
                rewrite(language, wanted)
        case ["check"]:
            pass
        case _:
            sys.stderr.write("usage: python -m exam_api.web.i18n extract|check\n")
            return 2
    gaps = [
        (lang, text) for lang in LANGUAGES if lang != SOURCE_LANGUAGE for text in missing(wanted, read_catalogue(lang))
    ]
    for language, text in gaps:
        sys.stdout.write(f"{language}: not translated: {text}\n")
    sys.stdout.write(f"{len(wanted)} sentences, {len(gaps)} translations missing\n")
    return 1 if gaps and arguments == ["check"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
