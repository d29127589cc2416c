"""Checking a table of certificates: up to a thousand at once, without an account, and nothing of it is kept."""

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import UploadFile

from exam_api.accounts.access import MaybeActor
from exam_api.certificates.access import CheckingTable
from exam_api.certificates.schemas import AddressIn, ManyOut, Outcome
from exam_api.certificates.service import many, tables
from exam_api.errors import Invalid
from exam_api.web.context import show
from exam_api.web.deps import Here, Now, Session
from exam_api.web.i18n import _
from exam_api.web.render import Page, Tone

NOTHING = _("Paste some rows, or choose a file.")
TONES: dict[Outcome, Tone] = {
    "proven": "ok",
    "not proven": "problem",
    "revoked": "problem",
    "suspended": "attention",
    "expired": "attention",
    "unknown": "problem",
    "other issuer": "info",
    "unreadable": "attention",
}

Rows = list[tuple[int, AddressIn]]
router = APIRouter()


@dataclass(frozen=True)
class ManyPage(Page):
    """The table to send, and what became of each row. The results travel in the page itself, since nothing is kept."""

    template: ClassVar[str] = "certificates/many.html"
    origin: str
    text: str = ""
    error: str | None = None
    found: ManyOut | None = None
    tones: Mapping[Outcome, Tone] = field(default_factory=dict)
    csv_file: str = ""
    json_file: str = ""


@router.get("/verify/many")
async def many_page(request: Request, _actor: MaybeActor, here: Here) -> HTMLResponse:
    """An empty form."""
    return show(request, ManyPage(here.origin))


async def _sent(request: Request) -> tuple[str, Rows | str]:
    """What was pasted, and the rows to look at or what is wrong with them. Read before the database is touched: it may take long."""
    form = await request.form()
    file, pasted = form.get("table"), form.get("rows")
    content = await file.read(tables.MAX_BYTES + 1) if isinstance(file, UploadFile) else b""
    text = pasted if isinstance(pasted, str) else ""
    if not content and not text.strip():
        return text, NOTHING
    try:
        return text, await asyncio.to_thread(many.read_table, content or text.encode())
    except Invalid as error:
        return text, str(error)


@router.post("/verify/many", dependencies=[CheckingTable])
async def check_many(
    request: Request,
    sent: Annotated[tuple[str, Rows | str], Depends(_sent)],
    _actor: MaybeActor,
    here: Here,
    session: Session,
    now: Now,
) -> HTMLResponse:
    """A file, or rows that were pasted."""
    text, rows = sent
    if isinstance(rows, str):
        return show(request, ManyPage(here.origin, text=text, error=rows), 422)
    found = await many.check(session, here, rows, now)
    kinds = (("text/csv", many.as_csv(found)), ("application/json", found.model_dump_json()))
    as_csv, as_json = (f"data:{kind};base64,{base64.b64encode(made.encode()).decode()}" for kind, made in kinds)
    return show(request, ManyPage(here.origin, found=found, tones=TONES, csv_file=as_csv, json_file=as_json))
