"""Moodle CodeRunner questions: the XML that Moodle exports, for the question types whose meaning is plain.

A CodeRunner question is a template that makes a program out of the answer and a test. Templates are programs of their
author's in a language of its own, so only those of the built-in types are understood, and these by their names.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from xml.etree import ElementTree as ET

from grading.programs.checker import number
from grading.programs.compare import Comparison, Lines
from grading.programs.errors import NotSupported, ProblemError
from grading.programs.expectations import LEGACY
from grading.programs.problem import Problem, ProblemLimits, Submission, Test
from grading.programs.program import Sources
from grading.programs.scoring import Case, Group

Element = ET.Element

MAX_BYTES = 32 * 1024 * 1024
MAX_ELEMENTS, MAX_DEPTH = 200_000, 50
PROGRAMS: dict[str, tuple[str, str]] = {
    "c_program": ("c", "main.c"),
    "cpp_program": ("cpp", "main.cpp"),
    "java_program": ("java", "Main.java"),
    "nodejs": ("javascript", "main.js"),
    "python3_w_input": ("python", "answer.py"),
    "python3": ("python", "answer.py"),
}
"""The built-in types that are read: the language, and the name that the answer is given."""

WITH_TEST_CODE = ("python3", "python3_w_input")
TEST_CODE = "test_code.py"
DRIVER_NAME = "__main__.py"
# The answer, then the test, in one namespace: what the built-in template of these types writes into one file.
DRIVER = b"""import pathlib, sys
here = pathlib.Path(__file__).parent
space = {"__name__": "__main__"}
answer = next(path for path in sorted(here.glob("*.py")) if path.name not in ("__main__.py", "test_code.py"))
for path in (answer, here / "test_code.py"):
    if path.exists():
        exec(compile(path.read_bytes(), path.name, "exec"), space)
"""
PLAIN_TEMPLATES = ("", "{{STUDENT_ANSWER}}", "{{STUDENT_ANSWER|raw}}")
GRADERS: dict[str, Comparison] = {
    "": Lines(),
    "EqualityGrader": Lines(),
    "NearEqualityGrader": Lines(by_words=True, case_sensitive=False),
}
REFUSED_GRADERS = {
    "TemplateGrader": "its template grades the answer itself, so it is a program that would have to be trusted with the points",
    "RegexGrader": "its expected outputs are patterns, and a pattern can keep a judge busy for ever",
}


def read_coderunner(data: bytes, name: str) -> tuple[Problem | ProblemError, ...]:
    """Each CodeRunner question of the file: the problem, or why it is not read. Raises `ProblemError` for no such file."""
    questions = [one for one in _parse(data, name).iter("question") if one.get("type") == "coderunner"]
    if not questions:
        raise ProblemError(name, "there is no CodeRunner question in it")
    return tuple(_tried(question, number) for number, question in enumerate(questions, 1))


def _parse(data: bytes, name: str) -> Element:
    if len(data) > MAX_BYTES:
        raise ProblemError(name, f"has more than {MAX_BYTES // 1024 // 1024} MiB")
    # A document type could define entities that grow without end; Moodle writes none. Other encodings could hide one.
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ProblemError(name, "it is not UTF-8") from error
    if re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE) or "\0" in text:
        raise ProblemError(name, "it defines a document type of its own, or is not UTF-8")
    # As text, so that no encoding that the file names can hide anything.
    parser = ET.XMLParser(target=_Builder(name))  # noqa: S314 - without a document type there is nothing to expand
    try:
        parser.feed(text)
        root: Element = parser.close()
    except (ET.ParseError, LookupError, ValueError) as error:
        raise ProblemError(name, f"is no readable XML: {error}") from error
    return root


class _Builder(ET.TreeBuilder):
    """Refuses what would take far more memory than its text."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name, self._depth, self._count = name, 0, 0

    def start(self, tag: str, attrs: dict[str, str]) -> Element:
        self._depth += 1
        self._count += 1 + len(attrs)
        if self._depth > MAX_DEPTH or self._count > MAX_ELEMENTS:
            raise ProblemError(
                self._name, f"it has more than {MAX_ELEMENTS:,} elements, or is nested deeper than {MAX_DEPTH}"
            )
        return super().start(tag, attrs)

    def end(self, tag: str) -> Element:
        self._depth -= 1
        return super().end(tag)


def _tried(question: Element, place: int) -> Problem | ProblemError:
    name = _text(question, "name/text") or f"question {place}"
    try:
        return _question(question, name)
    except ProblemError as error:
        return type(error)(f"{name}: {error.place}" if error.place else name, error.message)


def _question(question: Element, name: str) -> Problem:
    kind = _text(question, "coderunnertype")
    if _text(question, "prototypetype") not in ("", "0"):
        raise NotSupported("prototypetype", "it is a prototype for other questions, not a question")
    if kind not in PROGRAMS:
        raise NotSupported(
            "coderunnertype",
            f"{kind!r} makes a program out of the answer in a way that is not known here; known are {', '.join(PROGRAMS)}",
        )
    template = re.sub(r"\s", "", _text(question, "template"))
    if template not in PLAIN_TEMPLATES:
        raise NotSupported("template", "a template of its own is a program, and is not run here")
    if _text(question, "templateparams") not in ("", "{}"):
        raise NotSupported("templateparams", "values that are filled into templates are not understood here")
    grader = _text(question, "grader")
    if grader in REFUSED_GRADERS:
        raise NotSupported("grader", REFUSED_GRADERS[grader])
    if grader not in GRADERS:
        raise NotSupported("grader", f"{grader!r} is not known here")
    return _problem(question, name, kind, GRADERS[grader], alone=bool(template))


def _problem(question: Element, name: str, kind: str, compare: Comparison, *, alone: bool) -> Problem:
    language, file = PROGRAMS[kind]
    cases = question.findall("testcases/testcase")
    if not cases:
        raise ProblemError("testcases", "there is no test")
    shared = _files(question)
    with_code = kind in WITH_TEST_CODE and not alone
    tests = tuple(_test(number, case, compare, shared, with_code=with_code) for number, case in enumerate(cases, 1))
    points = _number(question, "defaultgrade", Fraction(1))
    marks = [number(case.get("mark", "1")) for case in cases]
    total = sum((mark for mark in marks if mark is not None), Fraction(0))
    if None in marks or total <= 0:
        raise ProblemError("testcases", "their marks are no numbers, or add up to nothing")
    members = tuple(Case(test.name, points * (mark or 0) / total) for test, mark in zip(tests, marks, strict=True))
    answer = _text(question, "answer", strip=False)
    whole = _text(question, "allornothing") != "0"
    return Problem(
        name=name,
        tests=tests,
        tree=Group("all", members, "all" if whole else "sum", points=points),
        scoring=True,
        limits=ProblemLimits(
            seconds=float(_number(question, "cputimelimitsecs", Fraction(0))) or 10.0,
            memory_mib=int(_number(question, "memlimitmb", Fraction(0))) or 1024,
        ),
        languages=(language,),
        include={language: {DRIVER_NAME: DRIVER}} if with_code else {},
        submissions=(Submission("accepted/answer", Sources({file: answer.encode()}, language), (LEGACY["accepted"],)),)
        if answer.strip()
        else (),
        statement=_text(question, "questiontext/text"),
        flavour="coderunner",
        stop_early=False,
        notes=tuple(_notes(question)),
    )


def _test(place: int, case: Element, compare: Comparison, shared: Mapping[str, bytes], *, with_code: bool) -> Test:
    if case.get("testtype", "0") not in ("0", "2"):
        raise NotSupported("testcases", "tests that only run before the answer is submitted are not known here")
    code = _text(case, "testcode/text", strip=False)
    if code.strip() and not with_code:
        raise NotSupported("testcases", f"test {place} has code of its own, and a program of this type takes none")
    files = {**shared, TEST_CODE: code.encode()} if code.strip() else dict(shared)
    return Test(
        name=str(place),
        input=_text(case, "stdin/text", strip=False).encode(),
        answer=_text(case, "expected/text", strip=False).encode(),
        sample=case.get("useasexample") == "1",
        files=files,
        compare=compare,
    )


def _files(question: Element) -> dict[str, bytes]:
    """The files that every run finds beside the program."""
    found: dict[str, bytes] = {}
    for file in question.findall("testcases/file"):
        name = file.get("name", "")
        try:
            found[name] = base64.b64decode("".join((file.text or "").split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise ProblemError("testcases", f"the file {name!r} is not base64") from error
    return found


def _notes(question: Element) -> Iterator[str]:
    if _text(question, "penaltyregime").strip("0, .") or _number(question, "penalty", Fraction(0)):
        yield "penalties for repeated attempts are not taken over"
    for key in ("answerpreload", "globalextra", "prototypeextra", "sandboxparams"):
        if _text(question, key):
            yield f"{key} is not used"


def _text(element: Element, path: str, *, strip: bool = True) -> str:
    found = element.find(path)
    text = "" if found is None or found.text is None else found.text
    return text.strip() if strip else text


def _number(question: Element, path: str, default: Fraction) -> Fraction:
    text = _text(question, path)
    if not text:
        return default
    value = number(text)
    if value is None or value < 0 or value > 10**9:
        raise ProblemError(path, f"must be a number of 0 or more, not {text[:80]!r}")
    return value
