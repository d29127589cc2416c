"""What the worker does for attempts: it closes those whose time is over and carries extra time to those that run."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from exam_api.attempts import queries
from exam_api.attempts.service import close, preparing, time
from exam_api.attempts.service.states import Status
from exam_api.db.jobs import Later, enqueue
from exam_api.db.session import transaction
from exam_api.exams.service.policy import grace_of
from exam_api.installation import Workshop

AHEAD = timedelta(hours=1)
NAME = "attempts.tasks.close_when_due"


async def close_when_due(workshop: Workshop, payload: dict[str, Any]) -> None:
    """Seal the attempt if its time is over; else come back when it will be. The page's own submit is not needed."""
    now = workshop.now()
    async with transaction(workshop.here.sessions) as session:
        place = await queries.find_place(session, UUID(payload["attempt_id"]), lock=True)
        if place is None or place.attempt.status != Status.running or place.write_until is None:
            return
        due = place.write_until + grace_of(
            place.sitting, workshop.here.grace
        )  # what was given in time may be on its way
        if now > due:
            await close.seal(session, workshop.here, place, now, by="clock")
            return
        wait = due - now
        key = f"{NAME}:{place.attempt.id}:{due.timestamp()}"
        await enqueue(session, Later(NAME, payload, after=wait, key=key))


async def close_overdue(workshop: Workshop, _: dict[str, Any]) -> None:
    """The safety net: whatever became of the job above, no attempt stays open past its end for more than a minute."""
    now = workshop.now()
    async with transaction(workshop.here.sessions) as session:
        late = await queries.overdue(session, now, workshop.here.grace)
        await queries.forget_proofs(session, now)
    for attempt_id in late:
        await close_when_due(workshop, {"attempt_id": str(attempt_id)})


async def carry_time(workshop: Workshop, payload: dict[str, Any]) -> None:
    """Extra time or a moved window reaches running attempts at once."""
    async with transaction(workshop.here.sessions) as session:
        user = payload.get("user_id")
        await time.carry(session, UUID(payload["sitting_id"]), UUID(user) if user else None, workshop.now())


async def tell_policy(workshop: Workshop, payload: dict[str, Any]) -> None:
    """A policy that got more generous stands on the screens of those who are at work."""
    async with transaction(workshop.here.sessions) as session:
        await time.tell(session, UUID(payload["sitting_id"]))


async def prepare_coming(workshop: Workshop, _: dict[str, Any]) -> None:
    """Each minute: make the attempts of sittings that open soon, so that their start costs little."""
    async with transaction(workshop.here.sessions) as session:
        coming = await queries.sittings_to_prepare(session, workshop.now(), AHEAD)
    for sitting_id in coming:
        async with transaction(workshop.here.sessions) as session:
            await preparing.prepare(session, workshop.here, sitting_id, workshop.chance, workshop.now())
