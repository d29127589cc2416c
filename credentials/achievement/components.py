"""Certificates that another one rests on: named in its evidence by their addresses, and pinned by the hashes of their bytes.

Verifiable Credentials Data Model 2.0, section 5.3 (`relatedResource`), holds an address and a hash; Open Badges 3.0 `Evidence`
with the same address says what the thing is. An address must not be described twice in one document, so the hash stands at the
address with `#jcs` behind it: the certificate's canonical bytes. So the whole says what it rests on without repeating what that says of anybody.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from credentials.achievement.content import GENRES, Assurance, genre_of
from credentials.canonical import JsonObject, jcs
from credentials.errors import Malformed

MAX_COMPONENTS = 50
BYTES = "#jcs"
NARRATIVE = "A certificate of its own that this one rests on. It can be checked at its address."


@dataclass(frozen=True)
class Component:
    """One of them: its address, what it is called, the SHA-256 of its JCS bytes in base64."""

    id: str
    name: str
    sha256: str
    assurance: Assurance | None = None

    @classmethod
    def of(cls, credential: JsonObject, assurance: Assurance | None) -> Component:
        """How a certificate is named by what rests on it."""
        digest = base64.b64encode(hashlib.sha256(jcs(credential)).digest()).decode()
        return cls(str(credential["id"]), str(credential["name"]), digest, assurance)

    def is_this(self, credential: JsonObject) -> bool:
        """Whether that document is the very one, to the byte."""
        return Component.of(credential, None).sha256 == self.sha256


def evidence(components: Sequence[Component]) -> list[JsonObject]:
    """Their entries in `evidence`. Raises Malformed."""
    if len(components) > MAX_COMPONENTS:
        raise Malformed(f"a certificate rests on at most {MAX_COMPONENTS} others")
    if len({each.id for each in components}) != len(components):
        raise Malformed("a certificate rests on another one only once")
    return [
        {
            "id": each.id,
            "type": ["Evidence"],
            "name": each.name,
            "narrative": NARRATIVE,
            **({} if each.assurance is None else {"genre": genre_of(each.assurance)}),
        }
        for each in components
    ]


def assurance_of(evidence: Sequence[JsonObject], components: Sequence[Component]) -> Assurance | None:
    """The level that the evidence names. Where two pieces name different ones, the weaker counts; where one names none, nothing
    better than the weakest is known of the whole. The evidence of a programme itself, that its parts are there, has none.
    """
    rests_on = {each.id for each in components}
    counting = [each for each in evidence if "genre" in each or not rests_on or each.get("id") in rests_on]
    found = {GENRES.get(str(each.get("genre"))) for each in counting}
    order: tuple[Assurance, ...] = ("unmonitored", "monitored", "locked-down")
    weakest = next((level for level in order if level in found), None)
    return None if None in found and weakest != order[0] else weakest


def pin(address: str, sha256: str) -> JsonObject:
    """An entry in `relatedResource`: this address holds bytes of this hash."""
    return {"id": address, "digestSRI": f"sha256-{sha256}"}


def read(evidence: Sequence[JsonObject], related: object) -> tuple[tuple[Component, ...], str | None]:
    """What a certificate rests on: whatever stands in both; and the one other that is related: whose place it takes.

    Raises Malformed.
    """
    hashes = dict(
        _pin(each) for each in (related if isinstance(related, list) else [] if related is None else [related])
    )
    rests_on = tuple(
        Component(each["id"], str(each.get("name", "")), hashes[each["id"] + BYTES])
        for each in evidence
        if isinstance(each.get("id"), str) and each["id"] + BYTES in hashes
    )
    others = set(hashes) - {each.id + BYTES for each in rests_on}
    return rests_on, others.pop() if len(others) == 1 else None


def _pin(found: object) -> tuple[str, str]:
    if isinstance(found, dict) and set(found) == {"id", "digestSRI"}:
        address, digest = found["id"], found["digestSRI"]
        if isinstance(address, str) and isinstance(digest, str) and address and digest:
            return address, digest.removeprefix("sha256-")
    raise Malformed("the certificate's 'relatedResource' is not in the form that we issue")
