"""What other issuers' credentials say: Open Badges 3.0, CLR 2.0, on VC Data Model 1.1 or 2.0. Reading proves nothing.

Lenient about what may be one or many, strict about what is shown: a text is a text, a moment has its zone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from credentials.canonical import Json, JsonObject
from credentials.errors import Malformed
from credentials.issuance.certificate import Held, Summary
from credentials.linked_data.contexts import VC
from credentials.linked_data.vocabularies import VC1
from credentials.times import foreign_moment

BADGE, RECORD, OTHER = "Open Badges 3.0", "CLR 2.0", "Verifiable Credential"
MAX_HELD = 100
_PLAIN = {"VerifiableCredential", "OpenBadgeCredential", "AchievementCredential", "ClrCredential"}
# Members that a credential may have and that are not looked at: the report names those that are there.
UNCHECKED = {
    "credentialSchema": "whether it follows the form that it names (credentialSchema)",
    "termsOfUse": "its terms of use",
    "refreshService": "whether a newer version exists (refreshService)",
    "endorsement": "what others say about it (endorsements)",
    "endorsementJwt": "what others say about it (endorsements)",
    "renderMethod": "how its issuer would show it (renderMethod)",
    "confidenceMethod": "how to recognise its holder (confidenceMethod)",
    "relatedResource": "the other documents that it names",
}


def kind(credential: JsonObject) -> str:
    """Which of the three."""
    types = set(texts(credential.get("type")))
    if "VerifiableCredential" not in types:
        raise Malformed("the document is no verifiable credential")
    if "ClrCredential" in types:
        return RECORD
    return BADGE if types & {"OpenBadgeCredential", "AchievementCredential"} else OTHER


def version(credential: JsonObject) -> str:
    """`1.1` or `2.0`, by the first context, as both versions of the model ask. Raises Malformed."""
    first = next(iter(texts(credential.get("@context"))), None)
    found = {VC: "2.0", VC1: "1.1"}.get(str(first))
    if found is None:
        raise Malformed("the document's first context is that of no verifiable credential")
    return found


def issuer_of(credential: JsonObject) -> str:
    """The issuer's identifier. Raises Malformed."""
    found = credential.get("issuer")
    name = found.get("id") if isinstance(found, dict) else found
    if not isinstance(name, str) or not name:
        raise Malformed("the credential does not say who issued it")
    return name


def read(credential: JsonObject) -> Summary:
    """What it says, for showing. Raises Malformed."""
    which, model = kind(credential), version(credential)
    begins = credential.get("validFrom", credential.get("issuanceDate"))
    ends = [foreign_moment(credential[name]) for name in ("validUntil", "expirationDate") if name in credential]
    issuer = credential.get("issuer")
    subject = _one_subject(credential)
    achievement = next(objects(subject.get("achievement")), {})
    return Summary(
        id=text(credential.get("id")),
        title=title(credential),
        recipient=_recipient(subject),
        issuer=(text(issuer.get("name")) if isinstance(issuer, dict) else "") or issuer_of(credential),
        issuer_id=issuer_of(credential),
        achievement=text(achievement.get("id")),
        results=_results(subject, achievement),
        valid_from=foreign_moment(begins),
        valid_until=min(ends, default=None),
        status=None,
        kind=f"{which}, VC Data Model {model}",
    )


def _one_subject(credential: JsonObject) -> JsonObject:
    """A second description of somebody could hide what the first one says."""
    found = list(objects(credential.get("credentialSubject")))
    if len(found) != 1:
        raise Malformed(f"the credential speaks of {len(found)} subjects; one of them may be there to mislead")
    return found[0]


def title(credential: JsonObject) -> str:
    """What it is about, in a few words."""
    subject = next(objects(credential.get("credentialSubject")), {})
    achievement = next(objects(subject.get("achievement")), {})
    kinds = [each for each in texts(credential.get("type")) if each not in _PLAIN]
    return text(credential.get("name")) or text(achievement.get("name")) or (kinds or ["Credential"])[0]


def unchecked(credential: JsonObject) -> tuple[str, ...]:
    """What is in the credential and was not looked at, in words."""
    subject = next(objects(credential.get("credentialSubject")), {})
    there = set(credential) | set(subject) & {"endorsement", "endorsementJwt"}
    return tuple(dict.fromkeys(said for name, said in UNCHECKED.items() if name in there))


def held(credential: JsonObject) -> Iterator[tuple[Held, Json]]:
    """What a record holds: its own achievements, and the credentials in it, each with its content (an object, or a token's text)."""
    subject = next(objects(credential.get("credentialSubject")), {})
    inside = subject.get("verifiableCredential", [])
    own = [(each, None) for each in objects(subject.get("achievement"))]
    contained = list(inside) if isinstance(inside, list) else [inside]
    if len(own) + len(contained) > MAX_HELD:
        raise Malformed(f"the record holds more than {MAX_HELD} credentials")
    for achievement, _ in own:
        yield Held(text(achievement.get("name")) or "Achievement", "", "achievement", "in the record"), None
    for each in contained:
        found = _enveloped(each)
        if isinstance(found, str):
            yield Held("Credential", "", "token", "not checked"), found
        elif isinstance(found, dict):
            issuer = found.get("issuer")
            name = text(issuer.get("name")) if isinstance(issuer, dict) else ""
            yield Held(title(found), name or text(issuer), "credential", "not checked"), found


def _enveloped(item: Json) -> Json:
    """A token in the envelope of VC Data Model 2.0 section 4.12, unwrapped."""
    if isinstance(item, dict) and "EnvelopedVerifiableCredential" in texts(item.get("type")):
        found = text(item.get("id"))
        return found.partition(",")[2] if found.startswith("data:application/vc+jwt,") else {}
    return item


def objects(found: Json) -> Iterator[JsonObject]:
    """One object or many."""
    for each in found if isinstance(found, list) else [found]:
        if isinstance(each, dict):
            yield each


def texts(found: Json) -> Sequence[str]:
    """One text or many."""
    return [each for each in (found if isinstance(found, list) else [found]) if isinstance(each, str)]


def text(found: Json) -> str:
    """A text, of one language where there are several; empty where there is none."""
    if isinstance(found, list):
        found = found[0] if found else ""
    if isinstance(found, dict):
        found = found.get("@value", "")
    return found if isinstance(found, str) else ""


def _recipient(subject: JsonObject) -> str:
    """A name, or else an address in clear, or else the identifier. Hashed identities name nobody."""
    open_ones = {
        text(each.get("identityType")): text(each.get("identityHash"))
        for each in objects(subject.get("identifier"))
        if each.get("hashed") in (False, "false")
    }
    named = [open_ones[kind] for kind in ("name", "emailAddress", "email") if open_ones.get(kind)]
    return (named or [text(subject.get("name")) or text(subject.get("id"))])[0]


def _results(subject: JsonObject, achievement: JsonObject) -> tuple[tuple[str, str], ...]:
    known = {text(each.get("id")): each for each in objects(achievement.get("resultDescription"))}
    found = []
    for each in objects(subject.get("result")):
        about = known.get(text(each.get("resultDescription")), {})
        value = text(each.get("value")) or text(each.get("status")) or text(each.get("achievedLevel"))
        if value:
            found.append((text(about.get("name")) or "Result", value))
    return tuple(found)
