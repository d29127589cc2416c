"""The clocks of a sitting's people: SQL, nothing else."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import load_only

from exam_api.db.models.accounts import User
from exam_api.db.models.attempts import Attempt, is_current
from exam_api.db.models.exams import RosterEntry


@dataclass(frozen=True)
class Seat:
    """Somebody on a roster: what they were given, and their newest attempt if there is one. `again`: a further attempt may
    follow it.
    """

    entry: RosterEntry
    name: str
    attempt: Attempt | None
    again: bool = False


async def lock_seats(session: AsyncSession, sitting_id: UUID, people: Sequence[UUID] | None) -> list[Seat]:
    """These people on the roster (None: everybody) by name, their attempts locked in order.

    Attempts that have not started are locked too: a start at this moment waits, or we wait for it and see it.
    """
    attempts = select(Attempt).where(Attempt.sitting_id == sitting_id, is_current())
    entries = select(RosterEntry, User.name).join(User, User.id == RosterEntry.user_id)
    entries = entries.where(RosterEntry.sitting_id == sitting_id).order_by(User.name, User.id)
    if people is not None:
        attempts = attempts.where(Attempt.candidate_id.in_(people))
        entries = entries.where(RosterEntry.user_id.in_(people))
    locked = attempts.order_by(Attempt.id).with_for_update().execution_options(populate_existing=True)
    of = {attempt.candidate_id: attempt for attempt in await session.scalars(locked)}
    return [Seat(entry, name, of.get(entry.user_id)) for entry, name in await session.execute(entries)]


async def clocks(session: AsyncSession, attempts: Collection[UUID]) -> list[Attempt]:
    """The columns of these attempts that say how their time stands."""
    shown = load_only(
        Attempt.sitting_id,
        Attempt.status,
        Attempt.opened_at,
        Attempt.started_at,
        Attempt.ends_at,
        Attempt.paused_at,
        Attempt.paused,
        Attempt.time_note,
        Attempt.generation,
        Attempt.section_ends_at,
        Attempt.late,
    )
    return list(await session.scalars(select(Attempt).where(Attempt.id.in_(attempts)).options(shown)))
