"""One's own certificates, and putting one into a wallet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.accounts.access import SignedIn
from exam_api.certificates import queries
from exam_api.certificates.access import LockedCertificate, OwnCertificate
from exam_api.certificates.schemas import MineOut
from exam_api.certificates.service import finding, holding, proving, wallets
from exam_api.db.models.certificates import Certificate
from exam_api.errors import WrongState, status_of
from exam_api.installation import Installation
from exam_api.web.context import show
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.render import Page

router = APIRouter()


@dataclass(frozen=True)
class MinePage(Page):
    """One's own certificates."""

    template: ClassVar[str] = "certificates/mine.html"
    certificates: Sequence[MineOut]


@dataclass(frozen=True)
class HolderPage(Page):
    """One of one's own certificates: everything that can be done with it. `found_since`: since when it is found by name."""

    template: ClassVar[str] = "certificates/holder.html"
    certificate: MineOut
    linkedin: str
    snippet: str
    found_since: datetime | None
    error: str | None


@dataclass(frozen=True)
class WalletPage(Page):
    """Putting one's certificate into a wallet; `offer` and its drawing once they were asked for."""

    template: ClassVar[str] = "certificates/wallet.html"
    id: UUID
    name: str
    offer: str | None
    code: Markup | None
    error: str | None


@router.get("/certificates")
@router.get("/my/certificates")  # the address in the main menu
async def mine(request: Request, actor: SignedIn, here: Here, session: Session) -> HTMLResponse:
    """One's own certificates."""
    rows = await queries.list_of_person(session, actor.id)
    return show(request, MinePage([proving.shape_mine(here, row) for row in rows]))


@router.get("/certificates/{certificate_id}")
async def holder_page(request: Request, held: OwnCertificate, here: Here, session: Session) -> HTMLResponse:
    """What can be done with it."""
    return show(request, await _holder_page(session, here, held.certificate))


async def _holder_page(
    session: AsyncSession, here: Installation, row: Certificate, error: str | None = None
) -> HolderPage:
    listing = await queries.find_listing(session, row.id)
    return HolderPage(
        certificate=proving.shape_mine(here, row),
        linkedin=holding.linkedin(here, row),
        snippet=holding.snippet(here, row),
        found_since=listing.since if listing else None,
        error=error,
    )


@router.post("/certificates/{certificate_id}/found", response_model=None)
async def choose_found(
    request: Request,
    held: LockedCertificate,
    here: Here,
    session: Session,
    now: Now,
    wish: Annotated[Literal["yes", "no"], Form()] = "no",
) -> HTMLResponse | RedirectResponse:
    """Agree to be found by name with this certificate, or withdraw it; both hold from this moment."""
    row = held.certificate
    try:
        if wish == "yes":
            await finding.agree(session, row, held.holder, now)
        else:
            await finding.withdraw(session, row, held.holder, now)
    except WrongState as error:
        return show(request, await _holder_page(session, here, row, str(error)), status_of(error))
    return RedirectResponse(f"/certificates/{row.id}#found", 303)


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
