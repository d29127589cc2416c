"""The clocks of a sitting's people: SQL, nothing else."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import load_only

from exam_api.db.models.accounts import User
from exam_api.db.models.attempts import Attempt, is_current
from exam_api.db.models.exams import RosterEntry, Sitting


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


async def clocks(session: AsyncSession, attempts: Collection[UUID]) -> list[tuple[Attempt, Sitting]]:
    """The columns of these attempts that say how their time stands, each with its sitting."""
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
        Attempt.section,
        Attempt.section_ends_at,
    )
    query = select(Attempt, Sitting).join(Sitting, Sitting.id == Attempt.sitting_id).where(Attempt.id.in_(attempts))
    return [(attempt, sitting) for attempt, sitting in await session.execute(query.options(shown))]


async def running_of(session: AsyncSession, sitting_id: UUID) -> list[Attempt]:
    """The attempts of a sitting at which somebody is at work."""
    query = select(Attempt).where(Attempt.sitting_id == sitting_id, Attempt.status.in_(("running", "paused")))
    return list(await session.scalars(query))


async def notify(session: AsyncSession, channel: str, said: Sequence[str]) -> None:
    """Say something to every process that listens, when this transaction commits."""
    query = text("SELECT pg_notify(:channel, said) FROM unnest(CAST(:said AS text[])) AS said")
    await session.execute(query, {"channel": channel, "said": list(said)})
