"""Anchors and the log's own policy in a certificate's file: what they add, and every way to lie with them."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from credentials.__main__ import PROVEN, main
from credentials.anchors.anchor import AnchorTrust, Evidence, trust_from
from credentials.anchors.ots import Calendars
from credentials.anchors.rfc3161 import TimeStamps
from credentials.canonical import JsonObject, b64u
from credentials.errors import Malformed
from credentials.transparency import entries, history, log, notes, policy
from credentials.transparency.entries import PolicySet
from credentials.transparency.record import read
from credentials.transparency.sources import Folder
from credentials.verification import anchored
from credentials.verification.report import Report
from credentials.verification.trust import Trust
from credentials.verification.verify import bundle, verify
from tests.credentials import logs
from tests.credentials.anchors.authority import STAMPED, Authority
from tests.credentials.anchors.calendar import HEIGHT, MINED, URL, Calendar
from tests.credentials.anchors.heads import Inside
from tests.credentials.logs import LATTICE, TRUSTED, WITNESS, usual, write
from tests.credentials.samples import LOG_KEY, NOW, OTHER, SALT, TRUST, document, issued, status_list

AUTHORITY = Authority()
KNOWN = AnchorTrust(authorities=(AUTHORITY.root,))
FOUND = usual()


def text_of(found: list[bytes]) -> str:
    """The text of a head."""
    return notes.parse(logs.head(found)).text


def stamped(found: list[bytes], authority: Authority = AUTHORITY) -> Evidence:
    """A time stamp of a head."""
    way = Inside(lambda _, body: authority.answer(body))
    return TimeStamps("https://tsa.example", way, (authority.root,)).submit(text_of(found))


def part(found: list[bytes], anchor: Evidence | None = None, index: int = 2) -> JsonObject:
    """The anchor of this head, with the certificate's proof below it."""
    return anchored.part(logs.proof(found, index), (anchor or stamped(found)).as_json())


def filed(*anchors: JsonObject, found: list[bytes] = FOUND, **parts: Any) -> JsonObject:
    """The certificate's file: entry 2 of this log."""
    return bundle(
        issued(),
        salt=b64u(SALT),
        log_proof=logs.proof(found, 2),
        status_list=status_list(),
        issuer=document(),
        anchors=list(anchors) or None,
        **parts,
    )


def seen(file: JsonObject, trust: AnchorTrust = KNOWN, folder: Path | None = None) -> Report:
    """The report on it."""
    record = None if folder is None else read(Folder(folder), TRUSTED)
    return verify(json.dumps(file).encode(), replace(TRUST, anchors=trust), NOW, record)


def test_an_anchor_is_a_fact_of_its_own_and_changes_no_verdict() -> None:
    with_it, without = seen(filed(part(FOUND))), seen(filed())
    assert (without.anchors.outcome, with_it.anchors.outcome) == ("absent", "proven")
    assert (with_it.verdict, with_it.sentence) == (without.verdict, without.sentence)
    (one,) = with_it.anchors.anchors
    assert (one.kind, one.at, one.pinned, one.size) == ("rfc3161", STAMPED, True, len(FOUND))
    assert with_it.as_json()["anchors"]["anchors"][0]["at"] == "2027-03-01T12:00:00Z"


def test_an_older_and_a_smaller_head_is_the_stronger_anchor() -> None:
    report = seen(filed(part(FOUND[:4]), part(FOUND)))
    assert [each.size for each in report.anchors.anchors] == [4, len(FOUND)]
    assert report.verdict == "proven"


def test_an_authority_that_only_the_file_names_is_called_so() -> None:
    report = seen(filed(part(FOUND)), AnchorTrust())
    assert not report.anchors.anchors[0].pinned
    assert "which the file claims" in report.anchors.reason


def test_whom_one_knows_counts_before_whom_the_file_claims() -> None:
    calendar = Calendar()
    calendars = Calendars((URL,), Inside(calendar.post, calendar.get))
    pending = calendars.submit(text_of(FOUND))
    header = calendar.mine()
    block = calendars.upgrade(text_of(FOUND), pending)
    known = AnchorTrust(bitcoin={HEIGHT: header})
    report = seen(filed(part(FOUND), part(FOUND, block)), known)
    assert report.anchors.reason.startswith(f"the log's first {len(FOUND)} entries stood by 2027-03-01")
    assert [each.pinned for each in report.anchors.anchors] == [False, True]
    assert report.anchors.anchors[1].at == datetime.fromtimestamp(MINED, UTC)


# --- attacks, each refused with its own reason ---


def reason(*anchors: Any, folder: Path | None = None, found: list[bytes] = FOUND) -> str:
    """Why an anchor proves nothing; the certificate itself stays what it was."""
    report = seen(filed(*anchors, found=found), folder=folder)
    assert report.anchors.outcome == "not proven"
    assert report.verdict == "proven"
    return report.anchors.reason


def test_an_anchor_of_another_root_is_refused() -> None:
    other = [*FOUND[:-1], entries.encode(entries.Issued(b"R" * 32))]
    assert "for another head" in reason(part(FOUND, stamped(other)))


def test_an_anchor_replayed_for_a_newer_head_is_refused() -> None:
    assert "for another head" in reason(part(FOUND, stamped(FOUND[:-1])))


def test_an_anchor_replayed_for_an_older_head_is_refused() -> None:
    assert "for another head" in reason(part(FOUND[:-1], stamped(FOUND)))


def test_an_anchor_of_a_head_before_the_certificate_is_refused() -> None:
    small = logs.proof(FOUND[:2], 1)  # a true proof, of another entry
    said = reason(anchored.part(small, stamped(FOUND[:2]).as_json()))
    assert "does not hold this certificate" in said


def test_an_anchor_of_somebody_elses_log_is_refused() -> None:
    leaves = [log.leaf_hash(entry) for entry in FOUND]
    note = log.checkpoint("elsewhere.example/log", len(FOUND), log.root(leaves), OTHER)
    proof = log.format_proof(2, log.inclusion_proof(leaves, 2), note)
    way = Inside(lambda _, body: AUTHORITY.answer(body))
    stamp = TimeStamps("https://tsa.example", way, (AUTHORITY.root,)).submit(notes.parse(note).text)
    assert "elsewhere.example" in reason(anchored.part(proof, stamp.as_json()))


def test_a_head_that_the_log_did_not_sign_is_refused() -> None:
    leaves = [log.leaf_hash(entry) for entry in FOUND]
    proof = log.format_proof(2, log.inclusion_proof(leaves, 2), logs.head(FOUND, OTHER))
    assert "no key that we trust" in reason(anchored.part(proof, stamped(FOUND).as_json()))


def test_an_anchor_of_a_split_view_is_found_out_by_a_mirror(tmp_path: Path) -> None:
    """The log showed the authority another history, in which the certificate stands as well."""
    split = [*FOUND[:-1], entries.encode(entries.Issued(b"S" * 32))]
    assert seen(filed(part(split))).anchors.outcome == "proven"  # the file alone cannot know
    said = reason(part(split), folder=write(tmp_path, FOUND))
    assert "two different histories" in said


def test_an_anchor_of_a_head_that_was_rolled_back_is_found_out_by_a_mirror(tmp_path: Path) -> None:
    longer = [*FOUND, entries.encode(entries.Issued(b"L" * 32))]
    assert "rolled back" in reason(part(longer), folder=write(tmp_path, FOUND))


def test_the_same_certificate_at_another_place_is_refused() -> None:
    twice = [*FOUND[:-1], FOUND[2]]
    assert "as entry 7, the log as entry 2" in reason(part(twice, index=7), found=twice)


def test_an_authority_that_is_not_known_is_refused() -> None:
    assert "no time-stamping authority that is trusted" in reason(part(FOUND, stamped(FOUND, Authority("Evil"))))


def test_without_a_proof_from_the_log_nothing_is_anchored() -> None:
    file = filed(part(FOUND))
    file["log"] = None
    assert seen(file).anchors.outcome == "not proven"


@pytest.mark.parametrize(
    "broken",
    [
        "text",
        {},
        {"anchor": {"kind": "rfc3161"}, "proof": 7},
        {"anchor": {"kind": "rfc3161", "token": "AA"}, "proof": ""},
        {"anchor": {"kind": "sundial"}, "proof": logs.proof(FOUND, 2)},
        {"anchor": {"kind": "evm"}, "proof": logs.proof(FOUND, 2)},
        {"anchor": {"kind": "opentimestamps"}, "proof": logs.proof(FOUND, 2)},
    ],
)
def test_a_broken_anchor_proves_nothing_and_stops_nothing(broken: Any) -> None:
    reason(broken)


def test_anchors_that_are_no_list_or_too_many_prove_nothing() -> None:
    for broken in ({"a": 1}, [part(FOUND)] * 17):
        file = {**filed(), "anchors": broken}
        assert seen(file).anchors.outcome == "not proven"
    assert seen({**filed(), "anchors": []}).anchors.outcome == "absent"


def test_the_command_tells_of_anchors_and_takes_what_one_knows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pem = AUTHORITY.root.public_bytes(Encoding.PEM).decode()
    trust = {"log_keys": [LOG_KEY.kid], "anchors": {"rfc3161": [pem]}}
    (tmp_path / "trust.json").write_text(json.dumps(trust))
    (tmp_path / "file.json").write_text(json.dumps(filed(part(FOUND))))
    at = NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert main(["verify", str(tmp_path / "file.json"), "--trust", str(tmp_path / "trust.json"), "--at", at]) == PROVEN
    said = capsys.readouterr().out
    assert "6 anchors    proven      the log's first 8 entries existed by 2027-03-01T12:00:00Z" in said


@pytest.mark.parametrize(
    "file",
    [
        [],
        {"rfc3161": "PEM"},
        {"rfc3161": ["not PEM"]},
        {"bitcoin": {"1": "00"}},
        {"bitcoin": {"x": "00" * 80}},
        {"evm": {"1": ["zz"]}},
        {"moon": []},
    ],
)
def test_what_is_known_about_anchors_is_read_strictly(file: Any) -> None:
    with pytest.raises(Malformed):
        trust_from(file)


def test_what_is_known_about_anchors_is_read() -> None:
    known = trust_from({"bitcoin": {"7": "00" * 80}, "evm": {"1": ["0x" + "ab" * 32]}})
    assert known.bitcoin == {7: bytes(80)}
    assert known.evm == {1: frozenset({b"\xab" * 32})}


# --- the log's own policy ---

RULES = policy.write(policy.read(f"witness w1 {WITNESS.public.vkey}\nquorum w1\n".encode()))
MORE = f"witness w1 {WITNESS.public.vkey}\nwitness w2 {LATTICE.public.vkey}\ngroup all all w1 w2\nquorum all\n"
BARE = Trust((TRUST.issuer_keys), (LOG_KEY.public,), TRUST.origin)


def announcing(*rules: str) -> list[bytes]:
    """The log, with policies as its last entries."""
    return [*FOUND, *(entries.encode(PolicySet(each)) for each in rules)]


def told(found: list[bytes], *events: int) -> JsonObject:
    """The file under a head that the first witness cosigned, with these entries as the log's policy."""
    leaves = [log.leaf_hash(entry) for entry in found]
    proofs = [(index, found[index], log.inclusion_proof(leaves, index)) for index in events]
    file = filed(found=found, policy=history.part(proofs))
    return {**file, "log": {"salt": b64u(SALT), "proof": logs.proof(found, 2, LOG_KEY, WITNESS)}}


def test_without_a_policy_of_ones_own_the_log_names_its_witnesses() -> None:
    fact = verify(told(announcing(RULES), 8), BARE, NOW).log
    assert [name for name, _ in fact.witnesses] == ["w1"]
    assert fact.announced == 8


def test_a_log_that_does_not_keep_its_own_policy_is_told_of(tmp_path: Path) -> None:
    found = announcing(RULES, MORE)
    fact = verify(told(found, 8, 9), BARE, NOW).log
    assert (fact.outcome, fact.announced) == ("proven", 9)
    assert "asks for more witnesses than have cosigned it" in fact.reason
    hidden = told(found, 8)  # the file leaves the newer policy out
    assert verify(hidden, BARE, NOW).log.announced == 8
    record = read(Folder(write(tmp_path, found, WITNESS)), TRUSTED)
    assert verify(hidden, BARE, NOW, record).log.announced == 9


def test_a_policy_that_does_not_stand_in_the_log_names_nobody() -> None:
    file = told(announcing(RULES), 8)
    file["policy"][0]["entry"] = b64u(entries.encode(PolicySet(MORE)))
    report = verify(file, BARE, NOW)
    assert (report.verdict, report.log.witnesses, report.log.announced) == ("proven", (), None)


def test_a_policy_of_ones_own_counts_before_the_logs() -> None:
    own = replace(BARE, policy=policy.read(f"witness other {LATTICE.public.vkey}\nquorum other\n".encode()))
    report = verify(told(announcing(RULES), 8), own, NOW)
    assert report.log.outcome == "not proven"
    assert "only nobody cosigned it" in report.log.reason


def test_policies_travel_unchanged() -> None:
    file = copy.deepcopy(told(announcing(RULES), 8))
    assert json.loads(json.dumps(file)) == file
