"""Programmes, what rests on what, notices, maps of skills: SQL, nothing else."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.accounts import User
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.certificates import Certificate
from exam_api.db.models.exams import Exam, ExamVersion
from exam_api.db.models.pathways import Programme, SkillMapVersion, StackedPart, StackNotice

# --- programmes ---


async def newest_programmes(session: AsyncSession) -> Sequence[Programme]:
    """The newest version of each programme, by title."""
    inner = select(Programme.slug, func.max(Programme.number).label("number")).group_by(Programme.slug).subquery()
    query = select(Programme).join(inner, and_(inner.c.slug == Programme.slug, inner.c.number == Programme.number))
    return (await session.scalars(query.order_by(Programme.title, Programme.slug))).all()


async def open_programmes(session: AsyncSession) -> Sequence[Programme]:
    """Those that count now, by title."""
    query = select(Programme).where(Programme.opened_at.is_not(None), Programme.closed_at.is_(None))
    return (await session.scalars(query.order_by(Programme.title, Programme.slug))).all()


async def versions_of(session: AsyncSession, slug: str) -> Sequence[Programme]:
    """All versions of one programme, the newest first."""
    return (
        await session.scalars(select(Programme).where(Programme.slug == slug).order_by(Programme.number.desc()))
    ).all()


async def find_programme(session: AsyncSession, slug: str, number: int) -> Programme | None:
    query = select(Programme).where(Programme.slug == slug, Programme.number == number)
    return (await session.scalars(query)).one_or_none()


async def get_programme(session: AsyncSession, programme_id: UUID) -> Programme:
    return await session.get_one(Programme, programme_id)


async def lock_slug(session: AsyncSession, kind: str, slug: str) -> None:
    """One writer of a programme or map at a time, until its transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{kind}:{slug}", 0))))


# --- what somebody holds ---


async def exams_of_versions(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, UUID]:
    """For each published version of an exam the exam."""
    query = select(ExamVersion.id, ExamVersion.exam_id).where(ExamVersion.id.in_(ids))
    rows = await session.execute(query) if ids else ()
    return {row.id: row.exam_id for row in rows}


async def holder_of(session: AsyncSession, certificate_id: UUID) -> UUID | None:
    """Whose certificate that is."""
    holder = func.coalesce(Certificate.holder_id, Attempt.candidate_id)
    query = select(holder).select_from(Certificate).outerjoin(Attempt, Attempt.id == Certificate.attempt_id)
    found: UUID | None = await session.scalar(query.where(Certificate.id == certificate_id))
    return found


async def holders(session: AsyncSession) -> Sequence[UUID]:
    """Everybody who holds a certificate that was not revoked."""
    holder = func.coalesce(Certificate.holder_id, Attempt.candidate_id)
    query = select(holder).select_from(Certificate).outerjoin(Attempt, Attempt.id == Certificate.attempt_id)
    return (await session.scalars(query.where(Certificate.revoked_at.is_(None)).distinct())).all()


async def lock_person(session: AsyncSession, user_id: UUID) -> User:
    """A person, so that two jobs do not give them the same certificate twice."""
    await lock_slug(session, "stacking", str(user_id))
    return await session.get_one(User, user_id)


# --- what rests on what ---


async def resting_on(session: AsyncSession, part_id: UUID) -> Sequence[UUID]:
    """The certificates that rest on this one, or on one whose place it took."""
    chain = (
        select(Certificate.id, Certificate.replaces_id).where(Certificate.id == part_id).cte("chain", recursive=True)
    )
    chain = chain.union(
        select(Certificate.id, Certificate.replaces_id).join(chain, Certificate.id == chain.c.replaces_id)
    )
    query = select(StackedPart.certificate_id).where(StackedPart.part_id.in_(select(chain.c.id))).distinct()
    return (await session.scalars(query)).all()


async def resting_on_ended(session: AsyncSession, now: datetime) -> Sequence[UUID]:
    """Certificates that still hold and rest on one that is over, suspended or revoked."""
    part = select(Certificate.id).where(
        or_(Certificate.valid_until <= now, Certificate.revoked_at.is_not(None), Certificate.suspended_at.is_not(None))
    )
    query = select(StackedPart.certificate_id).join(Certificate, Certificate.id == StackedPart.certificate_id)
    query = query.where(StackedPart.part_id.in_(part), Certificate.revoked_at.is_(None))
    query = query.where(or_(Certificate.valid_until.is_(None), Certificate.valid_until > now)).distinct()
    return (await session.scalars(query)).all()


async def replacement_of(session: AsyncSession, certificate_id: UUID) -> Certificate | None:
    """The certificate that took the place of another."""
    query = select(Certificate).where(Certificate.replaces_id == certificate_id)
    return (await session.scalars(query.order_by(Certificate.issued_at.desc()).limit(1))).one_or_none()


async def parts_of(session: AsyncSession, certificate_id: UUID) -> Sequence[UUID]:
    """What a certificate rests on."""
    query = select(StackedPart.part_id).where(StackedPart.certificate_id == certificate_id)
    return (await session.scalars(query)).all()


async def erased_programmes(session: AsyncSession, user_id: UUID, now: datetime) -> set[str]:
    """The short names of programmes whose certificate somebody had erased, be it in a former name, while it was not over."""
    erased = select(Certificate.id, Certificate.replaces_id).where(
        Certificate.holder_id == user_id,
        Certificate.erased_at.is_not(None),
        or_(Certificate.valid_until.is_(None), Certificate.valid_until > now),
    )
    chain = erased.cte("chain", recursive=True)
    chain = chain.union(
        select(Certificate.id, Certificate.replaces_id).join(chain, Certificate.id == chain.c.replaces_id)
    )
    query = select(Programme.slug).join(StackedPart, StackedPart.programme_id == Programme.id)
    return set(await session.scalars(query.where(StackedPart.certificate_id.in_(select(chain.c.id)))))


# --- notices ---


async def open_notice(session: AsyncSession, certificate_id: UUID) -> StackNotice | None:
    query = select(StackNotice).where(StackNotice.certificate_id == certificate_id, StackNotice.settled_at.is_(None))
    return (await session.scalars(query)).one_or_none()


async def was_settled(session: AsyncSession, certificate_id: UUID) -> bool:
    """Whether a person has ever let it stand in spite of its rule."""
    query = select(StackNotice.id).where(
        StackNotice.certificate_id == certificate_id, StackNotice.settled_by.is_not(None)
    )
    return await session.scalar(query.limit(1)) is not None


async def open_notices(session: AsyncSession) -> Sequence[tuple[StackNotice, Certificate, str]]:
    """Those that nobody has settled, the oldest first, with the certificate and its holder's name; an erased one needs nobody."""
    query = (
        select(StackNotice, Certificate, User.name)
        .join(Certificate, Certificate.id == StackNotice.certificate_id)
        .join(User, User.id == Certificate.holder_id)
        .where(StackNotice.settled_at.is_(None), Certificate.erased_at.is_(None))
        .order_by(StackNotice.at)
    )
    return [(notice, row, name) for notice, row, name in await session.execute(query)]


async def find_notice(session: AsyncSession, notice_id: UUID) -> StackNotice | None:
    return await session.get(StackNotice, notice_id)


async def some_certificates(session: AsyncSession, most: int) -> Sequence[tuple[UUID, Certificate]]:
    """Certificates that were not revoked, the newest first, and whose they are."""
    holder = func.coalesce(Certificate.holder_id, Attempt.candidate_id)
    query = select(holder, Certificate).outerjoin(Attempt, Attempt.id == Certificate.attempt_id)
    query = query.where(Certificate.revoked_at.is_(None), Certificate.document != {})
    query = query.order_by(Certificate.issued_at.desc()).limit(most)
    return [(first, second) for first, second in await session.execute(query)]


# --- maps of skills, and the exams that prove them ---


async def newest_maps(session: AsyncSession) -> Sequence[SkillMapVersion]:
    """The newest version of each map, by title."""
    inner = select(SkillMapVersion.slug, func.max(SkillMapVersion.number).label("number")).group_by(
        SkillMapVersion.slug
    )
    newest = inner.subquery()
    query = select(SkillMapVersion).join(
        newest, and_(newest.c.slug == SkillMapVersion.slug, newest.c.number == SkillMapVersion.number)
    )
    return (await session.scalars(query.order_by(SkillMapVersion.title, SkillMapVersion.slug))).all()


async def map_versions(session: AsyncSession, slug: str) -> Sequence[SkillMapVersion]:
    query = select(SkillMapVersion).where(SkillMapVersion.slug == slug)
    return (await session.scalars(query.order_by(SkillMapVersion.number.desc()))).all()


async def newest_terms(session: AsyncSession) -> Sequence[tuple[UUID, str, dict[str, Any] | None]]:
    """Each published exam with its title and the `certificate` of its newest version: all that a rule's words need."""
    inner = select(ExamVersion.exam_id, func.max(ExamVersion.number).label("number")).group_by(ExamVersion.exam_id)
    newest = inner.subquery()
    query = (
        select(ExamVersion.exam_id, Exam.title, ExamVersion.definition["certificate"])
        .join(newest, and_(newest.c.exam_id == ExamVersion.exam_id, newest.c.number == ExamVersion.number))
        .join(Exam, Exam.id == ExamVersion.exam_id)
    )
    return [(exam_id, title, terms) for exam_id, title, terms in await session.execute(query)]


async def newest_versions(session: AsyncSession) -> Sequence[tuple[ExamVersion, str]]:
    """The newest published version of each exam, and the title of its exam."""
    inner = select(ExamVersion.exam_id, func.max(ExamVersion.number).label("number")).group_by(ExamVersion.exam_id)
    newest = inner.subquery()
    query = (
        select(ExamVersion, Exam.title)
        .join(newest, and_(newest.c.exam_id == ExamVersion.exam_id, newest.c.number == ExamVersion.number))
        .join(Exam, Exam.id == ExamVersion.exam_id)
        .order_by(Exam.title, Exam.id)
    )
    return [(first, second) for first, second in await session.execute(query)]
