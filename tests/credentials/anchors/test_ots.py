"""OpenTimestamps with a calendar and a block of our own."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from opentimestamps.core.op import OpSHA256
from opentimestamps.core.serialize import BytesDeserializationContext
from opentimestamps.core.timestamp import DetachedTimestampFile

from credentials.anchors.anchor import AnchorTrust, Evidence, binary, digest
from credentials.anchors.checking import check
from credentials.anchors.ots import Calendars
from credentials.canonical import b64u
from credentials.errors import Malformed, NotProven, Unreachable
from tests.credentials.anchors.calendar import HEIGHT, MINED, URL, Calendar, mine
from tests.credentials.anchors.heads import OLDER, TEXT, Inside

WHEN = datetime.fromtimestamp(MINED, UTC)


def anchored(*texts: str) -> tuple[list[Evidence], bytes]:
    """These heads in one block: the finished proofs, and the block's header."""
    calendar = Calendar()
    calendars = Calendars((URL,), Inside(calendar.post, calendar.get))
    pending = [calendars.submit(text) for text in texts]
    header = calendar.mine()
    return [calendars.upgrade(text, each) for text, each in zip(texts, pending, strict=True)], header


def test_a_promise_is_no_anchor_and_becomes_one_with_the_block() -> None:
    calendar = Calendar()
    calendars = Calendars((URL,), Inside(calendar.post, calendar.get))
    pending = calendars.submit(TEXT)
    assert not pending.complete
    with pytest.raises(NotProven, match="no block holds it yet"):
        check(pending.as_json(), TEXT, AnchorTrust())
    assert calendars.upgrade(TEXT, pending) == pending  # nothing was mined
    header = calendar.mine()
    done = calendars.upgrade(TEXT, pending)
    assert done.complete
    proven = check(done.as_json(), TEXT, AnchorTrust(bitcoin={HEIGHT: header}))
    assert (proven.at, proven.pinned, proven.where) == (WHEN, True, "block 900,000 of Bitcoin")


def test_without_the_header_the_report_says_what_to_compare() -> None:
    (done,), header = anchored(TEXT)
    proven = check(done.as_json(), TEXT, AnchorTrust())
    assert (proven.at, proven.pinned) == (None, False)
    assert header[36:68][::-1].hex() in proven.where


def test_two_heads_in_one_block_have_each_a_path_of_their_own() -> None:
    (first, second), header = anchored(TEXT, OLDER)
    known = AnchorTrust(bitcoin={HEIGHT: header})
    assert check(first.as_json(), TEXT, known).at == check(second.as_json(), OLDER, known).at == WHEN
    with pytest.raises(NotProven, match="for another head"):
        check(second.as_json(), TEXT, known)


def test_the_kept_proof_is_the_standard_file() -> None:
    (done,), _ = anchored(TEXT)
    found = DetachedTimestampFile.deserialize(BytesDeserializationContext(binary(done.parts, "proof")))
    assert isinstance(found.file_hash_op, OpSHA256)
    assert found.file_digest == digest(TEXT)


def test_another_block_is_refused() -> None:
    (done,), _ = anchored(TEXT)
    with pytest.raises(NotProven, match="does not lead to block 900,000"):
        check(done.as_json(), TEXT, AnchorTrust(bitcoin={HEIGHT: mine(b"\x07" * 32)}))


def test_a_verifier_who_does_not_know_the_block_is_not_convinced() -> None:
    (done,), header = anchored(TEXT)
    with pytest.raises(NotProven, match="a block of Bitcoin that you know"):
        check(done.as_json(), TEXT, AnchorTrust(bitcoin={HEIGHT - 1: header}))


def test_a_header_without_work_is_refused() -> None:
    (done,), header = anchored(TEXT)
    cheap = header[:72] + (0x1D00FFFF).to_bytes(4, "little") + header[76:]
    with pytest.raises(NotProven, match="it carries no work"):
        check(done.as_json(), TEXT, AnchorTrust(bitcoin={HEIGHT: cheap}))


def test_only_calendars_that_we_named_are_asked() -> None:
    calendar, elsewhere = Calendar("https://evil.example"), Inside()
    pending = Calendars((URL,), Inside(calendar.post)).submit(TEXT)
    assert Calendars((URL,), elsewhere).upgrade(TEXT, pending) == pending
    assert elsewhere.asked == []


def test_one_calendar_that_is_away_does_not_matter_and_all_do() -> None:
    calendar = Calendar()

    def one(url: str, body: bytes) -> bytes:
        if not url.startswith(URL):
            raise Unreachable(url)
        return calendar.post(url, body)

    two = (URL, "https://away.example")
    assert not Calendars(two, Inside(one)).submit(TEXT).complete
    with pytest.raises(Unreachable, match="only 1 calendars took the digest, 2 must"):
        Calendars(two, Inside(one), least=2).submit(TEXT)


@pytest.mark.parametrize("answer", [b"", b"<html>", b"\x00" * 20_000])
def test_what_is_no_answer_of_a_calendar_is_refused(answer: bytes) -> None:
    with pytest.raises(Unreachable, match="answer"):
        Calendars((URL,), Inside(lambda *_: answer)).submit(TEXT)


@pytest.mark.parametrize("cut", [1, 40, 120])
def test_a_proof_that_was_cut_is_refused(cut: int) -> None:
    (done,), _ = anchored(TEXT)
    with pytest.raises(Malformed):
        check({"kind": "opentimestamps", "proof": b64u(binary(done.parts, "proof")[:-cut])}, TEXT, AnchorTrust())
