"""Sign in and out."""

from fastapi import APIRouter, Response

from exam_api.accounts.access import MaybeActor, Visit, set_session_cookie
from exam_api.accounts.schemas import CeremonyOut, CodeIn, MeOut, PasskeySignIn, PasswordSignIn
from exam_api.accounts.service import profile, sessions, sign_in
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.problems import ERRORS

router = APIRouter()


@router.post("/sign-in/passkey/options", responses=ERRORS(403, 429))
async def ask_for_passkey(session: Session, here: Here, visit: Visit, now: Now, chance: Chance) -> CeremonyOut:
    """A challenge for `navigator.credentials.get`; it lives five minutes and is used once."""
    return await sign_in.ask_anyone(session, here, visit, now, chance)


@router.post("/sign-in/passkey", responses=ERRORS(401, 403, 422, 429))
async def sign_in_with_passkey(
    body: PasskeySignIn, response: Response, session: Session, here: Here, visit: Visit, now: Now, chance: Chance
) -> MeOut:
    """Sign in with a passkey; the session comes in a cookie."""
    opened = await sign_in.with_passkey(session, here, body, visit, now, chance)
    set_session_cookie(response, here, opened.token)
    return profile.show_opened(opened)


@router.post("/sign-in/password", responses=ERRORS(401, 403, 422, 429))
async def sign_in_with_password(
    body: PasswordSignIn, response: Response, session: Session, here: Here, visit: Visit, now: Now, chance: Chance
) -> MeOut:
    """Sign in with password and authenticator code; the session comes in a cookie."""
    opened = await sign_in.with_password(session, here, body, visit, now, chance)
    set_session_cookie(response, here, opened.token)
    return profile.show_opened(opened)


@router.post("/activate", responses=ERRORS(403, 410, 422, 429))
async def activate(
    body: CodeIn, response: Response, session: Session, here: Here, visit: Visit, now: Now, chance: Chance
) -> MeOut:
    """Use an activation code. The session that comes back can add a way in, and nothing else."""
    opened = await sign_in.with_code(session, here, body.code, visit, now, chance)
    set_session_cookie(response, here, opened.token)
    return profile.show_opened(opened)


@router.post("/sign-out", status_code=204, responses=ERRORS(403))
async def sign_out(response: Response, actor: MaybeActor, session: Session, here: Here, now: Now) -> None:
    """End this session. Signing out twice is no mistake."""
    if actor is not None:
        await sessions.end(session, actor.id, actor.session_id, now)
    set_session_cookie(response, here, None)
