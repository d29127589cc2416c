"""The words of our certificates and what they mean: the part that we use of two standard JSON-LD vocabularies.

This is our own writing. The IRIs, types and containers are those of the W3C Verifiable Credentials v2 context and of
the Open Badges 3.0.3 context, so a certificate has the same canonical N-Quads under these and under the official
files; tests/credentials/linked_data/test_contexts.py compares the two where the official files are installed.

Only the words that we understand stand here, on purpose. A verifier that accepts a signed `expires`, `domain` or
`termsOfUse` without acting on it reports more than it checked; here such a word is undefined and the document refused.
Words may be added, never changed or removed: issued certificates depend on them, and a test pins the digests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from credentials.canonical import Json, JsonObject

VC = "https://www.w3.org/ns/credentials/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
ASSESSMENT = "https://purl.imsglobal.org/spec/ob-assessment/v2p0/context/"  # Open Badges Assessment Extension 2.0
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"  # names of 1EdTech's services

_CRED = "https://www.w3.org/2018/credentials#"
_STATUS = "https://www.w3.org/ns/credentials/status#"
_SECURITY = "https://w3id.org/security#"
_BADGE = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#"
_SCHEMA = "https://schema.org/"
_EXTENSIONS = "https://w3id.org/openbadges/extensions#"
_XSD_HTTP = "http://www.w3.org/2001/XMLSchema#"
_XSD_HTTPS = "https://www.w3.org/2001/XMLSchema#"  # as the Open Badges context spells it
_BASE: Final[JsonObject] = {"@protected": True, "id": "@id", "type": "@type"}


def _type(iri: str, **terms: Json) -> JsonObject:
    """A class whose own words are defined only inside it (a type-scoped context)."""
    return {"@id": iri, "@context": {**_BASE, **terms}}


def _word(iri: str, kind: str | None = None, container: str | None = None) -> JsonObject:
    word: JsonObject = {"@id": iri}
    if kind:
        word["@type"] = kind
    if container:
        word["@container"] = container
    return word


_VC: JsonObject = {
    **_BASE,
    "description": _SCHEMA + "description",
    "name": _SCHEMA + "name",
    "VerifiableCredential": _type(
        _CRED + "VerifiableCredential",
        credentialStatus=_word(_CRED + "credentialStatus", "@id"),
        credentialSubject=_word(_CRED + "credentialSubject", "@id"),
        description=_SCHEMA + "description",
        evidence=_word(_CRED + "evidence", "@id"),
        issuer=_word(_CRED + "issuer", "@id"),
        name=_SCHEMA + "name",
        proof=_word(_SECURITY + "proof", "@id", "@graph"),
        refreshService=_word(_CRED + "refreshService", "@id"),
        relatedResource=_word(_CRED + "relatedResource", "@id"),
        validFrom=_word(_CRED + "validFrom", _XSD_HTTP + "dateTime"),
        validUntil=_word(_CRED + "validUntil", _XSD_HTTP + "dateTime"),
    ),
    "digestSRI": _word(_CRED + "digestSRI", _CRED + "sriString"),
    "BitstringStatusListCredential": _STATUS + "BitstringStatusListCredential",
    "BitstringStatusList": _type(
        _STATUS + "BitstringStatusList",
        encodedList=_word(_STATUS + "encodedList", _SECURITY + "multibase"),
        statusPurpose=_STATUS + "statusPurpose",
        ttl=_STATUS + "ttl",
    ),
    "BitstringStatusListEntry": _type(
        _STATUS + "BitstringStatusListEntry",
        statusListCredential=_word(_STATUS + "statusListCredential", "@id"),
        statusListIndex=_STATUS + "statusListIndex",
        statusPurpose=_STATUS + "statusPurpose",
    ),
    "DataIntegrityProof": _type(
        _SECURITY + "DataIntegrityProof",
        created=_word("http://purl.org/dc/terms/created", _XSD_HTTP + "dateTime"),
        cryptosuite=_word(_SECURITY + "cryptosuite", _SECURITY + "cryptosuiteString"),
        proofPurpose={
            **_word(_SECURITY + "proofPurpose", "@vocab"),
            "@context": {**_BASE, "assertionMethod": _word(_SECURITY + "assertionMethod", "@id", "@set")},
        },
        proofValue=_word(_SECURITY + "proofValue", _SECURITY + "multibase"),
        verificationMethod=_word(_SECURITY + "verificationMethod", "@id"),
    ),
}

_OB: JsonObject = {
    **_BASE,
    "OpenBadgeCredential": {"@id": _BADGE + "OpenBadgeCredential"},
    "Achievement": _type(
        _BADGE + "Achievement",
        achievementType=_word(_BADGE + "achievementType"),
        alignment=_word(_BADGE + "alignment", container="@set"),
        criteria=_word(_BADGE + "Criteria", "@id"),
        image=_word(_BADGE + "image", "@id"),
        resultDescription=_word(_BADGE + "resultDescription", container="@set"),
        inLanguage=_word(_SCHEMA + "inLanguage"),
    ),
    "AchievementSubject": _type(
        _BADGE + "AchievementSubject",
        achievement=_word(_BADGE + "achievement"),
        identifier=_word(_BADGE + "identifier", container="@set"),
        result=_word(_BADGE + "result", container="@set"),
        source=_word(_BADGE + "source", "@id"),
    ),
    "Alignment": _type(
        _SCHEMA + "AlignmentObject",
        targetCode=_word(_BADGE + "targetCode"),
        targetDescription=_word(_SCHEMA + "targetDescription"),
        targetFramework=_word(_SCHEMA + "targetFramework"),
        targetName=_word(_SCHEMA + "targetName"),
        targetType=_word(_BADGE + "targetType"),
        targetUrl=_word(_SCHEMA + "targetUrl", _XSD_HTTPS + "anyURI"),
    ),
    "Evidence": _type(_BADGE + "Evidence", genre=_word(_SCHEMA + "genre")),
    "IdentityObject": _type(
        _BADGE + "IdentityObject",
        hashed=_word(_BADGE + "hashed", _XSD_HTTPS + "boolean"),
        identityHash=_word(_BADGE + "identityHash"),
        identityType=_word(_BADGE + "identityType"),
        salt=_word(_BADGE + "salt"),
    ),
    "Image": _type(_BADGE + "Image", caption=_word(_SCHEMA + "caption")),
    "Profile": _type(_BADGE + "Profile"),
    "Result": _type(
        _BADGE + "Result",
        resultDescription=_word(_BADGE + "resultDescription", _XSD_HTTPS + "anyURI"),
        status=_word(_BADGE + "status"),
        value=_word(_SCHEMA + "value"),
    ),
    "ResultDescription": _type(
        _BADGE + "ResultDescription",
        requiredValue=_word(_BADGE + "requiredValue"),
        resultType=_word(_BADGE + "resultType"),
        valueMax=_word(_BADGE + "valueMax"),
        valueMin=_word(_BADGE + "valueMin"),
    ),
    "alignment": _word(_BADGE + "alignment", container="@set"),
    "description": _word(_SCHEMA + "description"),
    "image": _word(_BADGE + "image", "@id"),
    "inLanguage": _word(_SCHEMA + "inLanguage"),
    "name": _word(_SCHEMA + "name"),
    "narrative": _word(_BADGE + "narrative"),
    "url": _word(_SCHEMA + "url", _XSD_HTTPS + "anyURI"),
}

_ASSESSMENT: JsonObject = {
    **_BASE,
    "AssessmentResultDescription": _type(
        _BADGE + "AssessmentResultDescription",
        assessmentOutput=_EXTENSIONS + "assessmentOutput",
        assessmentType=_EXTENSIONS + "assessmentType",
        evaluationMethod=_EXTENSIONS + "assessmentEvaluationMethod",
        hasGroupEvaluation=_EXTENSIONS + "assessmentHasGroupEvaluation",
        hasGroupParticipation=_EXTENSIONS + "assessmentHasGroupParticipation",
    ),
}

_SERVICES: JsonObject = {
    "id": "@id",
    "type": "@type",
    "1EdTechCredentialRefresh": "https://purl.imsglobal.org/spec/vccr/v1p0/context.json#1EdTechCredentialRefresh",
}

CONTEXTS: Mapping[str, JsonObject] = {
    VC: {"@context": _VC},
    OB: {"@context": _OB},
    ASSESSMENT: {"@context": _ASSESSMENT},
    EXTENSIONS: {"@context": _SERVICES},
}
