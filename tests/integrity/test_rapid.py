"""Unusually fast people are named; slow ones, and cohorts without a clock, are not."""

import numpy as np

from integrity.detectors.rapid import FastAnswers
from tests.integrity.worlds import cohort_of, honest_answers


def times(rng: np.random.Generator, people: int, items: int) -> np.ndarray:
    pace, length = rng.normal(0, 0.25, people), rng.normal(4, 0.5, items)
    return np.exp(length + pace[:, None] + rng.normal(0, 0.4, (people, items)))


def test_one_who_rushes_is_found() -> None:
    rng = np.random.default_rng(1)
    seconds = times(rng, 30, 12)
    seconds[4] /= 12
    findings = FastAnswers().findings(cohort_of(honest_answers(rng, 30, 12), seconds))
    assert [one.people for one in findings] == [("p4",)]
    assert findings[0].statistic < 0.2
    assert findings[0].evidence["under_a_tenth"] >= 3
    assert "p4 took" in findings[0].explanation


def test_honest_cohorts_stay_quiet_at_about_the_promised_rate() -> None:
    rng = np.random.default_rng(2)
    detector = FastAnswers(alpha=0.05)
    alarms = sum(
        bool(detector.findings(cohort_of(np.zeros((30, 12), dtype=np.int64), times(rng, 30, 12)))) for _ in range(100)
    )
    assert alarms <= 12


def test_slow_is_not_fast() -> None:
    rng = np.random.default_rng(3)
    seconds = times(rng, 30, 12)
    seconds[4] *= 12
    assert FastAnswers().findings(cohort_of(honest_answers(rng, 30, 12), seconds)) == []


def test_without_times_there_is_nothing_to_say() -> None:
    answers = honest_answers(np.random.default_rng(4), 30, 12)
    assert FastAnswers().findings(cohort_of(answers)) == []
    assert FastAnswers().findings(cohort_of(answers, np.full((30, 12), np.nan))) == []


def test_missing_times_and_equal_times_are_survived() -> None:
    rng = np.random.default_rng(5)
    seconds = times(rng, 30, 12)
    seconds[rng.random(seconds.shape) < 0.3] = np.nan
    seconds[:, 0] = np.nan
    seconds[7] = np.nan
    FastAnswers().findings(cohort_of(honest_answers(rng, 30, 12), seconds))
    assert FastAnswers().findings(cohort_of(honest_answers(rng, 30, 12), np.full((30, 12), 9.0))) == []
