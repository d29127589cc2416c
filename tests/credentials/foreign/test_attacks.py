"""Files of other issuers that were made to mislead: as ours, as another host's, or to keep us busy."""

from __future__ import annotations

import copy
import json

import pytest

from credentials import checking
from credentials.canonical import JsonObject
from credentials.foreign import proving
from credentials.linked_data.jsonld import Vocabulary
from tests.credentials import samples
from tests.credentials.foreign.test_proving import look
from tests.credentials.other_issuers import badge, record, signed


def test_a_certificate_of_ours_in_another_shape_still_needs_the_log_that_one_trusts() -> None:
    """The signature is over RDF, in which a type and a list of one type are the same; the form that we issue has the list."""
    shaped = copy.deepcopy(samples.issued())
    shaped["credentialSubject"]["type"] = "AchievementSubject"
    report, _ = checking.check(json.dumps(shaped).encode(), samples.TRUST, samples.NOW)
    assert (report.verdict, report.signature.outcome, report.signature.pinned) == ("not proven", "proven", True)
    assert "no proof from a public log that you require" in report.sentence


@pytest.mark.parametrize(
    ("issuer", "host"),
    [
        ("https://evil.example?@college.example/", "evil.example"),
        ("https://evil.example#@college.example/", "evil.example"),
        ("https://evil.example\\@college.example/", None),
        ("https://college.example@evil.example/", None),
        ("https://[college.example/", None),
        ("https:///college.example", None),
        ("did:web:evil.example%2Fcollege.example", "evil.example"),
        ("did:web:college.example%40evil.example", None),
        ("did:web:college.example%3A8443:staff", "college.example:8443"),
        ("did:web:", None),
    ],
)
def test_the_domain_is_the_host_that_would_be_asked(issuer: str, host: str | None) -> None:
    """Else an issuer of any host is shown as another one, asked over TLS."""
    assert proving.domain_of(issuer) == host


def test_an_address_that_is_none_is_refused() -> None:
    report = look(signed(badge("https://college.example/"), "eddsa-jcs-2022", method="https://[college.example/#k"))
    assert (report.verdict, report.signature.outcome) == ("not proven", "failed")
    assert "an address that is none" in report.signature.reason


def test_a_record_cannot_keep_us_busy_with_what_it_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signed as plain JSON it may hold far more than one document has; what is over the limit is not looked at."""
    looked: list[int] = []
    whole = Vocabulary.canonical

    def counted(own: Vocabulary, found: JsonObject) -> str:
        looked.append(len(found))
        return whole(own, found)

    monkeypatch.setattr(Vocabulary, "canonical", counted)
    evidence = [{"id": f"urn:x:{at}", "type": "Evidence"} for at in range(480)]
    heavy = signed(badge(evidence=evidence))
    forged = {**heavy, "name": "Everything", "proof": [heavy["proof"]] * 5}
    outside = signed(record(*[forged] * 20, heavy), "eddsa-jcs-2022")
    looked.clear()
    report = look(outside)
    assert report.certificate is not None
    states = [each.state for each in report.certificate.held if each.kind == "credential"]
    assert states == ["not proven"] * 2 + ["not checked"] * 19
    assert len(looked) == 2 * (1 + 5)  # the document once, and the options of each proof
