"""The judge sees every kind of loss; otherwise a zero would mean nothing."""

from __future__ import annotations

import random
from typing import Any

import httpx
import pytest

from credentials.attempt.receipts import ReceiptBody, answer_hash, as_file, genesis, issue, link, seal, sign_start
from credentials.keys.ed25519 import SigningKey
from loadtests.device import Device
from loadtests.faults.judge import Verdict
from loadtests.faults.writer import Entry, Writer
from loadtests.people import Person

AT = "2026-11-22T10:00:00.000Z"
KEY = SigningKey.generate(bytes(32))
OTHER = SigningKey.generate(bytes([1] * 32))


def _room(saves: int = 3) -> tuple[Writer, dict[str, Any]]:
    """A candidate who holds everything, and the file that the server gives."""
    start = sign_start(KEY, {"started_at": AT})
    head, receipts, journal, answers = genesis(start), [], [], {}
    for seq in range(1, saves + 1):
        answer = {"text": f"answer {seq}"}
        receipt = issue(KEY, ReceiptBody("a", seq, f"item-{seq}", answer_hash(answer), AT, head, "jkt"))
        head = link(receipt)
        receipts.append(receipt)
        answers[seq] = answer
        journal.append(Entry(f"item-{seq}", answer, 0.0, seq=seq, receipt=dict(receipt)))
    sealed = seal(KEY, "a", saves, head, AT)
    person = Person("http://localhost:1", name="Casey")
    device = Device(httpx.AsyncClient(), "a", seq=saves, head=head)
    writer = Writer(person, device, random.Random(1), (1, 1), journal=journal, seal=dict(sealed))
    return writer, as_file("a", start, receipts, answers, sealed, [KEY.public])


def _found(writer: Writer, file: dict[str, Any]) -> set[str]:
    verdict = Verdict()
    verdict.writer(writer, file)
    return {name for name, found in verdict.losses.items() if found}


def test_who_holds_what_the_server_holds_has_lost_nothing() -> None:
    assert _found(*_room()) == set()


def test_an_acknowledged_answer_that_is_gone() -> None:
    writer, file = _room()
    file["receipts"].pop()
    del file["answers"]["3"]
    assert {"acknowledged answers lost", "submissions lost"} <= _found(writer, file)


def test_an_answer_that_was_typed_and_never_came() -> None:
    writer, file = _room()
    writer.journal.append(Entry("item-1", {"text": "the newest"}, 0.0))
    assert _found(writer, file) == {"answers typed more than 3 s before a crash lost"}


def test_another_receipt_for_the_same_number() -> None:
    writer, file = _room()
    assert writer.journal[1].receipt is not None
    writer.journal[1].receipt["received_at"] = "2026-11-22T10:00:01.000Z"
    assert _found(writer, file) == {"chains that fork"}


def test_a_chain_that_leaves_one_out() -> None:
    writer, file = _room()
    file["receipts"][1]["previous"] = file["receipts"][0]["previous"]
    assert {"chains that fork", "receipts or seals that do not verify"} <= _found(writer, file)


def test_a_signature_of_somebody_else() -> None:
    writer, file = _room()
    file["keys"] = [OTHER.public.multikey]
    assert _found(writer, file) == {"receipts or seals that do not verify"}


@pytest.mark.parametrize("given", [None, {"seq": 3, "head": "another"}])
def test_a_submission_that_did_not_stay(given: dict[str, Any] | None) -> None:
    writer, file = _room()
    writer.seal = given
    assert _found(writer, file) == {"submissions lost"}


def test_a_page_that_gave_up_is_told() -> None:
    writer, file = _room()
    writer.stopped.append("401 proof-replayed")
    assert _found(writer, file) == {"pages that stopped saving"}
