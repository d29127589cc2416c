"""Scoring trees of tests: exact fractions, and nothing that could not be judged ever counts."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.programs.scoring import Aggregate, Case, Group, Result, decided, score
from grading.programs.verdict import Judgement

F = Fraction
AC, WA, TLE, SK, JE = Judgement.AC, Judgement.WA, Judgement.TLE, Judgement.SK, Judgement.JE
OK, BAD = Result(AC), Result(WA)


def cases(*points: int) -> tuple[Case, ...]:
    return tuple(Case(str(number), F(one)) for number, one in enumerate(points, 1))


@pytest.mark.parametrize(
    ("aggregate", "total"),
    [("sum", F(40)), ("min", F(0)), ("max", F(30)), ("avg", F(40, 3)), ("all", F(0))],
)
def test_each_aggregate(aggregate: Aggregate, total: Fraction) -> None:
    got = score(Group("g", cases(10, 20, 30), aggregate, F(60)), {"1": OK, "2": BAD, "3": OK})
    assert (got.judgement, got.score) == (WA, total)


def test_all_or_nothing_gives_its_own_points() -> None:
    group = Group("g", cases(1, 1), "all", F(25))
    assert score(group, {"1": OK, "2": OK}).score == 25
    assert score(group, {"1": OK}).score == 0
    assert score(Group("g", (), "all", F(25)), {}).score == 0


def test_groups_nest_and_thirds_add_up() -> None:
    inner = tuple(Group(f"g{one}", cases(1), "all", F(100, 3)) for one in range(3))
    got = score(Group("data", inner), {"1": OK})
    assert (got.judgement, got.score) == (AC, F(100))
    found = got.find("g1")
    assert found is not None
    assert found.score == F(100, 3)


def test_a_group_that_stops_leaves_the_rest_unrun_and_out_of_the_average() -> None:
    group = Group("g", cases(10, 10, 10), "avg", stop=True)
    got = score(group, {"1": OK, "2": BAD, "3": OK})
    assert got.score == 5
    assert [one.judgement for one in got.members] == [AC, WA, SK]
    assert decided(group, {"1": OK, "2": BAD}) == {"3"}
    assert decided(group, {"1": OK}) == frozenset()


def test_a_group_needs_what_it_requires() -> None:
    easy = Group("easy", (Case("1", F(1)),))
    hard = Group("hard", (Case("2", F(50)),), requires=("easy",))
    tree = Group("data", (easy, hard))
    got = score(tree, {"1": BAD, "2": OK})
    assert (got.score, got.judgement) == (F(0), WA)
    assert decided(tree, {"1": BAD}) == {"2"}
    assert score(tree, {"1": OK, "2": OK}).score == 51


def test_members_that_do_not_count_decide_nothing() -> None:
    tree = Group(
        "data",
        (Group("sample", (Case("1", F(5)),)), Group("secret", (Case("2", F(7)),))),
        uncounted=("sample",),
        stop=True,
    )
    got = score(tree, {"1": BAD, "2": OK})
    assert (got.score, got.judgement) == (F(7), AC)


@pytest.mark.parametrize(
    ("group", "judgement"),
    [
        (Group("g", cases(1, 1)), TLE),
        (Group("g", cases(1, 1), verdict="worst"), TLE),
        (Group("g", cases(1, 1), verdict="accept"), AC),
        (Group("g", cases(1, 1, 1), any_accepted=True), AC),
    ],
)
def test_verdict_rules(group: Group, judgement: Judgement) -> None:
    assert score(group, {"1": Result(TLE), "2": BAD, "3": OK}).judgement is judgement
    assert score(Group("g", cases(1, 1), verdict="worst"), {"1": BAD, "2": Result(TLE)}).judgement is TLE


def test_scores_of_checkers() -> None:
    bounded = Case("1", F(10), most=F(10))
    tree = Group("g", (bounded,))
    assert score(tree, {"1": Result(AC, F("7.25"))}).score == F("7.25")
    assert score(tree, {"1": Result(AC, share=F(1, 3))}).score == F(10, 3)
    assert score(tree, {"1": Result(WA, F(2))}).score == 2
    too_much = score(tree, {"1": Result(AC, F(11))})
    assert too_much.judgement is JE
    assert "more than 10" in next(too_much.problems())
    none = score(Group("g", (Case("1", scored=True),)), {"1": OK})
    assert none.judgement is JE
    assert score(Group("g", cases(9), most=F(5)), {"1": OK}).judgement is JE
    assert score(Group("g", cases(1), least=F(5)), {"1": OK}).judgement is JE


def test_what_could_not_be_judged_makes_the_whole_unjudged() -> None:
    for rule in ("first", "worst", "accept"):
        tree = Group("g", (Group("h", cases(1, 1), verdict="accept"),), verdict=rule)
        assert score(tree, {"1": OK, "2": Result(JE)}).judgement is JE


JUDGED = st.sampled_from([AC, WA, TLE])


@given(st.lists(JUDGED, min_size=1, max_size=8), st.sampled_from(["sum", "min", "max", "avg", "all"]), st.booleans())
@settings(max_examples=200, deadline=None)
def test_a_better_test_never_costs_points(judged: list[Judgement], aggregate: Aggregate, stop: bool) -> None:
    group = Group("g", tuple(Case(str(at), F(at + 1)) for at in range(len(judged))), aggregate, F(9), stop=stop)
    before = score(group, {str(at): Result(one) for at, one in enumerate(judged)})
    assert (before.judgement is AC) == all(one is AC for one in judged)
    if stop and aggregate in ("avg", "min"):
        return  # an average over those that ran may fall when one more runs
    for at in range(len(judged)):
        better = {str(i): Result(AC if i == at else one) for i, one in enumerate(judged)}
        assert score(group, better).score >= before.score


@given(st.lists(JUDGED, min_size=1, max_size=6), st.booleans())
@settings(max_examples=100, deadline=None)
def test_what_is_decided_changes_nothing(judged: list[Judgement], stop: bool) -> None:
    """Leaving out the tests that are said not to matter gives the same score and verdict."""
    half = len(judged) // 2
    members = tuple(Case(str(at), F(1)) for at in range(len(judged)))
    first = Group("a", members[:half], stop=stop)
    tree = Group("g", (first, Group("b", members[half:], stop=stop, requires=("a",) if half else ())))
    results = {str(at): Result(one) for at, one in enumerate(judged)}
    known: dict[str, Result] = {}
    for name, result in results.items():
        if name not in decided(tree, known):
            known[name] = result
    assert (score(tree, known).score, score(tree, known).judgement) == (
        score(tree, results).score,
        score(tree, results).judgement,
    )
