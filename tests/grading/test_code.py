"""Code: the folder of a case says what it must end in; the sandbox's answers are written in the case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from grading import Graded, Ungraded, grade, plan, read_item
from sandbox.job import EngineInfo, Job, Outcome, RunOutcome, Verdict
from tests.grading.samples import CODE, made

CASES = Path(__file__).parent / "cases"
ENGINE = EngineInfo("image", "runc", "docker", "6.1")


def scripted(case: dict[str, Any]) -> tuple[Outcome, ...]:
    runs = tuple(
        RunOutcome(
            str(number),
            Verdict(run["verdict"]),
            stdout=bytes(run["raw"]) if "raw" in run else run.get("stdout", "").encode(),
            stderr=run.get("stderr", "").encode(),
        )
        for number, run in enumerate(case.get("runs", []), 1)
    )
    return (Outcome(runs, ENGINE, case.get("compile_log", "")),) if runs else ()


@pytest.mark.parametrize("path", sorted(CASES.glob("*/*/*.yaml")), ids=lambda path: "/".join(path.parts[-3:]))
def test_case_ends_in_what_its_folder_says(path: Path) -> None:
    item = read_item(yaml.safe_load((path.parent.parent / "item.yaml").read_text()))
    case = yaml.safe_load(path.read_text())
    got = grade(item, {"source": case["source"]}, scripted(case))
    if path.parent.name == "ungraded":
        assert isinstance(got, Ungraded)
        assert got.cause == "failure"
        assert case["reason"] in got.reason
        return
    assert isinstance(got, Graded)
    assert got.certain
    assert got.points == {"full": item.points, "none": 0}.get(path.parent.name, case.get("points"))
    for words in case["feedback"]:
        assert words in got.feedback
    for words in case.get("secret", []):
        assert words not in got.feedback


def test_plan_names_neither_tests_nor_expectations() -> None:
    (job,) = plan(made(CODE, limits={"memory_mib": 64, "processes": 8}), {"source": "print(1)"})
    assert isinstance(job, Job)
    assert job.files == {"main.py": b"print(1)"}
    assert [(run.name, run.stdin) for run in job.runs] == [("1", b"2\n"), ("2", b"500\n")]
    assert (job.limits.memory_bytes, job.limits.pids) == (64 * 1024 * 1024, 8)


def test_the_unchanged_starter_is_no_answer() -> None:
    assert plan(made(CODE), {"source": "n = int(input())\n"}) == ()
    assert plan(made(CODE), {"source": "n = int(input())\nprint(n)"}) != ()


@pytest.mark.parametrize(
    ("actual", "expected", "exact", "tokens", "near"),
    [
        ("1 2\n", "1 2", True, True, True),
        ("1  2\n", "1 2\n", False, True, True),
        ("1 2.0000001\n", "1 2\n", False, False, True),
        ("1 2.1\n", "1 2\n", False, False, False),
        ("1\n", "1 2\n", False, False, False),
        ("", "1\n", False, False, False),
        ("nan", "nan", True, True, True),
        ("nan", "1", False, False, False),
        ("1e999", "2e999", False, False, False),
        ("1_0", "10", False, False, False),
        ("Yes", "yes", False, False, False),
    ],
)  # fmt: skip
def test_outputs_are_compared_as_the_author_asks(
    actual: str, expected: str, exact: bool, tokens: bool, near: bool
) -> None:
    assert [accepted(actual, expected, compare) for compare in ("exact", "tokens", "float")] == [exact, tokens, near]


def accepted(actual: str, expected: str, compare: str) -> bool:
    item = made(CODE, compare=compare, tests=[{"name": "one", "expect": expected}])
    outcome = Outcome((RunOutcome("1", Verdict.OK, stdout=actual.encode()),), ENGINE)
    got = grade(item, {"source": "print(1)"}, (outcome,))
    assert isinstance(got, Graded)
    return got.points == item.points


storable = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


@given(storable, storable)
@settings(max_examples=50, deadline=None)
def test_stricter_comparisons_accept_less(actual: str, expected: str) -> None:
    assert accepted(actual, actual, "exact")
    exact, tokens, near = (accepted(actual, expected, compare) for compare in ("exact", "tokens", "float"))
    assert exact <= tokens <= near
