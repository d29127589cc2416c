"""Verification keeps four facts apart: signature, log, status, dates. Each can fail alone, and is named."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.canonical import b64u
from credentials.errors import Malformed
from credentials.issuance import certificate
from credentials.keys import did
from credentials.transparency import policy
from credentials.verification.trust import Trust
from credentials.verification.verify import verify
from tests.credentials import samples
from tests.credentials.samples import INDEX, ISSUED, KEY, LOG_KEY, NOW, OTHER, TRUST, full_bundle, issued, status_list

Bundle = dict[str, Any]
BUNDLE = full_bundle()


@pytest.fixture
def bundle() -> Bundle:
    return copy.deepcopy(BUNDLE)


def test_everything_proven(bundle: Bundle) -> None:
    report = verify(json.dumps(bundle).encode(), TRUST, NOW)
    facts = (report.signature.outcome, report.log.outcome, report.status.outcome, report.dates.outcome)
    assert (report.verdict, facts) == ("proven", ("proven", "proven", "valid", "valid"))
    assert (report.signature.key, report.signature.pinned) == (KEY.kid, True)
    assert (report.log.size, report.log.index, report.log.origin) == (11, 5, samples.ORIGIN)
    assert report.status.as_of == ISSUED
    assert report.certificate is not None
    assert report.certificate.recipient.startswith("Ada")


def test_without_pinned_keys_the_report_says_that_the_key_is_only_claimed(bundle: Bundle) -> None:
    report = verify(bundle, Trust(), NOW)
    assert report.verdict == "proven"
    assert not report.signature.pinned
    assert not report.log.pinned
    assert "claims" in report.sentence
    assert "Compare that key" in report.sentence


def test_a_forger_who_brings_his_own_keys_convinces_only_those_who_pin_none() -> None:
    method = did.method_id(samples.ISSUER, OTHER.public)
    forged = certificate.issue(certificate.build(samples.award()), OTHER, method, ISSUED)
    file = full_bundle(forged) | {"issuer": did.document(samples.ISSUER, [OTHER.public], [LOG_KEY.public])}
    assert verify(file, Trust(), NOW).verdict == "proven"
    report = verify(file, TRUST, NOW)
    assert (report.verdict, report.signature.outcome, report.certificate) == ("not proven", "failed", None)
    assert "not a key that you trust" in report.sentence


def test_revoked_but_signed_is_revoked_and_still_shown_as_signed() -> None:
    report = verify(full_bundle(None, INDEX), TRUST, NOW)
    assert report.verdict == "revoked"
    assert (report.signature.outcome, report.log.outcome, report.dates.outcome) == ("proven", "proven", "valid")
    assert "2027-03-01T12:00:00Z" in report.sentence


def test_another_persons_revocation_is_not_mine() -> None:
    assert verify(full_bundle(None, INDEX - 1, INDEX + 1), TRUST, NOW).status.outcome == "valid"


@pytest.mark.parametrize(
    "listed",
    [
        None,
        status_list(key=OTHER),
        status_list(url="https://exams.example/status/2"),
        status_list(issuer="did:web:attacker.example"),
        status_list(valid_until=NOW),
        {**status_list(INDEX), "credentialSubject": status_list()["credentialSubject"]},
        {name: value for name, value in status_list().items() if name != "proof"},
        {},
    ],
    ids=["absent", "other key", "other list", "other issuer", "out of date", "bit cleared", "unsigned", "empty"],
)
def test_a_list_that_proves_nothing_leaves_the_status_unknown(bundle: Bundle, listed: Any) -> None:
    report = verify(bundle | {"status": listed}, TRUST, NOW)
    assert (report.verdict, report.status.outcome) == ("proven", "unknown")
    assert "whether it was revoked is unknown" in report.sentence


@pytest.mark.parametrize(
    ("at", "verdict", "dates"),
    [
        (ISSUED, "proven", "valid"),
        (ISSUED - timedelta(seconds=1), "not proven", "not yet"),
        (datetime(2029, 3, 1, 12, tzinfo=UTC), "expired", "expired"),
        (datetime(2029, 3, 1, 11, 59, 59, tzinfo=UTC), "proven", "valid"),
    ],
)
def test_dates_are_judged_at_the_moment_asked_about(bundle: Bundle, at: datetime, verdict: str, dates: str) -> None:
    report = verify(bundle, TRUST, at)
    assert (report.verdict, report.dates.outcome, report.signature.outcome) == (verdict, dates, "proven")


def test_a_certificate_without_an_end_does_not_expire() -> None:
    report = verify(full_bundle(issued(valid_until=None)), TRUST, datetime(2127, 1, 1, tzinfo=UTC))
    assert report.dates.outcome == "valid"


def _salt(bundle: Bundle) -> None:
    bundle["log"]["salt"] = b64u(b"another salt of enough bytes")


def _other_certificate(bundle: Bundle) -> None:
    bundle["log"]["proof"] = samples.logged(issued(score=None))


def _other_log(bundle: Bundle) -> None:
    bundle["log"]["proof"] = samples.logged(bundle["credential"], OTHER)


def _other_index(bundle: Bundle) -> None:
    bundle["log"]["proof"] = bundle["log"]["proof"].replace("index 5", "index 4")


def _longer(bundle: Bundle) -> None:
    bundle["log"]["proof"] = bundle["log"]["proof"].replace("index 5\n", "index 5\n" + "A" * 43 + "=\n")


def _no_salt(bundle: Bundle) -> None:
    del bundle["log"]["salt"]


def _garbage(bundle: Bundle) -> None:
    bundle["log"]["proof"] = "c2sp.org/tlog-proof@v1\n\n\n"


@pytest.mark.parametrize(
    "attack",
    [_salt, _other_certificate, _other_log, _other_index, _longer, _no_salt, _garbage],
    ids=lambda a: a.__name__,
)
def test_a_log_proof_that_does_not_hold(bundle: Bundle, attack: Any) -> None:
    attack(bundle)
    report = verify(bundle, TRUST, NOW)
    assert (report.verdict, report.signature.outcome, report.log.outcome) == ("not proven", "proven", "not proven")


def test_the_log_must_be_the_one_that_the_verifier_named(bundle: Bundle) -> None:
    report = verify(bundle, Trust(TRUST.issuer_keys, TRUST.log_keys, "another.example/log"), NOW)
    assert (report.verdict, report.log.outcome) == ("not proven", "not proven")


def test_a_bare_credential_reports_what_is_absent() -> None:
    report = verify(issued(), Trust((KEY.public,)), NOW)
    assert (report.verdict, report.log.outcome, report.status.outcome) == ("proven", "absent", "unknown")
    assert "no proof from the public log" in report.sentence
    assert verify(issued(), Trust(), NOW).signature.key == KEY.kid


def test_whoever_pins_a_log_requires_it() -> None:
    report = verify(issued(), TRUST, NOW)
    assert (report.verdict, report.signature.outcome, report.log.outcome) == ("not proven", "proven", "absent")


def test_a_policy_that_names_no_log_makes_no_log_and_no_key_a_trusted_one(bundle: Bundle) -> None:
    nobody = Trust(policy=policy.read(b"quorum none\n"))
    report = verify(bundle, nobody, NOW)
    assert (report.log.outcome, report.log.pinned, report.signature.pinned) == ("proven", False, False)
    assert "in the log that the file names" in report.sentence
    assert verify(issued(), nobody, NOW).verdict == "not proven"


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("credential.credentialSubject.identifier.0.identityHash", "Somebody Else", "not made over these bytes"),
        ("credential.credentialSubject.result.0.value", "99", "not made over these bytes"),
        ("credential.credentialSubject.bonusGrade", "A+", "does not define 'bonusGrade'"),
        ("credential.@context", ["https://www.w3.org/ns/credentials/v2"], "not a certificate in the form"),
        ("credential.proof", None, "carries none"),
        ("credential.proof.verificationMethod", "did:web:attacker.example#key", "not a key of the issuer"),
        ("issuer.id", "did:web:attacker.example", "another issuer"),
        ("issuer.assertionMethod", [], "does not let that key sign"),
        ("credential.credentialStatus", None, "status entry"),
    ],
)
def test_a_signature_that_does_not_hold_says_why(bundle: Bundle, path: str, value: Any, why: str) -> None:
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place: Any = bundle
    for step in steps:
        place = place[step]
    place[last] = value
    report = verify(bundle, TRUST, NOW)
    assert (report.verdict, report.signature.outcome, report.certificate) == ("not proven", "failed", None)
    assert why in report.signature.reason
    assert (report.status.outcome, report.dates.outcome) == ("unknown", "unknown")


def test_the_log_key_cannot_sign_certificates() -> None:
    method = did.method_id(samples.ISSUER, LOG_KEY.public)
    credential = certificate.issue(certificate.build(samples.award()), LOG_KEY, method, ISSUED)
    assert verify(full_bundle(credential), Trust(), NOW).signature.outcome == "failed"


def test_a_report_is_json(bundle: Bundle) -> None:
    plain = verify(bundle, TRUST, NOW).as_json()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["status"] == {
        "outcome": "valid",
        "reason": "it was not revoked as of 2027-03-01T12:00:00Z",
        "as_of": "2027-03-01T12:00:00Z",
        "code": None,
    }


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"format": "invigil-certificate/2"},
        BUNDLE | {"extra": 1},
        BUNDLE | {"credential": None},
        BUNDLE | {"log": []},
        b"[]",
        b"{",
    ],
)
def test_what_is_no_certificate_file_is_malformed(document: Any) -> None:
    with pytest.raises(Malformed):
        verify(document, TRUST, NOW)


def test_a_moment_needs_its_zone(bundle: Bundle) -> None:
    with pytest.raises(Malformed):
        verify(bundle, TRUST, datetime(2027, 6, 1))  # noqa: DTZ001 # this is what is refused


junk: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just([]) | st.just({}) | st.just([[]])
)


def _places(value: Any) -> list[tuple[Any, Any]]:
    pairs = list(value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else [])
    return [(value, name) for name, _ in pairs] + [place for _, item in pairs for place in _places(item)]


@given(st.sampled_from(["credential", "log"]), st.data(), junk)
@settings(max_examples=50, deadline=None)
def test_one_junk_value_anywhere_is_never_proven_by_accident(part: str, data: st.DataObject, value: Any) -> None:
    bundle = copy.deepcopy(BUNDLE)
    place, name = data.draw(st.sampled_from(_places(bundle[part])))
    same = place[name] == value
    place[name] = value
    try:
        report = verify(bundle, TRUST, NOW)
    except Malformed:  # no JSON value at all: an infinite number, an integer without an exact form
        return
    assert same or report.verdict == "not proven"


@given(st.binary(max_size=200) | st.text().map(str.encode))
@settings(max_examples=50, deadline=None)
def test_garbage_is_malformed_and_nothing_else(document: bytes) -> None:
    with pytest.raises(Malformed):
        verify(document, TRUST, NOW)
