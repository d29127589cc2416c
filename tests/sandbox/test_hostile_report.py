"""The report of a self-test: what it says, and that nobody can change it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from sandbox.hostile import Attempt, Probe
from sandbox.hostile.attack import HELD, NOT_BUILT, THROUGH, Finding
from sandbox.hostile.report import KeyUnusable, ReportNotProven, canonical, document, row, signed, summary, verify
from sandbox.job import EngineInfo

INFO = EngineInfo("sha256:1", "runc", "29", "6.1", ("gcc 12",))
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def finding(number: int = 1, **changes: Any) -> Finding:
    probe = Probe(number, f"probe {number}", "Try.", "It holds.", (Attempt("pass"),))
    return replace(Finding(probe, (("python: attack", "ok"),), 0.5, ()), **changes)


def test_the_document_says_what_was_tried_and_on_what() -> None:
    findings = [finding(2, problems=("it ran away",)), finding(1), finding(3, attempts=(), not_built=("java",))]
    report = document(findings, {"python": INFO}, NOON, ("cgroups",))
    assert [one["number"] for one in report["probes"]] == [1, 2, 3]
    assert [one["state"] for one in report["probes"]] == [HELD, THROUGH, NOT_BUILT]
    assert report["holds"] is False
    assert report["date"] == "2026-01-02T12:00:00+00:00"
    assert report["images"] == {"python": {"digest": "sha256:1", "tools": ["gcc 12"]}}
    assert "1 of 3 hold; 1 got through; 1 not built" in summary(findings)
    assert "java" in summary(findings)
    assert "it ran away" in row(findings[0])
    json.dumps(report)


def test_a_signed_report_is_proven_and_any_change_is_not() -> None:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = key.public_key().public_bytes_raw()
    report = signed(document([finding(problems=("x",))], {"c": INFO}, NOON), pem)
    again = json.loads(json.dumps(report))
    verify(again, public)
    for changed in (
        {**again, "holds": True},
        {**again, "more": 1},
        {key: value for key, value in again.items() if key != "kernel"},
        {key: value for key, value in again.items() if key != "signature"},
        {**again, "signature": {**again["signature"], "value": "AAAA"}},
        {**again, "signature": "nothing"},
    ):
        with pytest.raises(ReportNotProven):
            verify(changed, public)
    with pytest.raises(ReportNotProven, match="another key"):
        verify(again, Ed25519PrivateKey.generate().public_key().public_bytes_raw())


def test_a_key_of_another_kind_is_refused() -> None:
    other = generate_private_key(SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for pem in (b"", b"nonsense", other):
        with pytest.raises(KeyUnusable, match="openssl"):
            signed({"a": 1}, pem)


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())))
def test_the_signed_bytes_survive_a_round_trip(report: dict[str, Any]) -> None:
    try:
        data = canonical(report)
    except UnicodeEncodeError:
        return  # half a character cannot be written down
    report.pop("signature", None)
    assert json.loads(data) == report
    assert canonical(json.loads(data)) == data
