"""Maps of skills: JSON in, JSON out."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from exam_api.accounts.access import SignedIn
from exam_api.errors import TooLarge
from exam_api.pathways import queries
from exam_api.pathways.access import NewestMap, PathwayStaff, SlugPath
from exam_api.pathways.schemas import OwnMapOut, SkillMapOut, SourceIn, VersionOut
from exam_api.pathways.service import coverage, maps
from exam_api.pathways.service.files import read_map
from exam_api.web.deps import Here, Now, Session
from exam_api.web.problems import ERRORS

router = APIRouter(prefix="/api", tags=["skills"])


@router.get("/skills", responses=ERRORS(401, 403))
async def read_maps(_: SignedIn, session: Session) -> list[VersionOut]:
    """The maps of skills there are, each in its newest version."""
    rows = await queries.newest_maps(session)
    return [VersionOut(slug=row.slug, number=row.number, title=row.title) for row in rows]


@router.get("/skills/{slug}", responses=ERRORS(401, 403, 404, 422))
async def read_coverage(_: PathwayStaff, row: NewestMap, session: Session) -> SkillMapOut:
    """A map with what proves each skill: questions, sections, levels; and the gaps."""
    return await coverage.covered(session, row, read_map(row.source, row.slug))


@router.put("/skills/{slug}", responses=ERRORS(401, 403, 409, 422))
async def write_map(slug: SlugPath, body: SourceIn, actor: PathwayStaff, session: Session, now: Now) -> VersionOut:
    """Write a new version over version `number` (0: the first one)."""
    row = await maps.write(session, slug, body.source, body.number, now, actor.id)
    return VersionOut(slug=row.slug, number=row.number, title=row.title)


@router.post(
    "/skills/import",
    responses=ERRORS(401, 403, 409, 413, 422),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"type": "object"}},
                "text/csv": {"schema": {"type": "string"}},
                "application/yaml": {"schema": {"type": "string"}},
            },
        }
    },
)
async def import_map(
    request: Request,
    actor: PathwayStaff,
    session: Session,
    now: Now,
    name: Annotated[str, Query(max_length=200)] = "",
) -> VersionOut:
    """The first version of a map from a CASE package, a table or a map file of at most 4 MB; `name` is the file's."""
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > maps.MAX_FILE:
            raise TooLarge
    slug, source = maps.from_file(bytes(content), name)
    row = await maps.write(session, slug, source, 0, now, actor.id)
    return VersionOut(slug=row.slug, number=row.number, title=row.title)


@router.get("/me/skills/{slug}", responses=ERRORS(401, 403, 404, 422))
async def read_own(actor: SignedIn, row: NewestMap, here: Here, session: Session, now: Now) -> OwnMapOut:
    """What one has proven of a map, at which level, by which certificate; and what is next."""
    return await coverage.own(session, here, actor.id, row, read_map(row.source, row.slug), now)
