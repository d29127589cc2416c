"""Public reasons: four bits for each certificate, one word for each number, for ever."""

import gzip
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.canonical import b64u
from credentials.errors import Malformed
from credentials.revocation import reasons
from credentials.revocation.reasons import REVOKED, SUSPENDED, Reasons
from credentials.revocation.status import SIZE
from tests.credentials.samples import STATUS_URL

CODES = [*REVOKED.values(), *SUSPENDED.values()]


def test_a_number_keeps_its_word() -> None:
    """Lists are kept as long as certificates: numbers may be added, never given to another word."""
    assert REVOKED == {
        1: "unspecified",
        2: "superseded",
        3: "attempt-voided",
        4: "issued-in-error",
        5: "fraud",
        6: "holder-request",
        7: "key-compromise",
    }
    assert SUSPENDED == {8: "under-review", 9: "identity-check", 10: "requirements-due", 11: "holder-hold"}


@given(st.dictionaries(st.integers(0, SIZE - 1), st.sampled_from(CODES), max_size=20), st.integers(0, SIZE - 1))
@settings(max_examples=30, deadline=None)
def test_exactly_what_was_said_is_told(said: dict[int, str], other: int) -> None:
    made = Reasons.empty()
    for index, code in said.items():
        made = made.set(index, code)
    found = reasons.read(made.build(STATUS_URL), STATUS_URL)
    assert found == made
    assert all(found.get(index) == code for index, code in said.items())
    assert found.get(other) == said.get(other)
    assert found.set(other, None).get(other) is None
    assert found.set(other, "fraud").set(other, said.get(other)) == found


def test_a_suspension_is_told_from_a_revocation() -> None:
    assert all(reasons.is_suspension(code) for code in SUSPENDED.values())
    assert not any(reasons.is_suspension(code) for code in REVOKED.values())


def test_a_word_that_is_no_code_is_refused() -> None:
    with pytest.raises(Malformed, match="not one of the reasons"):
        Reasons.empty().set(1, "because")
    for index in (-1, SIZE):
        with pytest.raises(Malformed, match="no entry"):
            Reasons.empty().get(index)


def test_a_number_without_a_word_is_not_taken_for_none() -> None:
    made = bytearray(SIZE // 2)
    made[0] = 0xF0
    with pytest.raises(Malformed, match="does not know"):
        Reasons(bytes(made)).get(0)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other/1"},
        {"list": "https://exams.example/status/2"},
        {"codes": {"2": "fraud"}},
        {"codes": []},
        {"encodedList": "u" + b64u(gzip.compress(bytes(100), mtime=0))},
        {"encodedList": "u" + b64u(gzip.compress(bytes(10_000_000), mtime=0))},
        {"encodedList": "uAAAA"},
        {"encodedList": "z"},
        {"more": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_form_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        reasons.read({**Reasons.empty().build(STATUS_URL), **change}, STATUS_URL)
