"""A person's certificates for their apps: those from here, and those from elsewhere that an app has put here, verified."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import unquote, urlencode
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import JsonObject, load
from credentials.errors import CredentialError, Malformed
from credentials.foreign import proving as foreign
from credentials.verification.trust import Trust
from exam_api.badges import queries
from exam_api.badges.schemas import MAX_CREDENTIAL, MAX_HELD, Granted, HeldOut
from exam_api.certificates import queries as certificates
from exam_api.certificates.service import others
from exam_api.db import ledger
from exam_api.db.models.badges import HeldCredential
from exam_api.errors import Invalid, NotFound, TooLarge, WrongState
from exam_api.events import CredentialKept, CredentialRemoved
from exam_api.installation import Installation
from exam_api.web.i18n import _

Kind = Literal["json", "jwt"]
PATH = "/ims/ob/v3p0/credentials"
UNPROVEN = _("This certificate was not kept, because its signature is not proven: {reason}.")
TAKEN_BACK = _("This certificate was not kept, because its issuer has taken it back.")
NAMELESS = _("This certificate was not kept, because it says neither its own id nor its issuer's.")
OURS = _("This certificate is from here and belongs to somebody else, so it was not kept.")
FULL = _("There is room for {count} certificates from elsewhere. Remove some first; nothing was changed.")


@dataclass(frozen=True)
class Listed:
    """One certificate in the order of its coming."""

    at: datetime
    id: UUID
    content: JsonObject | str


@dataclass(frozen=True)
class PageOf:
    """Some of a person's certificates, how many there are in all, and the headers that lead to the others."""

    items: tuple[Listed, ...]
    total: int
    links: str

    def as_json(self) -> dict[str, Any]:
        """As Open Badges 3.0 names them: those signed inside, and those that are tokens."""
        inside = [each.content for each in self.items if not isinstance(each.content, str)]
        return {
            "credential": inside,
            "compactJwsString": [each.content for each in self.items if isinstance(each.content, str)],
        }


async def page(
    session: AsyncSession, here: Installation, user_id: UUID, limit: int, offset: int, since: datetime | None
) -> PageOf:
    """A person's certificates, the newest first; without those that were taken back or erased."""
    found = [
        Listed(row.issued_at, row.id, row.document)
        for row in await certificates.list_of_person(session, user_id)
        if row.revoked_at is None and row.document
    ]
    found += [Listed(row.received_at, row.id, _content(row)) for row in await queries.list_held(session, user_id)]
    found = [each for each in found if since is None or each.at > since]
    found.sort(key=lambda each: (each.at, each.id), reverse=True)
    return PageOf(tuple(found[offset : offset + limit]), len(found), _links(here, limit, offset, len(found), since))


def _content(row: HeldCredential) -> JsonObject | str:
    return row.content.decode() if row.kind == "jwt" else load(row.content)


def _links(here: Installation, limit: int, offset: int, total: int, since: datetime | None) -> str:
    """The Link header (RFC 8288): first and last always, next and previous where there are such."""
    last = max(0, (total - 1) // limit * limit)
    places = {"first": 0, "last": last}
    if offset + limit < total:
        places["next"] = offset + limit
    if offset > 0:
        places["prev"] = max(0, offset - limit)
    told = {} if since is None else {"since": since.isoformat()}
    base = f"{here.public_url.rstrip('/')}{PATH}"
    addresses = ((rel, urlencode({"limit": limit, "offset": place, **told})) for rel, place in places.items())
    return ", ".join(f'<{base}?{query}>; rel="{rel}"' for rel, query in addresses)


async def upsert(
    session: AsyncSession, here: Installation, granted: Granted, content: bytes, kind: Kind, now: datetime
) -> bool:
    """Keep a certificate from elsewhere, once verified; whether it is new here. One with the same issuer and id takes the other's
    place, unless it is older (Open Badges 3.0, credential equality and comparison). One from here is never kept twice.

    Raises `Invalid`, `TooLarge`, `WrongState`.
    """
    if len(content) > MAX_CREDENTIAL:
        raise TooLarge
    try:
        _check_kind(content, kind)
        report, credential = await others.check(here, content.strip(), now)
    except CredentialError as error:
        raise Invalid(UNPROVEN.format(reason=str(error).rstrip("."))) from error
    issuer, name = _identity(credential)
    if issuer == unquote(here.issuer_did):
        await _check_own(session, granted.user_id, name)
        return False
    if report.signature.outcome != "proven":
        raise Invalid(UNPROVEN.format(reason=report.signature.reason))
    if report.status.outcome in {"revoked", "suspended"}:
        raise Invalid(TAKEN_BACK)
    await queries.lock_person(session, granted.user_id)
    held = await queries.find_held(session, granted.user_id, issuer, name)
    if held is None:
        if await queries.count_held(session, granted.user_id) >= MAX_HELD:
            raise WrongState(FULL.format(count=MAX_HELD))
        held = HeldCredential(user_id=granted.user_id, issuer=issuer, credential_id=name, received_at=now)
        session.add(held)
        new = True
    elif _begins(credential) < _begins(await asyncio.to_thread(_read, held.content, held.kind, now)):
        return False
    else:
        new = False
    held.app_id, held.content, held.kind, held.changed_at = granted.app_id, content, kind, now
    held.name, held.issuer_name = _title(credential), _issuer_name(credential)
    await session.flush()
    told = CredentialKept(granted.user_id, granted.app_id, held.id)
    await ledger.append(session, told, now, granted.user_id)
    return new


def _check_kind(content: bytes, kind: Kind) -> None:
    """A bare credential or a token, as the Content-Type says; not a file with one in it. Raises Malformed."""
    if content.lstrip().startswith(b"ey") != (kind == "jwt"):
        raise Malformed("what was sent is not what its Content-Type says")
    if kind == "json" and "@context" not in load(content, MAX_CREDENTIAL):
        raise Malformed("what was sent is not a credential")


def _read(content: bytes, kind: str, now: datetime) -> JsonObject:
    return foreign.verify(content, Trust(), now)[1] if kind == "jwt" else load(content)


def _identity(credential: JsonObject) -> tuple[str, str]:
    """Issuer and id as they are compared: without percent escapes and outer white space. Raises `Invalid`."""
    issuer = credential.get("issuer")
    names = (issuer.get("id") if isinstance(issuer, dict) else issuer, credential.get("id"))
    plain = [unquote(each).strip() if isinstance(each, str) else "" for each in names]
    if not all(plain) or max(map(len, plain)) > 2_000 or not all(each.isprintable() for each in plain):
        raise Invalid(NAMELESS)
    return plain[0], plain[1]


async def _check_own(session: AsyncSession, user_id: UUID, name: str) -> None:
    rows = await certificates.list_of_person(session, user_id)
    if not any(row.document.get("id") == name for row in rows):
        raise Invalid(OURS)


def _begins(credential: JsonObject) -> str:
    """When it was issued; stamps in one time zone compare as texts, and where they are not, the one that came later wins."""
    found = credential.get("validFrom", credential.get("issuanceDate", ""))
    return found if isinstance(found, str) and found.endswith("Z") else ""


def _title(credential: JsonObject) -> str:
    subject = credential.get("credentialSubject")
    achievement = subject.get("achievement") if isinstance(subject, dict) else None
    names = (achievement.get("name") if isinstance(achievement, dict) else None, credential.get("name"))
    return next(filter(None, map(_line, names)), _line(credential["id"]))


def _issuer_name(credential: JsonObject) -> str | None:
    issuer = credential["issuer"]
    return _line(issuer.get("name")) or None if isinstance(issuer, dict) else None


def _line(text: object) -> str:
    """A text as one line of a list; characters that nobody can see are left out."""
    plain = text if isinstance(text, str) else ""
    return "".join(letter for letter in plain if letter.isprintable()).strip()[:200]


async def list_held(session: AsyncSession, user_id: UUID) -> list[HeldOut]:
    """A person's certificates from elsewhere, for their page."""
    rows = await queries.list_held_with_apps(session, user_id)
    return [HeldOut(row.id, row.name, row.issuer_name or row.issuer, app, row.received_at) for row, app in rows]


async def remove(session: AsyncSession, user_id: UUID, held_id: UUID, now: datetime) -> None:
    """Forget a certificate from elsewhere. Raises `NotFound`."""
    if not await queries.remove_held(session, user_id, held_id):
        raise NotFound
    await ledger.append(session, CredentialRemoved(user_id, held_id), now, user_id)
