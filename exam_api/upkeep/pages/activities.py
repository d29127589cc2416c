"""Activities that wait for staff to look at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from exam_api.accounts.access import Registrar
from exam_api.errors import Invalid, WrongState, status_of
from exam_api.upkeep import queries
from exam_api.upkeep.access import LockedActivity
from exam_api.upkeep.queries import Waiting
from exam_api.upkeep.schemas import ActivityDecisionIn
from exam_api.upkeep.service import renewing
from exam_api.web.context import show
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.i18n import _
from exam_api.web.render import Page

NO_WORDS = _("Say in 3 to 2,000 characters why, for the person who noted it.")
Text = Annotated[str, Form(max_length=4_000)]

router = APIRouter()


@dataclass(frozen=True)
class CreditsPage(Page):
    """What waits, the oldest first."""

    template: ClassVar[str] = "upkeep/credits.html"
    waiting: Sequence[Waiting]
    error: str | None


@router.get("/credits")
async def credits_page(request: Request, _: Registrar, session: Session) -> HTMLResponse:
    """What waits."""
    return show(request, CreditsPage(await queries.waiting_activities(session), None))


@router.post("/activities/{activity_id}", response_model=None)
async def decide(
    request: Request,
    activity: LockedActivity,
    actor: Registrar,
    here: Here,
    session: Session,
    now: Now,
    chance: Chance,
    decision: Text = "",
    words: Text = "",
) -> HTMLResponse | RedirectResponse:
    """Accept or refuse one."""
    try:
        body = ActivityDecisionIn(accepted=decision == "accept", words=words)
        await renewing.decide(session, here, activity, body, actor.id, now, chance)
    except (ValidationError, WrongState) as problem:
        error = Invalid(NO_WORDS) if isinstance(problem, ValidationError) else problem
        return show(request, CreditsPage(await queries.waiting_activities(session), str(error)), status_of(error))
    return RedirectResponse("/credits", 303)
