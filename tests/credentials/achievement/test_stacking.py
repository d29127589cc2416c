"""Rules over certificates: when they are met, on what they then rest, and what no rule may be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.achievement.stacking import (
    MAX_NEEDS,
    Group,
    Held,
    Need,
    Rule,
    check,
    lasting,
    look,
    months_before,
    needs,
    rests_on,
)
from credentials.errors import Malformed

NOW = datetime(2027, 3, 31, 12, tzinfo=UTC)
NAMES, SKILLS = ["a", "b", "c"], ["https://s.example/1", "https://s.example/2"]

needed = st.builds(
    Need,
    name=st.sampled_from(NAMES),
    min_score=st.none() | st.sampled_from([50.0, 80.0]),
    within_months=st.none() | st.sampled_from([6, 24]),
) | st.builds(Need, skill=st.sampled_from(SKILLS), level=st.none() | st.integers(1, 3))


def grouped(inner: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    def group(of: list[Rule], least: int) -> Rule:
        return Group("at_least", min(least, len(of)), tuple(of))

    return st.builds(group, st.lists(inner, min_size=1, max_size=3, unique=True), st.integers(1, 3))


rules: st.SearchStrategy[Rule] = st.recursive(needed, grouped, max_leaves=8)
held = st.builds(
    Held,
    id=st.uuids().map(str),
    names=st.frozensets(st.sampled_from(NAMES), max_size=2),
    issued=st.integers(0, 1500).map(lambda days: NOW - timedelta(days=days)),
    until=st.none() | st.integers(-400, 400).map(lambda days: NOW + timedelta(days=days)),
    state=st.sampled_from(["valid", "valid", "suspended", "revoked"]),
    score=st.none() | st.floats(0, 100),
    skills=st.lists(st.tuples(st.sampled_from(SKILLS), st.none() | st.integers(1, 3)), max_size=2).map(tuple),
)
holdings = st.lists(held, max_size=6, unique_by=lambda each: each.id)


@given(rules, holdings, held)
def test_one_more_certificate_never_takes_anything_away(rule: Rule, mine: list[Held], other: Held) -> None:
    if look(rule, mine, NOW).met:
        assert look(rule, [*mine, other], NOW).met


@given(rules, holdings, st.randoms())
def test_their_order_makes_no_difference(rule: Rule, mine: list[Held], chance: object) -> None:
    other = list(mine)
    chance.shuffle(other)  # type: ignore[attr-defined]
    assert look(rule, mine, NOW) == look(rule, other, NOW)


@given(rules, holdings)
def test_what_it_rests_on_is_enough_alone_and_counts_today(rule: Rule, mine: list[Held]) -> None:
    found = look(rule, mine, NOW)
    resting = rests_on(found)
    assert bool(resting) == found.met
    assert len({each.id for each in resting}) == len(resting)
    for each in resting:
        assert each.state == "valid"
        assert each.issued <= NOW
        assert each.until is None or each.until > NOW
    if found.met:
        assert look(rule, resting, NOW).met


@given(rules, holdings)
def test_what_does_not_count_is_as_if_it_were_not_there(rule: Rule, mine: list[Held]) -> None:
    counting = [each for each in mine if each.state == "valid" and (each.until is None or each.until > NOW)]
    assert look(rule, mine, NOW).met == look(rule, counting, NOW).met
    assert not look(rule, [replace(each, state="revoked") for each in mine], NOW).met


@given(rules, holdings)
def test_higher_scores_and_levels_never_take_anything_away(rule: Rule, mine: list[Held]) -> None:
    better = [replace(each, score=100.0, skills=tuple((url, 3) for url, _ in each.skills)) for each in mine]
    if look(rule, mine, NOW).met:
        assert look(rule, better, NOW).met


@given(st.lists(needed, min_size=1, max_size=4, unique=True), holdings)
def test_all_and_any_are_what_they_say(of: list[Rule], mine: list[Held]) -> None:
    each = [look(one, mine, NOW).met for one in of]
    assert look(Group("all_of", len(of), tuple(of)), mine, NOW).met == all(each)
    assert look(Group("any_of", 1, tuple(of)), mine, NOW).met == any(each)
    for least in range(1, len(of) + 1):
        assert look(Group("at_least", least, tuple(of)), mine, NOW).met == (sum(each) >= least)


GOOD = Held("1", frozenset({"a"}), NOW - timedelta(days=100), NOW + timedelta(days=10), score=70.0)


@pytest.mark.parametrize(
    ("need", "mine", "why"),
    [
        (Need("a"), [], "missing"),
        (Need("a"), [replace(GOOD, state="revoked")], "revoked"),
        (Need("a"), [replace(GOOD, state="suspended")], "suspended"),
        (Need("a"), [replace(GOOD, until=NOW)], "expired"),
        (Need("a"), [replace(GOOD, issued=NOW + timedelta(seconds=1))], "missing"),
        (Need("a", within_months=3), [GOOD], "old"),
        (Need("a", min_score=70.1), [GOOD], "score"),
        (Need("a", min_score=70.1), [replace(GOOD, score=None)], "score"),
        (Need(skill=SKILLS[0], level=2), [replace(GOOD, skills=((SKILLS[0], None),))], "level"),
        (Need(skill=SKILLS[0], level=2), [replace(GOOD, skills=((SKILLS[1], 3),))], "missing"),
        (Need("a", min_score=70.1), [replace(GOOD, state="revoked", id="0"), GOOD], "score"),
    ],
)
def test_it_says_why_a_certificate_does_not_count(need: Need, mine: list[Held], why: str) -> None:
    found = look(need, mine, NOW)
    assert (found.met, found.why) == (False, why)
    assert (found.by is None) == (why == "missing")


def test_the_best_one_meets_a_need() -> None:
    better = replace(GOOD, id="0", score=90.0)
    assert look(Need("a", min_score=70, within_months=4), [GOOD, better], NOW).by == better


def test_a_mix_as_people_write_it() -> None:
    rule = Group("all_of", 2, (Need("a"), Group("at_least", 2, (Need("b"), Need("c"), Need(skill=SKILLS[0], level=2)))))
    check(rule)
    mine = [GOOD, replace(GOOD, id="2", names=frozenset({"c"}), skills=((SKILLS[0], 2),))]
    found = look(rule, mine, NOW)
    assert found.met
    assert [each.id for each in rests_on(found)] == ["1", "2"], "one certificate may meet two leaves"
    assert found.of[1].done == 2
    assert [each.name or each.skill for each in needs(rule)] == ["a", "b", "c", SKILLS[0]]


def deep(depth: int) -> Rule:
    return Need("a") if depth == 0 else Group("all_of", 1, (deep(depth - 1),))


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (Group("all_of", 0, ()), "asks for nothing"),
        (Group("at_least", 3, (Need("a"), Need("b"))), "3 of 2 cannot be met"),
        (Group("at_least", 0, (Need("a"),)), "from 1 to 1"),
        (Group("any_of", 1, (Need("a"), Need("a"))), "same thing twice"),
        (Need(), "by its name, or by a skill"),
        (Need("a", SKILLS[0]), "by its name, or by a skill"),
        (Need("a", level=1), "belongs to a skill"),
        (deep(6), "at most 6 deep"),
        (Group("any_of", 1, tuple(Need(str(at)) for at in range(MAX_NEEDS + 1))), "at most 50"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: Rule, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        check(rule)


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1)), st.integers(0, 240))  # noqa: DTZ001
def test_months_go_back_by_the_calendar(moment: datetime, months: int) -> None:
    earlier = months_before(moment, months)
    assert (moment.year - earlier.year) * 12 + moment.month - earlier.month == months
    assert earlier.day <= moment.day
    assert earlier.day == moment.day or (earlier + timedelta(days=1)).month != earlier.month


@given(rules, holdings, st.integers(0, 400))
def test_age_alone_takes_nothing_back(rule: Rule, mine: list[Held], days: int) -> None:
    """What was met stays met for ever, as long as nothing of it ends or is taken back."""
    lasting_ones = [replace(each, until=None) for each in mine]
    if look(rule, lasting_ones, NOW).met:
        assert look(lasting(rule), lasting_ones, NOW + timedelta(days=days)).met
