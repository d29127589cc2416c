"""Unit mode: the author's tests call the candidate's code from a jail of their own. See `unit_author`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from grading.kinds.code import unit_author, unit_servers
from grading.programs.problem import Author
from grading.programs.program import Program
from grading.reading import Fields
from sandbox.languages import LANGUAGES

if TYPE_CHECKING:
    from grading.kinds.code.item import Code

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
LANGUAGES_SERVED = tuple(unit_servers.SERVERS)
MAX_TESTS_CHARS = 200_000


def entry(language: str) -> str:
    """The server's file name, which no file of a candidate may have."""
    return f"invigil_serve{LANGUAGES[language].suffix}"


def server(language: str) -> dict[str, str]:
    """What starts in the candidate's jail in the place of the candidate's program."""
    return {entry(language): unit_servers.SERVERS[language]}


def author(tests: str) -> Author:
    """The program that runs one of the author's tests, and talks to the server."""
    texts = {
        "invigil_tests.py": unit_author.RUNNER,
        "candidate.py": unit_author.PROXY,
        "unit_tests.py": tests,
    }
    files = {name: text.encode() for name, text in texts.items()}
    return Author(Program("python", files, "invigil_tests.py"), "interactor")


def check(fields: Fields, item: Code) -> None:
    """What has to fit together in unit mode. Raises `ItemError`."""
    for language in item.allowed():
        if language not in LANGUAGES_SERVED:
            raise fields.fail("mode", f"unit tests reach {', '.join(LANGUAGES_SERVED)}, not {language}")
    for key in ("checker", "interactor", "compare", "function"):
        if fields.has(key):
            raise fields.fail(key, "your tests judge, so mode: unit goes without it")
    if not item.unit_tests.strip():
        raise fields.fail(
            "unit_tests", "is missing: Python, a function for each test, that calls the program as `candidate`"
        )
    for test in item.tests:
        if not NAME.fullmatch(test.run):
            raise fields.fail("tests", f"the test {test.name!r} needs `run`, the name of its function in unit_tests")
        if not re.search(rf"^def {test.run}\b", item.unit_tests, re.MULTILINE):
            raise fields.fail("tests", f"the test {test.name!r} runs {test.run!r}, and unit_tests has no such function")
