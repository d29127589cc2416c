"""Sittings and rosters: SQL, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, exists, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from exam_api.db.models.accounts import User
from exam_api.db.models.attempts import Attempt, is_current
from exam_api.db.models.exams import Exam, ExamVersion, RosterEntry, Sitting


@dataclass(frozen=True)
class Extra:
    """Extra time: minutes, and a percentage of the sitting's minutes."""

    minutes: int
    percent: int


@dataclass(frozen=True)
class SittingListed:
    """A sitting with its exam and how many people are on it, have started, have submitted."""

    sitting: Sitting
    exam_id: UUID
    exam_title: str
    version: int
    people: int
    started: int
    submitted: int


@dataclass(frozen=True)
class OnRoster:
    """One person on a roster, with how far their newest attempt is (`attempt` None: not opened)."""

    entry: RosterEntry
    email: str
    name: str
    attempt: Attempt | None


@dataclass(frozen=True)
class Mine:
    """A sitting that somebody is on the roster of, with their newest attempt; `handed_in` and `released` speak of all."""

    sitting: Sitting
    exam_title: str
    extra_minutes: int
    attempt: Attempt | None
    handed_in: datetime | None
    released: bool


def _count(*where: Any) -> Any:
    """People, however often they tried."""
    return (
        select(func.count(Attempt.candidate_id.distinct()))
        .where(Attempt.sitting_id == Sitting.id, *where)
        .scalar_subquery()
    )


def _listed() -> Select[Any]:
    people = select(func.count()).where(RosterEntry.sitting_id == Sitting.id).scalar_subquery()
    title = ExamVersion.definition["title"].astext
    started, submitted = _count(Attempt.started_at.is_not(None)), _count(Attempt.submitted_at.is_not(None))
    return (
        select(Sitting, Exam.id, title, ExamVersion.number, people, started, submitted)
        .join(ExamVersion, ExamVersion.id == Sitting.version_id)
        .join(Exam, Exam.id == ExamVersion.exam_id)
    )


async def list_sittings(
    session: AsyncSession, search: str = "", limit: int = 200, offset: int = 0, exam_id: UUID | None = None
) -> list[SittingListed]:
    """Sittings, the latest window first; `search` is part of a title."""
    query = _listed().order_by(Sitting.opens_at.desc(), Sitting.id).limit(limit).offset(offset)
    if search:
        query = query.where(Sitting.title.icontains(search, autoescape=True))
    if exam_id is not None:
        query = query.where(Exam.id == exam_id)
    return [SittingListed(*row) for row in await session.execute(query)]


async def find_sitting(session: AsyncSession, sitting_id: UUID) -> SittingListed | None:
    row = (await session.execute(_listed().where(Sitting.id == sitting_id))).one_or_none()
    return SittingListed(*row) if row else None


async def is_locked_down(session: AsyncSession, version_id: UUID) -> bool:
    """Whether an exam is sat in a locked-down browser only."""
    browser = ExamVersion.definition["proctoring"]["browser"].astext
    return await session.scalar(select(browser).where(ExamVersion.id == version_id)) == "locked-down"


async def lock_sitting(session: AsyncSession, sitting_id: UUID) -> Sitting:
    """The sitting, locked: no attempt that locks it too can start while its rules change."""
    query = select(Sitting).where(Sitting.id == sitting_id).with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).one()


async def count_started(session: AsyncSession, sitting_id: UUID) -> int:
    query = select(func.count()).where(Attempt.sitting_id == sitting_id, Attempt.started_at.is_not(None))
    return (await session.scalars(query)).one()


async def list_roster(session: AsyncSession, sitting_id: UUID) -> Sequence[OnRoster]:
    """Everybody on the roster by name."""
    rows = await session.execute(_roster(sitting_id).order_by(User.name, User.email))
    return [OnRoster(*row) for row in rows]


async def find_on_roster(session: AsyncSession, sitting_id: UUID, user_id: UUID) -> OnRoster | None:
    query = _roster(sitting_id).where(RosterEntry.user_id == user_id).execution_options(populate_existing=True)
    row = (await session.execute(query)).one_or_none()
    return OnRoster(*row) if row else None


def _roster(sitting_id: UUID) -> Select[RosterEntry, str, str, Attempt]:
    return (
        select(RosterEntry, User.email, User.name, Attempt)
        .join(User, User.id == RosterEntry.user_id)
        .outerjoin(
            Attempt,
            (Attempt.sitting_id == RosterEntry.sitting_id)
            & (Attempt.candidate_id == RosterEntry.user_id)
            & is_current(),
        )
        .where(RosterEntry.sitting_id == sitting_id)
    )


async def list_entries(session: AsyncSession, sitting_id: UUID) -> dict[UUID, RosterEntry]:
    query = select(RosterEntry).where(RosterEntry.sitting_id == sitting_id)
    return {entry.user_id: entry for entry in await session.scalars(query)}


async def add_entries(session: AsyncSession, sitting_id: UUID, extra: dict[UUID, Extra], now: datetime) -> None:
    """Put people on the roster; whoever is there must not be in `extra`."""
    if extra:
        rows = [
            {
                "sitting_id": sitting_id,
                "user_id": user_id,
                "extra_minutes": each.minutes,
                "extra_percent": each.percent,
                "added_at": now,
            }
            for user_id, each in extra.items()
        ]
        await session.execute(insert(RosterEntry), rows)


async def remove_entry(session: AsyncSession, sitting_id: UUID, user_id: UUID) -> None:
    """Off the roster, and with it the attempt that was made ahead for somebody who never came."""
    await session.execute(
        delete(Attempt).where(
            Attempt.sitting_id == sitting_id, Attempt.candidate_id == user_id, Attempt.status == "prepared"
        )
    )
    await session.execute(
        delete(RosterEntry).where(RosterEntry.sitting_id == sitting_id, RosterEntry.user_id == user_id)
    )


async def list_mine(session: AsyncSession, user_id: UUID, sitting_id: UUID | None = None) -> list[Mine]:
    """The sittings that a person is on the roster of, the next window first; only `sitting_id`, where given."""
    any_of = aliased(Attempt)
    theirs = (any_of.sitting_id == Sitting.id) & (any_of.candidate_id == RosterEntry.user_id)
    handed_in = select(func.max(any_of.submitted_at)).where(theirs).correlate(Sitting, RosterEntry).scalar_subquery()
    released = exists().where(theirs, any_of.released_at.is_not(None)).correlate(Sitting, RosterEntry)
    query = (
        select(Sitting, ExamVersion.definition["title"].astext, RosterEntry, Attempt, handed_in, released)
        .join(RosterEntry, RosterEntry.sitting_id == Sitting.id)
        .join(ExamVersion, ExamVersion.id == Sitting.version_id)
        .outerjoin(
            Attempt,
            (Attempt.sitting_id == Sitting.id) & (Attempt.candidate_id == RosterEntry.user_id) & is_current(),
        )
        .where(RosterEntry.user_id == user_id)
        .order_by(Sitting.opens_at, Sitting.id)
    )
    if sitting_id is not None:
        query = query.where(Sitting.id == sitting_id)
    return [
        Mine(sitting, title, entry.extra_on(sitting.minutes), attempt, last, out)
        for sitting, title, entry, attempt, last, out in await session.execute(query)
    ]
