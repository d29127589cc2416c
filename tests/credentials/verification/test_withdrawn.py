"""Revoked, suspended or neither: what a file says, and what it cannot hide."""

from typing import Any

import pytest

from credentials.revocation import status
from credentials.revocation.reasons import Reasons
from credentials.verification import verify
from credentials.verification.report import Report
from tests.credentials.samples import (
    INDEX,
    NOW,
    STATUS_URL,
    TRUST,
    full_bundle,
    issued,
    status_list,
)

REASONS = status.reasons_url(STATUS_URL)


def said(code: str | None = None) -> dict[str, Any]:
    return Reasons.empty().set(INDEX, code).set(INDEX + 1, "fraud").build(STATUS_URL)


def report(listed: dict[str, Any], reasons: dict[str, Any] | None, **award: Any) -> Report:
    made = {**full_bundle(issued(**award)), "status": listed}
    return verify.verify(made if reasons is None else {**made, "reasons": reasons}, TRUST, NOW)


@pytest.mark.parametrize("two", [False, True], ids=["one entry", "two entries"])
def test_suspended_and_revoked_are_two_things(two: bool) -> None:
    good, under, gone = said(), said("under-review"), said("superseded")
    found = report(status_list(beside={REASONS: good}), good, suspendable=two)
    assert (found.verdict, found.status.outcome, found.status.code) == ("proven", "valid", None)
    assert "neither revoked nor suspended" in found.status.reason
    found = report(status_list(beside={REASONS: under}), under, suspendable=two)
    assert (found.verdict, found.status.outcome, found.status.code) == ("suspended", "suspended", "under-review")
    assert "for now" in found.sentence
    found = report(status_list(INDEX, beside={REASONS: gone}), gone, suspendable=two)
    assert (found.verdict, found.status.outcome, found.status.code) == ("revoked", "revoked", "superseded")


def test_a_revoked_one_is_revoked_whatever_else_is_said() -> None:
    under = said("under-review")
    found = report(status_list(INDEX, beside={REASONS: under}), under)
    assert (found.verdict, found.status.code) == ("revoked", None)
    assert "under-review" not in found.sentence


def test_a_suspension_cannot_be_hidden_by_leaving_the_reasons_out() -> None:
    found = report(status_list(beside={REASONS: said("under-review")}), None)
    assert found.status.outcome == "unknown"
    assert "whether it was suspended is unknown" in found.status.reason


def test_nor_by_bringing_another_list_of_reasons() -> None:
    for other in (said(), {**said("under-review"), "list": "https://exams.example/status/2"}):
        found = report(status_list(beside={REASONS: said("under-review")}), other)
        assert found.status.outcome == "unknown"
        assert "not the one that the status list names" in found.status.reason


def test_a_list_that_names_none_lets_nobody_add_reasons() -> None:
    assert report(status_list(), said("under-review")).status.outcome == "unknown"


def test_an_older_list_says_what_it_always_said() -> None:
    found = report(status_list(), None)
    assert found.status.reason.startswith("it was not revoked as of")
    assert found.status.outcome == "valid"
