"""A sitting as its invigilators see it: SQL, nothing else."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.accounts import User
from exam_api.db.models.attempts import Attempt, is_current
from exam_api.db.models.exams import RosterEntry
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.models.monitoring import Flag, Frame
from exam_api.events import TimeGiven
from exam_api.monitoring.queries.flags import SEVERITY


async def sittings_of(session: AsyncSession, attempts: Collection[UUID]) -> set[UUID]:
    return set(await session.scalars(select(Attempt.sitting_id).where(Attempt.id.in_(attempts))))


async def watched(
    session: AsyncSession, sitting_id: UUID
) -> Sequence[
    Row[UUID | None, str, str | None, datetime | None, int | None, int, int, datetime | None, int, int | None]
]:
    """Everybody on the roster with what is known now, in one query."""
    frames = (
        select(
            Frame.attempt_id,
            func.count().label("frames"),
            func.count(Frame.analysed_at).label("analysed"),
            func.max(Frame.received_at).label("last_frame_at"),
        )
        .group_by(Frame.attempt_id)
        .subquery()
    )
    rank = case(SEVERITY, value=Flag.severity, else_=0)
    flags = (
        select(Flag.attempt_id, func.count().filter(rank > 0).label("flags"), func.max(rank).label("worst"))
        .group_by(Flag.attempt_id)
        .subquery()
    )
    return (
        await session.execute(
            select(
                Attempt.id,
                User.name,
                Attempt.status,
                Attempt.ends_at,
                Attempt.seq,
                func.coalesce(frames.c.frames, 0),
                func.coalesce(frames.c.analysed, 0),
                frames.c.last_frame_at,
                func.coalesce(flags.c.flags, 0),
                flags.c.worst,
            )
            .select_from(RosterEntry)
            .join(User, User.id == RosterEntry.user_id)
            .outerjoin(
                Attempt,
                (Attempt.sitting_id == RosterEntry.sitting_id)
                & (Attempt.candidate_id == User.id)
                & (Attempt.status != "prepared")
                & is_current(),
            )
            .outerjoin(frames, frames.c.attempt_id == Attempt.id)
            .outerjoin(flags, flags.c.attempt_id == Attempt.id)
            .where(RosterEntry.sitting_id == sitting_id)
            .order_by(flags.c.worst.desc().nulls_last(), flags.c.flags.desc().nulls_last(), User.name)
        )
    ).all()


async def times_given(session: AsyncSession, sitting_id: UUID, limit: int = 200) -> Sequence[Row[LedgerLine, str]]:
    """What was done with the time of a sitting's people and by whom, the newest first."""
    query = (
        select(LedgerLine, User.name)
        .join(User, User.id == LedgerLine.actor_id)
        .where(LedgerLine.stream == sitting_id, LedgerLine.tag == TimeGiven.tag)
        .order_by(LedgerLine.seq.desc())
        .limit(limit)
    )
    return (await session.execute(query)).all()
