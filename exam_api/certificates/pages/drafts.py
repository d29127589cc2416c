"""A certificate of a list before it is one: the real page and the real sheet, marked as a draft."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import HTMLResponse

from credentials.issuance import certificate
from exam_api.accounts.queries.people import find_user
from exam_api.certificates import queries
from exam_api.certificates.access import ReadBatch
from exam_api.certificates.pages.shown import Shown, read_shown
from exam_api.certificates.service import batches, downloads
from exam_api.db.models.giving import Batch
from exam_api.errors import NotFound
from exam_api.web.context import language_of, say, show
from exam_api.web.deps import Here, Now, Session
from exam_api.web.render import Page

router = APIRouter(prefix="/certificates/batches")


@dataclass(frozen=True)
class DraftPage(Page):
    """What the certificate of a row will say. Nothing of it is signed."""

    template: ClassVar[str] = "certificates/batch_draft.html"
    batch: Batch
    number: int
    issuer: str
    shown: Shown


async def _draft(
    number: Annotated[int, Path(ge=1, le=2**31 - 1)], batch: ReadBatch, here: Here, session: Session, now: Now
) -> dict[str, Any]:
    rows = await queries.batch_rows(session, batch.id, number - 1, 1)
    holder = await find_user(session, rows[0].holder_id) if rows else None
    if holder is None:
        raise NotFound
    return batches.draft(here, batch, rows[0], holder, now)


Drafted = Annotated[dict[str, Any], Depends(_draft)]


@router.get("/{batch_id}/{number}")
async def draft_page(request: Request, number: int, batch: ReadBatch, here: Here, drafted: Drafted) -> HTMLResponse:
    """The page as it will be."""
    said = certificate.read(drafted)
    shown = read_shown(drafted, said.recipient, said.title, known=True)
    return show(request, DraftPage(batch, number, here.issuer_name, shown))


@router.get("/{batch_id}/{number}/draft.pdf")
async def draft_file(request: Request, drafted: Drafted) -> Response:
    """The sheet as it will be, with DRAFT across it, no code and nothing attached."""
    told = (language_of(request), partial(say, request))
    file = await asyncio.to_thread(downloads.draft, drafted, *told)
    headers = {"Content-Disposition": f'inline; filename="{file.name}"'}
    return Response(file.content, media_type=file.media_type, headers=headers)
