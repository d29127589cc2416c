"""Checking any certificate, by its address or its file."""

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import UploadFile

from credentials.canonical import b64u
from exam_api.accounts.access import MaybeActor, Visit
from exam_api.certificates.access import Checking
from exam_api.certificates.pages.shown import Shown, shown_of, tone_of
from exam_api.certificates.schemas import MAX_UPLOAD, ReportOut
from exam_api.certificates.service import many, paper, proving
from exam_api.certificates.service.paper import Entry, Printed
from exam_api.certificates.service.proving import Sent
from exam_api.errors import Invalid
from exam_api.web.context import show
from exam_api.web.deps import Here, Now, Session
from exam_api.web.i18n import _
from exam_api.web.render import Page, Tone

NO_ID = _("There is no certificate number in this. Paste the whole address, or choose the file instead.")
FOREIGN = _("This address belongs to another issuer. Open it there, or download its file and choose it here.")
NO_FILE = _("Choose a file first.")
EMPTY = _("This file is empty. Choose the file of a certificate.")

router = APIRouter()


def too_large(request: Request) -> bool:
    """Whether an upload says that it is larger than any certificate: it is refused before a byte of it is read."""
    length = request.headers.get("content-length", "")
    return not length.isdecimal() or int(length) > MAX_UPLOAD + 64 * 1024


@dataclass(frozen=True)
class VerifyPage(Page):
    """By address or by file; `report` after a file was looked at, `sheet` and `entry` after the letters from a paper were."""

    template: ClassVar[str] = "certificates/verify.html"
    address: str
    tone: Tone
    report: ReportOut | None
    shown: Shown | None
    error: str | None
    field: str = "file"
    sheet: Printed | None = None
    entry: Entry | None = None


@router.get("/verify", response_model=None)
async def verify_page(
    request: Request,
    _actor: MaybeActor,
    here: Here,
    session: Session,
    address: Annotated[str, Query(max_length=500)] = "",
) -> HTMLResponse | RedirectResponse:
    """By address or by the text of a printed code: on to the certificate's own page. By the letters under it: what the log says."""
    if not address.strip():
        return show(request, _verify_page())
    number, printed = many.number_in(here, address), paper.find_printed(address)
    if number == "other issuer":
        return show(request, _verify_page(address, error=FOREIGN, field="address"), 422)
    if isinstance(number, UUID):
        code = f"?n={printed.index}&h={b64u(printed.digest)}" if printed else ""
        return RedirectResponse(f"/c/{number}{code}", 303)
    if printed is None:
        return show(request, _verify_page(address, error=NO_ID, field="address"), 422)
    entry = await paper.look_up(session, here, printed)
    return show(request, VerifyPage(address, "info", None, None, None, sheet=printed, entry=entry))


def _verify_page(
    address: str = "",
    report: ReportOut | None = None,
    shown: Shown | None = None,
    error: str | None = None,
    field: str = "file",
) -> VerifyPage:
    tone = tone_of(report) if report else "info"
    return VerifyPage(address, tone, report, shown, error, field)


async def _looked_at(request: Request, visitor: Visit, here: Here, now: Now) -> Sent | str:
    """What was sent, or what is wrong with it. Nothing of the database is touched meanwhile: it may take long."""
    if too_large(request):
        return proving.TOO_LARGE
    file = (await request.form()).get("file")
    content = await file.read(MAX_UPLOAD + 1) if isinstance(file, UploadFile) else b""
    if not content:
        named = isinstance(file, UploadFile) and file.filename
        return EMPTY if named else NO_FILE
    try:
        return await proving.look(here, content, visitor.address, now)
    except Invalid as error:
        return str(error)


@router.post("/verify", dependencies=[Checking])
async def verify_file(
    request: Request,
    sent: Annotated[Sent | str, Depends(_looked_at)],
    _actor: MaybeActor,
    here: Here,
    session: Session,
    now: Now,
) -> HTMLResponse:
    """By file: ours or another issuer's. Nothing of it is kept."""
    if isinstance(sent, str):
        return show(request, _verify_page(error=sent), 422)
    try:
        report, credential = await proving.check(session, here, sent, now)
    except Invalid as error:
        return show(request, _verify_page(error=str(error)), 422)
    shown = shown_of(report, credential) if report.certificate else None
    return show(request, _verify_page(report=report, shown=shown))
