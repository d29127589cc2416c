"""What never enters the candidate's jail: expected outputs, checkers, interactors, references, names and weights of tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from grading import plan, read_item
from grading.kinds.code import Code
from grading.kinds.code.reference import check_reference
from grading.kinds.code.trial import trial
from sandbox.job import EngineInfo, Interaction, InteractionOutcome, Job, Outcome, Result, RunOutcome, Verdict, Work
from tests.grading.samples import COMMON, SECRET

ENGINE = EngineInfo("image", "runc", "docker", "6.1")
secrets = st.integers(10**11, 10**12).map(lambda number: f"{SECRET}-{number}")
SOURCE = "print(input())"


@st.composite
def code_data(draw: st.DrawFn) -> dict[str, Any]:
    """An item of any mode. All that must stay outside holds `SECRET`; what the program reads does not."""
    mode = draw(st.sampled_from(["tokens", "checker", "interactor", "function", "unit"]))
    names = draw(st.lists(secrets, min_size=1, max_size=5, unique=True))
    author = {"language": "python", "source": f"# {draw(secrets)}"}
    tests = [{**_test(draw, mode), "name": name, "hidden": draw(st.booleans())} for name in names]
    data: dict[str, Any] = {**COMMON, "id": "item", "kind": "code", "language": "python", "tests": tests}
    if mode in ("checker", "interactor"):
        data[mode] = author
    elif mode == "function":
        data |= {"mode": "function", "function": "answer"}
    elif mode == "unit":
        data |= {"mode": "unit", "unit_tests": f"# {draw(secrets)}\ndef test(): pass\n"}
    else:
        data["compare"] = draw(st.sampled_from(["exact", "tokens", "float"]))
    if draw(st.booleans()):
        data["groups"] = [
            {"name": draw(secrets), "points": 4, "rule": draw(st.sampled_from(["min", "all"])), "tests": names}
        ]
    if draw(st.booleans()):
        data["reference"] = {"language": "python", "source": f"# {draw(secrets)}"}
    if draw(st.booleans()):
        data["forbid"] = {"words": [draw(secrets)]}
    return data


def _test(draw: st.DrawFn, mode: str) -> dict[str, Any]:
    if mode == "function":
        return {"args": [draw(st.integers())], "returns": {draw(secrets): draw(secrets)}}
    if mode == "unit":
        return {"run": "test"}
    return {"stdin": draw(st.text("abc \n", max_size=9)), "expect": draw(secrets)}


def candidate_side(work: Work) -> Job | None:
    """The job that holds the candidate's program; None for a checker's own."""
    job = work.program if isinstance(work, Interaction) else work
    return job if any(SOURCE.encode() in text for text in job.files.values()) else None


def texts(job: Job) -> Iterator[str]:
    yield from (*job.files, *job.collect, job.entry, repr(job.limits))
    yield from (data.decode() for data in job.files.values())
    for run in job.runs:
        yield from (run.name, run.stdin.decode(), *run.args, *run.files)
        yield from (data.decode() for data in run.files.values())


def answered(work: Work) -> Result:
    if isinstance(work, Interaction):
        return InteractionOutcome(
            ended(work.program), ended(work.interactor), tuple("program" for _ in work.program.runs)
        )
    return ended(work)


def ended(work: Job) -> Outcome:
    return Outcome(tuple(RunOutcome(run.name, Verdict.OK, 0, stdout=b"x") for run in work.runs), ENGINE)


@given(code_data())
@settings(max_examples=100, deadline=None)
def test_nothing_of_the_authors_meets_the_candidates_program(data: dict[str, Any]) -> None:
    item = read_item(data)
    results: list[Result] = []
    theirs = 0
    while works := plan(item, {"source": SOURCE}, results):
        for work in works:
            job = candidate_side(work)
            if job is None:
                assert isinstance(item, Code)
                assert item.checker
                continue
            theirs += 1
            assert not any(SECRET in text for text in texts(job))
        results += [answered(work) for work in works]
    assert theirs == 1


@given(code_data())
@settings(max_examples=50, deadline=None)
def test_nor_when_it_is_tried_during_the_exam(data: dict[str, Any]) -> None:
    item = read_item(data)
    assert isinstance(item, Code)
    shown = [test for test in item.tests if not test.hidden]
    if shown:
        work = trial(item, {"source": SOURCE}, None)
        job = candidate_side(work)
        assert job is not None
        assert len(job.runs) == len(shown)
        assert not any(SECRET in text for text in texts(job))


@given(code_data())
@settings(max_examples=50, deadline=None)
def test_the_reference_is_judged_as_an_answer_is(data: dict[str, Any]) -> None:
    item = read_item(data)
    assert isinstance(item, Code)
    works = check_reference(item)
    assert bool(works) == (item.reference is not None)
    if item.reference:
        assert works == plan(item, {"source": item.reference.source})
