"""Certificates: Open Badges 3.0 `OpenBadgeCredential` on the W3C Verifiable Credentials Data Model 2.0.

`build` gives the statement, `issue` signs it once, `read` gives back what a (proven) certificate says.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from credentials.achievement import components as parts
from credentials.achievement import renewal
from credentials.achievement.components import Component
from credentials.achievement.content import (
    Alignment,
    Assessment,
    Assessor,
    Assurance,
    Section,
    described,
    extended,
    genre_of,
)
from credentials.achievement.content import results as section_results
from credentials.canonical import JsonObject, check
from credentials.errors import Malformed
from credentials.issuance import proof
from credentials.keys.signers import Signer
from credentials.linked_data import contexts
from credentials.revocation import status
from credentials.times import moment, stamp

_FIELDS = {
    *("@context", "id", "type", "name", "description", "issuer", "validFrom", "validUntil"),
    *("credentialStatus", "credentialSubject", "evidence", "proof", "refreshService", "relatedResource"),
}
_EXTRAS: tuple[list[str], ...] = (
    [],
    [contexts.ASSESSMENT],
    [contexts.EXTENSIONS],
    [contexts.ASSESSMENT, contexts.EXTENSIONS],
)
_CONTEXTS = tuple([contexts.VC, contexts.OB, *extra] for extra in _EXTRAS)
_KINDS = {"Certification", "MicroCredential", "Competency"}


@dataclass(frozen=True)
class Achievement:
    """What was achieved. `id` is its stable address; `criteria` says, in Markdown, what had to be done for it."""

    id: str
    name: str
    description: str
    criteria: str
    image: str | None = None
    kind: str = "Certification"
    alignments: tuple[Alignment, ...] = ()
    assessment: Assessment | None = None

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise Malformed("an achievement is a Certification, a MicroCredential or a Competency")


@dataclass(frozen=True)
class Score:
    """The result. `kind` is `RawScore` or `Percent`; numbers are text, as Open Badges wants them."""

    value: str
    maximum: str
    required: str | None = None
    kind: str = "Percent"
    name: str = "Score"

    def __post_init__(self) -> None:
        if self.kind not in {"RawScore", "Percent"}:
            raise Malformed("a score is a RawScore or a Percent")


@dataclass(frozen=True)
class Evidence:
    """How it was shown: the sitting, in words. `url` may be None where nothing is published."""

    name: str
    narrative: str
    url: str | None = None
    assurance: Assurance | None = None


@dataclass(frozen=True)
class Earlier:
    """The certificate that this one takes the place of (a changed name): its address and the SHA-256 of its JCS bytes, base64."""

    id: str
    sha256: str


@dataclass(frozen=True)
class Recipient:
    """Who earned it. The e-mail address is stored only as a salted hash (`identity`), the name in clear."""

    name: str
    email_identity: str
    email_salt: str

    @classmethod
    def of(cls, name: str, email: str, salt: str) -> Recipient:
        """`salt` is random text that this certificate alone uses."""
        if len(salt) < 16:
            raise Malformed("a salt has 16 characters at least")
        return cls(name, identity_hash(email, salt), salt)


@dataclass(frozen=True)
class Award:
    """Everything a certificate says. `id` is its own address; `issuer_id` is a did:web; moments carry a time zone.

    `status_list` None: it can never be taken back. `suspendable`: it names both status lists (`status.both`). `refresh`: where its
    newest version is given out.
    """

    id: str
    issuer_id: str
    issuer_name: str
    issuer_url: str
    recipient: Recipient
    achievement: Achievement
    valid_from: datetime
    status_list: str | None
    status_index: int
    valid_until: datetime | None = None
    score: Score | None = None
    evidence: Evidence | None = None
    sections: tuple[Section, ...] = ()
    source: Assessor | None = None
    instead_of: Earlier | None = None
    components: tuple[Component, ...] = ()
    suspendable: bool = False
    refresh: str | None = None


@dataclass(frozen=True)
class Held:
    """Something inside a record of another issuer (CLR 2.0). `state` says whether its own signature was looked at."""

    title: str
    issuer: str
    kind: Literal["achievement", "credential", "token"]
    state: Literal["in the record", "not checked", "proven", "not proven"]


@dataclass(frozen=True)
class Summary:
    """What a certificate says, for showing to a person. Only a verified one is worth showing. `kind` and `held` are told of
    other issuers' documents.
    """

    id: str
    title: str
    recipient: str
    issuer: str
    issuer_id: str
    achievement: str
    results: tuple[tuple[str, str], ...]
    valid_from: datetime
    valid_until: datetime | None
    status: tuple[str, int] | None
    assurance: Assurance | None = None
    instead_of: str | None = None
    components: tuple[Component, ...] = ()
    refresh: str | None = None
    kind: str = ""
    held: tuple[Held, ...] = ()


def identity_hash(email: str, salt: str) -> str:
    """Open Badges 3.0 IdentityHash: `sha256$` and the hex of SHA-256 over the address followed by the salt."""
    return "sha256$" + hashlib.sha256((email.strip().lower() + salt).encode()).hexdigest()


def build(award: Award) -> JsonObject:
    """The unsigned certificate. Raises Malformed for an award that must not be signed (an empty name, reversed dates)."""
    texts = (award.recipient.name, award.issuer_name, award.achievement.name, award.achievement.criteria)
    if not all(text.strip() for text in texts):
        raise Malformed("a certificate needs the names of its recipient, issuer and achievement, and the criteria")
    if award.valid_until is not None and award.valid_until <= award.valid_from:
        raise Malformed("a certificate cannot end before it begins")
    until = {} if award.valid_until is None else {"validUntil": stamp(award.valid_until)}
    entry = status.both if award.suspendable else status.entry
    return {
        "@context": _contexts(award),
        "id": award.id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": award.achievement.name,
        "description": award.achievement.description,
        "issuer": {
            "id": award.issuer_id,
            "type": ["Profile"],
            "name": award.issuer_name,
            "url": award.issuer_url,
        },
        "validFrom": stamp(award.valid_from),
        **until,
        "credentialSubject": _subject(award),
        **({"evidence": shown} if (shown := _evidence(award)) else {}),
        **({"relatedResource": pinned} if (pinned := _pinned(award)) else {}),
        **({} if award.refresh is None else {"refreshService": renewal.service(award.refresh)}),
        **({} if award.status_list is None else {"credentialStatus": entry(award.status_list, award.status_index)}),
    }


def _contexts(award: Award) -> list[str]:
    assessed = [] if award.achievement.assessment is None else [contexts.ASSESSMENT]
    return [contexts.VC, contexts.OB, *assessed, *([] if award.refresh is None else [contexts.EXTENSIONS])]


def issue(document: JsonObject, key: Signer, verification_method: str, created: datetime) -> JsonObject:
    """The document with exactly one `eddsa-rdfc-2022` proof. About 10 ms, nearly all of it canonicalization.

    The result is read back before it is returned: we never hand out what our own verifier would refuse.
    """
    signed = proof.sign(document, key, verification_method, created)
    if not verification_method.startswith(f"{read(signed).issuer_id}#"):
        raise Malformed("the verification method does not belong to the issuer")
    return signed


def read(credential: JsonObject) -> Summary:
    """What a certificate of ours says. It checks types, not signatures. Raises Malformed.

    JSON Schema alone lets wrong types of subject, profile and result pass; these are checked here.
    """
    check(credential)
    if set(credential) - _FIELDS or credential.get("@context") not in _CONTEXTS:
        raise Malformed("the document is not a certificate in the form that we issue")
    if credential.get("type") != ["VerifiableCredential", "OpenBadgeCredential"]:
        raise Malformed("the document is not an Open Badge credential")
    issuer = _node(credential, "issuer", "Profile")
    subject = _node(credential, "credentialSubject", "AchievementSubject")
    achievement = _node(subject, "achievement", "Achievement")
    until = moment(credential["validUntil"]) if "validUntil" in credential else None
    entry = status.read_entry(credential["credentialStatus"]) if "credentialStatus" in credential else None
    evidence = _nodes(credential, "evidence", ["Evidence"])
    rests_on, instead_of = parts.read(evidence, credential.get("relatedResource"))
    return Summary(
        id=_text(credential, "id"),
        title=_text(credential, "name"),
        recipient=_recipient(subject),
        issuer=_text(issuer, "name"),
        issuer_id=_text(issuer, "id"),
        achievement=_text(achievement, "id"),
        results=_results(subject, achievement),
        valid_from=moment(credential.get("validFrom")),
        valid_until=until,
        status=entry,
        assurance=parts.assurance_of(evidence, rests_on),
        instead_of=instead_of,
        components=rests_on,
        refresh=renewal.read_service(credential["refreshService"]) if "refreshService" in credential else None,
    )


def _subject(award: Award) -> JsonObject:
    return {
        "type": ["AchievementSubject"],
        "identifier": identifiers(award.recipient),
        "achievement": _achievement(award),
        **({} if award.source is None else {"source": award.source.plain()}),
        "result": [
            *_score_results(award),
            *section_results(award.sections, award.achievement.id, award.id),
            {"type": ["Result"], "resultDescription": f"{award.achievement.id}#status", "status": "Completed"},
        ],
    }


def identifiers(recipient: Recipient) -> list[JsonObject]:
    """Who earned it, as the subject says it."""
    hashed = {**_identity("emailAddress", recipient.email_identity), "hashed": True}
    return [_identity("name", recipient.name), hashed | {"salt": recipient.email_salt}]


def _identity(kind: str, value: str) -> JsonObject:
    return {"type": "IdentityObject", "identityType": kind, "hashed": False, "identityHash": value}


def _achievement(award: Award) -> JsonObject:
    found = award.achievement
    image = {} if found.image is None else {"image": {"id": found.image, "type": "Image"}}
    return {
        "id": found.id,
        "type": ["Achievement"],
        "achievementType": found.kind,
        "name": found.name,
        "description": found.description,
        "criteria": {"narrative": found.criteria},
        **image,
        **({"alignment": [skill.plain() for skill in found.alignments]} if found.alignments else {}),
        "resultDescription": [
            *_score_descriptions(award),
            *described(award.sections, found.id),
            {"id": f"{found.id}#status", "type": ["ResultDescription"], "name": "Status", "resultType": "Status"},
        ],
    }


def _score_descriptions(award: Award) -> list[JsonObject]:
    score = award.score
    if score is None:
        return []
    description = {
        "id": f"{award.achievement.id}#score",
        "type": ["ResultDescription"],
        "name": score.name,
        "resultType": score.kind,
        "valueMin": "0",
        "valueMax": score.maximum,
    }
    required = {} if score.required is None else {"requiredValue": score.required}
    return [extended({**description, **required}, award.achievement.assessment)]


def _score_results(award: Award) -> list[JsonObject]:
    if award.score is None:
        return []
    link = f"{award.achievement.id}#score"
    return [{"type": ["Result"], "resultDescription": link, "value": award.score.value}]


def _evidence(award: Award) -> list[JsonObject]:
    own = award.evidence
    if own is None:
        return parts.evidence(award.components)
    where = {} if own.url is None else {"id": own.url}
    genre = {} if own.assurance is None else {"genre": genre_of(own.assurance)}
    first = {**where, "type": ["Evidence"], "name": own.name, "narrative": own.narrative, **genre}
    return [first, *parts.evidence(award.components)]


def _pinned(award: Award) -> list[JsonObject]:
    first = [] if award.instead_of is None else [parts.pin(award.instead_of.id, award.instead_of.sha256)]
    return [*first, *(parts.pin(each.id + parts.BYTES, each.sha256) for each in award.components)]


def _node(parent: JsonObject, name: str, kind: str) -> JsonObject:
    node = parent.get(name)
    if not isinstance(node, dict) or node.get("type") != [kind]:
        raise Malformed(f"the certificate's {name!r} is not a {kind}")
    return node


def _text(node: JsonObject, name: str) -> str:
    value = node.get(name)
    if not isinstance(value, str) or not value.strip():
        raise Malformed(f"the certificate's {name!r} is not a text")
    return value


def _nodes(parent: JsonObject, name: str, kind: Any) -> list[JsonObject]:
    nodes = parent.get(name, [])
    if not isinstance(nodes, list) or not all(isinstance(n, dict) and n.get("type") == kind for n in nodes):
        raise Malformed(f"the certificate's {name!r} has an entry of the wrong type")
    return nodes


def _recipient(subject: JsonObject) -> str:
    identities = _nodes(subject, "identifier", "IdentityObject")
    names = [_text(found, "identityHash") for found in identities if found.get("identityType") == "name"]
    if len(names) != 1:
        raise Malformed("the certificate does not name exactly one recipient")
    return names[0]


def _descriptions(achievement: JsonObject) -> list[JsonObject]:
    found = achievement.get("resultDescription", [])
    kinds = (["ResultDescription"], ["ResultDescription", "AssessmentResultDescription"])
    if not isinstance(found, list) or not all(isinstance(each, dict) and each.get("type") in kinds for each in found):
        raise Malformed("the certificate's 'resultDescription' has an entry of the wrong type")
    return found


def _results(subject: JsonObject, achievement: JsonObject) -> tuple[tuple[str, str], ...]:
    known = {_text(d, "id"): d for d in _descriptions(achievement)}
    results = []
    for result in _nodes(subject, "result", ["Result"]):
        about = known.get(_text(result, "resultDescription"))
        if about is None:
            raise Malformed("a result of the certificate is not described in its achievement")
        value = _text(result, "status" if about.get("resultType") == "Status" else "value")
        results.append((_text(about, "name"), value))
    return tuple(results)
