"""Programmes: JSON in, JSON out."""

from uuid import UUID

from fastapi import APIRouter

from exam_api.accounts.access import Registrar, SignedIn
from exam_api.pathways import queries
from exam_api.pathways.access import NewestProgramme, PathwayStaff, ProgrammeVersion, ShownProgramme, SlugPath
from exam_api.pathways.schemas import NoticeOut, ProgrammeOut, ProgressOut, SettleIn, SourceIn, VersionOut
from exam_api.pathways.service import following, programmes
from exam_api.web.deps import Here, Now, Session
from exam_api.web.problems import ERRORS

router = APIRouter(prefix="/api", tags=["programmes"])


@router.get("/programmes")
async def read_programmes(here: Here, session: Session) -> list[ProgrammeOut]:
    """The programmes that are open: what each takes and earns. No account is needed."""
    known = await programmes.labels(session)
    return [programmes.shape(here, row, known) for row in await queries.open_programmes(session)]


@router.get("/me/programmes", responses=ERRORS(401, 403))
async def read_progress(actor: SignedIn, here: Here, session: Session, now: Now) -> list[ProgressOut]:
    """How far one is in each open programme: what counts, what is missing, and why."""
    return await programmes.progress(session, here, actor.id, await queries.open_programmes(session), now)


@router.get("/programmes/notices", responses=ERRORS(401, 403))
async def read_notices(_: Registrar, session: Session) -> list[NoticeOut]:
    """Certificates of programmes whose rule is no longer met, the oldest first."""
    return await following.notices(session)


@router.post("/programmes/notices/{notice_id}/settle", status_code=204, responses=ERRORS(401, 403, 404, 409, 422))
async def settle(notice_id: UUID, body: SettleIn, actor: Registrar, here: Here, session: Session, now: Now) -> None:
    """Let a certificate stand although its programme's rule is no longer met, with a reason for the record."""
    await following.settle(session, here, notice_id, body.words, actor.id, now)


@router.get("/programmes/{slug}", responses=ERRORS(404, 422))
async def read_programme(row: ShownProgramme, here: Here, session: Session) -> ProgrammeOut:
    """One programme as it counts now."""
    return programmes.shape(here, row, await programmes.labels(session))


@router.get("/programmes/{slug}/versions/{number}", responses=ERRORS(404, 422))
async def read_version(row: ProgrammeVersion, here: Here, session: Session) -> ProgrammeOut:
    """A version by its number, for ever: certificates name it as what was achieved."""
    return programmes.shape(here, row, await programmes.labels(session))


@router.put("/programmes/{slug}", responses=ERRORS(401, 403, 409, 422))
async def write_programme(
    slug: SlugPath, body: SourceIn, actor: PathwayStaff, session: Session, now: Now
) -> VersionOut:
    """Write a new version over version `number` (0: the first one). It counts once it is opened."""
    row = await programmes.write(session, slug, body.source, body.number, now, actor.id)
    return VersionOut(slug=row.slug, number=row.number, title=row.title)


@router.post("/programmes/{slug}/open", status_code=204, responses=ERRORS(401, 403, 404, 409, 422))
async def open_programme(row: NewestProgramme, actor: Registrar, session: Session, now: Now) -> None:
    """The newest version counts from now on: whoever meets its rule gets its certificate."""
    await programmes.open_version(session, row, now, actor.id)


@router.post("/programmes/{slug}/close", status_code=204, responses=ERRORS(401, 403, 404, 409, 422))
async def close_programme(row: ShownProgramme, actor: Registrar, session: Session, now: Now) -> None:
    """No further certificates; those that were issued stay."""
    await programmes.close_version(session, row, now, actor.id)
