"""A problem as a CodeRunner question in Moodle's XML."""

from __future__ import annotations

import base64
from fractions import Fraction
from xml.etree import ElementTree as ET

from grading.programs.coderunner import DRIVER, DRIVER_NAME, GRADERS, PROGRAMS, TEST_CODE
from grading.programs.errors import NotSupported
from grading.programs.export_groups import exact
from grading.programs.problem import Problem, Test
from grading.programs.scoring import Case


def coderunner_xml(problem: Problem) -> bytes:
    """Raises `NotSupported` for what a question cannot say."""
    kind = _kind(problem)
    quiz = ET.Element("quiz")
    question = ET.SubElement(quiz, "question", type="coderunner")
    _put(question, "name/text", problem.name)
    _put(question, "questiontext/text", problem.statement)
    compare = {test.compare for test in problem.tests}
    grader = next((name for name, one in GRADERS.items() if name and compare == {one}), None)
    if grader is None:
        raise NotSupported("tests", "this way of comparing outputs is not known to CodeRunner")
    if problem.limits.seconds is None:
        raise NotSupported("limits", "a question says how much time there is")
    values = {
        "defaultgrade": str(exact(problem.tree.points)),
        "coderunnertype": kind,
        "prototypetype": "0",
        "allornothing": "1" if problem.tree.aggregate == "all" else "0",
        "penaltyregime": "0",
        "answer": _answer(problem),
        "grader": grader,
        "cputimelimitsecs": str(exact(Fraction(str(problem.limits.seconds)))),
        "memlimitmb": str(problem.limits.memory_mib),
        "template": "" if problem.include or kind not in ("python3", "python3_w_input") else "{{ STUDENT_ANSWER }}",
    }
    for name, value in values.items():
        _put(question, name, value)
    cases = ET.SubElement(question, "testcases")
    marks = {member.name: member.points for member in problem.tree.members if isinstance(member, Case)}
    for test in problem.tests:
        _test(cases, test, marks.get(test.name, Fraction(0)))
    for name, data in _shared(problem).items():
        file = ET.SubElement(cases, "file", name=name, path="/", encoding="base64")
        file.text = base64.b64encode(data).decode()
    written: bytes = ET.tostring(quiz, encoding="utf-8", xml_declaration=True)
    return written


def _kind(problem: Problem) -> str:
    if problem.author or problem.multi_pass:
        raise NotSupported("author", "a checker or an interactor is not known to CodeRunner's plain questions")
    kinds = [kind for kind, (language, _) in PROGRAMS.items() if problem.languages == (language,)]
    if not kinds or problem.include not in ({}, {"python": {DRIVER_NAME: DRIVER}}):
        raise NotSupported("languages", f"a question has one language of {', '.join(PROGRAMS)}")
    return kinds[-1]


def _answer(problem: Problem) -> str:
    answers = [one.sources.files for one in problem.submissions]
    if len(answers) > 1 or any(len(files) != 1 for files in answers):
        raise NotSupported("submissions", "a question has one answer, of one file")
    return next(iter(answers[0].values())).decode() if answers else ""


def _test(cases: ET.Element, test: Test, mark: Fraction) -> None:
    if test.args or test.checker_args:
        raise NotSupported("tests", "arguments are not known to CodeRunner")
    case = ET.SubElement(
        cases, "testcase", testtype="0", useasexample=str(int(test.sample)), hiderestiffail="0", mark=str(exact(mark))
    )
    try:
        texts = {
            "testcode": test.files.get(TEST_CODE, b"").decode(),
            "stdin": test.input.decode(),
            "expected": test.answer.decode(),
            "extra": "",
            "display": "SHOW" if test.sample else "HIDE",
        }
    except UnicodeDecodeError as error:
        raise NotSupported("tests", "a test that is not text cannot be written into XML") from error
    for name, text in texts.items():
        if any(sign < " " and sign not in "\t\n" for sign in text):
            raise NotSupported("tests", "control characters cannot be written into XML")
        _put(case, f"{name}/text", text)


def _shared(problem: Problem) -> dict[str, bytes]:
    files = [{name: data for name, data in test.files.items() if name != TEST_CODE} for test in problem.tests]
    if any(one != files[0] for one in files):
        raise NotSupported("tests", "files of a single test are not known to CodeRunner")
    return files[0]


def _put(element: ET.Element, path: str, text: str) -> None:
    for name in path.split("/"):
        element = ET.SubElement(element, name)
    element.text = text
