"""Erasing a certificate, typed to confirm."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from exam_api.accounts.access import SignedIn
from exam_api.db.models.certificates import Certificate
from exam_api.errors import Invalid, status_of
from exam_api.upkeep.access import ErasableCertificate
from exam_api.upkeep.schemas import ErasureOut
from exam_api.upkeep.service import erasing
from exam_api.web.context import show
from exam_api.web.deps import Here, Now, Session
from exam_api.web.i18n import _
from exam_api.web.render import Page

CONFIRMATION = "erase"
UNCONFIRMED = _('To erase it, type "erase". Nothing was changed.')

router = APIRouter()


@dataclass(frozen=True)
class ErasePage(Page):
    """What erasing does; `own`: it is the reader's."""

    template: ClassVar[str] = "upkeep/erase.html"
    id: UUID
    name: str
    recipient: str
    word: str
    own: bool
    error: str | None


@dataclass(frozen=True)
class ErasedPage(Page):
    """What was erased, with the signed statements as text to keep."""

    template: ClassVar[str] = "upkeep/erased.html"
    erased: Sequence[tuple[ErasureOut, str]]


@router.get("/certificates/{certificate_id}/erase")
async def erase_page(request: Request, held: ErasableCertificate, actor: SignedIn) -> HTMLResponse:
    """What erasing does."""
    return show(request, _page(held.certificate, own=held.holder == actor.id))


def _page(row: Certificate, *, own: bool, error: Invalid | None = None) -> ErasePage:
    recipient = row.document["credentialSubject"]["identifier"][0]["identityHash"]
    return ErasePage(row.id, row.document["name"], recipient, CONFIRMATION, own, str(error) if error else None)


@router.post("/certificates/{certificate_id}/erase")
async def erase(
    request: Request,
    held: ErasableCertificate,
    actor: SignedIn,
    here: Here,
    session: Session,
    now: Now,
    confirmation: Annotated[str, Form(max_length=100)] = "",
) -> HTMLResponse:
    """Erase it, and hand out the statement."""
    if confirmation.strip().lower() != CONFIRMATION:
        error = Invalid(UNCONFIRMED)
        return show(request, _page(held.certificate, own=held.holder == actor.id, error=error), status_of(error))
    done = await erasing.erase(session, here, held.certificate, actor.id, now)
    return show(request, _erased([done]))


@router.get("/my/erased")
async def erased_page(request: Request, actor: SignedIn, session: Session) -> HTMLResponse:
    """What one had erased."""
    return show(request, _erased(await erasing.of_person(session, actor.id)))


def _erased(found: Sequence[ErasureOut]) -> ErasedPage:
    return ErasedPage([(each, json.dumps(each.statement, indent=2)) for each in found])
