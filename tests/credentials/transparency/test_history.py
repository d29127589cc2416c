"""Entries and the history of keys: decided by number, so that no date under a stolen key counts."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.errors import Malformed, NotProven
from credentials.keys.ed25519 import SigningKey
from credentials.transparency import entries, history, log
from credentials.transparency.entries import (
    Entry,
    Issued,
    KeyAdded,
    KeyCompromised,
    KeyRetired,
    PolicySet,
    ReceiptHead,
    StatusVersion,
    add_key,
    add_log_key,
)
from credentials.transparency.log import Checkpoint
from tests.credentials.samples import KEY, LOG_KEY, ORIGIN, OTHER, SALT, issued, status_list

NEXT = SigningKey.generate(b"the issuer's key that came next!")
SIZE = 100
ROTATED: list[tuple[int, Entry]] = [
    (0, add_key(KEY, "issuer", LOG_KEY.kid)),
    (1, Issued(bytes(32))),
    (9, add_key(NEXT, "issuer", LOG_KEY.kid)),
    (10, KeyRetired(KEY.public, "issuer")),
]
STOLEN: list[tuple[int, Entry]] = [*ROTATED[:3], (10, KeyCompromised(KEY.public, "issuer", 5))]


def told(*events: tuple[int, Entry]) -> history.History:
    return history.of(events, Checkpoint(ORIGIN, SIZE, bytes(32), (LOG_KEY.kid,)), "issuer")


digests = st.binary(min_size=32, max_size=32)
keys = st.sampled_from([KEY, NEXT, OTHER])
purposes: Any = st.sampled_from(entries.PURPOSES)
numbers = st.integers(0, 2**53 - 1)
some = st.one_of(
    st.builds(Issued, digests),
    st.builds(StatusVersion, digests),
    st.builds(ReceiptHead, digests),
    st.builds(add_key, keys, purposes, st.text(max_size=20), st.none() | numbers),
    st.builds(KeyRetired, keys.map(lambda key: key.public), purposes),
    st.builds(KeyCompromised, keys.map(lambda key: key.public), purposes, st.integers(-1, 2**53 - 1)),
    st.builds(PolicySet, st.text(max_size=200), st.lists(st.text(max_size=20), max_size=3).map(tuple)),
    st.builds(add_log_key, keys, keys),
)


@given(some)
@settings(deadline=None)
def test_an_entry_comes_back(entry: Entry) -> None:
    assert entries.decode(entries.encode(entry)) == entry


@given(some, st.data())
@settings(deadline=None)
def test_an_entry_has_one_form(entry: Entry, data: st.DataObject) -> None:
    said = entries.encode(entry)
    at = data.draw(st.integers(0, len(said)))
    changed = said[:at] + data.draw(st.binary(min_size=1, max_size=2)) + said[at:]
    with contextlib.suppress(Malformed):
        assert entries.encode(entries.decode(changed)) == changed


def test_the_kinds_that_always_were_are_as_they_were() -> None:
    credential, listed = issued(), status_list()
    leaf = log.certificate_leaf(credential, SALT)
    assert entries.encode(Issued(leaf.removeprefix(b"certificate"))) == leaf
    head = log.receipt_head_leaf(credential, SALT)
    assert entries.encode(ReceiptHead(head.removeprefix(b"receipt-head"))) == head
    assert entries.encode(entries.status_version(listed)).startswith(b"status-list")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"certificate" + bytes(31),
        b"unknown" + bytes(32),
        b"key-add{}",
        b'key-retire{"key":"z6Mk","purpose":"issuer"}',
        entries.encode(KeyRetired(KEY.public, "issuer")).replace(b"issuer", b"nobody"),
        entries.encode(KeyRetired(KEY.public, "issuer")).replace(b"key-retire", b"key-forget"),
        entries.encode(KeyRetired(KEY.public, "issuer")).replace(b":", b": "),
        entries.encode(KeyCompromised(KEY.public, "issuer", 5)).replace(b"5", b"5.5"),
        entries.encode(KeyCompromised(KEY.public, "issuer", 5)).replace(b'd":5', b'd":true'),
        entries.encode(KeyCompromised(KEY.public, "issuer", 5)).replace(b'd":5', b'd":-2'),
    ],
)
def test_other_entries_are_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        entries.decode(data)


def test_after_a_rotation_both_keys_count_in_their_own_time() -> None:
    found = told(*ROTATED)
    for index in (0, 5, 10):
        found.check(KEY.public, index)
    for index in (9, 10, SIZE):
        found.check(NEXT.public, index)
    with pytest.raises(NotProven, match="retired in entry 10"):
        found.check(KEY.public, 11)
    with pytest.raises(NotProven, match="older than the key"):
        found.check(NEXT.public, 8)
    with pytest.raises(NotProven, match="never named"):
        found.check(OTHER.public, 5)
    assert found.current() == (NEXT.public,)


def test_after_a_compromise_the_number_decides_and_never_a_date() -> None:
    found = told(*STOLEN)
    found.check(KEY.public, 5)
    for index in (6, 8, 11):
        with pytest.raises(NotProven, match="somebody else had the key"):
            found.check(KEY.public, index)
    assert found.current() == (NEXT.public,)


def test_a_compromise_can_be_widened_but_never_narrowed() -> None:
    wider = told(*STOLEN, (11, KeyCompromised(KEY.public, "issuer", -1)))
    narrower = told(*STOLEN, (11, KeyCompromised(KEY.public, "issuer", 9)))
    with pytest.raises(NotProven):
        wider.check(KEY.public, 0)
    with pytest.raises(NotProven):
        narrower.check(KEY.public, 6)


def test_a_log_that_is_older_than_the_rule_names_its_first_key_for_what_was_before() -> None:
    found = told((40, add_key(KEY, "issuer", LOG_KEY.kid, 0)))
    found.check(KEY.public, 0)
    with pytest.raises(NotProven, match="only a log's first key may"):
        told((40, add_key(KEY, "issuer", LOG_KEY.kid, 0)), (41, add_key(NEXT, "issuer", LOG_KEY.kid, 0)))


def test_keys_of_one_purpose_do_not_serve_another() -> None:
    found = told((0, add_key(KEY, "receipt", LOG_KEY.kid)))
    with pytest.raises(NotProven, match="never named"):
        found.check(KEY.public, 5)


FORGED = KeyAdded(OTHER.public, "issuer", LOG_KEY.kid, LOG_KEY.sign(b"not its own"))


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ([(0, FORGED)], "not signed by the key"),
        ([(0, add_key(KEY, "issuer", OTHER.kid))], "made for the log"),
        ([*ROTATED, (11, add_key(KEY, "issuer", LOG_KEY.kid))], "never comes back"),
        ([(0, KeyRetired(KEY.public, "issuer"))], "never named"),
        ([ROTATED[0], (10, KeyCompromised(KEY.public, "issuer", 10))], "still to come"),
        ([(5, add_key(KEY, "issuer", LOG_KEY.kid)), (4, add_key(NEXT, "issuer", LOG_KEY.kid))], "order"),
        ([(SIZE, add_key(KEY, "issuer", LOG_KEY.kid))], "order"),
    ],
)
def test_a_history_that_contradicts_itself_proves_nothing(events: list[tuple[int, Entry]], why: str) -> None:
    with pytest.raises(NotProven, match=why):
        told(*events)


# --- the log's own key ---

LOG_2 = SigningKey.generate(b"the log's key that came after it")
LOG_3 = SigningKey.generate(b"the log's key that came as third")
FOLLOWED: list[tuple[int, Entry]] = [
    (0, add_key(KEY, "issuer", LOG_KEY.kid)),
    (20, add_log_key(LOG_2, LOG_KEY)),
    (30, KeyRetired(LOG_KEY.public, "log")),
    (40, add_log_key(LOG_3, LOG_2)),
    (50, KeyRetired(LOG_2.public, "log")),
]


def heard(events: list[tuple[int, Entry]], purpose: entries.Purpose, *signers: SigningKey) -> history.History:
    """What a head that these keys signed tells."""
    return history.of(events, Checkpoint(ORIGIN, SIZE, bytes(32), tuple(key.kid for key in signers)), purpose)


def test_a_logs_key_may_follow_another_and_each_signs_in_its_own_time() -> None:
    found = heard(FOLLOWED, "log", LOG_3)
    assert found.current() == (LOG_3.public,)
    for key, good in ((LOG_KEY, (0, 20, 30)), (LOG_2, (20, 30, 50)), (LOG_3, (40, 99))):
        for index in good:
            found.check(key.public, index)
    with pytest.raises(NotProven, match="retired in entry 30"):
        found.check(LOG_KEY.public, 31)
    with pytest.raises(NotProven, match="older than the key"):
        found.check(LOG_3.public, 39)


@pytest.mark.parametrize("signer", [LOG_KEY, LOG_2, LOG_3])
def test_the_issuers_history_outlives_the_logs_keys(signer: SigningKey) -> None:
    heard(FOLLOWED, "issuer", signer).check(KEY.public, 99)


def test_a_log_cannot_take_over_the_history_of_another_without_the_others_key() -> None:
    """An entry of a stranger's log, copied with the key that it was made for; the stranger never consented."""
    claimed = KeyAdded(OTHER.public, "log", LOG_KEY.kid, add_key(OTHER, "log", LOG_KEY.kid).possession)
    forged = KeyAdded(OTHER.public, "log", LOG_KEY.kid, claimed.possession, None, OTHER.sign(b"not the log's"))
    for entry in (claimed, forged):
        with pytest.raises(NotProven, match="made for the log of another key"):
            heard([FOLLOWED[0], (20, entry)], "issuer", OTHER)


def test_a_retired_key_of_a_log_lets_nobody_follow() -> None:
    with pytest.raises(NotProven, match="did not sign any more"):
        heard([*FOLLOWED[:3], (40, add_log_key(LOG_3, LOG_KEY))], "log", LOG_2)


def test_a_stolen_key_of_a_log_signs_no_later_head() -> None:
    found = heard([*FOLLOWED[:2], (21, KeyCompromised(LOG_KEY.public, "log", 19))], "log", LOG_2, LOG_KEY)
    found.check(LOG_KEY.public, 19)
    with pytest.raises(NotProven, match="somebody else had the key"):
        found.check(LOG_KEY.public, 20)


def test_what_a_retired_key_for_receipts_signed_may_come_into_the_log_later() -> None:
    events: list[tuple[int, Entry]] = [
        (0, add_key(KEY, "receipt", LOG_KEY.kid)),
        (9, add_key(NEXT, "receipt", LOG_KEY.kid)),
        (10, KeyRetired(KEY.public, "receipt")),
    ]
    heard(events, "receipt", LOG_KEY).check(KEY.public, 50)
    stolen = heard([*events[:2], (10, KeyCompromised(KEY.public, "receipt", 5))], "receipt", LOG_KEY)
    with pytest.raises(NotProven, match="somebody else had the key"):
        stolen.check(KEY.public, 6)
