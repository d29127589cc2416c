"""Receipts under keys that changed or were stolen: the number of the seal in the log decides, never a date."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from credentials.__main__ import NOT_PROVEN, PROVEN, main
from credentials.attempt import receipts
from credentials.attempt.receipts_report import ReceiptReport, examine
from credentials.keys.ed25519 import SigningKey
from credentials.transparency import entries, log
from credentials.transparency.entries import KeyCompromised, KeyRetired
from credentials.transparency.record import Record, read
from credentials.transparency.sources import Folder
from credentials.verification.trust import Trust
from tests.credentials.logs import TRUSTED, usual, write
from tests.credentials.samples import KEY, LOG_KEY, ORIGIN, OTHER, SALT, chain

NEXT = SigningKey.generate(b"the key for receipts, the second")
ANSWERS: list[Any] = [{"number": 1}, {"number": 2}]
BEFORE = [*usual(), entries.encode(entries.add_key(KEY, "receipt", LOG_KEY.kid))]  # entry 8
CHANGED = entries.encode(entries.add_key(NEXT, "receipt", LOG_KEY.kid))
TRUST = Trust(log_keys=(LOG_KEY.public,), origin=ORIGIN)


def seal(file: dict[str, Any]) -> bytes:
    """The log's entry of a file's seal."""
    return log.receipt_head_leaf(file["seal"], SALT)


def filed(file: dict[str, Any], found: list[bytes]) -> dict[str, Any]:
    """The file with the proof of its seal in this log."""
    leaves = [log.leaf_hash(entry) for entry in found]
    index = found.index(seal(file))
    note = log.checkpoint(ORIGIN, len(found), log.root(leaves), LOG_KEY)
    proof = log.format_proof(index, log.inclusion_proof(leaves, index), note)
    return {**file, "log": receipts.log_part(SALT, proof, LOG_KEY.kid)}


def mirrored(folder: Path, found: list[bytes]) -> Record:
    """A whole copy of it."""
    return read(Folder(write(folder, found)), TRUSTED)


def test_an_old_receipt_holds_after_the_key_was_retired(tmp_path: Path) -> None:
    file = chain(ANSWERS)
    late = chain([*ANSWERS, {"number": 3}])  # sealed in time, logged with the next batch
    found = [*BEFORE, seal(file), CHANGED, entries.encode(KeyRetired(KEY.public, "receipt")), seal(late)]
    record = mirrored(tmp_path, found)
    for each in (file, late):
        report = examine(filed(each, found), TRUST, record)
        assert report.proven, report.refusal
        assert report.pinned  # by the log alone: no key for receipts was given
        assert report.keys.outcome == "proven"
    assert (
        examine(filed(chain(ANSWERS, key=NEXT), [*found, seal(chain(ANSWERS, key=NEXT))]), TRUST).keys.outcome
        == "absent"
    )


def test_a_seal_that_does_not_hold_names_no_key(tmp_path: Path) -> None:
    file = chain(ANSWERS)
    del file["seal"]["kid"]
    found = [*BEFORE, seal(file)]
    report = examine(filed(file, found), TRUST, mirrored(tmp_path, found))
    assert (report.proven, report.log.outcome, report.seal.outcome) == (False, "proven", "not proven")
    assert report.keys.outcome == "absent"


def stolen(tmp_path: Path, file: dict[str, Any], *, before: bool) -> ReceiptReport:
    """What a file proves whose seal came into the log before the theft, or after it."""
    told = [CHANGED, entries.encode(KeyCompromised(KEY.public, "receipt", 9))]
    other = entries.encode(entries.Issued(b"O" * 32))
    found = [*BEFORE, *([seal(file)] if before else [other]), *told, *([] if before else [seal(file)])]
    return examine(filed(file, found), TRUST, mirrored(tmp_path, found))


def test_what_was_logged_before_the_theft_holds(tmp_path: Path) -> None:
    assert stolen(tmp_path, chain(ANSWERS), before=True).proven


def test_a_seal_that_a_thief_backdated_is_refused(tmp_path: Path) -> None:
    report = stolen(tmp_path, chain(ANSWERS), before=False)
    assert (report.chain.outcome, report.seal.outcome, report.log.outcome) == ("proven", "proven", "proven")
    assert not report.proven
    assert "keys: entry 11 says that somebody else had the key" in str(report.refusal)


def test_receipts_of_a_stolen_key_without_a_seal_are_refused(tmp_path: Path) -> None:
    told = [CHANGED, entries.encode(KeyCompromised(KEY.public, "receipt", 8))]
    report = examine(chain(ANSWERS, sealed=False), TRUST, mirrored(tmp_path, [*BEFORE, *told]))
    assert "nobody can say when these receipts were signed" in str(report.refusal)


def test_a_good_seal_vouches_for_receipts_that_a_stolen_key_signed(tmp_path: Path) -> None:
    """The key changed while somebody sat: the platform, which knows its own receipts, sealed them with the new one."""
    file = chain(ANSWERS, sealed=False)
    head = receipts.link(file["receipts"][-1])
    file["seal"] = receipts.seal(NEXT, file["attempt"], 2, head, "2027-03-01T11:00:00.000Z")
    found = [*BEFORE, CHANGED, entries.encode(KeyCompromised(KEY.public, "receipt", 8)), seal(file)]
    report = examine(filed(file, found), TRUST, mirrored(tmp_path, found))
    assert report.proven, report.refusal


def test_a_key_that_the_log_never_named_is_refused(tmp_path: Path) -> None:
    file = chain(ANSWERS, key=OTHER)
    found = [*BEFORE, seal(file)]
    report = examine(filed(file, found), TRUST, mirrored(tmp_path, found))
    assert "which is not a key that we trust" in str(report.refusal)


def test_a_log_that_tells_nothing_about_such_keys_proves_nothing_about_them(tmp_path: Path) -> None:
    file = chain(ANSWERS)
    found = [*usual(), seal(file)]
    assert examine(filed(file, found), TRUST, mirrored(tmp_path, found)).keys.outcome == "absent"


@pytest.mark.parametrize(("last", "status"), [(8, NOT_PROVEN), (9, PROVEN)])
def test_the_command_looks_into_a_mirror(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], last: int, status: int
) -> None:
    file = chain(ANSWERS)
    told = [CHANGED, entries.encode(KeyCompromised(KEY.public, "receipt", last))]
    found = [*BEFORE, seal(file), *told]
    (tmp_path / "receipts.json").write_text(json.dumps(filed(file, found)))
    (tmp_path / "trust.json").write_text(json.dumps({"log_keys": [LOG_KEY.kid], "origin": ORIGIN}))
    source = str(write(tmp_path / "log", found))
    asked = ["receipts", str(tmp_path / "receipts.json"), "--trust", str(tmp_path / "trust.json"), "--mirror", source]
    assert main(asked) == status
    said = capsys.readouterr().out
    assert ("5 keys   proven" in said) == (status == PROVEN)
