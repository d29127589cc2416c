"""Flags: computed after pieces and browser signals came, and once more from everything when the attempt has ended."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.jobs import Later, enqueue
from exam_api.db.session import transaction
from exam_api.installation import Workshop
from exam_api.monitoring import queries, service
from exam_api.monitoring.schemas import genesis

JUDGE_WHOLE = "monitoring.tasks.flags.judge_whole"
TOGETHER = timedelta(seconds=10)
SETTLED = timedelta(seconds=3)  # by which a transaction that enqueues has committed


async def judge_after_end(session: AsyncSession, attempt_id: UUID, now: datetime) -> None:
    """Where the attempt is over, what was read in this transaction is judged by a job that exists exactly when the readings do.

    While an exam runs, the next pieces judge what a killed worker only read; after its end nothing comes any more. What is
    read within `TOGETHER` is judged by one job, after all of it: pieces that trickle in would otherwise have the whole exam
    judged three times a second, for as long as somebody likes to send them.
    """
    if await queries.is_over(session, attempt_id):
        turn = int(now.timestamp() // TOGETHER.total_seconds())
        after = datetime.fromtimestamp(0, UTC) + (turn + 1) * TOGETHER + SETTLED - now
        key = f"{JUDGE_WHOLE}:{attempt_id}:{turn}"
        await enqueue(session, Later(JUDGE_WHOLE, {"attempt_id": str(attempt_id)}, after=after, key=key))


async def judge(workshop: Workshop, attempt_id: UUID, earliest: datetime | None = None, *, always: bool = True) -> None:
    """The flags of an attempt as they are now, when something is new about the time since `earliest`.

    Unless `always`, only where something happens.
    """
    async with transaction(workshop.here.sessions) as session:
        await service.raise_flags(
            session, attempt_id, workshop.now(), workshop.recent, earliest=earliest, always=always
        )


async def raise_flags(workshop: Workshop, payload: dict[str, Any]) -> None:
    """After browser signals came."""
    attempt_id = UUID(payload["attempt_id"])
    async with transaction(workshop.here.sessions) as session:
        earliest = await queries.earliest_event(session, attempt_id, payload.get("first", 1))
        # A page that is hidden for long enough becomes a flag by the pictures that come meanwhile, calm as they are. The first
        # event can come before the camera's greeting, which makes the row otherwise.
        await queries.lock_watching(session, attempt_id, genesis(attempt_id))
        await queries.remember(session, attempt_id, workshop.now() + service.LATELY)
    await judge(workshop, attempt_id, earliest)


async def judge_whole(workshop: Workshop, payload: dict[str, Any]) -> None:
    """After an attempt ended, or a sign of life was judged: from everything that is known of it."""
    async with transaction(workshop.here.sessions) as session:
        await service.raise_flags(session, UUID(payload["attempt_id"]), workshop.now())
