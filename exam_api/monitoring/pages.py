"""The live view of a sitting."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from exam_api.accounts.access import Invigilator
from exam_api.exams.access import SeenSitting
from exam_api.monitoring import service
from exam_api.monitoring.schemas import LiveOut
from exam_api.web.context import checked_form, show
from exam_api.web.deps import Now, Session
from exam_api.web.render import Page

router = APIRouter(include_in_schema=False, dependencies=[Depends(checked_form)])


@dataclass(frozen=True)
class LivePage(Page):
    """Everybody in a sitting; those who need a person stand first."""

    template: ClassVar[str] = "monitoring/live.html"
    sitting_id: UUID
    title: str
    live: LiveOut


@router.get("/sittings/{sitting_id}/live")
async def live(request: Request, sitting: SeenSitting, _: Invigilator, session: Session, now: Now) -> HTMLResponse:
    """The live view; a script renews its table, without one the page is reloaded by hand."""
    seen = await service.watch(session, sitting.sitting.id, now)
    return show(request, LivePage(sitting.sitting.id, sitting.sitting.title, seen))
