"""The promises that every kind of item must keep."""

from __future__ import annotations

import json
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading import Graded, Item, Tools, Ungraded, grade, plan, public, read_item
from grading.errors import ResponseError
from grading.item import check_response, is_blank, to_data
from grading.kinds import KINDS
from sandbox.job import EngineInfo, Interaction, InteractionOutcome, Job, Outcome, Result, RunOutcome, Verdict, Work
from tests.grading.samples import ALL, SECRET, WORDS_IN, bag_of_words, item_data, made, responses

ENGINE = EngineInfo("image", "runc", "docker", "6.1")
KIND_NAMES = pytest.mark.parametrize("kind", KINDS)
TOOLS = Tools(embed=bag_of_words)


def answered(draw: st.DataObject, item: Item, response: object) -> tuple[Result, ...]:
    """Any results that a sandbox can have for all rounds of what this answer needs."""
    results: list[Result] = []
    while works := plan(item, response, results):
        results += [ended(draw, work) for work in works]
    return tuple(results)


def ended(draw: st.DataObject, work: Work) -> Result:
    if isinstance(work, Interaction):
        first: Literal["program", "interactor"] = "program" if draw.draw(st.booleans()) else "interactor"
        return InteractionOutcome(
            ran(draw, work.program), ran(draw, work.interactor), tuple(first for _ in work.program.runs)
        )
    return ran(draw, work)


def ran(draw: st.DataObject, job: Job) -> Outcome:
    verdicts, codes = st.sampled_from(list(Verdict)), st.sampled_from([None, 0, 1, 42, 43])
    return Outcome(
        tuple(
            RunOutcome(run.name, draw.draw(verdicts), draw.draw(codes), stdout=draw.draw(st.binary(max_size=8)))
            for run in job.runs
        ),
        ENGINE,
    )


def refused(item: Item, response: object) -> bool:
    try:
        check_response(item, response)
    except ResponseError:
        return True
    return False


def test_every_kind_has_a_sample() -> None:
    assert set(ALL) == set(KINDS)


@KIND_NAMES
@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_same_in_same_out_and_points_stay_in_bounds(kind: str, data: st.DataObject) -> None:
    item, response = read_item(data.draw(item_data(kind))), data.draw(responses())
    outcomes = answered(data, item, response)
    for tools in (Tools(), TOOLS):
        got = grade(item, response, outcomes, tools)
        assert got == grade(item, response, outcomes, tools)
        assert got.max_points == item.points
        if isinstance(got, Graded):
            assert 0 <= got.points <= item.points
            assert 0 <= got.confidence <= 1
            assert got.feedback
        else:
            assert got.reason
        json.dumps(got.evidence, allow_nan=False)


@KIND_NAMES
@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_what_a_candidate_sees_holds_no_secret(kind: str, data: st.DataObject) -> None:
    item = read_item(data.draw(item_data(kind)))
    shown = json.dumps(public(item), allow_nan=False)
    assert SECRET not in shown
    for key in (
        "correct",
        "pairs",
        "distractors",
        "answers",
        "reject",
        "value",
        "tolerance",
        "confidence",
        "credit",
        "compare",
    ):
        assert key not in public(item)
    if kind == "numeric":
        assert repr(getattr(item, "value", None)) not in shown
        assert "km/h" not in json.dumps({**public(item), "prompt": "", "title": ""})


@KIND_NAMES
@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_feedback_holds_no_secret(kind: str, data: st.DataObject) -> None:
    item, response = read_item(data.draw(item_data(kind))), data.draw(responses())
    got = grade(item, response, answered(data, item, response), TOOLS)
    assert SECRET not in (got.feedback if isinstance(got, Graded) else got.reason)


@KIND_NAMES
@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_data_makes_the_round_trip(kind: str, data: st.DataObject) -> None:
    item = read_item(data.draw(item_data(kind)))
    assert read_item(json.loads(json.dumps(to_data(item)))) == item


@KIND_NAMES
@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_a_response_is_refused_or_graded_and_never_both(kind: str, data: st.DataObject) -> None:
    item, response = read_item(data.draw(item_data(kind))), data.draw(responses())
    if refused(item, response) and response is not None:
        got = grade(item, response, (), TOOLS)
        assert isinstance(got, Ungraded)
        assert got.cause == "person"
        assert plan(item, response) == ()


@KIND_NAMES
def test_no_answer_is_zero_for_sure(kind: str) -> None:
    item = made(ALL[kind])
    empties: dict[str, dict[str, object]] = {
        "choice": {"choice": []},
        "match": {"match": {}},
        "code": {"source": " \n"},
        "drawing": {"strokes": [], "text": " \n"},
        "file": {"files": []},
        "recording": {"files": []},
    }
    empty = empties.get(kind, {"text": " \t\n"})
    for response in (None, empty):
        assert is_blank(item, response)
        assert plan(item, response) == ()
        got = grade(item, response)
        assert isinstance(got, Graded)
        assert (got.points, got.confidence, got.certain) == (0, 1, True)


@KIND_NAMES
@pytest.mark.parametrize("text", ["x" * 1_000_000, "a\0b", "\ud800"])
def test_what_cannot_be_stored_is_refused_and_not_marked_wrong(kind: str, text: str) -> None:
    item = made(ALL[kind])
    response = WORDS_IN[kind](text) if kind in WORDS_IN else {"text": text}
    with pytest.raises(ResponseError):
        check_response(item, response)
    assert isinstance(grade(item, response, (), TOOLS), Ungraded)
