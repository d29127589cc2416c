"""The locked-down browser: what it shows of itself, at the start and all along."""

from fastapi import APIRouter, Request

from exam_api.attempts.access import NewKey, OwnAttempt
from exam_api.attempts.schemas import BrowserCheckIn, BrowserCheckOut
from exam_api.attempts.service import lockdown
from exam_api.web.deps import Here, Now, Session
from exam_api.web.problems import ERRORS
from lockdown.proof import CONFIG_KEY_HEADER, EXAM_KEY_HEADER

router = APIRouter(prefix="/api/attempts", tags=["attempts"], responses=ERRORS(401, 403, 404, 409, 422))


@router.post("/{attempt_id}/browser-checks")
async def check_browser(
    place: OwnAttempt,
    proof: NewKey,
    body: BrowserCheckIn,
    request: Request,
    here: Here,
    session: Session,
    now: Now,
) -> BrowserCheckOut:
    """Show that this device's browser runs with the exam's settings: by the page's own hashes, or by the headers of this request,
    whose address then ends with `?check=` and the check.
    """
    shown = lockdown.Shown(
        path=f"{request.url.path}?check={body.check}",
        config_header=request.headers.get(CONFIG_KEY_HEADER),
        exam_header=request.headers.get(EXAM_KEY_HEADER),
        page=body,
    )
    return await lockdown.check(session, here, place, proof.jkt, shown, now)
