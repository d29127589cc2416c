"""Checkers and interactors: what is run, and what their endings mean, with a broken one never the candidate's zero."""

from __future__ import annotations

from fractions import Fraction

import pytest

from grading.programs.checker import Checked, CheckerBroke, Protocol, ToCheck, check_job, number, read_check
from grading.programs.interactive import Talk, interaction, read_interaction
from grading.programs.program import Program, Sources, is_known, java_main
from grading.programs.verdict import Judgement
from sandbox.job import EngineInfo, InteractionOutcome, Limits, Outcome, RunOutcome, Verdict

CHECKER = Program("python", {"check.py": b""}, "check.py", ("--strict",))
ENGINE = EngineInfo("image", "runc", "docker", "6.1")


def ended(code: int | None, verdict: Verdict | None = None, signal: int | None = None, **files: bytes) -> RunOutcome:
    given = {f"feedback/{name.replace('_', '.')}": data for name, data in files.items()}
    verdict = verdict or (Verdict.OK if code == 0 else Verdict.RUNTIME_ERROR)
    return RunOutcome("1", verdict, code, signal, stderr=b"said", files=given)


def test_a_kattis_checker_gets_its_files_and_the_output_on_standard_input() -> None:
    job = check_job(CHECKER, [ToCheck("1", b"in", b"ans", b"out", ("x",), {"state.txt": b"7"})])
    (run,) = job.runs
    assert run.stdin == b"out"
    assert run.args == ("test.in", "test.ans", "feedback/", "--strict", "x")
    assert run.files["test.in"] == b"in"
    assert run.files["test.ans"] == b"ans"
    assert run.files["feedback/state.txt"] == b"7"
    assert {"feedback/score.txt", "feedback/nextpass.in"} <= set(job.collect)


def test_a_testlib_checker_gets_all_three_as_files() -> None:
    job = check_job(CHECKER, [ToCheck("1", b"in", b"ans", b"out")], protocol="testlib")
    (run,) = job.runs
    assert run.args == ("test.in", "test.out", "test.ans", "--strict")
    assert (run.stdin, run.files["test.out"]) == (b"", b"out")


@pytest.mark.parametrize(
    ("run", "protocol", "accepted"),
    [
        (ended(42), "kattis", True),
        (ended(43), "kattis", False),
        (ended(0), "testlib", True),
        (ended(1), "testlib", False),
        (ended(2), "testlib", False),
    ],
)
def test_endings_that_say_something(run: RunOutcome, protocol: Protocol, accepted: bool) -> None:
    check = read_check(run, protocol)
    assert isinstance(check, Checked)
    assert check.accepted is accepted


@pytest.mark.parametrize(
    ("run", "protocol"),
    [
        (ended(0), "kattis"),
        (ended(1), "kattis"),
        (ended(None, signal=11), "kattis"),
        (ended(42, Verdict.TIME_LIMIT), "kattis"),
        (ended(None, Verdict.MEMORY_LIMIT, 9), "kattis"),
        (ended(None, Verdict.COMPILE_ERROR), "kattis"),
        (ended(None, Verdict.SKIPPED), "kattis"),
        (ended(42, score_txt=b"many"), "kattis"),
        (ended(42, score_txt=b"1e999999"), "kattis"),
        (ended(42, score_txt=b"1/2"), "kattis"),
        (ended(42, score_txt=b"\xff"), "kattis"),
        (ended(43, nextpass_in=b"x"), "kattis"),
        (ended(3), "testlib"),
        (ended(42), "testlib"),
        (ended(7), "testlib"),
    ],
)
def test_a_broken_checker_says_nothing_about_the_output(run: RunOutcome, protocol: Protocol) -> None:
    assert isinstance(read_check(run, protocol), CheckerBroke)


def test_feedback_is_read() -> None:
    files = {
        "score_txt": b" 74.42\n",
        "judgemessage_txt": b"line 3\0",
        "teammessage_txt": b"look again",
        "nextpass_in": b"next",
    }
    check = read_check(ended(42, None, None, **files))
    assert isinstance(check, Checked)
    assert (check.score, check.message, check.told, check.next_input) == (
        Fraction("74.42"),
        "line 3\ufffd",
        "look again",
        b"next",
    )
    assert "nextpass.in" not in check.feedback


def test_shares_and_points_of_other_protocols() -> None:
    check = read_check(RunOutcome("1", Verdict.RUNTIME_ERROR, 7, stderr=b"points 2.5 not bad"), "testlib")
    assert isinstance(check, Checked)
    assert check.score == Fraction(5, 2)
    check = read_check(RunOutcome("1", Verdict.RUNTIME_ERROR, 7, stderr=b"so so\npartial 1/3\n"), "coci")
    assert isinstance(check, Checked)
    assert check.share == Fraction(1, 3)
    for said in (b"partial 3/1", b"partial 1/0", b"partial -1/2", b"half"):
        assert isinstance(read_check(RunOutcome("1", Verdict.RUNTIME_ERROR, 7, stderr=said), "coci"), CheckerBroke)
    assert isinstance(read_check(ended(2), "plain"), CheckerBroke)
    assert number("1e400000000") is None


RUNS = {
    "ok": RunOutcome("1", Verdict.OK, 0),
    "crash": RunOutcome("1", Verdict.RUNTIME_ERROR, 1),
    "slow": RunOutcome("1", Verdict.TIME_LIMIT),
    "idle": RunOutcome("1", Verdict.WALL_LIMIT),
    "gone": RunOutcome("1", Verdict.SKIPPED),
}
INTERACTORS = {
    "yes": ended(42), "no": ended(43), "broke": ended(1), "pipe": ended(None, signal=13), "waits": ended(None, Verdict.WALL_LIMIT),
    "does not compile": ended(None, Verdict.COMPILE_ERROR),
}  # fmt: skip


@pytest.mark.parametrize(
    ("program", "interactor", "first", "judgement"),
    [
        ("ok", "yes", "program", "AC"),
        ("ok", "yes", "interactor", "AC"),
        ("ok", "no", "program", "WA"),
        ("ok", "no", "interactor", "WA"),
        ("crash", "no", "interactor", "WA"),
        ("slow", "no", "interactor", "WA"),
        ("idle", "no", "interactor", "WA"),
        ("crash", "no", "program", "RTE"),
        ("slow", "no", "program", "TLE"),
        ("slow", "yes", "interactor", "TLE"),
        ("crash", "yes", "interactor", "RTE"),
        ("idle", "waits", "program", "TLE"),
        ("idle", "waits", "interactor", "TLE"),
        ("crash", "broke", "program", "RTE"),
        ("crash", "broke", "interactor", "JE"),
        ("ok", "broke", "program", "JE"),
        ("ok", "pipe", "program", "WA"),
        ("ok", "pipe", "interactor", "JE"),
        ("ok", "waits", "program", "JE"),
        ("ok", "does not compile", "program", "JE"),
        ("gone", "yes", "program", "JE"),
    ],
)
def test_who_is_to_blame(program: str, interactor: str, first: str, judgement: str) -> None:
    outcome = InteractionOutcome(
        Outcome((RUNS[program],), ENGINE), Outcome((INTERACTORS[interactor],), ENGINE), (first,)  # type: ignore[arg-type]
    )  # fmt: skip
    (talked,) = read_interaction(outcome)
    assert talked.judgement == judgement
    assert (talked.judgement is Judgement.JE) <= isinstance(talked.check, CheckerBroke)


def test_the_program_of_a_talk_gets_neither_input_nor_answer() -> None:
    program = Program("python", {"main.py": b""}, "main.py")
    work = interaction(program, CHECKER, [Talk("1", b"secret", b"answer")], Limits())
    assert work.program.runs[0].stdin == b""
    assert work.program.runs[0].files == {}
    assert work.interactor.runs[0].files["test.in"] == b"secret"


@pytest.mark.parametrize(
    ("sources", "language", "entry"),
    [
        (Sources({"a.py": b""}), "python", "a.py"),
        (Sources({"util.py": b"", "main.py": b""}), "python", "main.py"),
        (Sources({"__init__.py": b"", "__main__.py": b""}), "python", "__main__.py"),
        (Sources({"x.h": b"", "b.cc": b"", "a.c": b""}), "cpp", "b.cc"),
        (
            Sources(
                {
                    "a-b.java": b"class Node {}\n// class X {\nclass Go { static class In {} public static void main(String[] a) {} }"
                }
            ),
            "java",
            "Go.java",
        ),
        (Sources({"B.java": b"", "A.java": b"class A { public static void main(String[] a) {} }"}), "java", "A.java"),
        (Sources({"a.py": b"", "b.py": b""}, entry="b"), "python", "b.py"),
        (Sources({"run": b"#!/usr/bin/env python3\n", "helper.py": b""}), "python", "run"),
        (Sources({"check": b"#!/bin/sh\n"}), "bash", "check"),
    ],
)
def test_language_and_entry_are_found(sources: Sources, language: str, entry: str) -> None:
    program = sources.found()
    assert program is not None
    assert (program.language, program.entry) == (language, entry)


def test_the_class_with_main_is_found_in_one_pass() -> None:
    assert java_main(b"/*" * 1_000_000 + b"class A { void main(") == ""
    assert java_main(b"class A { void " * 200_000) == ""
    assert java_main(b"// x\n" * 200_000 + b"class A { static void main(String[] a)") == "A"


def test_what_no_ending_tells_is_not_guessed() -> None:
    assert Sources({"a.adb": b""}).found() is None
    assert Sources({"notes.txt": b"", "b.hs": b""}).found() is None


def test_a_program_for_python_2_says_so() -> None:
    old = Sources({"a.py": b"#!/usr/bin/env python2\nprint 1\n"}).found()
    assert old is not None
    assert old.language == "python2"
    assert not is_known(old.language)
    new = Sources({"a.py": b"#!/usr/bin/env python3\n# not python2\n"}).found()
    assert new is not None
    assert new.language == "python"
