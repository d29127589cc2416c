"""When candidates see which part of their results."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from exam_api.accounts.access import Instructor
from exam_api.exams.access import LedSitting
from exam_api.exams.pages.frame import FormData, FormPage, Said, go, shape_problems
from exam_api.exams.queries.sittings import SittingListed
from exam_api.exams.schemas import ShownIn
from exam_api.exams.service import shown
from exam_api.web.context import show
from exam_api.web.deps import Now, Session

router = APIRouter(prefix="/sittings/{sitting_id}")


@dataclass(frozen=True)
class ShownPage(FormPage):
    """Five parts, each with its moment."""

    template: ClassVar[str] = "exams/shown.html"
    sitting: SittingListed
    rules: ShownIn
    said: str | None = None


@router.get("/shown")
async def shown_page(request: Request, sitting: LedSitting, session: Session, said: Said) -> HTMLResponse:
    """The rules as they are."""
    return show(request, ShownPage(sitting, await shown.rules_of(session, sitting.sitting.id), said=said))


@router.post("/shown")
async def change_shown(
    request: Request, form: FormData, sitting: LedSitting, actor: Instructor, session: Session, now: Now
) -> Response:
    """Change them."""
    sitting_id = sitting.sitting.id
    try:
        body = ShownIn.model_validate({name: form[name] for name in ShownIn.model_fields})
    except ValidationError as error:
        rules = await shown.rules_of(session, sitting_id)
        return show(request, ShownPage(sitting, rules, errors=shape_problems(error)), 422)
    await shown.change(session, sitting_id, body, now, actor.id)
    return go(f"/sittings/{sitting_id}/shown", "saved")
