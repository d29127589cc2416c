"""Honest cohorts stay quiet, a copier is found, and nothing depends on names or order."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrity.cohort import BLANK
from integrity.detectors.shared_answers import SharedAnswers
from integrity.matching import Matching
from tests.integrity.worlds import cohort_of, honest_answers, with_copier

DETECTOR = SharedAnswers()


@pytest.mark.parametrize(
    ("people", "items", "cohorts"),
    [(30, 12, 15), pytest.param(30, 12, 100, marks=pytest.mark.slow), pytest.param(60, 20, 25, marks=pytest.mark.slow)],
)
def test_p_values_of_honest_pairs_are_not_too_small(people: int, items: int, cohorts: int) -> None:
    """At most nominal at every level, and not so cautious that nothing could ever be found."""
    rng = np.random.default_rng(20270301)
    tables = [DETECTOR.examine(Matching(cohort_of(honest_answers(rng, people, items)))) for _ in range(cohorts)]
    p_values = np.concatenate([table.p_value for table in tables])
    for level in (0.05, 0.01, 0.001):
        # Pairs of one cohort share people, so the spread is wider than binomial; four times is what we saw at most.
        slack = 4 * np.sqrt(level / len(p_values))
        assert (p_values <= level).mean() <= level + slack
    assert (p_values <= 0.05).mean() > 0.02
    alarms = sum(table.p_adjusted.min() < DETECTOR.alpha for table in tables)
    assert alarms <= DETECTOR.alpha * cohorts + 2 * np.sqrt(DETECTOR.alpha * cohorts)


@pytest.mark.parametrize(("items", "own"), [(12, 0), (14, 1), (16, 1)])
def test_a_pair_that_shares_its_mistakes_is_found_and_comes_first(items: int, own: int) -> None:
    """Measured over 20 cohorts: 13, 19 and 18 found. Twelve items are few: some copied pairs stay within chance."""
    found = alone = 0
    rng = np.random.default_rng(5)
    for _ in range(20):
        answers, pair = with_copier(rng, 30, items, own)
        findings = DETECTOR.findings(cohort_of(answers))
        found += bool(findings) and findings[0].people == tuple(f"p{one}" for one in pair)
        alone += len(findings) <= 1
    assert found >= 12
    assert alone >= 18


def test_a_finding_shows_its_evidence() -> None:
    answers, (first, second) = with_copier(np.random.default_rng(5), 30, 16, 1)
    finding = DETECTOR.findings(cohort_of(answers))[0]
    evidence = finding.evidence
    shared = (answers[first] == answers[second]) & (answers[first] > 0)
    assert evidence["identical"] == (answers[first] == answers[second]).sum()
    assert evidence["shared_mistakes"] == shared.sum() == len(evidence["matched_wrong"])
    assert {match["item"] for match in evidence["matched_wrong"]} == {f"q{at}" for at in np.flatnonzero(shared)}
    assert evidence["identical_expected"] < evidence["identical"]
    assert evidence["most_surprising"][0]["chance"] <= evidence["most_surprising"][-1]["chance"]
    assert len(evidence["items"]) == 16
    assert 0 < finding.p_value <= finding.p_adjusted < DETECTOR.alpha
    assert finding.statistic > finding.expected
    assert finding.innocent
    assert finding.assumptions
    assert f"p{first} and p{second} gave {evidence['identical']} identical answers to 16 items" in finding.explanation
    assert "cheat" not in repr(finding).lower()


def test_shared_mistakes_weigh_more_than_shared_right_answers() -> None:
    answers = honest_answers(np.random.default_rng(8), 40, 20)
    answers[0], answers[1] = 0, 0
    strong = DETECTOR.examine(Matching(cohort_of(answers)))
    answers[0, :6], answers[1, :6] = 3, 3
    weak = DETECTOR.examine(Matching(cohort_of(answers)))
    assert weak.p_value[0] < 1e-4 < strong.p_value[0]


def test_two_copiers_do_not_vouch_for_each_other() -> None:
    """Their shared mistake is as rare to them as if they had not been there."""
    answers = honest_answers(np.random.default_rng(9), 30, 12)
    answers[:, 0] = np.where(answers[:, 0] == 3, 1, answers[:, 0])
    answers[:2, 0] = 3
    chances = Matching(cohort_of(answers)).pairs(np.array([0]), np.array([1]))
    assert chances.same[0, 0, 3] < 0.02


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_names_order_and_option_letters_change_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    answers = honest_answers(rng, 15, 8)
    answers[rng.random(answers.shape) < 0.1] = BLANK
    people, items = rng.permutation(15), rng.permutation(8)
    letters = np.array([0, *(1 + rng.permutation(3)), BLANK])  # BLANK, -1, indexes the last place: itself
    before = DETECTOR.examine(Matching(cohort_of(answers)))
    after = DETECTOR.examine(Matching(cohort_of(letters[answers][people][:, items])))
    table = np.ones((15, 15))
    table[before.first, before.second] = table[before.second, before.first] = before.p_value
    assert after.p_value == pytest.approx(table[people[after.first], people[after.second]], rel=1e-6)


def test_a_blank_matches_nothing() -> None:
    answers = honest_answers(np.random.default_rng(4), 20, 10)
    answers[0], answers[1] = BLANK, BLANK
    pairs = DETECTOR.examine(Matching(cohort_of(answers)))
    assert pairs.points[0] == 0
    assert pairs.p_value[0] == 1.0
    answers[2, :5] = BLANK
    chances = Matching(cohort_of(answers)).pairs(np.array([2]), np.array([3]))
    assert not chances.same[0, :5].any()
    assert (chances.matched[0, :5] == -1).all()


@pytest.mark.parametrize("code", [BLANK, 0, 2])
def test_when_everybody_did_the_same_nobody_stands_out(code: int) -> None:
    cohort = cohort_of(np.full((20, 10), code, dtype=np.int64))
    pairs = DETECTOR.examine(Matching(cohort))
    assert np.isfinite(pairs.p_value).all()
    assert DETECTOR.findings(cohort) == []


def test_chances_are_chances() -> None:
    answers = honest_answers(np.random.default_rng(6), 25, 9)
    first, second = np.triu_indices(25, 1)
    chances = Matching(cohort_of(answers)).pairs(first, second)
    assert (chances.same >= 0).all()
    assert (chances.identical <= 1 + 1e-9).all()
    swapped = Matching(cohort_of(answers)).pairs(second, first)
    assert swapped.same == pytest.approx(chances.same)


@pytest.mark.slow
def test_a_large_cohort_is_screened_without_losing_the_copier() -> None:
    answers, pair = with_copier(np.random.default_rng(2), 400, 30, 5)
    findings = DETECTOR.findings(cohort_of(answers))
    assert findings[0].people == tuple(f"p{one}" for one in pair)
    assert len(findings) == 1


@pytest.mark.slow
def test_real_exam_with_known_flags() -> None:
    """Cizek & Wollack (2017), credentialing form 1: the most unusual pairs are people whom the programme flagged."""
    folder = os.environ.get("INVIGIL_DATA")
    if not folder:
        pytest.skip("set INVIGIL_DATA to the folder that holds integrity/credential_form1_*.csv")
    base = Path(folder) / "integrity"
    options = np.genfromtxt(base / "credential_form1_options.csv.gz", delimiter=",", skip_header=1)
    scores = np.genfromtxt(base / "credential_form1_scores.csv.gz", delimiter=",", skip_header=1)
    flagged = np.genfromtxt(base / "credential_form1_people.csv", delimiter=",", skip_header=1, usecols=(6,)) == 1
    answers = np.where(np.isnan(options), 0, options).astype(np.int64) - 1
    key = np.array([np.bincount(answers[scores[:, at] == 1, at] + 1)[1:].argmax() for at in range(answers.shape[1])])
    moved = np.where(answers == BLANK, BLANK, (answers - key) % 4)  # the right answer becomes code 0
    pairs = DETECTOR.examine(Matching(cohort_of(moved)))
    top = np.argsort(pairs.p_value)[:5]
    involved = flagged[pairs.first[top]].astype(int) + flagged[pairs.second[top]]
    assert (pairs.p_adjusted[top] < 0.01).all()
    assert (involved >= 1).all()
    assert (involved == 2).sum() >= 3
