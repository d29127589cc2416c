"""What the worker does for programmes."""

from typing import Any
from uuid import UUID

from exam_api.db.jobs import each_alone
from exam_api.db.session import transaction
from exam_api.installation import Workshop
from exam_api.pathways import queries
from exam_api.pathways.service import following, stacking


async def stack_if_earned(workshop: Workshop, payload: dict[str, Any]) -> None:
    """After a certificate: whoever meets a programme's rule now gets its certificate. Running it twice changes nothing."""
    async with transaction(workshop.here.sessions) as session:
        holder = await queries.holder_of(session, UUID(payload["certificate_id"]))
        programmes = await queries.open_programmes(session)
        if holder is not None and programmes:
            await stacking.give_earned(session, workshop.here, holder, programmes, workshop.now(), workshop.chance)


async def stack_for_all(workshop: Workshop, payload: dict[str, Any]) -> None:
    """After a programme was opened: everybody who meets its rule already gets its certificate, a transaction for each."""
    async with transaction(workshop.here.sessions) as session:
        row = await queries.get_programme(session, UUID(payload["programme_id"]))
        people = await queries.holders(session) if row.opened_at and row.closed_at is None else []

    async def give(person: UUID) -> None:
        async with transaction(workshop.here.sessions) as session:
            row = await queries.get_programme(session, UUID(payload["programme_id"]))
            if row.closed_at is None:
                await stacking.give_earned(session, workshop.here, person, [row], workshop.now(), workshop.chance)

    await each_alone(people, give)


async def follow_parts(workshop: Workshop, payload: dict[str, Any]) -> None:
    """After a certificate was revoked, suspended or let hold again: what rests on it is looked at."""
    part = UUID(payload["certificate_id"])
    async with transaction(workshop.here.sessions) as session:
        resting = await queries.resting_on(session, part)
    await each_alone(resting, lambda each: _look_again(workshop, each))


async def follow_ends(workshop: Workshop, _: dict[str, Any]) -> None:
    """Each night: programmes' certificates that rest on one which is over."""
    async with transaction(workshop.here.sessions) as session:
        resting = await queries.resting_on_ended(session, workshop.now())
    await each_alone(resting, lambda each: _look_again(workshop, each, settled_stays=True))


async def _look_again(workshop: Workshop, certificate_id: UUID, *, settled_stays: bool = False) -> None:
    async with transaction(workshop.here.sessions) as session:
        await following.look_again(session, workshop.here, certificate_id, workshop.now(), settled_stays=settled_stays)
