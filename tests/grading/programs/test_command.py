"""`python -m sandbox judge` as its user meets it: packages of ours, real programs, a real engine."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from grading.programs.command import add_arguments, judge
from grading.programs.export import zipped
from sandbox.engines.docker import DockerEngine
from sandbox.engines.scripted import ScriptedEngine
from sandbox.errors import SandboxFailure
from sandbox.job import Result, Work
from sandbox.run import run
from tests.grading.programs.packages import (
    ADD,
    BISECT,
    GUESS,
    MINUS,
    MUTE,
    NEAR,
    TWICE,
    WILD,
    ZERO_ONLY,
    laid,
    plain,
    scored,
)

Runner = Callable[[Work], Result]


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


@pytest.fixture
def runner(engine: DockerEngine) -> Runner:
    return lambda work: run(work, engine)


def lines(path: Path) -> dict[str, dict[str, object]]:
    return {line["submission"]: line for line in json.loads(path.read_text())}


@pytest.mark.docker
def test_every_kind_of_submission_ends_as_its_folder_says(
    runner: Runner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = laid(plain(**{"submissions/accepted/sum.adb": "--"}), tmp_path / "sum")
    assert judge(runner, options(str(folder), "--json", str(tmp_path / "out.json"))) == 0
    said = capsys.readouterr().out
    assert "6 of 6 ended as expected" in said
    assert "1 because none of its files tells a language" in said
    found = lines(tmp_path / "out.json")
    assert {name.split("/")[0]: line["verdict"] for name, line in found.items() if not line["left_out"]} == {
        "accepted": "AC", "wrong_answer": "WA", "time_limit_exceeded": "TLE", "run_time_error": "RTE", "compiler_error": "CE", "no_output": "NO",
    }  # fmt: skip


@pytest.mark.docker
def test_scores_of_groups_and_of_a_checker(runner: Runner, tmp_path: Path) -> None:
    near = scored() | {
        "problem.yaml": "name: Near\ntype: scoring\nvalidation: custom\n",
        "output_validators/near.py": NEAR,
        "data/secret/testdata.yaml": "grader_flags: avg\n",
        "data/secret/easy/testdata.yaml": "grader_flags: min\n",
        "data/secret/hard/testdata.yaml": "range: 0 100\n",
        "submissions/accepted/add.py": ADD + b"# @EXPECTED_SCORE@: 100\n",
        "submissions/partial/minus.py": MINUS + b"# @EXPECTED_SCORE@: 99\n",
    }
    laid(scored(), tmp_path / "all" / "sum")
    laid(near, tmp_path / "all" / "near")
    assert judge(runner, options(str(tmp_path / "all"), "--json", str(tmp_path / "out.json"))) == 0
    assert [line["score"] for line in json.loads((tmp_path / "out.json").read_text())] == ["100", "99", "100", "40"]


@pytest.mark.docker
def test_a_talk(runner: Runner, tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {
        "problem.yaml": "name: Guess\nvalidation: custom interactive\n",
        ".timelimit": "1",
        "output_validators/talk.py": GUESS,
        "data/secret/1.in": "42", "data/secret/1.ans": "",
        "data/secret/2.in": "100", "data/secret/2.ans": "",
        "submissions/accepted/bisect.py": BISECT,
        "submissions/wrong_answer/zero.py": ZERO_ONLY,
        "submissions/wrong_answer/wild.py": WILD,
        "submissions/time_limit_exceeded/mute.py": MUTE,
        "submissions/run_time_error/crash.py": b"raise SystemExit(3)\n",
    }  # fmt: skip
    assert judge(runner, options(str(laid(files, tmp_path / "guess")))) == 0


@pytest.mark.docker
def test_two_passes(runner: Runner, tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {
        "problem.yaml": "name: Twice\nvalidation: custom multi-pass\n",
        ".timelimit": "1",
        "output_validators/twice.py": TWICE,
        "data/secret/1.in": "3", "data/secret/1.ans": "",
        "submissions/accepted/a.py": b"print(2 * int(input()))\n",
        "submissions/wrong_answer/b.py": b"n = int(input())\nprint(2 * n if n == 3 else 0)\n",
    }  # fmt: skip
    out = tmp_path / "out.json"
    assert judge(runner, options(str(laid(files, tmp_path / "twice")), "--json", str(out))) == 0
    tests = lines(out)["accepted/a.py"]["tests"]
    assert isinstance(tests, list)
    assert (tests[0]["passes"], tests[0]["message"]) == (2, "3 6")


@pytest.mark.docker
def test_the_time_limit_is_found_from_accepted_submissions(
    runner: Runner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = plain()
    del files[".timelimit"], files["submissions/time_limit_exceeded/loop.py"]
    assert judge(runner, options(str(laid(files, tmp_path / "sum")), "--submissions", "accepted")) == 0
    assert "time limit 1 s: 5 times the slowest" in capsys.readouterr().out


@pytest.mark.docker
def test_a_dmoj_folder_and_a_coderunner_question(runner: Runner, tmp_path: Path) -> None:
    dmoj: dict[str, bytes | str] = {
        "init.yml": "archive: d.zip\ntest_cases:\n- {in: a.in, out: a.out, points: 4}\n- {in: b.in, out: b.out, points: 6}\n",
        "d.zip": zipped({"a.in": b"1 2", "a.out": b"3", "b.in": b"2 0", "b.out": b"2"}),
        "tests/full/test.yml": "language: PY3\ntime: 1\nsource: a.py\nexpect: AC\npoints: 10\n", "tests/full/a.py": ADD,
        "tests/half/test.yml": "language: PY3\ntime: 1\nsource: a.py\ncases: [WA, AC]\npoints: 6\n", "tests/half/a.py": MINUS,
    }  # fmt: skip
    question = tmp_path / "q.xml"
    question.write_text(
        "<quiz><question type='coderunner'><name><text>Square</text></name><coderunnertype>python3</coderunnertype>"
        "<defaultgrade>1</defaultgrade><answer>def sqr(n): return n * n</answer><testcases>"
        "<testcase mark='1'><testcode><text>print(sqr(3))</text></testcode><expected><text>9</text></expected></testcase>"
        "</testcases></question></quiz>"
    )
    assert judge(runner, options(str(laid(dmoj, tmp_path / "sum")), str(question))) == 0


def fails(_work: Work) -> Result:
    raise AssertionError("nothing should run")


def test_differences_and_broken_packages_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = laid({"problem.yaml": "name: ["}, tmp_path / "broken")
    assert judge(fails, options(str(broken))) == 2
    assert "no readable YAML" in capsys.readouterr().err
    assert judge(fails, options(str(tmp_path / "gone"))) == 2
    empty = tmp_path / "empty"
    empty.mkdir()
    assert judge(fails, options(str(empty))) == 2
    bomb = tmp_path / "bomb.zip"
    bomb.write_bytes(zipped({"problem.yaml": b"name: x", **{f"{number}.in": bytes(60_000_000) for number in range(2)}}))
    assert judge(fails, options(str(bomb))) == 2
    assert "grow more than" in capsys.readouterr().err


def test_our_own_failure_is_no_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engine = ScriptedEngine(SandboxFailure("no engine"))
    folder = laid(plain(), tmp_path / "sum")
    assert judge(lambda work: run(work, engine), options(str(folder), "--submissions", "accepted/add.py", "gone")) == 2
    said = capsys.readouterr()
    assert "BROKE" in said.out
    assert "no submission is named gone" in said.err
    assert "1 broke" in said.out


@pytest.mark.docker
def test_other_files_can_be_judged_too(runner: Runner, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine.py"
    mine.write_bytes(ADD)
    folder = laid(plain(), tmp_path / "sum")
    assert judge(runner, options(str(folder), "--submissions", str(mine), "wrong_answer/*")) == 0
    said = capsys.readouterr().out
    assert "look" in said
    assert "1 of 1 ended as expected" in said
