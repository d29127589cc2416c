"""What a check of a file says is said in German: the checks run here, so a new reason without German fails."""

from typing import Any

import pytest

from credentials.verification.report import Report
from exam_api.certificates.pages.shown import value_of
from tests.credentials.foreign.test_proving import look
from tests.credentials.foreign.test_status import EDTECH, LISTS, asked, edtech
from tests.credentials.other_issuers import DID_WEB, STATUS, badge, entry, signed, status_list
from tests.web.german import unsaid

IN_OTHER_WORDS = {"too short", "a bomb", "no list at all", "no JSON"}  # what a reader of forms says of what is none
REPORTS: dict[str, Any] = {
    "no list": lambda: look(signed(badge())),
    "not revoked": lambda: asked(signed(status_list(6))),
    "revoked": lambda: asked(signed(status_list(5))),
    "suspended": lambda: asked(
        signed(status_list(5, purpose="suspension")), {**entry(), "statusPurpose": "suspension"}
    ),
    "not looked up": lambda: look(signed(badge(credentialStatus=entry()))),
    "unknown kind": lambda: look(
        signed(badge(credentialStatus={**entry(), "type": "CredentialStatusList2017"}), "eddsa-jcs-2022")
    ),
    "no place": lambda: look(
        signed(badge(credentialStatus={**entry(), "statusListIndex": "-1"}), "eddsa-jcs-2022"),
        documents={STATUS: signed(status_list())},
    ),
    "1EdTech, revoked": lambda: edtech({"id": badge()["id"], "revoked": True}),
    "1EdTech, not": edtech,
    "1EdTech, of another": lambda: edtech(issuer="did:web:other.example"),
    "1EdTech, no list": lambda: edtech(revokedCredential="all"),
    "1EdTech, its address": lambda: edtech(id=f"{EDTECH}/else"),
    "key not at hand": lambda: look(signed(badge(issuer=DID_WEB), method=f"{DID_WEB}#key-1")),
    "changed": lambda: look({**signed(badge()), "validFrom": "2027-05-31T00:00:01Z"}),
    "unsigned": lambda: look(badge()),
    **{name: lambda name=name: asked(LISTS[name][0]) for name in LISTS if name not in IN_OTHER_WORDS},
}


@pytest.mark.parametrize("name", REPORTS)
def test_every_reason_and_every_verdict_is_said_in_german(name: str) -> None:
    report: Report = REPORTS[name]()
    why = [] if report.signature.outcome == "proven" else [report.signature.reason]
    for said in (report.status.reason, report.sentence, *why):
        assert unsaid(said.replace("/did.json", "")) == []


def test_a_result_is_a_number_only_where_it_reads_the_same() -> None:
    assert [value_of(text) for text in ("92.5", "0", "100", "0.25")] == [92.5, 0.0, 100.0, 0.25]
    for text in ("92.125", "A+", "", "1e3", "007", "\u0669", "-1", "9" * 400):
        assert value_of(text) == text
