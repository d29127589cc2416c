"""The page of a sitting's findings."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from exam_api.exams.access import LedSitting
from exam_api.findings.schemas import FindingsOut
from exam_api.findings.service import reading
from exam_api.web.context import checked_form, show
from exam_api.web.deps import Session
from exam_api.web.render import Page

router = APIRouter(include_in_schema=False, dependencies=[Depends(checked_form)])


@dataclass(frozen=True)
class FindingsPage(Page):
    """What statistics say about a sitting. `picture` None: there was nothing to draw."""

    template: ClassVar[str] = "findings/sitting.html"
    sitting_id: UUID
    sitting: str
    found: FindingsOut
    picture: Markup | None
    words: str


@router.get("/sittings/{sitting_id}/findings")
async def findings_page(request: Request, sitting: LedSitting, session: Session) -> HTMLResponse:
    """Pairs and people that a person should look at."""
    read = await reading.read(session, sitting.sitting.id)
    page = FindingsPage(
        sitting_id=sitting.sitting.id,
        sitting=sitting.sitting.title,
        found=read.found,
        picture=Markup(read.picture) if read.picture else None,  # noqa: S704  (drawn by integrity.picture, names escaped)
        words=read.words,
    )
    return show(request, page)
