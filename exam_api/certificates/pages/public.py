"""A certificate for anyone who has its address, on the screen and on paper."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

import segno
from fastapi import APIRouter, Depends, Query, Request
from markupsafe import Markup
from starlette.responses import Response

from exam_api.accounts.access import MaybeActor
from exam_api.certificates.access import PublicCertificate
from exam_api.certificates.pages.shown import Shown, shown_of, tone_of
from exam_api.certificates.schemas import ReportOut
from exam_api.certificates.service import institution, paper, proving, succession
from exam_api.certificates.service.keepable import keepable
from exam_api.db.models.certificates import Certificate
from exam_api.web.context import show
from exam_api.web.deps import Here, Now, Session
from exam_api.web.render import Page, Tone

router = APIRouter()


@dataclass(frozen=True)
class CertificatePage(Page):
    """One certificate: the verdict in a second, the facts apart, what it says. `shown` None: nothing in it is proven."""

    template: ClassVar[str] = "certificates/certificate.html"
    id: UUID
    url: str
    tone: Tone
    report: ReportOut
    shown: Shown | None
    newer: UUID | None  # the certificate that took its place, where everybody may know
    sheet: bool | None  # whether the code that led here from paper is this certificate's; None: none did


@dataclass(frozen=True)
class PrintPage(CertificatePage):
    """The same as one sheet of paper, with a code that leads back here and names its entry in the log."""

    template: ClassVar[str] = "certificates/print.html"
    code: Markup
    letters: str


async def _certificate(
    held: PublicCertificate,
    here: Here,
    session: Session,
    now: Now,
    n: Annotated[str, Query(max_length=20)] = "",
    h: Annotated[str, Query(max_length=100)] = "",
) -> dict[str, Any]:
    row = held.certificate
    report = await proving.report(await proving.prove(session, here, row), now)
    newer = await succession.newest(session, row)
    return {
        "id": row.id,
        "newer": None if newer.id == row.id else newer.id,
        "url": institution.certificate_url(here, row.id),
        "tone": tone_of(report),
        "report": report,
        "shown": shown_of(report, row.document),
        "sheet": _sheet(row, f"?n={n}&h={h}") if n or h else None,
    }


def _sheet(row: Certificate, code: str) -> bool:
    printed = paper.find_printed(code)
    return printed is not None and paper.matches(row, printed)


Proven = Annotated[dict[str, Any], Depends(_certificate)]


@router.get("/c/{certificate_id}")
async def certificate_page(request: Request, actor: MaybeActor, proven: Proven) -> Response:
    """A certificate for anyone who has its address."""
    return _keepable(request, actor, CertificatePage(**proven))


@router.get("/c/{certificate_id}/print")
async def print_page(
    request: Request, actor: MaybeActor, held: PublicCertificate, here: Here, proven: Proven
) -> Response:
    """A certificate on paper."""
    drawing = segno.make(paper.code(here, held.certificate), error="m").svg_inline(scale=4, light=None, omitsize=True)
    code = Markup(drawing)  # noqa: S704  (drawn by segno: a path of numbers)
    return _keepable(request, actor, PrintPage(**proven, code=code, letters=paper.letters(held.certificate)))


def _keepable(request: Request, actor: MaybeActor, page: Page) -> Response:
    """A stranger's page is the same for everyone and may be asked for again; one with a name in its bar is not kept."""
    answer = show(request, page)
    if actor is not None:
        return answer
    headers = {name: answer.headers[name] for name in ("content-language", "vary")}
    body, kind = bytes(answer.body), "text/html; charset=utf-8"
    return keepable(body, kind, request.headers.get("if-none-match"), headers=headers)
