"""A sitting as its invigilators see it: SQL, nothing else."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, case, delete, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.sql.selectable import LateralFromClause

from exam_api.db.models.accounts import User
from exam_api.db.models.attempts import Attempt, Reference, is_current
from exam_api.db.models.exams import RosterEntry
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.models.lockdown import BrowserProof
from exam_api.db.models.monitoring import Flag, Frame, LeftOut, Lookalike, Sound
from exam_api.events import TimeGiven
from exam_api.monitoring.queries.flags import SEVERITY


async def sittings_of(session: AsyncSession, attempts: Collection[UUID]) -> set[UUID]:
    return set(await session.scalars(select(Attempt.sitting_id).where(Attempt.id.in_(attempts))))


@dataclass(frozen=True)
class Watched:
    """One person on the roster, and what is known of them now."""

    attempt_id: UUID | None
    name: str
    status: str | None
    ends_at: datetime | None
    saves: int | None
    frames: int
    waiting: int
    passed: int
    last_frame_at: datetime | None
    sounds: int
    last_sound_at: datetime | None
    flags: int
    worst: int | None
    left_out: int
    jkt: str | None  # the live device
    proof: BrowserProof | None


def _newest(table: type[Frame] | type[Sound]) -> LateralFromClause:
    """The newest piece of an attempt: its number says how many came. Counting them would cost more with each minute."""
    newest = select(table.number, table.received_at).where(table.attempt_id == Attempt.id)
    return newest.order_by(table.number.desc()).limit(1).lateral(f"newest_{table.__tablename__}")


async def watched(session: AsyncSession, sitting_id: UUID) -> list[Watched]:
    """Everybody on the roster with what is known now, in one query."""
    frame, sound = _newest(Frame), _newest(Sound)
    waits = select(func.count().label("waiting"), func.count(Frame.passed_at).label("passed")).where(
        Frame.attempt_id == Attempt.id, Frame.analysed_at.is_(None)
    )
    waiting = waits.lateral("waiting")
    rank = case(SEVERITY, value=Flag.severity, else_=0)
    raised = select(func.count().filter(rank > 0).label("flags"), func.max(rank).label("worst"))
    flags = raised.where(Flag.attempt_id == Attempt.id).lateral("raised")
    left_out = select(func.count()).where(LeftOut.attempt_id == Attempt.id).scalar_subquery()
    mine = (Attempt.sitting_id == RosterEntry.sitting_id) & (Attempt.candidate_id == User.id)
    query = (
        select(
            Attempt.id,
            User.name,
            Attempt.status,
            Attempt.ends_at,
            Attempt.seq,
            func.coalesce(frame.c.number, 0),
            func.coalesce(waiting.c.waiting, 0),
            func.coalesce(waiting.c.passed, 0),
            frame.c.received_at,
            func.coalesce(sound.c.number, 0),
            sound.c.received_at,
            func.coalesce(flags.c.flags, 0),
            flags.c.worst,
            left_out,
            Attempt.jkt,
            BrowserProof,
        )
        .select_from(RosterEntry)
        .join(User, User.id == RosterEntry.user_id)
        .outerjoin(Attempt, mine & (Attempt.status != "prepared") & is_current())
        .outerjoin(frame, true())
        .outerjoin(sound, true())
        .outerjoin(waiting, true())
        .outerjoin(flags, true())
        .outerjoin(BrowserProof, BrowserProof.attempt_id == Attempt.id)
        .where(RosterEntry.sitting_id == sitting_id)
        .order_by(flags.c.worst.desc().nulls_last(), flags.c.flags.desc().nulls_last(), User.name)
    )
    return [Watched(*row) for row in await session.execute(query)]


async def lookalikes_of(session: AsyncSession, sitting_id: UUID) -> Sequence[Row[Lookalike, str, str]]:
    """Pairs of a sitting that look too much alike, with their names, the nearest first."""
    one, other = aliased(Attempt), aliased(Attempt)
    first, second = aliased(User), aliased(User)
    query = (
        select(Lookalike, first.name, second.name)
        .join(one, one.id == Lookalike.one)
        .join(other, other.id == Lookalike.other)
        .join(first, first.id == one.candidate_id)
        .join(second, second.id == other.candidate_id)
        .where(one.sitting_id == sitting_id)
        .order_by(Lookalike.distance)
    )
    return (await session.execute(query)).all()


async def faces_of_sitting(session: AsyncSession, attempt_id: UUID) -> list[tuple[UUID, bytes]]:
    """The sealed face numbers of everybody else in the sitting of this attempt, older photos of a person first."""
    mine = select(Attempt.sitting_id, Attempt.candidate_id).where(Attempt.id == attempt_id).subquery()
    query = (
        select(Reference.attempt_id, Reference.encoding)
        .join(Attempt, Attempt.id == Reference.attempt_id)
        .join(mine, (mine.c.sitting_id == Attempt.sitting_id) & (mine.c.candidate_id != Attempt.candidate_id))
        .where(Reference.encoding.is_not(None), Reference.state == "accepted")
        .order_by(Reference.number)
    )
    return [(other, encoding or b"") for other, encoding in await session.execute(query)]


async def note_lookalikes(session: AsyncSession, attempt_id: UUID, others: Mapping[UUID, float], now: datetime) -> None:
    """The pairs of an attempt, anew: a new photo may look like somebody else."""
    await session.execute(delete(Lookalike).where((Lookalike.one == attempt_id) | (Lookalike.other == attempt_id)))
    session.add_all(
        Lookalike(one=min(attempt_id, other), other=max(attempt_id, other), distance=distance, noticed_at=now)
        for other, distance in others.items()
    )


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
