"""Certificates for many: a list is made and looked through, another person approves it, and it is given with visible progress."""

import asyncio
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData, UploadFile

from exam_api.accounts.access import Registrar
from exam_api.accounts.queries.records import names_of
from exam_api.certificates import queries
from exam_api.certificates.access import LockedBatch, ReadBatch
from exam_api.certificates.queries import Progress
from exam_api.certificates.schemas import TermsIn
from exam_api.certificates.service import batches, earners, institution, preflight
from exam_api.certificates.service.preflight import Found, Problem
from exam_api.db.models.giving import Batch, BatchRow
from exam_api.errors import ExamError, Invalid, NotFound, WrongState, status_of
from exam_api.exams.queries.sittings import SittingListed, find_sitting, list_sittings
from exam_api.grades.service.sheets import safe
from exam_api.web.context import show
from exam_api.web.deps import Here, Now, Session
from exam_api.web.i18n import _
from exam_api.web.markdown import to_html
from exam_api.web.render import Page

router = APIRouter(prefix="/certificates/batches")
SHOWN = 100  # rows and problems on a page; the file has all of them
CONFIRMATION = "approve"
UNCONFIRMED = _('To approve it, type "approve". Nothing was approved.')
NO_REASON = _("Give a reason of 3 to 2,000 characters.")
NO_TABLE = _("Choose a file, or paste the rows.")
NO_TITLE = _("Give the list a name of at most 120 characters, so that others know which it is.")
MISTAKES: Mapping[str, str] = {
    "name": _("Name the certificate, in at most 120 characters."),
    "description": _("Say in a sentence or two what its holder can do."),
    "criteria": _("Say what had to be done for it."),
    "shown": _("Say in at most 2,000 characters how it was shown."),
    "kind": _("Choose what it is."),
    "valid_years": _("Give a whole number of years from 1 to 50, or nothing."),
    "credits": _("Give credits in quarters, such as 20 or 7.5, and years; or nothing."),
}


@dataclass(frozen=True)
class BatchesPage(Page):
    """All lists, the newest first."""

    template: ClassVar[str] = "certificates/batches.html"
    rows: Sequence[Batch]
    progress: Mapping[UUID, Progress]
    names: Mapping[UUID, str]


@dataclass(frozen=True)
class NewBatchPage(Page):
    """A list to be made: what the certificates say, who gets them, and what is wrong with which row."""

    template: ClassVar[str] = "certificates/batch_new.html"
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[tuple[str, str]] = ()
    found: Found | None = None
    shown: int = SHOWN
    sittings: Sequence[SittingListed] = ()  # to begin with everybody who passed one


@dataclass(frozen=True)
class BatchPage(Page):
    """One list, for the person who made it, the one who approves it, and while it is given."""

    template: ClassVar[str] = "certificates/batch.html"
    batch: Batch
    terms: TermsIn
    criteria: Markup  # what had to be done, as the certificate shows it
    rows: Sequence[BatchRow]
    progress: Progress
    names: Mapping[UUID, str]
    may_approve: bool
    word: str
    at: int
    pages: int
    doubts: Sequence[Problem]
    shown: int = SHOWN
    error: str | None = None
    wrong: str | None = None  # the field that the error is about


@router.get("")
async def batches_page(request: Request, _actor: Registrar, session: Session) -> HTMLResponse:
    """All lists."""
    rows = await queries.list_batches(session, SHOWN)
    names = await names_of(session, {each for row in rows for each in (row.made_by, row.approved_by) if each})
    return show(request, BatchesPage(rows, await queries.progress(session, {row.id for row in rows}), names))


@router.get("/new")
async def new_page(
    request: Request, _actor: Registrar, here: Here, session: Session, sitting: Annotated[UUID | None, Query()] = None
) -> HTMLResponse:
    """An empty form, or one that holds everybody who earned it in a sitting."""
    if sitting is None:
        return show(request, NewBatchPage(sittings=await list_sittings(session, limit=SHOWN)))
    listed = await find_sitting(session, sitting)
    if listed is None:
        raise NotFound
    try:
        exam, table = await earners.table(session, here, listed.sitting)
    except WrongState as error:
        return show(request, NewBatchPage(errors=[("rows", str(error))]), status_of(error))
    values = {"title": listed.sitting.title, "name": exam.title, "description": exam.description, "rows": table}
    return show(request, NewBatchPage(values))


@router.post("/new", response_model=None)
async def make_batch(request: Request, actor: Registrar, session: Session, now: Now) -> HTMLResponse | RedirectResponse:
    """Look through every row. Nothing is kept unless all rows are good, or the others are to be left out."""
    form = await request.form()
    values = {name: text for name, text in form.items() if isinstance(text, str)}
    title = " ".join(values.get("title", "").split())
    content = await _content(form)
    terms, errors = _terms(values)
    if not 1 <= len(title) <= 120 or not title.isprintable():
        errors.append(("title", NO_TITLE))
    if not content.strip():
        errors.append(("rows", NO_TABLE))
    if errors or terms is None:
        return show(request, NewBatchPage(values, errors), 422)
    if not values.get("rows", "").strip():
        values["rows"] = _pasted(content)
    try:
        found = await batches.check(session, terms, content, now)
        if found.stops and not values.get("leave_out"):
            return show(request, NewBatchPage(values, [("rows", batches.STOPPED)], found), 422)
        batch = await batches.make(session, title, terms, found.good, actor.id, now)
    except Invalid as error:
        return show(request, NewBatchPage(values, [("rows", str(error))]), 422)
    return RedirectResponse(f"/certificates/batches/{batch.id}", 303)


async def _content(form: FormData) -> bytes:
    file, pasted = form.get("table"), form.get("rows")
    content = await file.read(preflight.MAX_BYTES + 1) if isinstance(file, UploadFile) else b""
    return content or (pasted.encode() if isinstance(pasted, str) else b"")


def _pasted(content: bytes) -> str:
    """The file as the field shows it, to mend it there; one that is no UTF-8 is mended where it came from."""
    try:
        return content.decode("utf-8-sig") if len(content) < 400_000 else ""
    except UnicodeDecodeError:
        return ""


def _terms(values: Mapping[str, str]) -> tuple[TermsIn | None, list[tuple[str, str]]]:
    sent: dict[str, Any] = {name: values.get(name, "").replace("\r\n", "\n") for name in MISTAKES}
    sent["valid_years"] = sent["valid_years"].strip() or None
    sent["kind"] = sent["kind"] or "Certification"
    needed = sent.pop("credits").strip().replace(",", ".")
    sent["renewal"] = {"credits": needed} if needed else None
    try:
        return TermsIn.model_validate(sent), []
    except ValidationError as error:
        # Credits alone, or without an end of the certificate: both are mended in the field for credits.
        wrong = {str(next(iter(each["loc"]), "renewal")).replace("renewal", "credits") for each in error.errors()}
        return None, [(name, said) for name, said in MISTAKES.items() if name in wrong]


@router.get("/{batch_id}")
async def batch_page(
    request: Request,
    batch: ReadBatch,
    actor: Registrar,
    session: Session,
    page: Annotated[int, Query(ge=1, le=1_000)] = 1,
) -> HTMLResponse:
    """What the list says, and how far it is."""
    return show(request, await _batch_page(session, batch, actor.id, page))


async def _batch_page(
    session: AsyncSession, batch: Batch, actor_id: UUID, page: int = 1, error: ExamError | None = None
) -> BatchPage:
    done = (await queries.progress(session, {batch.id}))[batch.id]
    terms = TermsIn.model_validate(batch.terms)
    if batches.state_of(batch) == "approved" and not await batches.intact(session, batch):
        error = WrongState(batches.TAMPERED)
    return BatchPage(
        batch=batch,
        terms=terms,
        criteria=to_html(terms.criteria),
        rows=await queries.batch_rows(session, batch.id, (page - 1) * SHOWN, SHOWN),
        progress=done,
        names=await names_of(session, {each for each in (batch.made_by, batch.approved_by) if each}),
        may_approve=batch.made_by != actor_id and batch.approved_at is None and batch.withdrawn_at is None,
        word=CONFIRMATION,
        at=page,
        doubts=await _doubts(session, batch),
        pages=max(1, -(-done.rows // SHOWN)),
        error=str(error) if error else None,
        wrong={UNCONFIRMED: "confirmation", NO_REASON: "reason"}.get(str(error)),
    )


async def _doubts(session: AsyncSession, batch: Batch) -> Sequence[Problem]:
    if batch.approved_at is not None or batch.withdrawn_at is not None:
        return ()
    rows = await queries.rows_and_holders(session, batch.id)
    return await asyncio.to_thread(preflight.look_again, [(row.number, row.name, user) for row, user in rows])


@router.post("/{batch_id}/approve", response_model=None)
async def approve_batch(
    request: Request,
    batch: LockedBatch,
    actor: Registrar,
    session: Session,
    now: Now,
    digest: Annotated[str, Form(max_length=100)] = "",
    confirmation: Annotated[str, Form(max_length=100)] = "",
) -> HTMLResponse | RedirectResponse:
    """Exactly what was looked at: the digest comes from the page that was shown."""
    try:
        if confirmation.strip().lower() != CONFIRMATION:
            raise Invalid(UNCONFIRMED)
        await batches.approve(session, batch, digest, actor.id, now)
    except ExamError as error:
        return show(request, await _batch_page(session, batch, actor.id, error=error), status_of(error))
    return RedirectResponse(f"/certificates/batches/{batch.id}", 303)


@router.post("/{batch_id}/withdraw", response_model=None)
async def withdraw_batch(
    request: Request,
    batch: LockedBatch,
    actor: Registrar,
    session: Session,
    now: Now,
    reason: Annotated[str, Form(max_length=4_000)] = "",
) -> HTMLResponse | RedirectResponse:
    """Nothing of it is given."""
    try:
        if not 3 <= len(reason.strip()) <= 2_000 or "\x00" in reason:
            raise Invalid(NO_REASON)
        await batches.withdraw(session, batch, reason, actor.id, now)
    except ExamError as error:
        return show(request, await _batch_page(session, batch, actor.id, error=error), status_of(error))
    return RedirectResponse(f"/certificates/batches/{batch.id}", 303)


@router.get("/{batch_id}/report.csv")
async def batch_file(batch: ReadBatch, here: Here, session: Session) -> Response:
    """What became of each row."""
    rows = await queries.batch_rows(session, batch.id)
    made = await asyncio.to_thread(_as_csv, rows, institution.base(here))
    name = f'attachment; filename="list-{batch.id}.csv"'
    return Response(made, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": name})


def _as_csv(rows: Sequence[BatchRow], base: str) -> str:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(("row", "name", "date", "result", "certificate", "problem"))
    for row in rows:
        url = f"{base}/c/{row.certificate_id}" if row.certificate_id else None
        cells = (row.name, row.earned_on and row.earned_on.isoformat(), row.result, url, row.problem)
        writer.writerow((row.number, *(safe(cell) for cell in cells)))
    return "\ufeff" + file.getvalue()
