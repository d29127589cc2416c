"""Keeping one's certificate valid: how far it has come, what was noted, and noting more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile

from credentials.achievement.renewal import Progress, Rule
from exam_api.accounts.access import SignedIn
from exam_api.certificates.queries import find_successor
from exam_api.db.models.certificates import Certificate
from exam_api.db.models.renewing import CreditActivity
from exam_api.errors import ExamError, Invalid, WrongState, status_of
from exam_api.installation import Installation
from exam_api.upkeep import queries
from exam_api.upkeep.access import LockedCertificate, OwnActivity, OwnCertificate, SeenActivity
from exam_api.upkeep.schemas import MAX_FILE, ActivityIn
from exam_api.upkeep.service import renewing
from exam_api.web.context import show
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.i18n import _
from exam_api.web.render import Page

FIELDS = ("title", "provider", "day", "credits", "link")
MISTAKES: Mapping[str, str] = {
    "title": _("Say what it was, in at most 200 characters."),
    "provider": _("Say who offered it, in at most 200 characters."),
    "day": _("Give the day on which it ended."),
    "credits": _("Give the credits in quarters, such as 2 or 1.25."),
    "link": _("Give a whole address that begins with https://, or nothing."),
}
Text = Annotated[str, Form(max_length=2_000)]

router = APIRouter()


@dataclass(frozen=True)
class ValidPage(Page):
    """How far the renewal of one's certificate has come. `rule` None: it is not renewed."""

    template: ClassVar[str] = "upkeep/valid.html"
    certificate: Certificate
    name: str
    rule: Rule | None
    progress: Progress | None
    renewed_as: UUID | None
    activities: Sequence[CreditActivity]
    values: Mapping[str, str]
    wrong: Mapping[str, str | None]
    error: str | None


@router.get("/certificates/{certificate_id}/valid")
async def valid_page(request: Request, held: OwnCertificate, here: Here, session: Session, now: Now) -> HTMLResponse:
    """Keep it valid."""
    return show(request, await _page(session, here, held.certificate, now))


async def _page(
    session: AsyncSession,
    here: Installation,
    row: Certificate,
    now: Now,
    values: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    error: ExamError | None = None,
) -> ValidPage:
    rule = renewing.rule_of(await renewing.terms_of(session, here, row), row)
    newer = await find_successor(session, row.id)
    return ValidPage(
        certificate=row,
        name=row.document["name"],
        rule=rule,
        progress=None if rule is None else await renewing.progress(session, row, rule, now),
        renewed_as=newer.id if newer else None,
        activities=await queries.activities_of(session, row.id),
        values={**dict.fromkeys(FIELDS, ""), **(values or {})},
        wrong={**dict.fromkeys(FIELDS), **(wrong or {})},
        error=str(error) if error else None,
    )


@router.post("/certificates/{certificate_id}/valid", response_model=None)
async def note(
    request: Request, held: LockedCertificate, here: Here, session: Session, now: Now, chance: Chance
) -> HTMLResponse | RedirectResponse:
    """Note an activity."""
    row, form = held.certificate, await request.form()
    values = {name: str(form.get(name, ""))[:2_000].strip() for name in FIELDS}
    sent = form.get("file")
    file = (
        (sent.filename or "file", await sent.read(MAX_FILE + 1)) if isinstance(sent, UploadFile) and sent.size else None
    )
    try:
        body = ActivityIn.model_validate({name: value for name, value in values.items() if value})
        async with session.begin_nested():  # a file that is refused leaves no row behind
            await renewing.note(session, here, row, held.holder, body, file, now, chance)
    except ValidationError as mistakes:
        named = {str(each["loc"][0]): MISTAKES[str(each["loc"][0])] for each in mistakes.errors()}
        return show(request, await _page(session, here, row, now, values, named), 422)
    except (Invalid, WrongState) as error:
        return show(request, await _page(session, here, row, now, values, None, error), status_of(error))
    return RedirectResponse(f"/certificates/{row.id}/valid#noted", 303)


@router.post("/activities/{activity_id}/take-back")
async def take_back(activity: OwnActivity, actor: SignedIn, session: Session, now: Now) -> RedirectResponse:
    """It is not noted any more."""
    await renewing.take_back(session, activity, actor.id, now)
    return RedirectResponse(f"/certificates/{activity.certificate_id}/valid#noted", 303)


@router.get("/activities/{activity_id}/file")
async def read_file(activity: SeenActivity, here: Here) -> Response:
    """What was handed in with it, as a download: a stranger's file is never shown inside our pages."""
    content, kind = await renewing.read_file(here, activity)
    ending = {"application/pdf": "pdf", "image/png": "png", "image/jpeg": "jpg"}.get(kind, "bin")
    headers = {
        "Content-Disposition": f'attachment; filename="activity-{activity.id}.{ending}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type=kind, headers=headers)
