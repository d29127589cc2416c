"""Recovery files: only the institution reads them, only the device can have written them."""

import json
import os
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.attempt import recovery
from credentials.canonical import digest
from credentials.errors import CredentialError, NotProven
from credentials.keys.ed25519 import SigningKey

OURS = recovery.private_key(b"v" * 32)
SIGNER = SigningKey.generate(b"s" * 32)
DEVICE = generate_private_key(SECP256R1())
JKT = digest(recovery.public_jwk(DEVICE))
ANSWER = {"place": 1, "item": "second", "answer": {"text": "Ä \U0001f600"}, "base": 0}


def _inside(**changes: Any) -> dict[str, Any]:
    mark = recovery.mark_time(SIGNER, "an-attempt", JKT, "2027-03-01T10:00:00.000Z")
    times = {"mark": mark, "mark_wall": 1_000_000, "wall": 1_090_000, "steady": 90.5}
    return {"answers": [{**ANSWER, "created_at": "2027-03-01T10:01:00.000Z"}], **times, **changes}


def _file(**changes: Any) -> dict[str, Any]:
    return recovery.seal_file(_inside(**changes), "an-attempt", DEVICE, OURS.public_key(), os.urandom)


def _open(file: dict[str, Any]) -> recovery.Recovery:
    return recovery.open_file(json.dumps(file).encode(), OURS, (SIGNER.public,))


def test_what_the_device_wrote_comes_out_again() -> None:
    found = _open(_file())
    assert (found.attempt, found.jkt, found.wall, found.steady) == ("an-attempt", JKT, 90.0, 90.5)
    (answer,) = found.answers
    assert (answer.item, answer.answer) == ("second", {"text": "Ä \U0001f600"})
    assert found.contact_at is not None
    assert found.contact_at.isoformat() == "2027-03-01T10:00:00+00:00"
    assert _open(_file(mark=None)).contact_at is None
    assert "second" not in json.dumps(_file()), "nothing of it is readable"


@pytest.mark.parametrize("name", ["attempt", "device", "ephemeral", "sealed", "signature"])
def test_a_changed_file_is_refused(name: str) -> None:
    file, other = _file(), _file(answers=[])
    changed = "another" if name == "attempt" else other[name]
    if name == "device":
        changed = recovery.public_jwk(generate_private_key(SECP256R1()))
    with pytest.raises(NotProven):
        _open({**file, name: changed})


def test_another_institution_cannot_read_it_and_a_foreign_mark_is_refused() -> None:
    with pytest.raises(NotProven):
        recovery.open_file(json.dumps(_file()).encode(), recovery.private_key(b"w" * 32), (SIGNER.public,))
    mark = recovery.mark_time(SIGNER, "another", JKT, "2027-03-01T10:00:00.000Z")
    with pytest.raises(NotProven):
        _open(_file(mark=mark))
    forged = recovery.mark_time(SigningKey.generate(b"x" * 32), "an-attempt", JKT, "2027-03-01T10:00:00.000Z")
    with pytest.raises(NotProven):
        _open(_file(mark=forged))


def test_the_key_follows_from_the_secret() -> None:
    assert recovery.public_jwk(recovery.private_key(b"v" * 32)) == recovery.public_jwk(OURS)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["place", "item", "answer", "created_at", "base", "x"]), st.integers() | st.text())
)
def test_nothing_inside_breaks_the_reader(answer: dict[str, Any]) -> None:
    """Whoever holds the device's key may write anything: it is read, or refused in words."""
    with pytest.raises(CredentialError):
        _open(_file(answers=[answer]))
