"""Time stamps by an authority of our own: what they prove, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.x509 import Certificate

from credentials.anchors.anchor import AnchorTrust, Evidence
from credentials.anchors.checking import check
from credentials.anchors.rfc3161 import TimeStamps
from credentials.canonical import b64u
from credentials.errors import Malformed, NotProven
from tests.credentials.anchors.authority import BEGAN, STAMPED, Authority
from tests.credentials.anchors.heads import OLDER, TEXT, Inside

AUTHORITY = Authority()
KNOWN = AnchorTrust(authorities=(AUTHORITY.root,))


def stamped(authority: Authority = AUTHORITY, text: str = TEXT, root: Certificate | None = None) -> Evidence:
    """A time stamp, as it is asked for."""
    way = Inside(lambda _, body: authority.answer(body))
    return TimeStamps("https://tsa.example", way, (root or authority.root,)).submit(text)


def test_an_authority_that_is_known_says_when_the_head_existed() -> None:
    found = stamped()
    proven = check(found.as_json(), TEXT, KNOWN)
    assert found.complete
    assert (proven.at, proven.pinned) == (STAMPED, True)
    assert "Test Authority" in proven.where


def test_without_a_known_root_the_authority_is_only_what_the_file_claims() -> None:
    proven = check(stamped().as_json(), TEXT, AnchorTrust())
    assert (proven.at, proven.pinned) == (STAMPED, False)


def test_the_request_names_the_digest_and_nothing_else() -> None:
    seen: list[bytes] = []
    way = Inside(lambda _, body: seen.append(body) or AUTHORITY.answer(body))  # type: ignore[func-returns-value]
    TimeStamps("https://tsa.example", way, (AUTHORITY.root,)).submit(TEXT)
    assert way.asked == ["https://tsa.example application/timestamp-query"]
    assert TEXT.encode() not in seen[0]


def test_a_time_stamp_of_another_head_is_refused() -> None:
    with pytest.raises(NotProven, match="for another head"):
        check(stamped(text=OLDER).as_json(), TEXT, KNOWN)


def test_another_authority_is_refused() -> None:
    with pytest.raises(NotProven, match="no time-stamping authority that is trusted"):
        check(stamped(Authority("Somebody else")).as_json(), TEXT, KNOWN)


def test_an_authority_of_the_same_name_with_another_key_is_refused() -> None:
    with pytest.raises(NotProven, match="no time-stamping authority that is trusted"):
        check(stamped(Authority()).as_json(), TEXT, KNOWN)


def test_an_answer_that_does_not_lead_to_the_given_root_is_not_kept() -> None:
    with pytest.raises(NotProven, match="no time-stamping authority that is trusted"):
        stamped(root=Authority().root)


def test_a_certificate_that_had_expired_when_it_signed_is_refused() -> None:
    with pytest.raises(NotProven, match="certificate was not valid at 2027-03-01"):
        stamped(Authority(ends=STAMPED - timedelta(days=1)))


def test_a_certificate_that_expired_after_it_signed_is_good() -> None:
    authority = Authority(ends=STAMPED + timedelta(minutes=1))
    proven = check(stamped(authority).as_json(), TEXT, AnchorTrust(authorities=(authority.root,)))
    assert proven.at == STAMPED


def test_a_time_before_the_authority_existed_is_refused() -> None:
    with pytest.raises(NotProven, match="certificate was not valid at 2025-12-31"):
        stamped(Authority(at=BEGAN - timedelta(minutes=1)))


@pytest.mark.parametrize("nonce", [None, 42])
def test_an_answer_to_another_request_is_refused(nonce: int | None) -> None:
    with pytest.raises(NotProven, match="nonce is not ours"):
        stamped(Authority(nonce=lambda _: nonce))


def test_a_refusal_by_the_authority_is_told() -> None:
    with pytest.raises(NotProven, match="did not grant it"):
        stamped(Authority(grants=False))


def test_a_changed_token_is_refused() -> None:
    data = bytearray(AUTHORITY.answer(_request()))
    at = data.index(STAMPED.strftime("%Y%m%d%H%M").encode())
    data[at : at + 4] = b"2026"  # an earlier year, which the signature does not cover
    with pytest.raises(NotProven):
        check({"kind": "rfc3161", "token": b64u(bytes(data))}, TEXT, KNOWN)


def _request() -> bytes:
    kept: list[bytes] = []
    way = Inside(lambda _, body: kept.append(body) or AUTHORITY.answer(body))  # type: ignore[func-returns-value]
    TimeStamps("https://tsa.example", way, (AUTHORITY.root,)).submit(TEXT)
    return kept[0]


@pytest.mark.parametrize("data", [b"", b"\x30\x00", b"not asn1"])
def test_what_is_no_answer_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        check({"kind": "rfc3161", "token": b64u(data)}, TEXT, KNOWN)
