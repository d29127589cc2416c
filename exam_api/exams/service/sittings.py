"""Sittings: when an exam may be taken and for how long."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db import ledger
from exam_api.db.models.exams import ExamVersion, Sitting
from exam_api.errors import Invalid, NotFound, NotPublished, SittingInUse
from exam_api.events import SittingPlanned
from exam_api.exams.queries import exams as exam_queries
from exam_api.exams.queries import sittings as queries
from exam_api.exams.schemas import PolicyIn, SittingIn, Window
from exam_api.exams.service import policy
from exam_api.web.i18n import _

LONGEST_WINDOW = timedelta(days=366)


async def planned_before(session: AsyncSession, key: str, actor_id: UUID) -> UUID | None:
    """The sitting that this form made already, if it was sent before."""
    found = await session.get(Sitting, as_id(key))
    return found.id if found is not None and found.created_by == actor_id else None


def as_id(key: str) -> UUID:
    """The id that a form chose for its sitting; another one where it chose none."""
    try:
        return UUID(key)
    except ValueError:
        return uuid4()


async def plan(session: AsyncSession, body: SittingIn, now: datetime, actor_id: UUID, key: str = "") -> Sitting:
    """A new sitting without people. Raises `Invalid`, `NotFound`, `NotPublished`."""
    check_window(body)
    if body.closes_at <= now:
        raise _wrong("closes_at", _("This window is over already; nobody could start."))
    version = await _version(session, body)
    sitting = Sitting(
        id=as_id(key),
        version_id=version.id,
        title=body.title,
        opens_at=body.opens_at,
        closes_at=body.closes_at,
        minutes=body.minutes,
        created_by=actor_id,
        created_at=now,
    )
    policy.put(sitting, body.policy)
    session.add(sitting)
    await session.flush()
    await ledger.append(session, _planned(sitting), now, actor_id)
    if body.policy != PolicyIn():
        await ledger.append(session, policy.said(sitting), now, actor_id)
    return sitting


async def move(session: AsyncSession, sitting_id: UUID, window: Window, now: datetime, actor_id: UUID) -> Sitting:
    """Change title, window or duration. Once somebody has started, nothing may get shorter. Raises `SittingInUse`."""
    check_window(window)
    sitting = await queries.lock_sitting(session, sitting_id)
    shorter = (
        window.opens_at > sitting.opens_at or window.closes_at < sitting.closes_at or window.minutes < sitting.minutes
    )
    if shorter and await queries.count_started(session, sitting_id):
        raise SittingInUse(_("Candidates have already started; the sitting can get longer, not shorter."))
    sitting.title, sitting.minutes = window.title, window.minutes
    sitting.opens_at, sitting.closes_at = window.opens_at, window.closes_at
    await ledger.append(session, _planned(sitting), now, actor_id)
    return sitting


def check_window(window: Window) -> None:
    """Raises `Invalid` for a window that nobody could mean."""
    length = window.closes_at - window.opens_at
    if length <= timedelta(0):
        raise _wrong("closes_at", _("The sitting must close after it opens."))
    if length < timedelta(minutes=window.minutes):
        raise _wrong("closes_at", _("The window is shorter than the time each person gets."))
    if length > LONGEST_WINDOW:
        raise _wrong("closes_at", _("The window is longer than a year; is the date right?"))


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(problems=[{"where": ["body", field], "message": message}])


async def _version(session: AsyncSession, body: SittingIn) -> ExamVersion:
    if body.version_id is not None:
        version = await exam_queries.find_version_by_id(session, body.version_id)
        if version is None:
            raise NotFound
        return version
    assert body.exam_id is not None
    newest = await exam_queries.find_newest_version(session, body.exam_id)
    if newest is not None:
        return newest
    raise NotFound if await exam_queries.find_exam(session, body.exam_id) is None else NotPublished


def _planned(sitting: Sitting) -> SittingPlanned:
    return SittingPlanned(sitting.id, sitting.opens_at, sitting.closes_at, sitting.minutes)
