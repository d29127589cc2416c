"""The words of the Verifiable Credentials 2.0 context beyond those that our certificates use, in our own writing.

As in `credentials.contexts` the IRIs, types and containers are the standard's; a test compares them with the official file
where that is installed. Left out are the words of other securing mechanisms (`_sd`, `cnf`, …) and values of type JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from credentials import contexts
from credentials.canonical import Json, JsonObject
from credentials.contexts import VC

EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"

_CRED = "https://www.w3.org/2018/credentials#"
_STATUS = "https://www.w3.org/ns/credentials/status#"
_SECURITY = "https://w3id.org/security#"
_BASE: Final[JsonObject] = {"@protected": True, "id": "@id", "type": "@type"}

# SHA-256 and SHA-384 of the two editions of the base context that were published at its address: the Candidate
# Recommendation's (July 2024 to February 2025) and the Recommendation's.
DIGESTS: Mapping[str, tuple[str, ...]] = {
    VC: (
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
        "97f1eb8e5042356c805fdd61afa2c557663785e0794dcafa21e138fd38def18cb360133c221aa31d6896a6bf3e65b614",
        "24a18c90e9856d526111f29376e302d970b2bd10182e33959995b0207d7043b9",
        "35239c36999d2155312091af194a1edb61634d6ad789a5e5b19f2aebdd762dd9d1dcaada40eda7ef921c6b8c0ae107a0",
    )
}


def _reference(iri: str) -> JsonObject:
    return {"@id": iri, "@type": "@id"}


def _purpose(name: str) -> JsonObject:
    return {"@id": f"{_SECURITY}{name}", "@type": "@id", "@container": "@set"}


def _widened(term: Json, **more: Json) -> JsonObject:
    """A class of `credentials.contexts` with further words inside it."""
    return {**term, "@context": {**term["@context"], **more}}


def _base_context() -> JsonObject:
    ours: JsonObject = contexts.CONTEXTS[VC]["@context"]
    graph = {"@id": f"{_SECURITY}proof", "@type": "@id", "@container": "@graph"}
    proof = ours["DataIntegrityProof"]
    purposes = ("authentication", "capabilityDelegation", "capabilityInvocation", "keyAgreement")
    return {
        **ours,
        "digestMultibase": {"@id": f"{_SECURITY}digestMultibase", "@type": f"{_SECURITY}multibase"},
        "mediaType": {"@id": "https://schema.org/encodingFormat"},
        "VerifiableCredential": _widened(
            ours["VerifiableCredential"],
            **{
                name: _reference(_CRED + name)
                for name in ("confidenceMethod", "credentialSchema", "refreshService", "renderMethod", "termsOfUse")
            },
        ),
        "EnvelopedVerifiableCredential": f"{_CRED}EnvelopedVerifiableCredential",
        "EnvelopedVerifiablePresentation": f"{_CRED}EnvelopedVerifiablePresentation",
        "VerifiablePresentation": {
            "@id": f"{_CRED}VerifiablePresentation",
            "@context": {
                **_BASE,
                "holder": _reference(f"{_CRED}holder"),
                "proof": graph,
                "termsOfUse": _reference(f"{_CRED}termsOfUse"),
                "verifiableCredential": {
                    **_reference(f"{_CRED}verifiableCredential"),
                    "@container": "@graph",
                    "@context": None,
                },
            },
        },
        "JsonSchemaCredential": f"{_CRED}JsonSchemaCredential",
        "JsonSchema": {"@id": f"{_CRED}JsonSchema", "@context": dict(_BASE)},
        "BitstringStatusListEntry": _widened(
            ours["BitstringStatusListEntry"],
            statusMessage={
                "@id": f"{_STATUS}statusMessage",
                "@context": {**_BASE, "message": f"{_STATUS}message", "status": f"{_STATUS}status"},
            },
            statusReference=_reference(f"{_STATUS}statusReference"),
            statusSize={"@id": f"{_STATUS}statusSize", "@type": "https://www.w3.org/2001/XMLSchema#integer"},
        ),
        "DataIntegrityProof": _widened(
            proof,
            challenge=f"{_SECURITY}challenge",
            domain=f"{_SECURITY}domain",
            expires={"@id": f"{_SECURITY}expiration", "@type": "http://www.w3.org/2001/XMLSchema#dateTime"},
            nonce=f"{_SECURITY}nonce",
            previousProof=_reference(f"{_SECURITY}previousProof"),
            proofPurpose=_widened(
                proof["@context"]["proofPurpose"],
                **{name: _purpose(f"{name}Method") for name in purposes},
            ),
        ),
    }


_VC = _base_context()
TABLE: Mapping[str, JsonObject] = {
    **contexts.CONTEXTS,
    VC: {"@context": _VC},
    EXAMPLES: {"@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}},
    DATA_INTEGRITY: {
        "@context": {
            **_BASE,
            "proof": {"@id": f"{_SECURITY}proof", "@type": "@id", "@container": "@graph"},
            "DataIntegrityProof": _VC["DataIntegrityProof"],
        }
    },
}
