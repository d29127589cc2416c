"""The page on which a candidate signs with a passkey what another device of theirs asks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from exam_api.accounts.access import Candidate
from exam_api.accounts.service import passkeys
from exam_api.attempts import queries
from exam_api.attempts.access import own_place
from exam_api.web.context import show
from exam_api.web.deps import Here, Now, Session
from exam_api.web.render import Page

router = APIRouter()
KINDS = ("start", "hand-over")


@dataclass(frozen=True)
class Waiting:
    """What is asked: to start an exam, or to take it over to another device."""

    id: UUID
    kind: str
    exam: str
    until: datetime
    options: dict[str, Any]


@dataclass(frozen=True)
class SignPage(Page):
    """One question for the passkey, or none."""

    template: ClassVar[str] = "attempts/sign.html"
    waiting: Waiting | None


@router.get("/sign")
async def sign_page(request: Request, actor: Candidate, here: Here, session: Session, now: Now) -> HTMLResponse:
    """The newest statement that waits for this person's passkey."""
    found = await passkeys.find_waiting(session, here, actor.id, KINDS, now)
    if found is None:
        return show(request, SignPage(None))
    row, asked = found
    place = await own_place(session, actor.id, UUID(row.context["attempt"]))
    exam = await queries.get_exam(session, here, place.sitting.version_id)
    return show(request, SignPage(Waiting(asked.id, row.kind, exam.title, row.expires_at, asked.options)))
