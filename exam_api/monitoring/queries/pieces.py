"""Pictures, sounds and browser signals as they came, and what is remembered between them: SQL, nothing else."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.attempts import Attempt
from exam_api.db.models.monitoring import BrowserSignal, Frame, Sound, Watching
from exam_api.monitoring.schemas import KINDS, Kind

TABLES: Mapping[Kind, type[Frame] | type[Sound]] = {"frame": Frame, "sound": Sound}


async def last_numbers(session: AsyncSession, attempt_id: UUID) -> dict[Kind, int]:
    """The highest number that is kept, per kind; 0 where there is none."""
    last = [
        select(func.coalesce(func.max(TABLES[kind].number), 0)).filter_by(attempt_id=attempt_id).scalar_subquery()
        for kind in KINDS
    ]
    found = (await session.execute(select(*last))).one()
    return dict(zip(KINDS, found, strict=True))


async def last_taken(session: AsyncSession, attempt_id: UUID) -> datetime | None:
    """When the newest piece was taken."""
    newest = [
        select(func.max(TABLES[kind].taken_at)).filter_by(attempt_id=attempt_id).scalar_subquery() for kind in KINDS
    ]
    return await session.scalar(select(func.greatest(*newest)))


async def open_watching(session: AsyncSession, attempt_id: UUID, genesis: str, jkt: str, key: dict[str, Any]) -> str:
    """Make the row of an attempt where there is none, and note the device's public key. The head of the chain."""
    made = insert(Watching).values(attempt_id=attempt_id, head=genesis, devices={jkt: key})
    devices = Watching.devices.concat(made.excluded.devices)
    renewed = made.on_conflict_do_update(index_elements=["attempt_id"], set_={"devices": devices})
    return (await session.execute(renewed.returning(Watching.head))).scalar_one()


async def find_watching(session: AsyncSession, attempt_id: UUID) -> Watching | None:
    return await session.get(Watching, attempt_id)


async def find_calibration(session: AsyncSession, attempt_id: UUID) -> dict[str, Any] | None:
    return await session.scalar(select(Watching.calibration).where(Watching.attempt_id == attempt_id))


async def lock_watching(session: AsyncSession, attempt_id: UUID, genesis: str) -> Watching:
    """The row of an attempt as it is now, made where there is none, and ours until the end of the transaction."""
    made = insert(Watching).values(attempt_id=attempt_id, head=genesis, devices={})
    await session.execute(made.on_conflict_do_nothing())
    # Read again, although this transaction may have read it before: others may have been faster.
    return await session.get_one(Watching, attempt_id, with_for_update=True, populate_existing=True)


async def move_head(session: AsyncSession, attempt_id: UUID, before: str, after: str) -> bool:
    """Whether the chain ended at `before` and now ends at `after`."""
    moved = update(Watching).where(Watching.attempt_id == attempt_id, Watching.head == before).values(head=after)
    return (await session.execute(moved.returning(Watching.attempt_id))).first() is not None


async def keep_pieces(session: AsyncSession, kind: Kind, rows: list[dict[str, object]]) -> None:
    await session.execute(insert(TABLES[kind]), rows)


async def keep_browser_signals(session: AsyncSession, rows: list[dict[str, object]]) -> list[int]:
    """The numbers that were new."""
    statement = insert(BrowserSignal).on_conflict_do_nothing().returning(BrowserSignal.number)
    return list(await session.scalars(statement, rows))


async def all_frames(session: AsyncSession, attempt_id: UUID) -> list[Frame]:
    found = await session.scalars(select(Frame).where(Frame.attempt_id == attempt_id).order_by(Frame.number))
    return list(found)


async def headers_of(session: AsyncSession, attempt_id: UUID) -> list[dict[str, Any]]:
    """What the devices signed, of both kinds."""
    found: list[dict[str, Any]] = []
    for table in TABLES.values():
        signed = select(table.header).where(table.attempt_id == attempt_id, table.header.is_not(None))
        found += [header for header in await session.scalars(signed) if header is not None]
    return found


async def came_late(session: AsyncSession, attempt_id: UUID) -> int:
    """How many pieces came after their attempt had ended."""
    ended = select(Attempt.submitted_at).where(Attempt.id == attempt_id).scalar_subquery()
    counts = [
        select(func.count()).where(table.attempt_id == attempt_id, table.received_at > ended).scalar_subquery()
        for table in TABLES.values()
    ]
    return sum((await session.execute(select(*counts))).one())


async def find_frame(session: AsyncSession, attempt_id: UUID, number: int) -> Frame | None:
    return await session.get(Frame, (attempt_id, number))


async def find_sound(session: AsyncSession, attempt_id: UUID, number: int) -> Sound | None:
    return await session.get(Sound, (attempt_id, number))
