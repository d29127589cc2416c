"""Bitstring Status List 1.0: its worked example, its limits, and one bit at a time."""

import gzip
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.canonical import b64u, b64u_decode
from credentials.errors import Malformed
from credentials.issuance import proof
from credentials.revocation import status
from tests.credentials.samples import INDEX, ISSUED, ISSUER, KEY, STATUS_URL, status_list

# The list of the standard's own example: 131,072 entries, none set.
STANDARD = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"


def test_the_standards_example_is_an_empty_list() -> None:
    assert status.StatusList.decode(STANDARD) == status.StatusList.empty()


def test_index_0_is_the_leftmost_bit() -> None:
    assert status.StatusList.empty().set(0).bits[:2] == b"\x80\x00"
    assert status.StatusList.empty().set(9).bits[:2] == b"\x00\x40"


@given(st.sets(st.integers(0, status.SIZE - 1), max_size=20), st.integers(0, status.SIZE - 1))
@settings(max_examples=30, deadline=None)
def test_exactly_what_was_set_is_set(revoked: set[int], other: int) -> None:
    entries = status.StatusList.empty()
    for index in revoked:
        entries = entries.set(index)
    found = status.StatusList.decode(entries.encode())
    assert found == entries
    assert all(found.get(index) for index in revoked)
    assert found.get(other) == (other in revoked)
    assert not found.set(other, revoked=False).get(other)


@pytest.mark.parametrize("index", [-1, status.SIZE])
def test_there_is_no_entry_beyond_the_end(index: int) -> None:
    for act in (status.StatusList.empty().get, status.StatusList.empty().set):
        with pytest.raises(Malformed):
            act(index)


@pytest.mark.parametrize(
    "text",
    [
        "",
        STANDARD[1:],
        STANDARD[:-4],
        "z" + STANDARD[1:],
        "u" + b64u(gzip.compress(bytes(1000), mtime=0)),
        "u" + b64u(gzip.compress(bytes(50_000_000), mtime=0)),
        "u" + b64u(b64u_decode(STANDARD[1:]) + b"more"),
        "uAAAA",
    ],
    ids=["empty", "no-u", "cut", "base58", "too-small", "bomb", "trailing", "no-gzip"],
)
def test_other_texts_are_no_lists(text: str) -> None:
    with pytest.raises(Malformed):
        status.StatusList.decode(text)


def test_a_signed_list_says_who_is_revoked_since_when() -> None:
    credential = status_list(INDEX)
    proof.verify(credential, KEY.public)
    found = status.read(credential)
    assert (found.url, found.issuer, found.as_of, found.until) == (STATUS_URL, ISSUER, ISSUED, None)
    assert found.revoked(INDEX)
    assert not found.revoked(INDEX + 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"type": ["VerifiableCredential"]},
        {"@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/v2"]},
        {"credentialSubject": {}},
        {"credentialSubject": None},
        {"issuer": {"id": ISSUER}},
        {"validFrom": "yesterday"},
        {"validUntil": "2027-02-30T00:00:00Z"},
        {"ttl": "1"},
    ],
)
def test_another_document_is_no_status_list(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        status.read(status_list() | changes)


def test_a_suspension_list_is_not_read_as_a_revocation_list() -> None:
    credential = status_list()
    credential["credentialSubject"]["statusPurpose"] = "suspension"
    with pytest.raises(Malformed):
        status.read(credential)


def test_an_entry_is_read_only_in_the_form_that_we_write() -> None:
    entry = status.entry(STATUS_URL, INDEX)
    assert status.read_entry(entry) == (STATUS_URL, INDEX)
    wrong: list[dict[str, Any]] = [
        {"statusPurpose": "suspension"},
        {"statusListIndex": "-1"},
        {"statusListIndex": INDEX},
        {"statusSize": 2},
    ]
    for changes in wrong:
        with pytest.raises(Malformed):
            status.read_entry(entry | changes)
    others: list[object] = [None, [], [entry], {}]
    for other in others:
        with pytest.raises(Malformed):
            status.read_entry(other)


def test_two_lists_with_one_index() -> None:
    found = status.both(STATUS_URL, INDEX)
    assert [each["statusPurpose"] for each in found] == ["revocation", "suspension"]
    assert status.read_entry(found) == status.read_entry(found[0]) == (STATUS_URL, INDEX)
    for wrong in ([], found[:1], found[::-1], [found[0], found[0]], [found[0], {**found[1], "statusListIndex": "1"}]):
        with pytest.raises(Malformed):
            status.read_entry(wrong)


def test_a_list_of_suspensions_is_no_list_of_revocations() -> None:
    made = status_list(INDEX, purpose="suspension")
    assert status.read(made, "suspension").purpose == "suspension"
    with pytest.raises(Malformed, match="not a revocation status list"):
        status.read(made)
    with pytest.raises(Malformed, match="not a suspension status list"):
        status.read(status_list(INDEX), "suspension")


def test_a_list_vouches_for_exactly_what_stands_beside_it() -> None:
    where, other = status.reasons_url(STATUS_URL), {"a": 1}
    listed = status.read(status_list(beside={where: other}))
    assert listed.vouches(where, other)
    assert not listed.vouches(where, {"a": 2})
    assert not listed.vouches(status.suspension_url(STATUS_URL), other)
    assert not status.read(status_list()).vouches(where, other)


@pytest.mark.parametrize("related", [{}, [{}], [{"id": "x"}], [{"id": "x", "digestSRI": "y", "more": "z"}], ["x"]])
def test_related_documents_have_one_form(related: Any) -> None:
    with pytest.raises(Malformed, match="relatedResource"):
        status.read({**status_list(), "relatedResource": related})
