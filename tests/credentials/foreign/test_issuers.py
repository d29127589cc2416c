"""Badges that other people's software issued are read by ours: openbadgeslib (tokens and embedded proofs, baked pictures)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from credentials import checking
from credentials.keys.ed25519 import PublicKey
from credentials.verification.trust import Trust
from tests.credentials.forms.test_baking import DRAWING, PICTURE
from tests.credentials.other_issuers import badge

openbadges = pytest.importorskip("openbadgeslib.ob3", reason="openbadgeslib is a tool for tests and not installed here")
AT = datetime(2027, 6, 1, tzinfo=UTC)
ISSUER = "https://college.example/issuers/7"
KEYS: dict[str, Any] = {
    "RS256": rsa.generate_private_key(65_537, 2048),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.from_private_bytes(b"the key of somebody else's code!"),
}
MULTIKEY = PublicKey(KEYS["EdDSA"].public_key().public_bytes_raw()).multikey


def pem(algorithm: str) -> bytes:
    found: bytes = KEYS[algorithm].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return found


def theirs(issuer: str = ISSUER, **changes: Any) -> Any:
    from openbadgeslib.ob3.credential import Achievement, Issuer, OpenBadgeCredential

    achievement = Achievement(
        id="https://college.example/achievements/1",
        name="Rings and Ideals",
        description="A course.",
        criteria_narrative="Eleven sheets.",
    )
    facts: dict[str, Any] = {
        "issuer": Issuer(id=issuer, name="Distant College", url="https://college.example"),
        "recipient_id": "mailto:emmy@example.org",
        "achievement": achievement,
        "issuance_date": datetime(2026, 9, 1, tzinfo=UTC),
        "expiration_date": datetime(2029, 9, 1, tzinfo=UTC),
    }
    return OpenBadgeCredential(**facts | changes)


@pytest.mark.parametrize("algorithm", KEYS)
def test_their_tokens_hold(algorithm: str) -> None:
    from openbadgeslib.ob3.signer import OB3Signer

    signer = OB3Signer(pem(algorithm), algorithm)
    text = signer.sign(theirs())
    report, _ = checking.check(text.encode(), Trust(), AT)
    assert (report.verdict, report.signature.outcome) == ("proven", "proven"), report.sentence
    assert report.certificate is not None
    assert report.certificate.title == "Rings and Ideals"
    ended = signer.sign(theirs(expiration_date=datetime(2027, 1, 1, tzinfo=UTC)))
    assert checking.check(ended.encode(), Trust(), AT)[0].verdict == "expired"
    for baked in (signer.sign_into_png(theirs(), PICTURE), signer.sign_into_svg(theirs(), DRAWING)):
        assert checking.check(baked, Trust(), AT)[0].verdict == "proven"


def test_their_embedded_proofs_hold_and_a_changed_word_does_not() -> None:
    from openbadgeslib.ob3.ldp import OB3LdpSigner

    issuer = f"did:key:{MULTIKEY}"
    signer = OB3LdpSigner(pem("EdDSA"), f"{issuer}#{MULTIKEY}")
    document = signer.sign(theirs(issuer))
    report, _ = checking.check(json.dumps(document).encode(), Trust(), AT)
    assert (report.verdict, report.form) == ("proven", "embedded proof, eddsa-rdfc-2022"), report.sentence
    document["credentialSubject"]["achievement"]["name"] = "Fields"
    changed, _ = checking.check(json.dumps(document).encode(), Trust(), AT)
    assert (changed.verdict, changed.certificate) == ("not proven", None)
    for baked in (signer.sign_into_png(theirs(issuer), PICTURE), signer.sign_into_svg(theirs(issuer), DRAWING)):
        assert checking.check(baked, Trust(), AT)[0].verdict == "proven"


@pytest.mark.parametrize("model", ["1.1", "2.0"])
def test_plain_json_that_openvc_signs_holds(model: str) -> None:
    """openvc-core with `eddsa-jcs-2022`, over our sample."""
    pytest.importorskip("openvc", reason="openvc-core is a tool for tests and not installed here")
    from openvc.keys import Ed25519SigningKey
    from openvc.proof.di_jcs import EddsaJcsProofSuite

    issuer = f"did:key:{MULTIKEY}"
    key = Ed25519SigningKey.from_pem(pem("EdDSA"), f"{issuer}#{MULTIKEY}")
    signed = EddsaJcsProofSuite().add_proof(
        badge(issuer, model), signing_key=key, verification_method=f"{issuer}#{MULTIKEY}"
    )
    report, _ = checking.check(json.dumps(signed).encode(), Trust(), AT)
    assert (report.verdict, report.form) == ("proven", "embedded proof, eddsa-jcs-2022"), report.sentence
    signed["name"] = "Fields"
    assert checking.check(json.dumps(signed).encode(), Trust(), AT)[0].verdict == "not proven"
