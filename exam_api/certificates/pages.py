"""Pages about certificates: one by its address, any by its file, one's own, and taking one back."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

import segno
from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup
from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.responses import Response

from exam_api.accounts.access import MaybeActor, Registrar, SignedIn
from exam_api.certificates import queries
from exam_api.certificates.access import OwnCertificate, PublicCertificate, RevocableCertificate
from exam_api.certificates.schemas import MAX_UPLOAD, MineOut, ReportOut, RevokeIn
from exam_api.certificates.service import institution, issuing, proving, wallets
from exam_api.certificates.service.keepable import keepable
from exam_api.errors import ExamError, Invalid, WrongState, status_of
from exam_api.web.context import checked_form, show
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.i18n import _
from exam_api.web.markdown import to_html
from exam_api.web.render import Page, Tone

CONFIRMATION = "revoke"
UUID_IN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
NO_ID = _("There is no certificate number in this. Paste the whole address, or choose the file instead.")
FOREIGN = _("This address belongs to another issuer. Open it there, or download its file and choose it here.")
NO_FILE = _("Choose a file first.")
EMPTY = _("This file is empty. Choose the file of a certificate.")
UNCONFIRMED = _('To revoke it, type "revoke". Nothing was changed.')
NO_REASON = _("Give a reason of 3 to 2,000 characters.")


def _too_large(request: Request) -> bool:
    length = request.headers.get("content-length", "")
    return not length.isdecimal() or int(length) > MAX_UPLOAD + 64 * 1024


async def _checked(request: Request) -> AsyncIterator[None]:
    """Every form has its token; but a large upload is refused by its page, `verify_file`, before a byte of it is read."""
    try:
        if request.url.path != "/verify" or not _too_large(request):
            await checked_form(request)
        yield
    finally:
        await request.close()  # the upload's temporary file


router = APIRouter(include_in_schema=False, dependencies=[Depends(_checked)])


@dataclass(frozen=True)
class Shown:
    """What a proven certificate says, for people."""

    recipient: str
    title: str
    description: str
    criteria: Markup
    evidence: Sequence[tuple[str, str]]
    score: str | None
    required: str | None


@dataclass(frozen=True)
class CertificatePage(Page):
    """One certificate: the verdict in a second, the facts apart, what it says. `shown` None: nothing in it is proven."""

    template: ClassVar[str] = "certificates/certificate.html"
    id: UUID
    url: str
    tone: Tone
    report: ReportOut
    shown: Shown | None


@dataclass(frozen=True)
class PrintPage(CertificatePage):
    """The same as one sheet of paper, with a code that leads back here."""

    template: ClassVar[str] = "certificates/print.html"
    code: Markup


@dataclass(frozen=True)
class VerifyPage(Page):
    """By address or by file; `report` after a file was looked at."""

    template: ClassVar[str] = "certificates/verify.html"
    address: str
    tone: Tone
    report: ReportOut | None
    shown: Shown | None
    error: str | None
    field: str = "file"


@dataclass(frozen=True)
class MinePage(Page):
    """One's own certificates."""

    template: ClassVar[str] = "certificates/mine.html"
    certificates: Sequence[MineOut]


@dataclass(frozen=True)
class WalletPage(Page):
    """Putting one's certificate into a wallet; `offer` and its drawing once they were asked for."""

    template: ClassVar[str] = "certificates/wallet.html"
    id: UUID
    name: str
    offer: str | None
    code: Markup | None
    error: str | None


@dataclass(frozen=True)
class RevokePage(Page):
    """Taking a certificate back, typed to confirm."""

    template: ClassVar[str] = "certificates/revoke.html"
    id: UUID
    recipient: str
    name: str
    word: str
    reason: str
    error: str | None


def tone_of(report: ReportOut) -> Tone:
    """Green, amber or red: green is only what we know ourselves to be proven and valid now."""
    if report.verdict in {"not proven", "revoked"}:
        return "problem"
    known = report.ours and report.signature.pinned and report.status.outcome == "valid"
    return "ok" if report.verdict == "proven" and known else "attention"


def shown_of(report: ReportOut, document: dict[str, Any]) -> Shown | None:
    """What the document says, if its signature holds; the verifier has checked the types of what is read here."""
    if report.certificate is None:
        return None
    achievement = document["credentialSubject"]["achievement"]
    criteria = achievement.get("criteria")
    texts = [each for each in _objects(document.get("evidence")) if isinstance(each.get("narrative"), str)]
    required = [each.get("requiredValue") for each in _objects(achievement.get("resultDescription"))]
    scores = [value for name, value in report.certificate.results if name == "Score"]
    return Shown(
        recipient=report.certificate.recipient,
        title=report.certificate.title,
        description=_text(document.get("description")),
        criteria=to_html(_text(criteria.get("narrative")) if isinstance(criteria, dict) else ""),
        evidence=[(_text(each.get("name")), each["narrative"]) for each in texts],
        score=scores[0] if scores else None,
        required=next((each for each in required if isinstance(each, str)), None),
    )


def _objects(found: Any) -> list[dict[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(found: Any) -> str:
    return found if isinstance(found, str) else ""


async def _certificate(held: PublicCertificate, here: Here, session: Session, now: Now) -> dict[str, Any]:
    row = held.certificate
    report = await proving.report(await proving.prove(session, here, row), now)
    return {
        "id": row.id,
        "url": institution.certificate_url(here, row.id),
        "tone": tone_of(report),
        "report": report,
        "shown": shown_of(report, row.document),
    }


Proven = Annotated[dict[str, Any], Depends(_certificate)]


@router.get("/c/{certificate_id}")
async def certificate_page(request: Request, actor: MaybeActor, proven: Proven) -> Response:
    """A certificate for anyone who has its address."""
    return _keepable(request, actor, CertificatePage(**proven))


@router.get("/c/{certificate_id}/print")
async def print_page(request: Request, actor: MaybeActor, proven: Proven) -> Response:
    """A certificate on paper."""
    drawing = segno.make(proven["url"], error="m").svg_inline(scale=4, light=None, omitsize=True)
    return _keepable(request, actor, PrintPage(**proven, code=Markup(drawing)))  # noqa: S704  (drawn by segno: a path of numbers)


def _keepable(request: Request, actor: MaybeActor, page: Page) -> Response:
    """A stranger's page is the same for everyone and may be asked for again; one with a name in its bar is not kept."""
    answer = show(request, page)
    if actor is not None:
        return answer
    headers = {name: answer.headers[name] for name in ("content-language", "vary")}
    body, kind = bytes(answer.body), "text/html; charset=utf-8"
    return keepable(body, kind, request.headers.get("if-none-match"), headers=headers)


@router.get("/verify", response_model=None)
async def verify_page(
    request: Request,
    _actor: MaybeActor,
    here: Here,
    address: Annotated[str, Query(max_length=500)] = "",
) -> HTMLResponse | RedirectResponse:
    """By address: on to the certificate's own page."""
    if not address.strip():
        return show(request, _verify_page())
    found = UUID_IN.search(address)
    if "://" in address and not address.strip().startswith(f"{here.origin}/"):
        return show(request, _verify_page(address, error=FOREIGN, field="address"), 422)
    if found is None:
        return show(request, _verify_page(address, error=NO_ID, field="address"), 422)
    return RedirectResponse(f"/c/{UUID(found[0])}", 303)


def _verify_page(
    address: str = "",
    report: ReportOut | None = None,
    shown: Shown | None = None,
    error: str | None = None,
    field: str = "file",
) -> VerifyPage:
    tone = tone_of(report) if report else "info"
    return VerifyPage(address, tone, report, shown, error, field)


@router.post("/verify")
async def verify_file(
    request: Request,
    _actor: MaybeActor,
    here: Here,
    session: Session,
    now: Now,
) -> HTMLResponse:
    """By file: ours or another issuer's. Nothing of it is kept."""
    if _too_large(request):
        return show(request, _verify_page(error=proving.TOO_LARGE), 422)
    file = (await request.form()).get("file")
    content = await file.read(MAX_UPLOAD + 1) if isinstance(file, UploadFile) else b""
    if not content:
        named = isinstance(file, UploadFile) and file.filename
        return show(request, _verify_page(error=EMPTY if named else NO_FILE), 422)
    try:
        report, credential = await proving.check(session, here, content, now)
    except Invalid as error:
        return show(request, _verify_page(error=str(error)), 422)
    shown = shown_of(report, credential) if report.certificate else None
    return show(request, _verify_page(report=report, shown=shown))


@router.get("/certificates")
@router.get("/my/certificates")  # the address in the main menu
async def mine(request: Request, actor: SignedIn, here: Here, session: Session) -> HTMLResponse:
    """One's own certificates."""
    rows = await queries.list_of_person(session, actor.id)
    return show(request, MinePage([proving.shape_mine(here, row) for row in rows]))


@router.get("/certificates/{certificate_id}/wallet")
async def wallet_page(request: Request, held: OwnCertificate) -> HTMLResponse:
    """What a wallet is for."""
    return show(request, WalletPage(held.certificate.id, held.certificate.document["name"], None, None, None))


@router.post("/certificates/{certificate_id}/wallet")
async def offer_to_wallet(request: Request, held: OwnCertificate, here: Here, now: Now, chance: Chance) -> HTMLResponse:
    """A code for the holder's own wallet. It is shown once, and never kept by a cache."""
    row = held.certificate
    try:
        offer = wallets.offer(here, row, now, chance)
    except WrongState as error:
        return show(request, WalletPage(row.id, row.document["name"], None, None, str(error)), status_of(error))
    drawing = Markup(segno.make(offer, error="l").svg_inline(scale=4, light=None, omitsize=True))  # noqa: S704  (as above)
    answer = show(request, WalletPage(row.id, row.document["name"], offer, drawing, None))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.get("/certificates/{certificate_id}/revoke")
async def revoke_page(request: Request, held: RevocableCertificate) -> HTMLResponse:
    """What a revocation does."""
    return show(request, _revoke_page(held))


def _revoke_page(held: RevocableCertificate, reason: str = "", error: ExamError | None = None) -> RevokePage:
    document = held.certificate.document
    recipient = document["credentialSubject"]["identifier"][0]["identityHash"]
    return RevokePage(
        held.certificate.id, recipient, document["name"], CONFIRMATION, reason, str(error) if error else None
    )


@router.post("/certificates/{certificate_id}/revoke", response_model=None)
async def revoke(
    request: Request,
    held: RevocableCertificate,
    actor: Registrar,
    here: Here,
    session: Session,
    now: Now,
    reason: Annotated[str, Form(max_length=4_000)] = "",
    confirmation: Annotated[str, Form(max_length=100)] = "",
) -> HTMLResponse | RedirectResponse:
    """Take it back."""
    if confirmation.strip().lower() != CONFIRMATION:
        return show(request, _revoke_page(held, reason, Invalid(UNCONFIRMED)), 422)
    try:
        body = RevokeIn(reason=reason)
        await issuing.revoke(session, here, held.certificate, body.reason, actor.id, now)
    except (ValidationError, WrongState) as problem:
        error = Invalid(NO_REASON) if isinstance(problem, ValidationError) else problem
        return show(request, _revoke_page(held, reason, error), status_of(error))
    return RedirectResponse(f"/c/{held.certificate.id}", 303)
