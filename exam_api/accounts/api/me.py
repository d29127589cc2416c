"""The own account: who am I, ways in, devices, data."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response

from exam_api.accounts.access import IDLE, Actor, ChangesWaysIn, SignedIn, Visit, set_session_cookie
from exam_api.accounts.queries import sessions as queries
from exam_api.accounts.schemas import (
    CeremonyOut,
    MeOut,
    NewPasskey,
    NewPassword,
    PasskeyOut,
    PasswordOffer,
    ProfileIn,
    Role,
    SessionOut,
    WaysInOut,
)
from exam_api.accounts.service import passkeys, password, profile, sessions, ways_in
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.problems import ERRORS

router = APIRouter(prefix="/me")


def _me(actor: Actor) -> MeOut:
    return MeOut(
        id=actor.id,
        name=actor.name,
        email=actor.email,
        roles=[role for role in Role if role in actor.roles],
        locale=actor.locale,
        method=actor.method,
        signed_in_at=actor.signed_in_at,
    )


@router.get("", responses=ERRORS(401, 403))
async def who_am_i(actor: SignedIn) -> MeOut:
    """The account that is signed in."""
    return _me(actor)


@router.put("", status_code=204, responses=ERRORS(401, 403, 422))
async def change_profile(body: ProfileIn, actor: SignedIn, session: Session, now: Now) -> None:
    """Set name and language."""
    await profile.change(session, actor.id, body, now)


@router.get("/data", responses=ERRORS(401, 403))
async def my_data(actor: SignedIn, session: Session, now: Now, response: Response) -> dict[str, Any]:
    """Everything that the account keeps about its owner."""
    response.headers["Content-Disposition"] = 'attachment; filename="invigil-my-account.json"'
    return await profile.everything(session, actor.id, now)


# --- devices ---
@router.get("/sessions", responses=ERRORS(401, 403))
async def my_sessions(actor: SignedIn, session: Session, now: Now) -> list[SessionOut]:
    """The devices that are signed in, last used first."""
    rows = await queries.live_sessions(session, actor.id, now, IDLE)
    return [profile.show_session(row, actor.session_id) for row in rows]


@router.delete("/sessions", status_code=204, responses=ERRORS(401, 403))
async def end_other_sessions(actor: SignedIn, session: Session, now: Now) -> None:
    """Sign out everywhere but here."""
    await sessions.end_all(session, actor.id, now, but=actor.session_id, by=actor.id)


@router.delete("/sessions/{session_id}", status_code=204, responses=ERRORS(401, 403, 404, 422))
async def end_session(session_id: UUID, actor: SignedIn, session: Session, now: Now) -> None:
    """Sign one device out."""
    await sessions.end(session, actor.id, session_id, now)


# --- ways in ---
@router.get("/ways-in", responses=ERRORS(401, 403))
async def my_ways_in(actor: SignedIn, session: Session) -> WaysInOut:
    """How this account can be entered."""
    return await ways_in.ways_in(session, actor.id)


@router.post("/passkeys/options", responses=ERRORS(401, 403))
async def ask_for_new_passkey(
    actor: ChangesWaysIn, session: Session, here: Here, now: Now, chance: Chance
) -> CeremonyOut:
    """Options for `navigator.credentials.create`."""
    return await passkeys.registration_options(session, here, actor.id, now, chance)


@router.post("/passkeys", status_code=201, responses=ERRORS(401, 403, 422))
async def add_passkey(
    body: NewPasskey,
    response: Response,
    actor: ChangesWaysIn,
    session: Session,
    here: Here,
    visit: Visit,
    now: Now,
    chance: Chance,
) -> PasskeyOut:
    """Add a passkey. An activation session becomes a full one: a new cookie comes back."""
    passkey = await ways_in.add_passkey(session, here, actor.id, body, now)
    if actor.settling_in:
        opened = await ways_in.settle(session, actor.id, "passkey", visit, now, chance)
        set_session_cookie(response, here, opened.token)
    return passkey


@router.delete("/passkeys/{passkey_id}", status_code=204, responses=ERRORS(401, 403, 404, 409, 422))
async def remove_passkey(passkey_id: UUID, actor: ChangesWaysIn, session: Session, now: Now) -> None:
    """Remove a passkey; the last way in stays."""
    await ways_in.remove_passkey(session, actor.id, passkey_id, now)


@router.post("/password/options", responses=ERRORS(401, 403))
async def offer_password(actor: ChangesWaysIn, here: Here, now: Now, chance: Chance) -> PasswordOffer:
    """A new secret for an authenticator app; nothing is stored before its first code comes back."""
    return password.offer(here, actor.id, actor.email, now, chance)


@router.put("/password", status_code=204, responses=ERRORS(401, 403, 410, 422))
async def set_password(
    body: NewPassword,
    response: Response,
    actor: ChangesWaysIn,
    session: Session,
    here: Here,
    visit: Visit,
    now: Now,
    chance: Chance,
) -> None:
    """Set password and authenticator together. An activation session becomes a full one: a new cookie comes back."""
    await ways_in.set_password(session, here, actor.id, actor.session_id, body, now, chance)
    if actor.settling_in:
        opened = await ways_in.settle(session, actor.id, "password", visit, now, chance)
        set_session_cookie(response, here, opened.token)


@router.delete("/password", status_code=204, responses=ERRORS(401, 403, 404, 409))
async def remove_password(actor: ChangesWaysIn, session: Session, now: Now) -> None:
    """Remove password and authenticator; the last way in stays."""
    await ways_in.remove_password(session, actor.id, now)
