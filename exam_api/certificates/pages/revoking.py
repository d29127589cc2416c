"""Taking a certificate back, typed to confirm."""

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from exam_api.accounts.access import Registrar
from exam_api.certificates.access import RevocableCertificate
from exam_api.certificates.schemas import RevokeIn
from exam_api.certificates.service import issuing
from exam_api.errors import ExamError, Invalid, WrongState, status_of
from exam_api.web.context import show
from exam_api.web.deps import Here, Now, Session
from exam_api.web.i18n import _
from exam_api.web.render import Page

CONFIRMATION = "revoke"
UNCONFIRMED = _('To revoke it, type "revoke". Nothing was changed.')
NO_REASON = _("Give a reason of 3 to 2,000 characters.")

router = APIRouter()


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
