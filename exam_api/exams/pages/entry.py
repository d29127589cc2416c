"""A sitting's rules of entry, and the page behind its link."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from exam_api.accounts.access import Candidate, Instructor
from exam_api.errors import Invalid
from exam_api.exams.access import LedSitting
from exam_api.exams.pages.frame import (
    Blank,
    FormData,
    FormPage,
    Said,
    go,
    refusal_problems,
    shape_problems,
)
from exam_api.exams.queries import entry as queries
from exam_api.exams.queries.sittings import SittingListed
from exam_api.exams.schemas import EntryIn, EntryOut, JoinLink
from exam_api.exams.service import entry
from exam_api.web.context import show
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.i18n import _
from exam_api.web.render import Page

router = APIRouter()


@dataclass(frozen=True)
class EntryPage(FormPage):
    """What a sitting asks at the door."""

    template: ClassVar[str] = "exams/entry.html"
    sitting: SittingListed
    rules: EntryOut
    values: Blank
    said: str | None = None


@dataclass(frozen=True)
class JoinPage(Page):
    """Somebody came with a sitting's link."""

    template: ClassVar[str] = "exams/join.html"
    link: str
    title: str | None


@router.get("/sittings/{sitting_id}/entry")
async def entry_page(request: Request, sitting: LedSitting, here: Here, session: Session, said: Said) -> HTMLResponse:
    """The rules as they are."""
    return show(request, await _page(session, here, sitting, said=said))


async def _page(
    session: Session, here: Here, sitting: SittingListed, values: Blank | None = None, said: str | None = None
) -> EntryPage:
    rules = entry.shape(here, await queries.find_rules(session, sitting.sitting.id))
    shown = Blank(
        {
            "networks": "\n".join(rules.networks),
            "lessons": "yes" if rules.lessons else "",
            "link": "yes" if rules.link else "",
            "password_wanted": "yes" if rules.has_password else "",
        }
    )
    return EntryPage(sitting=sitting, rules=rules, values=values or shown, said=said)


@router.post("/sittings/{sitting_id}/entry")
async def change_entry(
    request: Request,
    form: FormData,
    sitting: LedSitting,
    actor: Instructor,
    here: Here,
    session: Session,
    now: Now,
    chance: Chance,
) -> Response:
    """Change them. An empty password field keeps the password; its box takes it away."""
    is_set = (await _page(session, here, sitting)).rules.has_password
    kept = form["password"] or (None if form["password_wanted"] else "")
    try:
        if form["password_wanted"] and not is_set and not form["password"].strip():
            raise _wrong(_("Write the password, or untick the box."))
        if form["password"] and not form["password_wanted"]:
            raise _wrong(_("Tick the box to ask for this password, or empty the field."))
        body = EntryIn(
            password=kept,
            networks=[line.strip() for line in form["networks"].splitlines() if line.strip()],
            lessons=bool(form["lessons"]),
            link=bool(form["link"]),
        )
        await entry.change(session, sitting.sitting.id, body, now, chance, actor.id)
    except (ValidationError, Invalid) as error:
        problems = refusal_problems(error) if isinstance(error, Invalid) else shape_problems(error)
        page = await _page(session, here, sitting, form)
        # A network is named by its place in the list; on the page they share one field.
        errors = [("networks" if name.isdigit() else name, text) for name, text in problems]
        return show(request, EntryPage(page.sitting, page.rules, page.values, errors=errors), 422)
    return go(f"/sittings/{sitting.sitting.id}/entry", "saved")


def _wrong(message: str) -> Invalid:
    return Invalid(problems=[{"where": ["body", "password"], "message": message}])


@router.get("/join/{link}")
async def join_page(request: Request, link: JoinLink, _actor: Candidate, session: Session) -> HTMLResponse:
    """Say which sitting the link leads to, before anything changes."""
    found = await queries.find_by_link(session, link)
    return show(request, JoinPage(link, found.title if found else None), 200 if found else 404)


@router.post("/join/{link}")
async def join(link: JoinLink, actor: Candidate, session: Session, now: Now) -> Response:
    """Onto the roster, and to the door."""
    return go(f"/sittings/{await entry.join(session, link, actor.id, now)}/start")
