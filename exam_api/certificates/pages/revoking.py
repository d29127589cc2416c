"""Taking a certificate back for ever, for now, and letting it hold again; each typed to confirm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from credentials.revocation.reasons import REVOKED, SUSPENDED
from exam_api.accounts.access import Registrar
from exam_api.certificates.access import RevocableCertificate
from exam_api.certificates.schemas import ReinstateIn, RevokeIn, SuspendIn
from exam_api.certificates.service import withdrawing
from exam_api.db.models.certificates import Certificate
from exam_api.errors import ExamError, Invalid, WrongState, status_of
from exam_api.installation import Installation
from exam_api.web.context import show
from exam_api.web.deps import Here, Now, Session
from exam_api.web.i18n import _
from exam_api.web.render import Page

Act = Literal["revoke", "suspend", "reinstate"]
UNCONFIRMED: Mapping[Act, str] = {
    "revoke": _('To revoke it, type "revoke". Nothing was changed.'),
    "suspend": _('To suspend it, type "suspend". Nothing was changed.'),
    "reinstate": _('To let it hold again, type "reinstate". Nothing was changed.'),
}
NO_REASON = _("Give a reason of 3 to 2,000 characters, and choose a public one.")
CODES: Mapping[Act, Sequence[str]] = {
    "revoke": tuple(REVOKED.values()),
    "suspend": tuple(SUSPENDED.values()),
    "reinstate": (),
}
router = APIRouter()


def _act(request: Request) -> Act:
    """What the address ends with; only these three addresses lead here."""
    return next(act for act in get_args(Act) if request.url.path.endswith(f"/{act}"))


Asked = Annotated[Act, Depends(_act)]


@dataclass(frozen=True)
class WithdrawPage(Page):
    """Revoking, suspending or reinstating one certificate. `codes`: the public reasons to choose from."""

    template: ClassVar[str] = "certificates/withdraw.html"
    id: UUID
    act: Act
    recipient: str
    name: str
    suspended_code: str | None
    codes: Sequence[str]
    code: str
    reason: str
    error: str | None
    wrong: str | None  # the field that the error is about


@router.get("/certificates/{certificate_id}/revoke")
@router.get("/certificates/{certificate_id}/suspend")
@router.get("/certificates/{certificate_id}/reinstate")
async def withdraw_page(request: Request, held: RevocableCertificate, act: Asked) -> HTMLResponse:
    """What it does."""
    return show(request, _page(held.certificate, act))


def _page(
    row: Certificate,
    act: Act,
    reason: str = "",
    code: str | None = None,
    error: ExamError | None = None,
    wrong: str | None = None,
) -> WithdrawPage:
    recipient = row.document["credentialSubject"]["identifier"][0]["identityHash"]
    chosen = code if code in CODES[act] else next(iter(CODES[act]), "")
    said = str(error) if error else None
    return WithdrawPage(
        row.id, act, recipient, row.document["name"], row.suspended_code, CODES[act], chosen or "", reason, said, wrong
    )


@router.post("/certificates/{certificate_id}/revoke", response_model=None)
@router.post("/certificates/{certificate_id}/suspend", response_model=None)
@router.post("/certificates/{certificate_id}/reinstate", response_model=None)
async def withdraw(
    request: Request,
    held: RevocableCertificate,
    act: Asked,
    actor: Registrar,
    here: Here,
    session: Session,
    now: Now,
    reason: Annotated[str, Form(max_length=4_000)] = "",
    code: Annotated[str, Form(max_length=100)] = "",
    confirmation: Annotated[str, Form(max_length=100)] = "",
) -> HTMLResponse | RedirectResponse:
    """Do it."""
    row = held.certificate
    if confirmation.strip().lower() != act:
        return show(request, _page(row, act, reason, code, Invalid(UNCONFIRMED[act]), "confirmation"), 422)
    try:
        form = {"reason": reason} | ({"code": code} if code else {})
        await _withdraw(session, here, row, act, form, actor.id, now)
    except ValidationError:
        return show(request, _page(row, act, reason, code, Invalid(NO_REASON), "reason"), 422)
    except WrongState as error:
        return show(request, _page(row, act, reason, code, error), status_of(error))
    return RedirectResponse(f"/c/{row.id}", 303)


async def _withdraw(
    session: AsyncSession,
    here: Installation,
    row: Certificate,
    act: Act,
    form: dict[str, str],
    actor_id: UUID,
    now: Now,
) -> None:
    if act == "revoke":
        revoked = RevokeIn.model_validate(form)
        await withdrawing.revoke(session, here, row, revoked.code, revoked.reason, actor_id, now)
    elif act == "suspend":
        suspended = SuspendIn.model_validate(form)
        await withdrawing.suspend(session, here, row, suspended.code, suspended.reason, actor_id, now)
    else:
        reinstated = ReinstateIn(reason=form["reason"])
        await withdrawing.reinstate(session, here, row, reinstated.reason, actor_id, now)
