"""Changed names, continuing credits, reminders, erasures: SQL, nothing else."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Select, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from exam_api.certificates.queries import lock_row
from exam_api.db.models.accounts import User
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.certificates import Certificate
from exam_api.db.models.exams import ExamVersion, Sitting
from exam_api.db.models.giving import Batch, BatchRow
from exam_api.db.models.renewing import FAILED, CreditActivity, NameChange, Reminder

QUEUE = 200  # rows of a queue on one page


def _holder() -> ColumnElement[UUID]:
    return func.coalesce(Certificate.holder_id, Attempt.candidate_id)


def _of(user_id: UUID) -> Select[Certificate]:
    query = select(Certificate).outerjoin(Attempt, Attempt.id == Certificate.attempt_id)
    return query.where(or_(Attempt.candidate_id == user_id, Certificate.holder_id == user_id))


def _unreplaced() -> ColumnElement[bool]:
    newer = aliased(Certificate)
    return ~exists().where(newer.replaces_id == Certificate.id, newer.erased_at.is_(None))


def _renewed() -> ColumnElement[bool]:
    """Also where the newer one was erased: it does not come back."""
    newer = aliased(Certificate)
    return exists().where(newer.replaces_id == Certificate.id)


# --- whose, and what it rests on ---


async def good_of(session: AsyncSession, user_id: UUID, now: datetime, *, lock: bool = False) -> Sequence[Certificate]:
    """Somebody's certificates that hold now and that none has replaced. `lock`: them, and before them the attempts that earned
    them, which a new certificate names and which whoever revises one holds.
    """
    query = _of(user_id).where(
        Certificate.revoked_at.is_(None),
        Certificate.suspended_at.is_(None),
        Certificate.erased_at.is_(None),
        or_(Certificate.valid_until.is_(None), Certificate.valid_until > now),
        _unreplaced(),
    )
    query = query.order_by(Certificate.id)
    if lock:
        earned = exists().where(Certificate.attempt_id == Attempt.id)
        attempts = select(Attempt.id).where(Attempt.candidate_id == user_id, earned).order_by(Attempt.id)
        await session.execute(attempts.with_for_update(read=True, key_share=True))
        query = query.with_for_update(of=Certificate, key_share=True)
    return (await session.scalars(query)).all()


async def erased_of(session: AsyncSession, user_id: UUID) -> Sequence[Certificate]:
    """What is left of the certificates that somebody had erased; the newest first."""
    query = _of(user_id).where(Certificate.erased_at.is_not(None)).order_by(Certificate.erased_at.desc())
    return (await session.scalars(query)).all()


def _chain(certificate_id: UUID) -> CTE:
    """A certificate, and those in whose place it and they came, as far as none rests on an attempt."""
    chain = (
        select(Certificate.id, Certificate.attempt_id, Certificate.replaces_id)
        .where(Certificate.id == certificate_id)
        .cte("chain", recursive=True)
    )
    before = select(Certificate.id, Certificate.attempt_id, Certificate.replaces_id)
    before = before.join(chain, chain.c.replaces_id == Certificate.id)
    return chain.union(before.where(chain.c.attempt_id.is_(None)))


async def find_root(session: AsyncSession, certificate_id: UUID) -> UUID | None:
    """The exam version behind a certificate, or behind the first of those that it renews; None where there is no exam."""
    chain = _chain(certificate_id)
    query = (
        select(Sitting.version_id)
        .join(Attempt, Attempt.sitting_id == Sitting.id)
        .join(chain, chain.c.attempt_id == Attempt.id)
    )
    return await session.scalar(query.limit(1))


async def find_list_terms(session: AsyncSession, certificate_id: UUID) -> dict[str, Any] | None:
    """What the list says that a certificate, or the first of those that it renews, was given by; None where no list gave it."""
    chain = _chain(certificate_id)
    query = select(Batch.terms).join(BatchRow, BatchRow.batch_id == Batch.id)
    return await session.scalar(query.join(chain, chain.c.id == BatchRow.certificate_id).limit(1))


async def find_exam_id(session: AsyncSession, version_id: UUID) -> UUID | None:
    """The exam that a version is of."""
    return await session.scalar(select(ExamVersion.exam_id).where(ExamVersion.id == version_id))


@dataclass(frozen=True)
class Sat:
    """Whose an attempt is, and in which sitting."""

    user_id: UUID
    sitting_id: UUID


async def find_sitting_of(session: AsyncSession, attempt_id: UUID) -> Sat | None:
    query = select(Attempt.candidate_id, Attempt.sitting_id).where(Attempt.id == attempt_id)
    row = (await session.execute(query)).one_or_none()
    return Sat(*row) if row else None


# --- changed names ---


async def find_change(session: AsyncSession, change_id: UUID, *, lock: bool = False) -> NameChange | None:
    return await session.get(NameChange, change_id, with_for_update=lock or None, populate_existing=True)


async def changes_of(session: AsyncSession, user_id: UUID) -> Sequence[NameChange]:
    """Somebody's wishes, the newest first."""
    query = select(NameChange).where(NameChange.user_id == user_id).order_by(NameChange.asked_at.desc(), NameChange.id)
    return (await session.scalars(query)).all()


async def waiting_changes(session: AsyncSession) -> Sequence[tuple[NameChange, User]]:
    """What registrars have to decide, the oldest first."""
    query = select(NameChange, User).join(User, User.id == NameChange.user_id).where(NameChange.decided_at.is_(None))
    rows = await session.execute(query.order_by(NameChange.asked_at, NameChange.id).limit(QUEUE))
    return [(change, user) for change, user in rows]


# --- continuing credits ---


async def activities_of(session: AsyncSession, certificate_id: UUID) -> Sequence[CreditActivity]:
    """What its holder noted, the newest first."""
    query = select(CreditActivity).where(CreditActivity.certificate_id == certificate_id)
    return (await session.scalars(query.order_by(CreditActivity.day.desc(), CreditActivity.noted_at.desc()))).all()


async def find_activity(session: AsyncSession, activity_id: UUID, *, lock: bool = False) -> CreditActivity | None:
    return await session.get(CreditActivity, activity_id, with_for_update=lock or None, populate_existing=True)


async def lock_activity(session: AsyncSession, activity_id: UUID) -> CreditActivity | None:
    """An activity, locked after its certificate, as whoever erases or renames that does."""
    while (found := await find_activity(session, activity_id)) is not None:
        certificate_id = found.certificate_id
        await lock_row(session, certificate_id)
        found = await find_activity(session, activity_id, lock=True)
        if found is None or found.certificate_id == certificate_id:
            return found
    return None


@dataclass(frozen=True)
class Waiting:
    """An activity that staff have to look at, with its certificate and whose it is."""

    activity: CreditActivity
    certificate: Certificate
    person: User


async def waiting_activities(session: AsyncSession) -> Sequence[Waiting]:
    """The oldest first."""
    query = (
        select(CreditActivity, Certificate, User)
        .join(Certificate, Certificate.id == CreditActivity.certificate_id)
        .outerjoin(Attempt, Attempt.id == Certificate.attempt_id)
        .join(User, User.id == _holder())
        .where(CreditActivity.decided_at.is_(None), Certificate.erased_at.is_(None))
        .order_by(CreditActivity.noted_at, CreditActivity.id)
        .limit(QUEUE)
    )
    return [Waiting(*row) for row in await session.execute(query)]


async def was_renewed(session: AsyncSession, certificate_id: UUID) -> bool:
    """Whether another one ever took its place, be it erased since."""
    return await session.scalar(select(_renewed()).where(Certificate.id == certificate_id)) is True


async def renewable(session: AsyncSession, now: datetime) -> Sequence[UUID]:
    """Certificates that hold, end, have accepted credits and were not renewed yet."""
    accepted = exists().where(CreditActivity.certificate_id == Certificate.id, CreditActivity.accepted.is_(True))
    query = select(Certificate.id).where(
        Certificate.revoked_at.is_(None),
        Certificate.suspended_at.is_(None),
        Certificate.erased_at.is_(None),
        Certificate.valid_until > now,
        accepted,
        ~_renewed(),
    )
    return (await session.scalars(query)).all()


async def hand_on(session: AsyncSession, former_id: UUID, new_id: UUID) -> None:
    """What was noted about a certificate, and the letters about its end, belong to the one in its place from now on."""
    for table in (CreditActivity, Reminder):
        await session.execute(update(table).where(table.certificate_id == former_id).values(certificate_id=new_id))


async def forget_activities(session: AsyncSession, certificate_id: UUID) -> list[str]:
    """Drop what was noted about a certificate, and its reminders; the names of the files that are left to be deleted."""
    await session.execute(delete(Reminder).where(Reminder.certificate_id == certificate_id))
    gone = delete(CreditActivity).where(CreditActivity.certificate_id == certificate_id)
    return [blob for blob in await session.scalars(gone.returning(CreditActivity.blob)) if blob is not None]


# --- reminders ---


@dataclass(frozen=True)
class Ending:
    """A certificate near its end, whose it is, and which letters were written."""

    certificate: Certificate
    person: User
    told: frozenset[int]


async def ending(session: AsyncSession, after: datetime, before: datetime) -> Sequence[Ending]:
    """Good certificates that end between these moments and were not replaced."""
    told = select(func.array_agg(Reminder.days)).where(Reminder.certificate_id == Certificate.id)
    told = told.where(Reminder.state != FAILED)
    query = (
        select(Certificate, User, told.scalar_subquery())
        .outerjoin(Attempt, Attempt.id == Certificate.attempt_id)
        .join(User, User.id == _holder())
        .where(
            Certificate.valid_until > after,
            Certificate.valid_until <= before,
            Certificate.revoked_at.is_(None),
            Certificate.erased_at.is_(None),
            User.disabled_at.is_(None),
            _unreplaced(),
        )
        .order_by(Certificate.valid_until, Certificate.id)
    )
    return [Ending(row, person, frozenset(days or ())) for row, person, days in await session.execute(query)]


async def put_reminder(session: AsyncSession, certificate_id: UUID, days: int, state: str, now: datetime) -> None:
    """What became of a letter; it takes the place of what became of it before."""
    row = {"certificate_id": certificate_id, "days": days, "state": state, "at": now}
    statement = insert(Reminder).values(row)
    keys = [Reminder.certificate_id, Reminder.days]
    await session.execute(statement.on_conflict_do_update(index_elements=keys, set_={"state": state, "at": now}))


async def holders_of(session: AsyncSession, numbers: Collection[UUID]) -> dict[UUID, User]:
    """Whose these certificates are."""
    query = (
        select(Certificate.id, User)
        .outerjoin(Attempt, Attempt.id == Certificate.attempt_id)
        .join(User, User.id == _holder())
        .where(Certificate.id.in_(numbers))
    )
    rows = await session.execute(query) if numbers else ()
    return {number: person for number, person in rows}  # noqa: C416  (a row is no pair to the type checker)


async def followers(session: AsyncSession, certificate_id: UUID) -> Sequence[UUID]:
    """Good certificates that took the place of this one and rest on no attempt of their own."""
    query = select(Certificate.id).where(
        Certificate.replaces_id == certificate_id, Certificate.attempt_id.is_(None), Certificate.revoked_at.is_(None)
    )
    return (await session.scalars(query)).all()


async def former_of_exam(session: AsyncSession, user_id: UUID, exam_id: UUID, other: UUID) -> Certificate | None:
    """Somebody's newest good certificate of an exam, from another sitting than the one named `other`."""
    query = (
        select(Certificate)
        .join(Attempt, Attempt.id == Certificate.attempt_id)
        .join(Sitting, Sitting.id == Attempt.sitting_id)
        .join(ExamVersion, ExamVersion.id == Sitting.version_id)
        .where(
            Attempt.candidate_id == user_id,
            ExamVersion.exam_id == exam_id,
            Attempt.sitting_id != other,
            Certificate.revoked_at.is_(None),
            Certificate.erased_at.is_(None),
            _unreplaced(),
        )
        .order_by(Certificate.issued_at.desc(), Certificate.id)
        .limit(1)
    )
    return await session.scalar(query)
