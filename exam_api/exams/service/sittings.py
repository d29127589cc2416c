"""Sittings: when an exam may be taken and for how long."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db import ledger
from exam_api.db.models.exams import ExamVersion, Sitting
from exam_api.errors import Invalid, NotFound, NotPublished, SittingInUse
from exam_api.events import SittingPlanned
from exam_api.exams.queries import exams as exam_queries
from exam_api.exams.queries import sittings as queries
from exam_api.exams.schemas import SittingIn, Window
from exam_api.web.i18n import _
from grading.standing import Rule

LONGEST_WINDOW = timedelta(days=366)
RULES = ("attempts", "delay_minutes", "counts", "late_minutes", "late_percent", "grace_minutes")
KINDER = _(
    "Candidates have already started. The sitting can get longer and kinder, not shorter or stricter: more attempts with "
    "less time between them, and of several the best may count."
)


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
        **_rules(body),
        created_by=actor_id,
        created_at=now,
    )
    session.add(sitting)
    await session.flush()
    await ledger.append(session, _planned(sitting), now, actor_id)
    return sitting


async def move(session: AsyncSession, sitting_id: UUID, window: Window, now: datetime, actor_id: UUID) -> Sitting:
    """Change title, window or duration. Once somebody has started, nothing may get shorter. Raises `SittingInUse`."""
    check_window(window)
    sitting = await queries.lock_sitting(session, sitting_id)
    if _is_stricter(window, sitting) and await queries.count_started(session, sitting_id):
        raise SittingInUse(KINDER)
    sitting.title, sitting.minutes = window.title, window.minutes
    for name, value in _rules(window).items():
        setattr(sitting, name, value)
    sitting.opens_at, sitting.closes_at = window.opens_at, window.closes_at
    await ledger.append(session, _planned(sitting), now, actor_id)
    return sitting


def _rules(window: Window) -> dict[str, Any]:
    """How often one may try, what counts, and what happens after the end; the columns have the same names."""
    return window.model_dump(include=set(RULES))


def _is_stricter(window: Window, sitting: Sitting) -> bool:
    """Whether anybody could lose by this change. Less grace than before, where nothing was said, may be less as well."""
    most = float("inf")
    return (
        (window.attempts or most) < (sitting.attempts or most)
        or window.delay_minutes > sitting.delay_minutes
        or window.counts not in {sitting.counts, Rule.best}
        or window.opens_at > sitting.opens_at
        or window.closes_at < sitting.closes_at
        or window.minutes < sitting.minutes
        or window.late_minutes < sitting.late_minutes
        or window.late_percent > sitting.late_percent
        or (
            window.grace_minutes != sitting.grace_minutes
            and (sitting.grace_minutes is None or (window.grace_minutes or 0) < sitting.grace_minutes)
        )
    )


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
    rules = {name: getattr(sitting, name) for name in RULES}
    return SittingPlanned(sitting.id, sitting.opens_at, sitting.closes_at, sitting.minutes, rules)
