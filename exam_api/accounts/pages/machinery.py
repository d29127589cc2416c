"""For operators: is everything running, and does the ledger hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from exam_api.accounts.access import Operator
from exam_api.accounts.queries import records
from exam_api.accounts.service import health, ledger_check
from exam_api.db.models.ledger import LedgerLine
from exam_api.events import EVENTS
from exam_api.web.context import show
from exam_api.web.deps import Here, Now, Session
from exam_api.web.render import Page

router = APIRouter(prefix="/operator")
PAGE = 50


@dataclass(frozen=True)
class LedgerPage(Page):
    """What happened, newest first. Older lines are asked for by number, so a page never shifts while one reads."""

    template: ClassVar[str] = "accounts/ledger.html"
    lines: Sequence[LedgerLine]
    names: Mapping[UUID, str]
    total: int
    tag: str
    tags: tuple[str, ...]
    older: int | None
    checked: ledger_check.Checked | None = None


@dataclass(frozen=True)
class HealthPage(Page):
    """What this process can see of the database, the queue and the blob store."""

    template: ClassVar[str] = "accounts/health.html"
    report: health.Report


@router.get("")
async def operator_page() -> Response:
    """The first thing an operator wants to know."""
    return RedirectResponse("/operator/health", 303)


@router.get("/health")
async def health_page(request: Request, _actor: Operator, session: Session, here: Here, now: Now) -> Response:
    """Measured while the page is made."""
    return show(request, HealthPage(await health.look(session, here, now)))


@router.get("/ledger")
async def ledger_page(
    request: Request,
    _actor: Operator,
    session: Session,
    tag: Annotated[str, Query(max_length=60)] = "",
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> Response:
    """Fifty lines."""
    return show(request, await _ledger(session, tag, before))


@router.post("/ledger/check")
async def check_ledger(request: Request, _actor: Operator, session: Session) -> Response:
    """Compute every line's hash again."""
    return show(request, await _ledger(session, "", None, await ledger_check.check(session)))


async def _ledger(
    session: Session, tag: str, before: int | None, checked: ledger_check.Checked | None = None
) -> LedgerPage:
    known = tag if tag in EVENTS else None
    lines = await records.list_lines(session, known, before, PAGE + 1)
    ids = {line.stream for line in lines} | {line.actor_id for line in lines if line.actor_id}
    return LedgerPage(
        lines=lines[:PAGE],
        names=await records.names_of(session, ids),
        total=await records.count_lines(session),
        tag=known or "",
        tags=tuple(sorted(EVENTS)),
        older=lines[PAGE - 1].id if len(lines) > PAGE else None,
        checked=checked,
    )
