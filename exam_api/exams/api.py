"""Exams and sittings: JSON in, JSON out."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from exam_api.accounts.access import Candidate, Instructor, Invigilator, SignedIn
from exam_api.errors import NotTried, ReferenceFails
from exam_api.exams.access import (
    ExamStaff,
    LedSitting,
    OwnExam,
    OwnVersion,
    SeenSitting,
    owner_filter,
)
from exam_api.exams.queries import entry as entry_queries
from exam_api.exams.queries import exams as exam_queries
from exam_api.exams.queries import sittings as sitting_queries
from exam_api.exams.schemas import (
    AccommodationsIn,
    CheckIn,
    CheckOut,
    EntryIn,
    EntryOut,
    ExamCheckOut,
    ExamEdit,
    ExamIn,
    ExamOut,
    ExamRow,
    ExamSaved,
    ExtraTimeIn,
    JoinedOut,
    JoinLink,
    MySitting,
    PublishIn,
    RosterAdded,
    RosterIn,
    RosterRowOut,
    Search,
    ShownIn,
    SittingIn,
    SittingOut,
    SittingRow,
    SittingSaved,
    VersionOut,
    VersionRow,
    Window,
)
from exam_api.exams.service import (
    agreements,
    checking,
    drafts,
    entry,
    mine,
    publishing,
    rosters,
    shapes,
    shown,
    sittings,
)
from exam_api.web.context import say
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.problems import ERRORS

router = APIRouter(prefix="/api", tags=["exams"], responses=ERRORS(401, 422))

Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]


# --- exams ---


@router.post("/exams", status_code=201, responses=ERRORS(403))
async def create_exam(body: ExamIn, actor: ExamStaff, session: Session, now: Now) -> ExamSaved:
    """Keep a new exam file as a draft."""
    record = await drafts.create(session, body, now, actor.id)
    return ExamSaved(id=record.id, revision=record.revision, title=record.title)


@router.get("/exams", responses=ERRORS(403))
async def list_exams(
    actor: ExamStaff, session: Session, search: Search = "", limit: Limit = 100, offset: Offset = 0
) -> list[ExamRow]:
    """An author's own exams, or all of them for an instructor; the newest change first."""
    found = await exam_queries.list_exams(session, owner_filter(actor), search, limit, offset)
    return [shapes.exam_row(each) for each in found]


@router.post("/exams/check", responses=ERRORS(403))
async def check_exam(body: CheckIn, _: ExamStaff, request: Request) -> CheckOut:
    """Say what is wrong with an exam file, line by line; nothing is kept."""
    checked = checking.check(body.source)
    problems = [each.model_copy(update={"message": say(request, each.message)}) for each in checked.problems]
    return CheckOut(problems=problems, outline=checked.outline)


@router.get("/exams/{exam_id}", responses=ERRORS(403, 404))
async def read_exam(exam: OwnExam) -> ExamOut:
    """A draft with its file."""
    return ExamOut(**dict(shapes.exam_row(exam)), source=exam.exam.source)


@router.put("/exams/{exam_id}", responses=ERRORS(403, 404, 409))
async def change_exam(body: ExamEdit, exam: OwnExam, actor: ExamStaff, session: Session, now: Now) -> ExamSaved:
    """Write a changed file over the revision it started from."""
    revision, title = await drafts.change(session, exam.exam, body.source, body.revision, now, actor.id)
    return ExamSaved(id=exam.exam.id, revision=revision, title=title)


@router.post(
    "/exams/{exam_id}/publish",
    response_model=VersionOut,
    responses={
        202: {"model": ExamCheckOut, "description": "Reference solutions are tried first"},
        **ERRORS(403, 404, 409),
    },
)
async def publish_exam(
    request: Request, exam: OwnExam, actor: ExamStaff, session: Session, now: Now, body: PublishIn | None = None
) -> VersionOut | Response:
    """Freeze the draft as a version; an unchanged draft gives the version it already has.

    A draft with programs is published by the worker once their reference solutions pass: 202, then look at `check`.
    """
    try:
        version = await publishing.publish(session, exam.exam.id, body or PublishIn(), now, actor.id)
    except (NotTried, ReferenceFails) as error:
        error.extra["problems"] = [_said(request, each) for each in error.extra["problems"]]
        raise
    if version is None:
        return JSONResponse(ExamCheckOut(state="running").model_dump(), 202)
    name = await exam_queries.get_name(session, version.published_by)
    return shapes.version_out(version, name, drafts.definition_of(version))


@router.post("/exams/{exam_id}/check", status_code=202, responses=ERRORS(403, 404, 409))
async def try_references(exam: OwnExam, actor: ExamStaff, session: Session, now: Now) -> ExamCheckOut:
    """Have the draft's reference solutions tried by the worker; nothing is published. Look here how it goes."""
    return await publishing.ask(session, exam.exam.id, now, actor.id)


@router.get("/exams/{exam_id}/check", responses=ERRORS(403, 404))
async def read_check(request: Request, exam: OwnExam, session: Session) -> ExamCheckOut:
    """Where the trying of the draft's reference solutions stands, and what they showed."""
    found = await publishing.state_of(session, exam.exam.id, drafts.digest_of(checking.read_draft(exam.exam.source)))
    said = [each.model_copy(update={"message": say(request, each.message)}) for each in found.problems]
    return found.model_copy(update={"problems": said})


def _said(request: Request, problem: dict[str, str]) -> dict[str, str]:
    return {**problem, "message": say(request, problem["message"])}


@router.get("/exams/{exam_id}/versions", responses=ERRORS(403, 404))
async def list_versions(exam: OwnExam, session: Session) -> list[VersionRow]:
    """The frozen versions, newest first."""
    return [shapes.version_row(row, name) for row, name in await exam_queries.list_versions(session, exam.exam.id)]


@router.get("/exams/{exam_id}/versions/{number}", responses=ERRORS(403, 404))
async def read_version(version: OwnVersion) -> VersionOut:
    """A frozen version; `digest` is base64url SHA-256 over the canonical JSON (RFC 8785) of `definition`."""
    return shapes.version_out(version.row, version.published_by, drafts.definition_of(version.row))


# --- sittings ---


@router.post("/sittings", status_code=201, responses=ERRORS(403, 404, 409))
async def plan_sitting(
    body: SittingIn, actor: Instructor, session: Session, here: Here, now: Now, chance: Chance
) -> SittingSaved:
    """Plan a sitting. Who has no account gets one; its activation code is in this answer and nowhere else."""
    rosters.check_rows(body.roster)
    sitting = await sittings.plan(session, body, now, actor.id)
    roster = await rosters.add(session, here, sitting.id, body.roster, now, chance, actor.id)
    return SittingSaved(id=sitting.id, version_id=sitting.version_id, roster=roster)


@router.get("/sittings", responses=ERRORS(403))
async def list_sittings(
    _: Invigilator, session: Session, search: Search = "", limit: Limit = 100, offset: Offset = 0
) -> list[SittingRow]:
    """All sittings, the latest window first."""
    return [shapes.sitting_row(each) for each in await sitting_queries.list_sittings(session, search, limit, offset)]


@router.get("/sittings/{sitting_id}", responses=ERRORS(403, 404))
async def read_sitting(sitting: SeenSitting, session: Session) -> SittingOut:
    """A sitting with its roster."""
    roster = await sitting_queries.list_roster(session, sitting.sitting.id)
    return shapes.sitting_out(sitting, roster)


@router.put("/sittings/{sitting_id}", responses=ERRORS(403, 404, 409))
async def move_sitting(body: Window, sitting: LedSitting, actor: Instructor, session: Session, now: Now) -> SittingRow:
    """Change the window or the duration; after the first start it can only get longer."""
    await sittings.move(session, sitting.sitting.id, body, now, actor.id)
    return shapes.sitting_row(sitting)


@router.get("/sittings/{sitting_id}/entry", responses=ERRORS(403, 404))
async def read_entry(sitting: LedSitting, here: Here, session: Session) -> EntryOut:
    """What the sitting asks at the door."""
    return entry.shape(here, await entry_queries.find_rules(session, sitting.sitting.id))


@router.put("/sittings/{sitting_id}/entry", responses=ERRORS(403, 404))
async def change_entry(
    body: EntryIn, sitting: LedSitting, actor: Instructor, here: Here, session: Session, now: Now, chance: Chance
) -> EntryOut:
    """Ask for a password, for certain networks, for the course's lessons; open a link to join by."""
    return entry.shape(here, await entry.change(session, sitting.sitting.id, body, now, chance, actor.id))


@router.get("/sittings/{sitting_id}/shown", responses=ERRORS(403, 404))
async def read_shown(sitting: LedSitting, session: Session) -> ShownIn:
    """When candidates see which part of their results."""
    return await shown.rules_of(session, sitting.sitting.id)


@router.put("/sittings/{sitting_id}/shown", responses=ERRORS(403, 404))
async def change_shown(body: ShownIn, sitting: LedSitting, actor: Instructor, session: Session, now: Now) -> ShownIn:
    """Say when candidates see points, feedback, their answers, solutions and flags."""
    await shown.change(session, sitting.sitting.id, body, now, actor.id)
    return body


@router.post("/join/{link}", responses=ERRORS(403, 404, 409))
async def join_sitting(link: JoinLink, actor: Candidate, session: Session, now: Now) -> JoinedOut:
    """Onto the roster of the sitting whose link this is."""
    return JoinedOut(sitting_id=await entry.join(session, link, actor.id, now))


@router.post("/sittings/{sitting_id}/roster", responses=ERRORS(403, 404, 409))
async def add_to_roster(
    body: RosterIn, sitting: LedSitting, actor: Instructor, session: Session, here: Here, now: Now, chance: Chance
) -> list[RosterAdded]:
    """Put people on the roster, or give those on it other extra time."""
    return await rosters.add(session, here, sitting.sitting.id, body.rows, now, chance, actor.id)


@router.put("/sittings/{sitting_id}/roster/{user_id}", responses=ERRORS(403, 404, 409))
async def set_extra_time(
    user_id: UUID, body: ExtraTimeIn, sitting: LedSitting, actor: Instructor, session: Session, now: Now
) -> RosterRowOut:
    """Give one person other extra time; it reaches a running attempt at once."""
    found = await rosters.set_extra(session, sitting.sitting.id, user_id, body, now, actor.id)
    return shapes.roster_row(found)


@router.put("/sittings/{sitting_id}/roster/{user_id}/accommodations", responses=ERRORS(403, 404))
async def agree(
    user_id: UUID, body: AccommodationsIn, sitting: LedSitting, actor: Instructor, session: Session, now: Now
) -> RosterRowOut:
    """Keep what is agreed with one person about being watched: the rules that it touches stay silent."""
    found = await agreements.agree(session, sitting.sitting.id, user_id, body.accommodations, now, actor.id)
    return shapes.roster_row(found)


@router.delete("/sittings/{sitting_id}/roster/{user_id}", status_code=204, responses=ERRORS(403, 404, 409))
async def remove_from_roster(
    user_id: UUID, sitting: LedSitting, actor: Instructor, session: Session, now: Now
) -> Response:
    """Take somebody off the roster; not once they have opened the exam."""
    await rosters.remove(session, sitting.sitting.id, user_id, now, actor.id)
    return Response(status_code=204)


@router.get("/me/sittings")
async def my_sittings(actor: SignedIn, session: Session, now: Now) -> list[MySitting]:
    """The sittings whose roster the signed-in person is on."""
    return [mine.shape(each, now) for each in await sitting_queries.list_mine(session, actor.id)]
