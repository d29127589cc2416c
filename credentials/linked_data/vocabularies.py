"""The words of other issuers' badges: VC Data Model 1.1 and 2.0, Open Badges 3.0, CLR 2.0, their proofs and status lists.

Written from the standards' published meanings, in a short notation of our own; nothing is fetched, and a context that does not stand
here is unknown (`UnknownVocabulary`). Equal in effect to the official files: tests/credentials/linked_data/test_vocabularies.py compares them, and
pins what is here by its digest. `credentials.linked_data.contexts` stays the narrow table for what we issue ourselves.

    name            a word of the table's first namespace         name=s:other    the word `other` of namespace s
    name=s          the same word in namespace s                  @ an identifier   + a set   % a list   & a graph   ^type a typed text
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from credentials.canonical import Json, JsonObject
from credentials.linked_data import contexts
from credentials.linked_data.contexts import ASSESSMENT, OB, VC
from credentials.linked_data.jsonld import Vocabulary
from credentials.linked_data.processing import UNDEFINED

VC1 = "https://www.w3.org/2018/credentials/v1"
OB_2 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json"
OB_1 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json"
OB_EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
CLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"
ED25519_2020 = "https://w3id.org/security/suites/ed25519-2020/v1"
STATUS_2021 = "https://w3id.org/vc/status-list/2021/v1"

_SPACES = {
    "b": "https://purl.imsglobal.org/spec/vc/ob/vocab.html#",
    "c": "https://www.w3.org/2018/credentials#",
    "d": "http://purl.org/dc/terms/",
    "j": "https://www.iana.org/assignments/jwt#",
    "l": "https://purl.imsglobal.org/spec/vc/clr/vocab.html#",
    "o": "http://schema.org/",
    "s": "https://schema.org/",
    "t": "https://www.w3.org/ns/credentials/status#",
    "u": "https://w3id.org/vc/status-list#",
    "x": "https://w3id.org/security#",
}
_XSD = "http://www.w3.org/2001/XMLSchema#"
_XSDS = "https://www.w3.org/2001/XMLSchema#"  # as the Open Badges contexts spell it
_TYPES = {
    "date": f"{_XSDS}date",
    "dateTime": f"{_XSDS}dateTime",
    "float": f"{_XSDS}float",
    "uri": f"{_XSDS}anyURI",
    "boolean": f"{_XSDS}boolean",
    "integer": f"{_XSDS}integer",
    "moment": f"{_XSD}dateTime",
    "multibase": "https://w3id.org/security#multibase",
    "suite": "https://w3id.org/security#cryptosuiteString",
    "sri": "https://www.w3.org/2018/credentials#sriString",
    "json": "@json",
    "string": f"{_XSDS}string",
    "achievement": "https://purl.imsglobal.org/spec/vc/ob/vocab.html#Achievement",
    "identifier": "https://purl.imsglobal.org/spec/vc/ob/vocab.html#Identifier",
    "association": "https://purl.imsglobal.org/spec/vc/clr/vocab.html#Association",
    "credential": "https://www.w3.org/2018/credentials#verifiableCredential",
    # Two tables use a prefix that they do not define, so that these stand in signed bytes as they are.
    "xsd:boolean": "xsd:boolean",
    "xsd:anyURI": "xsd:anyURI",
    "xsd:dateTime": "xsd:dateTime",
}
_CONTAINERS = {"+": "@set", "%": "@list", "&": "@graph"}
_WORD = re.compile(r"([\w.]+)(?:=(\w)(?::([\w.-]+))?)?(@?)([+%&]?)(?:\^(\S+))?")
_BASE: Final[JsonObject] = {"@protected": True, "id": "@id", "type": "@type"}
_PURPOSES = (
    "assertionMethod=x@+ authentication=x:authenticationMethod@+ capabilityDelegation=x:capabilityDelegationMethod@+ "
    "capabilityInvocation=x:capabilityInvocationMethod@+ keyAgreement=x:keyAgreementMethod@+"
)


def words(text: str, first: str, base: JsonObject = _BASE) -> JsonObject:
    """A context from the notation above."""
    made: JsonObject = dict(base)
    for part in text.split():
        found = _WORD.fullmatch(part)
        if found is None:
            raise ValueError(f"{part!r} is not in the notation of this module")
        name, space, other, address, container, kind = found.groups()
        word: JsonObject = {"@id": _SPACES[space or first] + (other or name)}
        if address or kind:
            word["@type"] = "@id" if address else _TYPES[kind]
        if container:
            word["@container"] = _CONTAINERS[container]
        made[name] = word
    return made


def _class(iri: str, text: str = "", first: str | None = None, **more: Json) -> JsonObject:
    space, _, name = iri.partition(":")
    return {"@id": _SPACES[space] + name, "@context": {**words(text, first or space), **more}}


def _proof(kind: str, also: str = "", value: str = "proofValue=x^multibase") -> JsonObject:
    purpose = {"@id": _SPACES["x"] + "proofPurpose", "@type": "@vocab", "@context": words(_PURPOSES, "x")}
    text = f"challenge created=d^moment domain expires=x:expiration^moment nonce verificationMethod@ {also} {value}"
    return _class(f"x:{kind}", text, proofPurpose=purpose)


_INTEGRITY = _proof("DataIntegrityProof", "cryptosuite^suite previousProof@")
_CREDENTIAL = "credentialStatus@ credentialSubject@ evidence@ issuer@ refreshService@ termsOfUse@ validFrom^moment validUntil^moment proof=x@&"
_MESSAGE = {"@id": _SPACES["t"] + "statusMessage", "@context": words("message status", "t")}
# The official file forgets everything inside a presented credential, undefined words included; they must not vanish there.
_PRESENTED = {
    "@id": _SPACES["c"] + "verifiableCredential",
    "@type": "@id",
    "@container": "@graph",
    "@context": [None, {"@vocab": UNDEFINED}],
}

_VC2: JsonObject = {
    **words("description=s name=s digestMultibase=x^multibase digestSRI=c^sri mediaType=s:encodingFormat", "c"),
    "VerifiableCredential": _class(
        "c:VerifiableCredential",
        f"{_CREDENTIAL} confidenceMethod@ credentialSchema@ description=s name=s relatedResource@ renderMethod@",
    ),
    "VerifiablePresentation": _class(
        "c:VerifiablePresentation", "holder@ proof=x@& termsOfUse@", verifiableCredential=_PRESENTED
    ),
    "JsonSchema": _class("c:JsonSchema", "jsonSchema^json"),
    **words("EnvelopedVerifiableCredential EnvelopedVerifiablePresentation JsonSchemaCredential", "c"),
    **words("BitstringStatusListCredential", "t"),
    "BitstringStatusList": _class("t:BitstringStatusList", "encodedList^multibase statusPurpose ttl"),
    "BitstringStatusListEntry": _class(
        "t:BitstringStatusListEntry",
        "statusListCredential@ statusListIndex statusPurpose statusReference@ statusSize^integer",
        statusMessage=_MESSAGE,
    ),
    "DataIntegrityProof": _INTEGRITY,
}

_VC11: JsonObject = {
    **_BASE,
    "VerifiableCredential": _class(
        "c:VerifiableCredential",
        f"{_CREDENTIAL} credentialSchema@ expirationDate^moment holder@ issued^moment issuanceDate^moment",
    ),
    "VerifiablePresentation": _class("c:VerifiablePresentation", "holder@ proof=x@& verifiableCredential@&"),
    **words("proof=x@&", "x"),
}

_BADGE_CLASSES: Mapping[str, str] = {
    "Achievement": "achievementType alignment+ creator creditsAvailable^float criteria=b:Criteria@ fieldOfStudy humanCode image@ "
    "otherIdentifier+ related+ resultDescription+ specialization tag=s:keywords+ version inLanguage=s",
    "AchievementSubject": "achievement activityEndDate^date activityStartDate^date creditsEarned^float identifier+ image@ "
    "licenseNumber result+ role source@ term",
    "Address": "addressCountry=s addressCountryCode=b:CountryCode addressLocality=s addressRegion=s geo=b:GeoCoordinates "
    "postOfficeBoxNumber=s postalCode=s streetAddress=s",
    "Alignment": "targetCode targetDescription=s targetFramework=s targetName=s targetType targetUrl=s^uri",
    "EndorsementSubject": "endorsementComment",
    "Evidence": "audience=s genre=s",
    "GeoCoordinates": "latitude=s longitude=s",
    "IdentifierEntry": "identifier identifierType",
    "IdentityObject": "hashed^boolean identityHash identityType salt",
    "Image": "caption=s",
    "Profile": "additionalName=s address@ dateOfBirth^date email=s familyName=s familyNamePrefix givenName=s honorificPrefix=s "
    "honorificSuffix=s image@ otherIdentifier+ parentOrg@ patronymicName phone official",
    "Related": "version inLanguage=s",
    "Result": "achievedLevel^uri resultDescription^uri status value=s",
    "ResultDescription": "allowedValue% requiredLevel^uri requiredValue resultType rubricCriterionLevel+ valueMax valueMin",
    "RubricCriterionLevel": "level points",
}
_BADGE_WORDS = (
    "OpenBadgeCredential AchievementCredential=b:OpenBadgeCredential Criteria EndorsementCredential alignment+ description=s "
    "endorsement+ endorsementJwt+ image@ inLanguage=s name=s narrative url=s^uri awardedDate^xsd:dateTime jti=j@"
)
_IRIS = {"Alignment": "s:AlignmentObject"}


def _badges(classes: Mapping[str, str], top: str) -> JsonObject:
    made = {name: _class(_IRIS.get(name, f"b:{name}"), text, "b") for name, text in classes.items()}
    return {**words(top, "b"), **made}


_OB3 = _badges(_BADGE_CLASSES, _BADGE_WORDS)
_BEFORE = (
    ("image@", "image=b:Image@"),
    (" inLanguage=s", ""),
    ("achievement activity", "achievement=b:achievement-0 activity"),
)


def _before(text: str) -> str:
    """Words as version 3.0.2 had them."""
    for now, then in _BEFORE:
        text = text.replace(now, then)
    return text


_OB302 = _badges(
    {name: _before(text) for name, text in _BADGE_CLASSES.items()},
    _before(
        _BADGE_WORDS.replace(" endorsementJwt+", "").replace(" awardedDate^xsd:dateTime", "").replace(" jti=j@", "")
    ),
)

# Version 3.0.1 protected nothing, and gave each plain text its type; these words hold objects.
_OBJECTS = {"achievement", "alignment", "creator", "endorsement", "geo", "identifier", "otherIdentifier", "related"}
_OBJECTS |= {"result", "resultDescription", "rubricCriterionLevel"}
_NO_TEXTS = {"OpenBadgeCredential", "AchievementCredential", "Criteria", "EndorsementCredential"}


def _typed(found: JsonObject, objects: set[str]) -> JsonObject:
    made: JsonObject = {}
    for name, word in found.items():
        if isinstance(word, dict) and "@context" in word:
            texts = {"identifier"} if name == "IdentifierEntry" else set()
            made[name] = {**word, "@context": _typed(word["@context"], objects - texts)}
        elif isinstance(word, dict) and "@type" not in word and name not in objects | _NO_TEXTS:
            made[name] = {**word, "@type": _TYPES["string"]}
        elif name != "@protected":
            made[name] = word
    return made


_OB301 = _typed(
    _badges(
        {name: _before(text).replace("allowedValue%", "allowedValue+") for name, text in _BADGE_CLASSES.items()},
        _BADGE_WORDS.replace("endorsementJwt+ ", "")
        .replace(" jti=j@", "")
        .replace(" inLanguage=s", "")
        .replace("^xsd:", "^"),
    ),
    _OBJECTS,
)

_CLR: JsonObject = {
    **{name: value for name, value in _BASE.items() if name != "@protected"},
    "ClrCredential": {
        "@id": _SPACES["l"] + "ClrCredential",
        "@context": words("partial^xsd:boolean", "l", {"id": "@id", "type": "@type"}),
    },
    "ClrSubject": {
        "@id": _SPACES["l"] + "ClrSubject",
        "@context": {
            **words(
                "achievement+^achievement association+^association verifiableCredential+^credential "
                "identifier=l:identifier-1+^identifier",
                "l",
                {"id": "@id", "type": "@type"},
            ),
        },
    },
    "Association": {
        "@id": _SPACES["l"] + "Association",
        "@context": words("associationType=l:AssociationType sourceId^xsd:anyURI targetId^xsd:anyURI", "l", {}),
    },
}

_EXTENSIONS: JsonObject = {
    "id": "@id",
    "type": "@type",
    **{
        name: f"https://purl.imsglobal.org/spec/{part}/v1p0/context.json#{name}"
        for name, part in (
            ("1EdTechJsonSchemaValidator2019", "vccs"),
            ("1EdTechRevocationList", "vcrl"),
            ("1EdTechCredentialRefresh", "vccr"),
        )
    },
}

_LISTS_2021: JsonObject = {
    "@protected": True,
    "StatusList2021Credential": _class("u:StatusList2021Credential", "description=o name=o"),
    "StatusList2021": _class("u:StatusList2021", "statusPurpose encodedList"),
    "StatusList2021Entry": _class("u:StatusList2021Entry", "statusPurpose statusListIndex statusListCredential@"),
}

TABLE: Mapping[str, JsonObject] = {
    url: {"@context": content}
    for url, content in {
        VC: _VC2,
        VC1: _VC11,
        OB: _OB3,
        OB_2: _OB302,
        OB_1: _OB301,
        OB_EXTENSIONS: _EXTENSIONS,
        CLR: _CLR,
        DATA_INTEGRITY: {**words("proof=x@&", "x"), "DataIntegrityProof": _INTEGRITY},
        ED25519_2020: {**words("proof=x@&", "x"), "Ed25519Signature2020": _proof("Ed25519Signature2020")},
        STATUS_2021: _LISTS_2021,
    }.items()
} | {ASSESSMENT: contexts.CONTEXTS[ASSESSMENT]}

# A badge may name its issuer's profile as its issuer and again as the achievement's creator; both then say one thing.
WIDE = Vocabulary(TABLE, nested=True, twice=frozenset({_SPACES["b"] + "Profile"}))
# The credentials in a record speak of one learner, and of achievements that the record lists too. RDF joins what they say, so it does not
# tell which of them said it: what a contained credential says counts by its own signature only.
RECORDS = Vocabulary(
    TABLE,
    nested=True,
    twice=frozenset(
        {
            _SPACES["l"] + "ClrSubject",
            *(_SPACES["b"] + name for name in ("Profile", "AchievementSubject", "Achievement")),
        }
    ),
)
