"""The own account: profile, passkeys and devices, consents and data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from exam_api.accounts.access import IDLE, ChangesWaysIn, SignedIn, is_recent
from exam_api.accounts.queries import records
from exam_api.accounts.queries import sessions as queries
from exam_api.accounts.schemas import ProfileIn, Role, SessionOut, WaysInOut
from exam_api.accounts.service import profile, sessions, ways_in
from exam_api.db.models.attempts import Consent
from exam_api.errors import LastWayIn
from exam_api.web.context import show
from exam_api.web.deps import Now, Session
from exam_api.web.i18n import LANGUAGE_COOKIE, _
from exam_api.web.render import Page

router = APIRouter(prefix="/me")
Done = Literal["profile", "passkey", "removed", "password", "session", ""]


@dataclass(frozen=True)
class ProfilePage(Page):
    """Name and language."""

    template: ClassVar[str] = "accounts/me.html"
    name: str
    email: str
    locale: str
    roles: Sequence[str]
    done: Done = ""
    error: str | None = None


@dataclass(frozen=True)
class SecurityPage(Page):
    """Ways in and devices. `recent`: the sign-in is fresh enough to change them."""

    template: ClassVar[str] = "accounts/security.html"
    has: WaysInOut
    devices: Sequence[SessionOut]
    recent: bool
    done: Done = ""
    error: str | None = None


@dataclass(frozen=True)
class DataPage(Page):
    """What was accepted, and everything to take away."""

    template: ClassVar[str] = "accounts/data.html"
    consents: Sequence[Consent]


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, 303)


@router.get("")
async def profile_page(request: Request, actor: SignedIn, done: Done = "") -> Response:
    """Name and language."""
    page = ProfilePage(
        actor.name, actor.email, actor.locale or "", [role for role in Role if role in actor.roles], done=done
    )
    return show(request, page)


@router.post("")
async def change_profile(
    request: Request,
    actor: SignedIn,
    session: Session,
    now: Now,
    name: Annotated[str, Form(max_length=500)] = "",
    locale: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Set them; the language counts from the next page on."""
    try:
        body = ProfileIn.model_validate({"name": name, "locale": locale or None})
    except ValidationError:
        said = _("Type your name as it should stand on a certificate, in at most 120 characters.")
        return show(
            request,
            ProfilePage(name, actor.email, locale, [role for role in Role if role in actor.roles], error=said),
            422,
        )
    await profile.change(session, actor.id, body, now)
    response = _to("/me?done=profile")
    if body.locale:
        response.set_cookie(LANGUAGE_COOKIE, body.locale, max_age=31_536_000, path="/", samesite="lax")
    else:
        response.delete_cookie(LANGUAGE_COOKIE, path="/")
    return response


@router.get("/security")
async def security_page(request: Request, actor: SignedIn, session: Session, now: Now, done: Done = "") -> Response:
    """Ways in and devices."""
    return show(request, await _security(actor, session, now, done=done))


async def _security(
    actor: SignedIn, session: Session, now: Now, *, done: Done = "", error: str | None = None
) -> SecurityPage:
    rows = await queries.live_sessions(session, actor.id, now, IDLE)
    return SecurityPage(
        has=await ways_in.ways_in(session, actor.id),
        devices=[profile.show_session(row, actor.session_id) for row in rows],
        recent=is_recent(actor, now + timedelta(minutes=1)),  # a minute to press the button
        done=done,
        error=error,
    )


@router.post("/passkeys/{passkey_id}/remove")
async def remove_passkey(
    request: Request, passkey_id: UUID, actor: ChangesWaysIn, session: Session, now: Now
) -> Response:
    """The last way in stays."""
    try:
        await ways_in.remove_passkey(session, actor.id, passkey_id, now)
    except LastWayIn as error:
        return show(request, await _security(actor, session, now, error=str(error)), 409)
    return _to("/me/security?done=removed")


@router.post("/password/remove")
async def remove_password(request: Request, actor: ChangesWaysIn, session: Session, now: Now) -> Response:
    """The last way in stays."""
    try:
        await ways_in.remove_password(session, actor.id, now)
    except LastWayIn as error:
        return show(request, await _security(actor, session, now, error=str(error)), 409)
    return _to("/me/security?done=removed")


@router.post("/sessions/{session_id}/end")
async def end_session(session_id: UUID, actor: SignedIn, session: Session, now: Now) -> Response:
    """Sign one device out."""
    await sessions.end(session, actor.id, session_id, now)
    return _to("/me/security?done=session")


@router.post("/sessions/end")
async def end_others(actor: SignedIn, session: Session, now: Now) -> Response:
    """Sign out everywhere but here."""
    await sessions.end_all(session, actor.id, now, but=actor.session_id, by=actor.id)
    return _to("/me/security?done=session")


@router.get("/data")
async def data_page(request: Request, actor: SignedIn, session: Session) -> Response:
    """Consents, and the download."""
    return show(request, DataPage(consents=await records.consents_of(session, actor.id)))
