"""Publishing: what can be tried is tried first, and nothing is frozen whose own reference solution fails.

The web process never runs a program: it asks the worker, which publishes once everything passes, or only says what it found
where somebody only tries. An exam without programs is published at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db import ledger
from exam_api.db.models.exams import Exam as ExamRecord
from exam_api.db.models.exams import ExamCheck, ExamVersion
from exam_api.errors import NothingToTry, NotTried, ReferenceFails
from exam_api.events import ExamCheckAsked
from exam_api.exams.queries import exams as queries
from exam_api.exams.schemas import ExamCheckOut, FailedReference, PublishIn
from exam_api.exams.service import drafts
from exam_api.exams.service.checking import read_draft
from exam_api.web.i18n import _
from grading.exam import Exam
from grading.kinds.code import Code

STALE = timedelta(minutes=15)
OPEN = ("running", "trying")  # a worker is at it, or will be; `running` publishes what passes
NOT_TRIED = _("This question has no reference solution, so nobody knows whether it can be solved within its limits.")


@dataclass(frozen=True)
class Begun:
    """A draft whose reference solutions are about to be tried."""

    exam_id: UUID
    digest: str
    programs: tuple[Code, ...]


@dataclass(frozen=True)
class Found:
    """What trying them showed; `able` is False where no sandbox answered."""

    problems: tuple[FailedReference, ...] = ()
    able: bool = True


def programs_of(exam: Exam) -> tuple[list[Code], list[Code]]:
    """The programs of an exam: with a reference solution, and without."""
    programs = [item for item in exam.items if isinstance(item, Code)]
    tried = [item for item in programs if item.reference is not None]
    return tried, [item for item in programs if item.reference is None]


async def publish(
    session: AsyncSession, exam_id: UUID, body: PublishIn, now: datetime, actor_id: UUID
) -> ExamVersion | None:
    """Freeze the draft, or have its reference solutions tried first (None). An unchanged draft gives the version it has.

    Raises `NotTried`, `ReferenceFails`.
    """
    record = await queries.lock_exam(session, exam_id)
    exam = read_draft(record.source)
    fingerprint = drafts.digest_of(exam)
    last = await queries.find_newest_version(session, exam_id)
    if last is not None and last.digest == fingerprint:
        return last
    tried, bare = programs_of(exam)
    if bare and not body.untried:
        raise NotTried(problems=[_problem(item, NOT_TRIED) for item in bare])
    if tried:
        check = await queries.find_check(session, exam_id)
        state = check.state if check is not None and check.digest == fingerprint else "none"
        if check is not None and state == "failed" and not body.again:
            raise ReferenceFails(problems=check.problems)
        if check is not None and state in OPEN and now < check.asked_at + STALE:
            check.state, check.untried, check.asked_by = "running", body.untried, actor_id
            return None
        if state != "passed" and not (state == "unable" and body.untried):
            await _begin(session, record, fingerprint, check, "running", now, actor_id, untried=body.untried)
            return None
        bare = bare if state == "passed" else [*tried, *bare]
    return await drafts.freeze(session, record, exam, now, actor_id, [item.id for item in bare])


async def ask(session: AsyncSession, exam_id: UUID, now: datetime, actor_id: UUID) -> ExamCheckOut:
    """Have the draft's reference solutions tried, and nothing published. Raises `NothingToTry`."""
    record = await queries.lock_exam(session, exam_id)
    exam = read_draft(record.source)
    if not programs_of(exam)[0]:
        raise NothingToTry
    fingerprint, check = drafts.digest_of(exam), await queries.find_check(session, exam_id)
    if check is None or check.digest != fingerprint or check.state not in OPEN or now >= check.asked_at + STALE:
        await _begin(session, record, fingerprint, check, "trying", now, actor_id)
    return await state_of(session, exam_id, fingerprint)


async def _begin(
    session: AsyncSession,
    record: ExamRecord,
    fingerprint: str,
    check: ExamCheck | None,
    state: str,
    now: datetime,
    actor_id: UUID,
    *,
    untried: bool = False,
) -> None:
    if check is None:
        check = ExamCheck(exam_id=record.id)
        session.add(check)
    check.digest, check.state, check.problems, check.finished_at = fingerprint, state, [], None
    check.untried, check.asked_by, check.asked_at = untried, actor_id, now
    await session.flush()
    await ledger.append(session, ExamCheckAsked(record.id, fingerprint), now, actor_id)


async def begun(session: AsyncSession, exam_id: UUID, fingerprint: str) -> Begun | None:
    """What there is to try; None where the draft has changed meanwhile, or it is done already."""
    record, check = await queries.lock_exam(session, exam_id), await queries.find_check(session, exam_id)
    if check is None or check.state not in OPEN or check.digest != fingerprint:
        return None
    exam = read_draft(record.source)
    if drafts.digest_of(exam) != fingerprint:  # somebody went on writing: there is nothing to publish
        await session.delete(check)
        return None
    return Begun(exam_id, fingerprint, tuple(programs_of(exam)[0]))


async def finish(session: AsyncSession, begun: Begun, found: Found, now: datetime) -> None:
    """Write down what was found, and publish where everything passes and the draft is still the same."""
    record, check = await queries.lock_exam(session, begun.exam_id), await queries.find_check(session, begun.exam_id)
    if check is None or check.state not in OPEN or check.digest != begun.digest:
        return
    exam = read_draft(record.source)
    if drafts.digest_of(exam) != begun.digest:
        await session.delete(check)
        return
    publishes, check.finished_at = check.state == "running", now
    check.problems = [problem.model_dump() for problem in found.problems]
    check.state = "failed" if found.problems else "passed" if found.able else "unable"
    last = await queries.find_newest_version(session, begun.exam_id)
    if publishes and check.state == "passed" and (last is None or last.digest != begun.digest):
        bare = [item.id for item in programs_of(exam)[1]]
        await drafts.freeze(session, record, exam, now, check.asked_by, bare)


async def left(session: AsyncSession, now: datetime) -> list[dict[str, Any]]:
    """Checks whose worker was killed, as jobs."""
    rows = await queries.checks_left(session, now - STALE)
    return [{"exam_id": str(row.exam_id), "digest": row.digest} for row in rows]


async def state_of(session: AsyncSession, exam_id: UUID, fingerprint: str) -> ExamCheckOut:
    """Where the check of the draft with this digest stands."""
    check = await queries.find_check(session, exam_id)
    if check is None or check.digest != fingerprint:
        return ExamCheckOut(state="none")
    return ExamCheckOut.model_validate({"state": check.state, "problems": check.problems})


def _problem(item: Code, message: str) -> dict[str, str]:
    return {"item": item.id, "title": item.title, "message": message}
