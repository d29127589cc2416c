"""Another issuer, who has never heard of us: badges and records after the standards' models, signed with keys from fixed numbers."""

from __future__ import annotations

import gzip
import hashlib
from datetime import UTC, datetime
from typing import Any

import base58
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from credentials.canonical import b64u, jcs
from credentials.keys.ed25519 import SigningKey
from credentials.linked_data.contexts import OB, VC
from credentials.linked_data.vocabularies import CLR, DATA_INTEGRITY, ED25519_2020, OB_1, OB_EXTENSIONS, RECORDS, VC1

ED = SigningKey.generate(b"the key of a very distant school")
DID_KEY = f"did:key:{ED.kid}"
DID_WEB = "did:web:college.example"
HTTPS = "https://college.example/issuers/7"
AT = datetime(2027, 6, 1, tzinfo=UTC)
STATUS = "https://college.example/status/3"
RSA = rsa.generate_private_key(65_537, 2048)
EC = ec.derive_private_key(0x1234_5678_9ABC_DEF0_1234_5678, ec.SECP256R1())
METHOD = f"{DID_KEY}#{ED.kid}"


def badge(issuer: str = DID_KEY, model: str = "2.0", **changes: Any) -> dict[str, Any]:
    """An OpenBadgeCredential of that version of the data model, unsigned."""
    dates = (
        {"validFrom": "2026-09-01T00:00:00Z", "validUntil": "2029-09-01T02:00:00+02:00"}
        if model == "2.0"
        else {"issuanceDate": "2026-09-01T00:00:00Z", "expirationDate": "2029-09-01T00:00:00Z"}
    )
    contexts = [VC, OB] if model == "2.0" else [VC1, OB_1, OB_EXTENSIONS, DATA_INTEGRITY]
    found = {
        "@context": contexts,
        "id": "urn:uuid:91537dba-56cb-11ec-bf63-0242ac130002",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": issuer, "type": ["Profile"], "name": "Distant College"},
        **dates,
        "credentialSubject": {
            "id": "did:example:learner",
            "type": ["AchievementSubject"],
            "identifier": [
                {"type": "IdentityObject", "identityType": "name", "hashed": False, "identityHash": "Emmy Noether"}
            ],
            "achievement": {
                "id": "https://college.example/achievements/rings",
                "type": ["Achievement"],
                "achievementType": "Course",
                "name": "Rings and Ideals",
                "description": "A course on commutative algebra.",
                "criteria": {"narrative": "Solve eleven sheets."},
                "creator": {"id": issuer, "type": ["Profile"], "name": "Distant College"},
                "resultDescription": [
                    {
                        "id": "urn:uuid:f6ab24cd-86e8-4eaf-b8c6-ded74e8fd41c",
                        "type": ["ResultDescription"],
                        "name": "Final mark",
                        "resultType": "LetterGrade",
                        "allowedValue": ["D", "C", "B", "A"],
                        "requiredValue": "C",
                    }
                ],
            },
            "result": [
                {
                    "type": ["Result"],
                    "resultDescription": "urn:uuid:f6ab24cd-86e8-4eaf-b8c6-ded74e8fd41c",
                    "value": "A",
                }
            ],
        },
    }
    return {**found, **changes}


def record(*inside: Any, issuer: str = DID_KEY, **changes: Any) -> dict[str, Any]:
    """A ClrCredential that holds these credentials, unsigned."""
    subject = {
        "id": "did:example:learner",
        "type": ["ClrSubject"],
        "achievement": [
            {
                "id": "https://college.example/achievements/degree",
                "type": ["Achievement"],
                "name": "Bachelor of Arts",
                "description": "All of it.",
                "criteria": {"narrative": "Six years."},
            }
        ],
        "verifiableCredential": list(inside),
    }
    found = {
        "@context": [VC, CLR, OB],
        "id": "urn:uuid:0d1d7b1e-3a4b-4a0e-9c1e-6a52f1c3a9d1",
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": "Transcript",
        "partial": False,
        "issuer": {"id": issuer, "type": ["Profile"], "name": "Distant College"},
        "validFrom": "2026-09-01T00:00:00Z",
        "credentialSubject": subject,
    }
    return {**found, **changes}


def signed(
    document: dict[str, Any], suite: str = "eddsa-rdfc-2022", method: str = METHOD, **extra: Any
) -> dict[str, Any]:
    """The document with an embedded proof of ED's."""
    kind = (
        {"type": "Ed25519Signature2020"}
        if suite == "Ed25519Signature2020"
        else {"type": "DataIntegrityProof", "cryptosuite": suite}
    )
    options = {
        **kind,
        "created": "2026-09-01T10:00:00Z",
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
        **extra,
    }
    content = {name: value for name, value in document.items() if name != "proof"}
    if suite == "eddsa-jcs-2022":
        parts = (jcs(options), jcs(content))
    else:
        parts = (
            RECORDS.canonical({**options, "@context": content["@context"]}).encode(),
            RECORDS.canonical(content).encode(),
        )
    value = ED.sign(b"".join(hashlib.sha256(part).digest() for part in parts))
    return {**document, "proof": {**options, "proofValue": "z" + base58.b58encode(value).decode()}}


def jwk(key: str) -> dict[str, str]:
    """The public JSON Web Key of RS256, ES256 or EdDSA."""
    if key == "RS256":
        numbers = RSA.public_key().public_numbers()
        return {"kty": "RSA", "e": b64u(numbers.e.to_bytes(3, "big")), "n": b64u(numbers.n.to_bytes(256, "big"))}
    if key == "ES256":
        point = EC.public_key().public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": b64u(point.x.to_bytes(32, "big")),
            "y": b64u(point.y.to_bytes(32, "big")),
        }
    return ED.public.jwk()


def sign_bytes(algorithm: str, data: bytes) -> bytes:
    """The signature of a token."""
    if algorithm == "RS256":
        return RSA.sign(data, PKCS1v15(), SHA256())
    if algorithm == "ES256":
        r, s = decode_dss_signature(EC.sign(data, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return ED.sign(data)


def compact(header: dict[str, Any], claims: dict[str, Any], by: str | None = None) -> str:
    """A signed token; `by` signs with another algorithm than the header says."""
    text = f"{b64u(jcs(header))}.{b64u(jcs(claims))}"
    return f"{text}.{b64u(sign_bytes(by or header['alg'], text.encode()))}"


def claims_of(credential: dict[str, Any]) -> dict[str, Any]:
    """The registered claims of Open Badges 3.0 section 8.2 beside the credential in `vc`."""
    return {
        "iss": credential["issuer"]["id"],
        "jti": credential["id"],
        "sub": credential["credentialSubject"]["id"],
        "nbf": 1_788_220_800,
        "exp": 1_882_915_200,
        "vc": credential,
    }


def token(algorithm: str = "RS256", issuer: str = HTTPS, **header: Any) -> str:
    """A VC-JWT of Open Badges 3.0, its key carried along unless the header names one."""
    named = header or {"jwk": jwk(algorithm)}
    return compact({"alg": algorithm, "typ": "JWT", **named}, claims_of(badge(issuer, "1.1")))


def bits(*set_ones: int) -> bytes:
    """An uncompressed list of 131,072 entries."""
    made = bytearray(16_384)
    for index in set_ones:
        made[index // 8] |= 0x80 >> index % 8
    return bytes(made)


def status_list(*set_ones: int, purpose: str = "revocation", issuer: str = DID_KEY, **changes: Any) -> dict[str, Any]:
    """A BitstringStatusListCredential, unsigned."""
    found = {
        "@context": [VC],
        "id": STATUS,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": "2027-05-31T00:00:00Z",
        "credentialSubject": {
            "id": f"{STATUS}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": "u" + b64u(gzip.compress(bits(*set_ones), mtime=0)),
        },
    }
    return {**found, **changes}


def entry(index: int = 5, purpose: str = "revocation") -> dict[str, Any]:
    """The credentialStatus that names the list."""
    return {
        "id": f"{STATUS}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(index),
        "statusListCredential": STATUS,
    }


def document(issuer: str = DID_WEB) -> dict[str, Any]:
    """The issuer's DID document, with all three keys."""
    ids = {name: f"{issuer}#{name.lower()}" for name in ("RS256", "ES256", "EdDSA")}
    return {
        "@context": ["https://www.w3.org/ns/did/v1"],
        "id": issuer,
        "verificationMethod": [
            {"id": each, "type": "JsonWebKey", "controller": issuer, "publicKeyJwk": jwk(name)}
            for name, each in ids.items()
        ]
        + [{"id": f"{issuer}#ed", "type": "Multikey", "controller": issuer, "publicKeyMultibase": ED.kid}],
        "assertionMethod": [*ids.values(), f"{issuer}#ed"],
    }


ED2020 = ED25519_2020
