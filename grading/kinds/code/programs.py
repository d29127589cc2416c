"""Read the author's programs and files, and see that they could run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from grading.errors import ResponseError
from grading.kinds.code.submission import clashes, read_submission
from grading.kinds.code.values import MAX_CHARS, PROTOCOLS, AuthorProgram, Texts
from grading.reading import Fields, storable
from sandbox.errors import InvalidJob
from sandbox.job import check_name
from sandbox.languages import LANGUAGES

if TYPE_CHECKING:
    from grading.kinds.code.item import Code

MAX_FILES, MAX_TOTAL = 50, 1_000_000


def read(fields: Fields, key: str) -> AuthorProgram | None:
    """A checker, an interactor or a reference solution; None where there is none."""
    if not fields.has(key):
        return None
    known = ("language", "source", "files") + (("protocol",) if key != "reference" else ())
    inner = Fields(fields.value(key), (*fields.path, key), known)
    files = read_texts(inner, "files")
    if inner.has("source") == (files is not None):
        raise inner.fail("source", "a program has a source, or files: one of both")
    language = inner.one_of("language", tuple(LANGUAGES))
    if files is not None and LANGUAGES[language].main not in files:
        raise inner.fail("files", f"there must be a file {LANGUAGES[language].main!r}, with which the program starts")
    source = "" if files is not None else inner.text("source", longest=MAX_CHARS * 4)
    protocol = inner.one_of("protocol", PROTOCOLS, "kattis") if key != "reference" else "kattis"
    return AuthorProgram(language, source, files, cast("Any", protocol))


def read_texts(fields: Fields, key: str, *, names: bool = True) -> Texts | None:
    """Texts by file name (or, without `names`, by any word); None where there are none."""
    if not fields.has(key):
        return None
    value = fields.value(key)
    if not isinstance(value, Mapping) or not value or len(value) > MAX_FILES:
        raise fields.fail(key, f"must be 1 to {MAX_FILES} lines `name: text`")
    for name, text in value.items():
        if not isinstance(name, str) or not isinstance(text, str) or not storable(name + text):
            raise fields.fail(key, f"{name!r:.100} must be a name, and have a text that can be stored")
        try:
            check_name(name if names else "name")
        except InvalidJob as error:
            raise fields.fail(key, str(error.args[0])) from error
    if names and clashes(value):
        raise fields.fail(key, "a name is both a file and a folder")
    if sum(map(len, value.values())) > MAX_TOTAL:
        raise fields.fail(key, f"has more than {MAX_TOTAL:,} characters together")
    return dict(value)


def check(fields: Fields, item: Code) -> None:
    """The reference must be an answer that a candidate could give. Raises `ItemError`."""
    if item.reference is None:
        return
    one = item.reference
    answer = {"source": one.source} if one.files is None else {"files": one.files}
    try:
        read_submission(item, {**answer, "language": one.language})
    except ResponseError as error:
        raise fields.fail("reference", f"is no answer that a candidate could give: {error}") from error
