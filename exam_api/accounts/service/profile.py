"""What a person sees and changes of the own account."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api import events
from exam_api.accounts.queries import own, people, records
from exam_api.accounts.queries import sessions as queries
from exam_api.accounts.schemas import MeOut, ProfileIn, Role, SessionOut
from exam_api.accounts.service import ways_in
from exam_api.accounts.service.sessions import Opened
from exam_api.db import ledger
from exam_api.db.base import iso
from exam_api.db.models.accounts import LoginSession
from exam_api.errors import NotAllowed, NotFound
from exam_api.web.i18n import _

NAME_STAYS = _(
    "Your name stands on certificates, so you cannot change it alone. Ask for another name under My certificates."
)


def show_opened(opened: Opened) -> MeOut:
    """The account that has just signed in."""
    user, login = opened.user, opened.session
    return MeOut(
        id=user.id,
        name=user.name,
        email=user.email,
        roles=[] if login.method == "activation" else [Role(role) for role in user.roles],
        locale=user.locale,
        method=login.method,
        signed_in_at=login.created_at,
    )


async def change(session: AsyncSession, user_id: UUID, body: ProfileIn, now: datetime) -> None:
    """Set name and language. Raises `NotAllowed` for another name of somebody who sits exams: certificates carry it, so a
    registrar decides about it (`upkeep.service.names`).
    """
    user = await people.lock_user(session, user_id)
    if user is None:
        raise NotFound
    if user.name != body.name and Role.candidate in user.roles:
        raise NotAllowed(NAME_STAYS)
    changed = [field for field in ("name", "locale") if getattr(user, field) != getattr(body, field)]
    if changed:
        user.name, user.locale = body.name, body.locale
        await session.flush()
        await ledger.append(session, events.ProfileChanged(user_id, changed), now, user_id)


# Looked for in this order: later names stand in the others' strings too, for old compatibility's sake.
BROWSERS = {"SEB/": "Safe Exam Browser", "Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox"} | {
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Mac OS X": "Mac"} | {
    "CrOS": "Chromebook",
    "Linux": "Linux",
}


def device_name(user_agent: str) -> str:
    """`Firefox, Windows`: enough to know one's own devices again. What the browser said when nothing is recognised."""
    found = (next((name for mark, name in names.items() if mark in user_agent), "") for names in (BROWSERS, SYSTEMS))
    return ", ".join(filter(None, found)) or user_agent[:60]


def show_session(row: LoginSession, current: UUID) -> SessionOut:
    return SessionOut(
        id=row.id,
        method=row.method,
        device=device_name(row.user_agent),
        user_agent=row.user_agent,
        created_at=row.created_at,
        seen_at=row.seen_at,
        current=row.id == current,
    )


async def everything(session: AsyncSession, user_id: UUID, now: datetime) -> dict[str, Any]:
    """All that the account keeps about its owner, as JSON (GDPR article 15). Secrets are named, not shown."""
    user = await people.find_user(session, user_id)
    if user is None:
        raise NotFound
    has = await ways_in.ways_in(session, user_id)
    rows = await own.rows_of(session, user_id)
    return {
        "made_at": iso(now),
        "account": {
            "id": str(user.id),
            "email": user.email,
            "name": user.name,
            "language": user.locale,
            "roles": user.roles,
            "created_at": iso(user.created_at),
        },
        "ways_in": has.model_dump(mode="json"),
        "sessions": [
            {
                "method": row.method,
                "browser": row.user_agent,
                "from": iso(row.created_at),
                "last_used": iso(row.seen_at),
                "ended": iso(row.revoked_at) if row.revoked_at else None,
            }
            for row in await queries.all_sessions(session, user_id)
        ],
        "consents": [
            {"attempt": str(row.attempt_id), "version": row.version, "terms": row.terms, "given_at": iso(row.given_at)}
            for row in await records.consents_of(session, user_id)
        ],
        "ledger": [
            {"at": iso(line.at), "what": line.tag, "data": line.data, "hash": line.hash}
            for line in await records.lines_about(session, user_id)
        ],
        "skills": _skills(rows["certificates"]),
        "tables": to_jsonable_python(rows),  # as docs/schema.sql names them
    }


def _skills(certificates: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What one's certificates say that one can do, as they say it; whether each of them holds stands beside it."""
    return [
        {"skill": skill, "certificate": str(row["id"])}
        for row in certificates
        if row["document"]
        for skill in row["document"]["credentialSubject"]["achievement"].get("alignment", ())
    ]
