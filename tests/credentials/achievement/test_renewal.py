"""Keeping certificates valid: what counts, when, and which letter is due."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.achievement import renewal
from credentials.achievement.renewal import LETTERS, Activity, Rule
from credentials.errors import Malformed

BEGINS, ENDS = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2028, 3, 1, 12, tzinfo=UTC)
RULE = Rule(20, 180)
DAYS = st.dates(date(2025, 1, 1), date(2029, 1, 1))
ACTIVITIES = st.lists(
    st.builds(Activity, DAYS, st.integers(1, 60).map(lambda n: n / 4), st.sampled_from([None, True, False])),
    max_size=12,
)
MOMENTS = st.datetimes(datetime(2026, 3, 1), datetime(2029, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  (the zone is given apart)


@given(ACTIVITIES, MOMENTS)
def test_only_what_was_accepted_within_its_dates_counts(done: list[Activity], at: datetime) -> None:
    found = renewal.progress(RULE, done, BEGINS, ENDS, at)
    inside = [each for each in done if BEGINS.date() <= each.day <= ENDS.date()]
    assert found.collected == sum(each.credits for each in inside if each.accepted)
    assert found.waiting == sum(each.credits for each in inside if each.accepted is None)
    assert found.missing == max(0, 20 - found.collected)
    assert 0 <= found.share <= 1


@given(ACTIVITIES, MOMENTS)
def test_it_is_ready_when_enough_is_there_in_its_window_alone(done: list[Activity], at: datetime) -> None:
    found = renewal.progress(RULE, done, BEGINS, ENDS, at)
    enough, inside = found.collected >= 20, ENDS - timedelta(days=180) <= at < ENDS
    assert (found.state == "ready") == (enough and inside)
    assert (found.state == "ended") == (at >= ENDS)


@given(ACTIVITIES, st.builds(Activity, DAYS, st.just(5.0), st.just(True)), MOMENTS)
def test_doing_more_never_hurts(done: list[Activity], more: Activity, at: datetime) -> None:
    before = renewal.progress(RULE, done, BEGINS, ENDS, at)
    after = renewal.progress(RULE, [*done, more], BEGINS, ENDS, at)
    assert after.collected >= before.collected
    assert before.state != "ready" or after.state == "ready"


@given(st.lists(MOMENTS, min_size=1, max_size=40))
def test_each_letter_is_written_once_and_never_two_at_a_time(moments: list[datetime]) -> None:
    told: list[int] = []
    for at in sorted(moments):
        due = renewal.letter(ENDS, told, at)
        if due is not None:
            assert due in LETTERS
            assert at >= ENDS - timedelta(days=due)
            assert not told or due < told[-1], "a letter is never older than the one before"
            told.append(due)
        assert renewal.letter(ENDS, told, at) is None, "one moment, one letter"
    assert len(told) == len(set(told))


def test_who_looks_every_day_writes_all_of_them() -> None:
    told: list[int] = []
    for day in range(100, -10, -1):
        due = renewal.letter(ENDS, told, ENDS - timedelta(days=day))
        told += [] if due is None else [due]
    assert told == list(LETTERS)


@pytest.mark.parametrize("wrong", [{"credits": 0}, {"credits": 0.3}, {"credits": 20_000}, {"window_days": 0}])
def test_a_rule_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        Rule(**{"credits": 20.0, "window_days": 180, **wrong})


def test_a_refresh_service_has_one_form() -> None:
    url = "https://exams.example/c/1/refresh"
    assert renewal.read_service(renewal.service(url)) == url
    for wrong in (None, url, {"id": url}, {"id": url, "type": "Other"}, {**renewal.service(url), "more": 1}):
        with pytest.raises(Malformed):
            renewal.read_service(wrong)
    with pytest.raises(Malformed):
        renewal.service("ftp://exams.example")
