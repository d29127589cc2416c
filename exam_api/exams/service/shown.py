"""When a candidate sees which part of their result."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db import ledger
from exam_api.db.models.exams import ShownRules
from exam_api.events import ShownRulesChanged
from exam_api.exams.queries import sittings as queries
from exam_api.exams.schemas import ShownIn, When


async def rules_of(session: AsyncSession, sitting_id: UUID) -> ShownIn:
    """A sitting's rules, or what holds without any."""
    found = await session.get(ShownRules, sitting_id)
    return ShownIn.model_validate(found.parts) if found else ShownIn()


async def change(session: AsyncSession, sitting_id: UUID, body: ShownIn, now: datetime, actor_id: UUID) -> None:
    """Set them; they hold at once, also for results that are out already."""
    await queries.lock_sitting(session, sitting_id)
    await session.merge(ShownRules(sitting_id=sitting_id, parts=body.model_dump()))
    await ledger.append(session, ShownRulesChanged(sitting_id, body.model_dump()), now, actor_id)


def visible(rules: ShownIn, *, released: bool, closed: bool) -> frozenset[str]:
    """The parts that the candidate of a submitted attempt may see now."""
    reached: set[When] = {"submitted"}
    if released:
        reached.add("released")
        if closed:
            reached.add("closed")
    return frozenset(name for name, when in rules.model_dump().items() if when in reached)
