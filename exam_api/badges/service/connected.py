"""The apps that a person has let in."""

from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.badges import queries
from exam_api.badges.schemas import SCOPES, ConnectedOut
from exam_api.db import ledger
from exam_api.errors import NotFound
from exam_api.events import AppSentAway


async def list_apps(session: AsyncSession, user_id: UUID) -> list[ConnectedOut]:
    """The newest first; what each may do, in words."""
    return [
        ConnectedOut(
            consent.id,
            app.name,
            urlsplit(app.redirect_uris[0]).netloc,
            tuple(SCOPES[each] for each in SCOPES if each in consent.scopes),
            consent.given_at,
            consent.used_at,
        )
        for consent, app in await queries.list_consents(session, user_id)
    ]


async def end(session: AsyncSession, user_id: UUID, consent_id: UUID, now: datetime) -> None:
    """End a consent and every token of it. Raises `NotFound`."""
    app_id = await queries.end_consent(session, user_id, consent_id, now)
    if app_id is None:
        raise NotFound
    await ledger.append(session, AppSentAway(user_id, app_id), now, user_id)
