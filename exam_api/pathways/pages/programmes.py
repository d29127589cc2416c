"""Programmes: the list, one for anybody, how far one is, writing and opening them, what a person has to look at."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.accounts.access import MaybeActor, Registrar, SignedIn
from exam_api.db.models.pathways import Programme
from exam_api.errors import EditedElsewhere, PathwayFileWrong, WrongState, status_of
from exam_api.exams.schemas import ProblemOut
from exam_api.installation import Installation
from exam_api.pathways import queries
from exam_api.pathways.access import NewestProgramme, PathwayStaff, ProgrammeVersion, ShownProgramme, is_staff
from exam_api.pathways.schemas import NoticeOut, ProgrammeOut, ProgressOut, SettleIn, SourceIn
from exam_api.pathways.service import files, following, programmes
from exam_api.web.context import show
from exam_api.web.deps import Here, Now, Session
from exam_api.web.i18n import _
from exam_api.web.markdown import to_html
from exam_api.web.render import Page

NO_NAME = _("A short name has small letters, digits and hyphens, such as data-analyst; new and notices are taken.")
NEWER = _("Somebody wrote a newer version meanwhile, so nothing was opened. Look at that one first.")
NO_WORDS = _("Say why, in 3 to 2,000 characters.")
START = """title: A programme
description: What it is for.
certificate:
  name: Name of the certificate
  description: What its holder has shown.
  criteria: What had to be done for it.
  valid_years: 3
rule:
  all_of:
    - exam: put the id of an exam here
      min_score: 60
    - at_least: 1
      of:
        - skill: https://case.example/CFItems/1
          level: 2
        - achievement: urn:uuid:put-the-address-of-an-achievement-here
"""
router = APIRouter()


@dataclass(frozen=True)
class ProgrammesPage(Page):
    """The programmes: open ones for everybody, all for staff. `waiting`: how many notices wait for a person."""

    template: ClassVar[str] = "pathways/programmes.html"
    programmes: Sequence[ProgrammeOut]
    staff: bool
    waiting: int


@dataclass(frozen=True)
class ProgrammePage(Page):
    """One programme for anybody: what it takes and earns; how far one is, where one is signed in."""

    template: ClassVar[str] = "pathways/programme.html"
    programme: ProgrammeOut
    description: Markup
    criteria: Markup
    progress: ProgressOut | None
    staff: bool
    newest: int


@dataclass(frozen=True)
class OwnProgrammesPage(Page):
    """How far one is in each open programme, and the maps of skills."""

    template: ClassVar[str] = "pathways/own.html"
    progress: Sequence[ProgressOut]
    maps: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class EditPage(Page):
    """The file of a programme, what is wrong in it, and what it means: the tree of its rule."""

    template: ClassVar[str] = "pathways/programme_edit.html"
    slug: str
    source: str
    number: int
    problems: Sequence[ProblemOut] = ()
    error: str | None = None
    preview: ProgrammeOut | None = None
    earning: tuple[int, int] | None = None
    nameable: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class NoticesPage(Page):
    """Certificates of programmes whose rule is no longer met."""

    template: ClassVar[str] = "pathways/notices.html"
    notices: Sequence[NoticeOut]
    error: str | None = None


@router.get("/programmes")
async def programme_list(request: Request, actor: MaybeActor, here: Here, session: Session) -> HTMLResponse:
    """What certificates add up to here."""
    staff = is_staff(actor)
    rows = await (queries.newest_programmes(session) if staff else queries.open_programmes(session))
    known = await programmes.labels(session)
    waiting = len(await following.notices(session)) if staff else 0
    return show(request, ProgrammesPage([programmes.shape(here, row, known) for row in rows], staff, waiting))


@router.get("/my/programmes")
async def own_programmes(request: Request, actor: SignedIn, here: Here, session: Session, now: Now) -> HTMLResponse:
    """What counts, what is missing."""
    found = await programmes.progress(session, here, actor.id, await queries.open_programmes(session), now)
    maps = [(row.slug, row.title) for row in await queries.newest_maps(session)]
    return show(request, OwnProgrammesPage(found, maps))


@router.get("/programmes/new")
async def new_programme(request: Request, _: PathwayStaff, session: Session) -> HTMLResponse:
    """A file to start from."""
    return show(request, EditPage("", START, 0, nameable=await _nameable(session)))


@router.post("/programmes/new")
async def create_programme(
    request: Request,
    actor: PathwayStaff,
    here: Here,
    session: Session,
    now: Now,
    slug: Annotated[str, Form(max_length=200)] = "",
    source: Annotated[str, Form(max_length=400_000)] = "",
    action: Annotated[str, Form(max_length=20)] = "save",
) -> Response:
    """Keep the first version, or only look at what it means."""
    page = EditPage(slug.strip(), source.replace("\r\n", "\n"), 0, nameable=await _nameable(session))
    return await _edited(request, page, actor.id, here, session, now, action)


@router.get("/programmes/notices")
async def notices(request: Request, _: Registrar, session: Session) -> HTMLResponse:
    """What waits for a person."""
    return show(request, NoticesPage(await following.notices(session)))


@router.post("/programmes/notices/{notice_id}", response_model=None)
async def settle(
    request: Request,
    notice_id: UUID,
    actor: Registrar,
    here: Here,
    session: Session,
    now: Now,
    words: Annotated[str, Form(max_length=4_000)] = "",
) -> Response:
    """Let a certificate stand."""
    try:
        body = SettleIn(words=words)
        await following.settle(session, here, notice_id, body.words, actor.id, now)
    except (ValidationError, WrongState) as error:
        said = NO_WORDS if isinstance(error, ValidationError) else str(error)
        status = 422 if isinstance(error, ValidationError) else status_of(error)
        return show(request, NoticesPage(await following.notices(session), said), status)
    return RedirectResponse("/programmes/notices", 303)


@router.get("/programmes/{slug}")
async def programme(
    request: Request, row: ShownProgramme, actor: MaybeActor, here: Here, session: Session, now: Now
) -> HTMLResponse:
    """What it takes, and how far one is."""
    return await _programme(request, row, actor, here, session, now)


@router.get("/programmes/{slug}/edit")
async def edit(request: Request, row: NewestProgramme, here: Here, session: Session) -> HTMLResponse:
    """The newest file; saving writes a further version."""
    shaped = programmes.shape(here, row, await programmes.labels(session))
    page = EditPage(row.slug, row.source, row.number, preview=shaped, nameable=await _nameable(session))
    return show(request, page)


@router.post("/programmes/{slug}/edit")
async def change(
    request: Request,
    row: NewestProgramme,
    actor: PathwayStaff,
    here: Here,
    session: Session,
    now: Now,
    source: Annotated[str, Form(max_length=400_000)] = "",
    number: Annotated[int, Form(ge=0, le=1_000_000)] = 0,
    action: Annotated[str, Form(max_length=20)] = "save",
) -> Response:
    """Write a further version, or only look at what it means."""
    page = EditPage(row.slug, source.replace("\r\n", "\n"), number, nameable=await _nameable(session))
    return await _edited(request, page, actor.id, here, session, now, action)


@router.post("/programmes/{slug}/open")
async def open_programme(
    row: NewestProgramme,
    actor: Registrar,
    session: Session,
    now: Now,
    number: Annotated[int, Form(ge=0, le=1_000_000)] = 0,
) -> Response:
    """The version that the button named counts from now on, if no newer one was written meanwhile."""
    if number != row.number:
        raise EditedElsewhere(NEWER)
    with suppress(WrongState):  # a second click: it is as it should be
        await programmes.open_version(session, row, now, actor.id)
    return RedirectResponse(f"/programmes/{row.slug}", 303)


@router.post("/programmes/{slug}/close")
async def close_programme(row: ShownProgramme, actor: Registrar, session: Session, now: Now) -> Response:
    """No further certificates."""
    if row.closed_at is None and row.opened_at is not None:
        await programmes.close_version(session, row, now, actor.id)
    return RedirectResponse(f"/programmes/{row.slug}", 303)


@router.get("/programmes/{slug}/{number}")
async def version(
    request: Request, row: ProgrammeVersion, actor: MaybeActor, here: Here, session: Session, now: Now
) -> HTMLResponse:
    """A version for ever: certificates name this address."""
    return await _programme(request, row, actor, here, session, now)


async def _programme(
    request: Request, row: Programme, actor: MaybeActor, here: Installation, session: AsyncSession, now: Now
) -> HTMLResponse:
    mine = (await programmes.progress(session, here, actor.id, [row], now))[0] if actor else None
    shaped = mine.programme if mine else programmes.shape(here, row, await programmes.labels(session))
    newest = (await queries.versions_of(session, row.slug))[0].number
    return show(
        request,
        ProgrammePage(
            programme=shaped,
            description=to_html(shaped.description),
            criteria=to_html(shaped.criteria),
            progress=mine,
            staff=is_staff(actor),
            newest=newest,
        ),
    )


async def _nameable(session: AsyncSession) -> list[tuple[str, str]]:
    """What a rule can name, and the line that names it."""
    found = []
    for name, words in sorted((await programmes.labels(session)).items(), key=lambda each: each[1]):
        kind, mark, reference = name.partition(":")
        line = f"{kind}: {reference}" if mark and kind in {"exam", "programme"} else f"skill: {name}"
        found.append((words, line))
    return found


async def _edited(
    request: Request, page: EditPage, actor_id: UUID, here: Installation, session: AsyncSession, now: Now, action: str
) -> Response:
    """Save or look; whatever was typed stays in the form."""
    try:
        file = files.read_programme(SourceIn(source=page.source or " ").source)
        if action == "preview":
            drawn = Programme(slug=page.slug or "new", number=page.number + 1, source=page.source)
            shaped = programmes.shape(here, drawn, await programmes.labels(session))
            earning = await programmes.would_earn(session, here, file, now)
            return show(request, replace(page, preview=shaped, earning=earning))
        row = await programmes.write(session, programmes.short_name(page.slug), page.source, page.number, now, actor_id)
    except ValidationError:
        return show(request, replace(page, error=NO_NAME), 422)
    except PathwayFileWrong as error:
        problems = [ProblemOut(**each) for each in error.extra["problems"]]
        return show(request, replace(page, problems=problems), 422)
    except EditedElsewhere as error:
        return show(request, replace(page, error=str(error)), status_of(error))
    return RedirectResponse(f"/programmes/{row.slug}/edit?said=saved", 303)
