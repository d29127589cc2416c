"""What a candidate hands in: `{source}` or `{files: {name: text}}`, and the `language` where there is a choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grading.errors import ResponseError
from grading.kinds.code import function, unit
from grading.kinds.code.values import MAX_CHARS, AuthorProgram, Texts
from grading.programs.program import Program
from grading.reading import storable
from sandbox.errors import InvalidJob
from sandbox.job import check_name
from sandbox.languages import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from grading.kinds.base import Response
    from grading.kinds.code.item import Code


@dataclass(frozen=True)
class Submission:
    """Files by name, as they were written, in one language of the item."""

    language: str
    files: Texts


def read_submission(item: Code, response: Response) -> Submission:
    """Raises `ResponseError` where the shape, a name or the size does not fit."""
    kind = next((key for key in ("source", "files") if key in response), None)
    if kind is None or set(response) - {kind, "language"}:
        raise ResponseError("an answer to this item has 'source' or 'files', and may name its 'language'")
    language = response.get("language", item.language)
    if language not in item.allowed() or not isinstance(language, str):
        raise ResponseError("the answer is in a language that this item does not take")
    if kind == "source":
        return Submission(language, {LANGUAGES[language].main: _text(response["source"], "source")})
    return Submission(language, _files(item, language, response["files"]))


def _files(item: Code, language: str, value: object) -> Texts:
    if not isinstance(value, Mapping) or not value:
        raise ResponseError("the files of an answer are texts by their names, under 'files'")
    if len(value) > item.most_files:
        raise ResponseError(f"the answer has {len(value):,} files; at most {item.most_files:,} are accepted")
    files: dict[str, str] = {}
    for name, text in value.items():
        if not isinstance(name, str) or not _is_name(name):
            raise ResponseError("a file of the answer has a name that cannot be used")
        if name in taken(item, language):
            raise ResponseError(f"the file {name!r} belongs to the exercise and cannot be replaced")
        files[name] = _text(text, name)
    if LANGUAGES[language].main not in files:
        raise ResponseError(f"the answer needs a file {LANGUAGES[language].main!r}, with which the program starts")
    if clashes([*files, *taken(item, language)]):
        raise ResponseError("a name in the answer is both a file and a folder")
    if sum(map(len, files.values())) > MAX_CHARS:
        raise ResponseError(f"the files have more than {MAX_CHARS:,} characters together")
    return files


def taken(item: Code, language: str) -> frozenset[str]:
    """Names that are not the candidate's to use."""
    starters = {"function": function.entry, "unit": unit.entry}
    ours = {starters[item.mode](language)} if item.mode in starters else set[str]()
    return frozenset({*(item.given or {}), *(name for test in item.tests for name in test.files or {}), *ours})


def clashes(names: Iterable[str]) -> bool:
    """Whether a name is both a file and a folder."""
    known = set(names)
    return any(name[:at] in known for name in known for at, sign in enumerate(name) if sign == "/")


def _is_name(name: str) -> bool:
    try:
        check_name(name)
    except InvalidJob:
        return False
    return True


def _text(text: object, name: str) -> str:
    if not isinstance(text, str):
        raise ResponseError(f"{name!r} must be text")
    if len(text) > MAX_CHARS:
        raise ResponseError(f"the answer has {len(text):,} characters; at most {MAX_CHARS:,} are accepted")
    if not storable(text):
        raise ResponseError("the answer holds a character that cannot be stored (a NUL or half of a surrogate pair)")
    return text


def starter_of(item: Code, language: str) -> Texts:
    """The files that a candidate starts from, empty where there are none."""
    if item.starter_files is not None:
        return item.starter_files
    own = (item.starters or {}).get(language, item.starter if language == item.language else "")
    return {LANGUAGES[language].main: own} if own else {}


def is_untouched(item: Code, submission: Submission) -> bool:
    start = starter_of(item, submission.language)
    return all(text.strip() in ("", start.get(name, "").strip()) for name, text in submission.files.items())


def program_of(item: Code, submission: Submission) -> Program:
    """What runs: the candidate's files, the given ones, and what starts it where functions are called."""
    main = LANGUAGES[submission.language].main
    texts = {**submission.files, **(item.given or {})}
    if item.mode == "function":
        texts = {**texts, **function.caller(item, submission.language)}
        main = function.entry(submission.language)
    elif item.mode == "unit":
        texts = {**texts, **unit.server(submission.language)}
        main = unit.entry(submission.language)
    return Program(submission.language, {name: text.encode() for name, text in texts.items()}, main)


def reference_of(reference: AuthorProgram) -> Submission:
    main = LANGUAGES[reference.language].main
    return Submission(reference.language, {main: reference.source} if reference.files is None else reference.files)
