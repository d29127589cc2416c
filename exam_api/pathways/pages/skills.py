"""Maps of skills: the list, a map with what proves it and its gaps, writing one, and one's own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile

from credentials.achievement.competency import SkillMap
from exam_api.accounts.access import SignedIn
from exam_api.db.models.pathways import SkillMapVersion
from exam_api.errors import EditedElsewhere, PathwayFileWrong, status_of
from exam_api.exams.schemas import ProblemOut
from exam_api.pathways import queries
from exam_api.pathways.access import NewestMap, PathwayStaff, is_staff
from exam_api.pathways.schemas import OwnMapOut, SkillMapOut
from exam_api.pathways.service import coverage, maps, programmes
from exam_api.pathways.service.drawing import Drawing, State, draw
from exam_api.pathways.service.files import read_map
from exam_api.web.context import say, show
from exam_api.web.deps import Here, Now, Session
from exam_api.web.i18n import _
from exam_api.web.markdown import to_html
from exam_api.web.render import Page

NO_NAME = _("A short name has small letters, digits and hyphens, such as data-literacy; new and import are taken.")
NOTHING_PROVES = _("nothing proves it")
BY_PARTS = _("by its parts")
QUESTIONS = _("questions: {count}")
SECTIONS_ONLY = _("by a section")
PROVEN_AT = _("level {level}: {name}")
IS_NEXT = _("next")
NOT_YET = _("not yet")
START = """title: A framework
description: Where it comes from.
levels:
  - {level: 1, name: Knows, statement: Says what it is.}
  - {level: 2, name: Does, statement: Does it alone.}
skills:
  - id: whole
    name: The whole
    url: https://case.example/CFItems/1
  - id: part
    name: A part of it
    url: https://case.example/CFItems/2
    part_of: [whole]
"""
router = APIRouter()


@dataclass(frozen=True)
class MapsPage(Page):
    """The maps of skills there are."""

    template: ClassVar[str] = "pathways/maps.html"
    maps: Sequence[SkillMapVersion]
    staff: bool


@dataclass(frozen=True)
class CoveragePage(Page):
    """A map: what proves each skill, drawn and as a table, and the gaps."""

    template: ClassVar[str] = "pathways/map.html"
    covered: SkillMapOut
    description: Markup
    drawing: Drawing
    names: dict[str, str]


@dataclass(frozen=True)
class OwnMapPage(Page):
    """What one has proven of a map, drawn and as a list, and what is next."""

    template: ClassVar[str] = "pathways/own_map.html"
    own: OwnMapOut
    drawing: Drawing
    names: dict[str, str]
    staff: bool


@dataclass(frozen=True)
class MapEditPage(Page):
    """The file of a map, or another file to make one of."""

    template: ClassVar[str] = "pathways/map_edit.html"
    slug: str
    source: str
    number: int
    problems: Sequence[ProblemOut] = ()
    error: str | None = None


@router.get("/skills")
async def map_list(request: Request, actor: SignedIn, session: Session) -> HTMLResponse:
    """The maps there are."""
    return show(request, MapsPage(await queries.newest_maps(session), is_staff(actor)))


@router.get("/skills/new")
async def new_map(request: Request, _: PathwayStaff) -> HTMLResponse:
    """A file to start from, or one to bring."""
    return show(request, MapEditPage("", START, 0))


@router.post("/skills/new")
async def create_map(request: Request, actor: PathwayStaff, session: Session, now: Now) -> Response:
    """Keep the first version: of what was typed, or of a file (YAML, CASE JSON, CSV)."""
    form = await request.form()
    file, typed, wish = form.get("file"), form.get("source"), form.get("slug")
    page = MapEditPage(
        wish.strip() if isinstance(wish, str) else "", typed.replace("\r\n", "\n") if isinstance(typed, str) else "", 0
    )
    if isinstance(file, UploadFile) and file.filename:
        try:
            slug, source = maps.from_file(await file.read(maps.MAX_FILE), file.filename)
        except PathwayFileWrong as error:
            problems = [ProblemOut(**each) for each in error.extra["problems"]]
            return show(request, replace(page, problems=problems), 422)
        page = MapEditPage(page.slug or slug, source, 0)
    return await _edited(request, page, actor.id, session, now)


@router.get("/skills/{slug}")
async def map_page(request: Request, _actor: PathwayStaff, row: NewestMap, session: Session) -> HTMLResponse:
    """What proves what, and what nothing proves."""
    found = read_map(row.source, row.slug)
    covered = await coverage.covered(session, row, found)
    words: dict[str, tuple[str, State]] = {}
    for skill in covered.skills:
        if skill.gap:
            words[skill.id] = (say(request, NOTHING_PROVES), "attention")
        elif skill.items:
            words[skill.id] = (say(request, QUESTIONS).format(count=skill.items), "ok")
        else:
            words[skill.id] = (say(request, SECTIONS_ONLY if skill.proofs else BY_PARTS), "ok")
    page = CoveragePage(covered, to_html(covered.description), draw(found, words), _names(found))
    return show(request, page)


@router.get("/skills/{slug}/edit")
async def edit_map(request: Request, _actor: PathwayStaff, row: NewestMap) -> HTMLResponse:
    """The newest file; saving writes a further version."""
    return show(request, MapEditPage(row.slug, row.source, row.number))


@router.post("/skills/{slug}/edit")
async def change_map(
    request: Request,
    row: NewestMap,
    actor: PathwayStaff,
    session: Session,
    now: Now,
    source: Annotated[str, Form(max_length=400_000)] = "",
    number: Annotated[int, Form(ge=0, le=1_000_000)] = 0,
) -> Response:
    """Write a further version."""
    return await _edited(request, MapEditPage(row.slug, source.replace("\r\n", "\n"), number), actor.id, session, now)


@router.get("/my/skills/{slug}")
async def own_map(
    request: Request, actor: SignedIn, row: NewestMap, here: Here, session: Session, now: Now
) -> HTMLResponse:
    """What one has proven, at which level, by which certificate, and what is next."""
    found = read_map(row.source, row.slug)
    own = await coverage.own(session, here, actor.id, row, found, now)
    proven = {each.id: each for each in own.proven}
    coming = {each.id for each in own.next}
    words: dict[str, tuple[str, State]] = {}
    for skill in found.skills:
        if skill.id in proven:
            at = proven[skill.id]
            words[skill.id] = (say(request, PROVEN_AT).format(level=at.level, name=at.level_name), "ok")
        else:
            words[skill.id] = (
                (say(request, IS_NEXT), "attention") if skill.id in coming else (say(request, NOT_YET), "neutral")
            )
    return show(request, OwnMapPage(own, draw(found, words), _names(found), is_staff(actor)))


def _names(found: SkillMap) -> dict[str, str]:
    return {skill.id: skill.name for skill in found.skills}


async def _edited(request: Request, page: MapEditPage, actor_id: UUID, session: AsyncSession, now: Now) -> Response:
    try:
        name = programmes.short_name(page.slug)
        row = await maps.write(session, name, page.source, page.number, now, actor_id)
    except ValidationError:
        return show(request, replace(page, error=NO_NAME), 422)
    except PathwayFileWrong as error:
        return show(request, replace(page, problems=[ProblemOut(**each) for each in error.extra["problems"]]), 422)
    except EditedElsewhere as error:
        return show(request, replace(page, error=str(error)), status_of(error))
    return RedirectResponse(f"/skills/{row.slug}", 303)
