"""Finding somebody's certificates by their full name, as far as they agreed to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from exam_api.accounts.access import MaybeActor, Visit
from exam_api.accounts.service import throttle
from exam_api.certificates.schemas import FoundOut
from exam_api.certificates.service import finding
from exam_api.errors import Invalid, TooManyTries, status_of
from exam_api.web.context import show
from exam_api.web.deps import Here, Now, Session
from exam_api.web.render import Page

router = APIRouter()


@dataclass(frozen=True)
class PersonPage(Page):
    """The name to look for, and what was found; `found` None before anything was asked."""

    template: ClassVar[str] = "certificates/person.html"
    name: str = ""
    error: str | None = None
    found: Sequence[FoundOut] | None = None
    more: bool = False


@router.get("/verify/person")
async def person_page(request: Request, _actor: MaybeActor) -> HTMLResponse:
    """An empty field."""
    return show(request, PersonPage())


@router.post("/verify/person")
async def find_person(
    request: Request,
    _actor: MaybeActor,
    visitor: Visit,
    here: Here,
    session: Session,
    now: Now,
    name: Annotated[str, Form(max_length=500)] = "",
) -> HTMLResponse:
    """A name travels in the body: addresses end up in logs and histories."""
    try:
        await throttle.count_here(session, throttle.finding_door(here, visitor.address), now)
        found, more = await finding.find(session, here, name)
    except (Invalid, TooManyTries) as error:
        return show(request, PersonPage(name, str(error)), status_of(error))
    return show(request, PersonPage(name, None, found, more))
