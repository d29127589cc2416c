"""Attacks on certificates and on the log, each refused with its own reason; and a certificate that outlives its server."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import base58
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from credentials.__main__ import NOT_PROVEN, PROVEN, main
from credentials.anchors.rfc3161 import TimeStamps
from credentials.canonical import b64u
from credentials.issuance import certificate
from credentials.keys import did
from credentials.keys.ed25519 import SigningKey
from credentials.transparency import entries, history, log, notes, policy
from credentials.transparency.cosignatures import CosigningKey
from credentials.transparency.record import read
from credentials.transparency.sources import Folder
from credentials.verification import anchored
from credentials.verification.trust import Trust
from credentials.verification.verify import bundle, verify
from tests.credentials import logs
from tests.credentials.anchors.authority import Authority
from tests.credentials.anchors.heads import Inside
from tests.credentials.logs import LATTICE, NEXT, WITNESS, rotated, stolen, usual, write
from tests.credentials.samples import (
    ISSUED,
    ISSUER,
    KEY,
    LOG_KEY,
    METHOD,
    NOW,
    OTHER,
    SALT,
    TRUST,
    award,
    chain,
    document,
    issued,
    status_list,
)

Bundle = dict[str, Any]
RULES = f"witness w1 {WITNESS.public.vkey}\nwitness w2 {LATTICE.public.vkey}\ngroup both all w1 w2\nquorum both\n"
WITNESSED = Trust((KEY.public,), (LOG_KEY.public,), TRUST.origin, (), policy.read(RULES.encode()))


def filed(found: list[bytes], index: int = 2, credential: Bundle | None = None, *witnesses: CosigningKey) -> Bundle:
    """The file of the certificate that is entry `index` of this log."""
    return bundle(
        credential or issued(),
        salt=b64u(SALT),
        log_proof=logs.proof(found, index, LOG_KEY, *witnesses),
        status_list=status_list(),
        issuer=document(),
    )


def told(found: list[bytes], file: Bundle, *events: int) -> Bundle:
    """The file with these events of the keys' history."""
    leaves = [log.leaf_hash(entry) for entry in found]
    part = history.part((index, found[index], log.inclusion_proof(leaves, index)) for index in events)
    return file | {"keys": part}


def in_log(folder: Path, file: Bundle, found: list[bytes], trust: Trust = TRUST) -> Any:
    """The report on a file, with a whole copy of this log at hand."""
    return verify(file, trust, NOW, read(Folder(write(folder, found)), logs.TRUSTED))


# --- the log ---


def test_everything_proven_from_a_copy(tmp_path: Path) -> None:
    report = in_log(tmp_path, filed(usual()), usual())
    assert report.verdict == "proven"
    assert (report.keys.outcome, report.keys.complete, report.keys.size) == ("proven", True, 8)
    assert report.status.outcome == "valid"


def test_a_file_and_a_newer_copy_agree(tmp_path: Path) -> None:
    assert in_log(tmp_path, filed(usual()), [*usual(), usual()[3]]).verdict == "proven"


def test_a_split_view(tmp_path: Path) -> None:
    """The issuer shows this holder one log and the world another."""
    fork = [*usual()[:3], *[usual()[4]] * 5]
    report = in_log(tmp_path, filed(fork), usual())
    assert report.verdict == "not proven"
    assert "signed two different histories of its first 8 entries" in report.log.reason


def test_a_rolled_back_checkpoint(tmp_path: Path) -> None:
    report = in_log(tmp_path, filed(usual()), usual()[:6])
    assert report.verdict == "not proven"
    assert "signed 8 entries, and here it has 6" in report.log.reason


# --- keys ---


def backdated() -> Bundle:
    """Made with the stolen key after the theft, and dated long before it."""
    forged = award(id="https://exams.example/certificates/666", valid_from=ISSUED - timedelta(days=300))
    return certificate.issue(certificate.build(forged), KEY, METHOD, ISSUED - timedelta(days=300))


def test_a_certificate_backdated_after_its_key_was_stolen(tmp_path: Path) -> None:
    found = [*stolen(5), logs.certificate(backdated())]
    report = in_log(tmp_path, filed(found, len(found) - 1, backdated()), found)
    assert report.verdict == "not proven"
    assert report.signature.outcome == report.log.outcome == "proven"
    assert report.dates.outcome == "valid"
    assert report.keys.outcome == "failed"
    assert "up to entry 5 counts, whatever its date; this is entry 10" in report.sentence


def test_what_was_logged_before_the_theft_stays_proven(tmp_path: Path) -> None:
    report = in_log(tmp_path, filed(stolen(5)), stolen(5))
    assert (report.verdict, report.keys.outcome) == ("proven", "proven")


def test_a_certificate_by_a_retired_key(tmp_path: Path) -> None:
    found = [*rotated(), logs.certificate(backdated())]
    report = in_log(tmp_path, filed(found, len(found) - 1, backdated()), found)
    assert "retired in entry 9, this is entry 10" in report.sentence


def next_certificate() -> Bundle:
    return certificate.issue(certificate.build(award()), NEXT, did.method_id(ISSUER, NEXT.public), ISSUED)


def test_after_a_rotation_both_keys_prove_with_the_old_trust_file(tmp_path: Path) -> None:
    """Whoever pinned the log learns of the new key from the log; the issuer's document need not list the old one."""
    found = [*rotated(), logs.certificate(next_certificate())]
    newer = filed(found, len(found) - 1, next_certificate())
    newer["issuer"] = did.document(ISSUER, [NEXT.public], [LOG_KEY.public])
    report = in_log(tmp_path / "new", newer, found)
    assert (report.verdict, report.signature.pinned, report.keys.outcome) == ("proven", True, "proven")
    older = filed(found) | {"issuer": did.document(ISSUER, [NEXT.public], [LOG_KEY.public])}
    assert in_log(tmp_path / "old", older, found).verdict == "proven"
    assert verify(newer, TRUST, NOW).verdict == "not proven"  # without the log nobody vouches for the new key


def test_a_history_in_the_file_proves_without_a_copy() -> None:
    found = rotated()
    file = told(found, filed(found), 0, 8, 9) | {"issuer": did.document(ISSUER, [NEXT.public], [LOG_KEY.public])}
    report = verify(file, TRUST, NOW)
    assert (report.verdict, report.keys.outcome, report.keys.complete) == ("proven", "proven", False)
    theft = stolen(1)
    report = verify(told(theft, filed(theft), 0, 8, 9), TRUST, NOW)
    assert (report.verdict, report.keys.outcome) == ("not proven", "failed")


def test_only_a_copy_shows_what_a_file_leaves_out(tmp_path: Path) -> None:
    found = stolen(1)
    file = told(found, filed(found), 0, 8)
    assert verify(file, TRUST, NOW).keys.outcome == "proven"
    assert in_log(tmp_path, file, found).keys.outcome == "failed"


def _forge_entry(part: list[Any]) -> None:
    part[0]["entry"] = b64u(usual()[0].replace(b"issuer", b"receipt"))


def _move(part: list[Any]) -> None:
    part[0]["index"] = 1


def _junk(part: list[Any]) -> None:
    part[0] = {"index": True, "entry": [], "path": "x"}


@pytest.mark.parametrize("attack", [_forge_entry, _move, _junk, lambda part: part[0].pop("path")])
def test_a_forged_history_tells_nothing(attack: Callable[[list[Any]], None]) -> None:
    file = told(usual(), filed(usual()), 0)
    assert verify(file, TRUST, NOW).keys.outcome == "proven"
    attack(file["keys"])
    report = verify(file, TRUST, NOW)
    assert report.keys.outcome == "absent"
    assert "proves nothing" in report.keys.reason


def test_the_log_cannot_be_made_to_name_a_key_by_who_merely_has_its_checkpoint() -> None:
    """A key that signs checkpoints signs no certificate, and an entry about a key proves that the key agreed."""
    forged = certificate.issue(certificate.build(award()), LOG_KEY, did.method_id(ISSUER, LOG_KEY.public), ISSUED)
    report = verify(filed(usual()) | {"credential": forged}, TRUST, NOW)
    assert report.signature.outcome == "failed"


# --- status ---


def test_a_stale_status(tmp_path: Path) -> None:
    newer = entries.encode(entries.status_version(status_list(7)))
    report = in_log(tmp_path, filed([*usual(), newer]), [*usual(), newer])
    assert (report.verdict, report.status.outcome) == ("proven", "unknown")
    assert "is stale: entry 8 of the log is a newer one" in report.sentence


def test_a_status_list_that_was_never_logged(tmp_path: Path) -> None:
    file = filed(usual()) | {"status": status_list(valid_from=ISSUED + timedelta(days=1))}
    report = in_log(tmp_path, file, usual())
    assert (report.status.outcome, "never stood in the log" in report.status.reason) == ("unknown", True)


# --- witnesses ---


def test_witnesses_say_when_they_saw_it() -> None:
    report = verify(filed(usual(), 2, None, WITNESS, LATTICE), WITNESSED, NOW)
    assert report.verdict == "proven"
    assert report.log.witnesses == (("w1", ISSUED), ("w2", ISSUED))
    assert "had signed by 2027-03-01T12:00:00Z" in report.log.reason


def _too_few(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.startswith(f"— {LATTICE.name} "))


def _impostor(text: str) -> str:
    impostor = CosigningKey(WITNESS.name, SigningKey.generate(b"not the witness, only his name.."))
    mine = [line for line in text.split("\n") if not line.startswith("— witness")]
    return "\n".join(mine) + impostor.cosign(notes.parse(logs.head(usual())).text, logs.SEEN).line()


def _replayed(text: str) -> str:
    older = notes.parse(logs.head(usual()[:5])).text
    mine = [line for line in text.split("\n") if not line.startswith(f"— {WITNESS.name} ")]
    return "\n".join(mine) + WITNESS.cosign(older, logs.SEEN).line()


@pytest.mark.parametrize(
    ("attack", "why"),
    [
        (_too_few, "only w1 cosigned it"),
        (_impostor, "only nobody cosigned it"),
        (_replayed, "was not made over this checkpoint"),
    ],
)
def test_a_checkpoint_without_its_witnesses(attack: Callable[[str], str], why: str) -> None:
    """Too few; one with the right name and a wrong key; a true cosignature taken from an older checkpoint."""
    file = filed(usual(), 2, None, WITNESS, LATTICE)
    file["log"]["proof"] = attack(file["log"]["proof"])
    report = verify(file, WITNESSED, NOW)
    assert (report.verdict, report.log.outcome) == ("not proven", "not proven")
    assert why in report.log.reason


# --- the document ---


def _poison(file: Bundle) -> None:
    """Many nodes that only differ in whom they point to: canonicalising them takes for ever."""
    file["credential"]["evidence"] = [{"type": ["Evidence"], "name": "the same"} for _ in range(9)]


def _context(file: Bundle) -> None:
    file["credential"]["@context"][1] = "https://attacker.example/context.json"


def _term(file: Bundle) -> None:
    file["credential"]["credentialSubject"]["bonusGrade"] = "A+"


def _algorithm(file: Bundle) -> None:
    file["credential"]["proof"]["cryptosuite"] = "eddsa-jcs-2022"


def _none(file: Bundle) -> None:
    file["credential"]["proof"]["type"] = "none"


def _two(file: Bundle) -> None:
    file["credential"]["proof"] = [file["credential"]["proof"], file["credential"]["proof"]]


@pytest.mark.parametrize(
    ("attack", "why"),
    [
        (_poison, "more entangled than any certificate"),
        (_context, "not a certificate in the form that we issue"),
        (_term, "does not define"),
        (_algorithm, "not an assertion by eddsa-rdfc-2022"),
        (_none, "not an assertion by eddsa-rdfc-2022"),
        (_two, "exactly one proof"),
    ],
)
def test_a_document_that_was_tampered_with(attack: Callable[[Bundle], None], why: str) -> None:
    file = copy.deepcopy(filed(usual()))
    attack(file)
    report = verify(file, TRUST, NOW)
    assert (report.verdict, report.signature.outcome, report.certificate) == ("not proven", "failed", None)
    assert why in report.signature.reason


def test_a_signature_of_another_kind_of_key() -> None:
    """64 bytes of ES256, or a cosignature, are no Ed25519 signature over a certificate."""
    file = filed(usual())
    taken = WITNESS.cosign("x\n1\n" + "A" * 43 + "=\n", 1).data[8:]
    file["credential"]["proof"]["proofValue"] = "z" + base58.b58encode(taken).decode()
    assert "was not made over these bytes" in verify(file, TRUST, NOW).signature.reason


def test_a_receipt_that_was_moved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = chain([{"a": 1}, {"a": 2}, {"a": 3}])
    file["receipts"][0], file["receipts"][1] = file["receipts"][1], file["receipts"][0]
    path = tmp_path / "receipts.json"
    path.write_text(json.dumps(file))
    assert main(["receipts", str(path), "--key", KEY.kid]) == NOT_PROVEN
    assert capsys.readouterr().out.startswith("NOT PROVEN  receipt 1: its sequence number is 2")


# --- the server is gone ---


def test_a_certificate_outlives_its_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No server, no database, years later: the holder's file, somebody's mirror, and the key that they pinned."""
    source, mirror, file, trust = (tmp_path / name for name in ("log", "mirror", "file.json", "trust.json"))
    write(source, usual(), WITNESS, LATTICE)
    authority = Authority()
    way = Inside(lambda _, body: authority.answer(body))
    stamp = TimeStamps("https://tsa.example", way, (authority.root,)).submit(notes.parse(logs.head(usual())).text)
    known = {"rfc3161": [authority.root.public_bytes(Encoding.PEM).decode()]}
    trusted = {"issuer_keys": [KEY.kid], "log_keys": [LOG_KEY.kid], "origin": TRUST.origin, "policy": RULES}
    trust.write_text(json.dumps({**trusted, "anchors": known}))
    kept = filed(usual(), 2, None, WITNESS, LATTICE)
    file.write_text(json.dumps({**kept, "anchors": [anchored.part(kept["log"]["proof"], stamp.as_json())]}))
    rules = tmp_path / "rules"
    rules.write_text(f"log {logs.LOG.vkey}\n{RULES}")
    assert main(["mirror", "copy", str(source), str(mirror), "--policy", str(rules), "--json"]) == PROVEN
    assert json.loads(capsys.readouterr().out) == {"origin": TRUST.origin, "before": 0, "size": 8, "announced": None}
    for path in sorted(source.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    at = (datetime(2028, 12, 31, tzinfo=UTC)).isoformat().replace("+00:00", "Z")
    asked = ["verify", str(file), "--trust", str(trust), "--mirror", str(mirror), "--at", at]
    assert main([*asked, "--json"]) == PROVEN
    report = json.loads(capsys.readouterr().out)
    assert (report["verdict"], report["keys"]["complete"]) == ("proven", True)
    assert [report[fact]["outcome"] for fact in ("signature", "log", "keys", "status", "dates")] == [
        *["proven"] * 3,
        *["valid"] * 2,
    ]
    assert (report["anchors"]["outcome"], report["anchors"]["anchors"][0]["pinned"]) == ("proven", True)
    assert main(asked) == PROVEN
    assert "witnessed by w2 at 2027-03-01T12:00:00Z" in capsys.readouterr().out


def test_a_mirror_vouches_for_nothing_by_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file.json"
    file.write_text(json.dumps(filed(usual())))
    assert main(["verify", str(file), "--mirror", str(write(tmp_path / "log", usual()))]) == 2
    assert "a mirror needs the log's key" in capsys.readouterr().err


def test_somebody_else_s_log_convinces_nobody(tmp_path: Path) -> None:
    """An impostor with his own keys throughout, and a log of his own."""
    credential = certificate.issue(certificate.build(award()), OTHER, did.method_id(ISSUER, OTHER.public), ISSUED)
    report = verify(filed(usual(), 2, credential), TRUST, NOW)
    assert report.verdict == "not proven"
