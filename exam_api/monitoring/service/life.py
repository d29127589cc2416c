"""What becomes of a sign of life that was asked for."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.monitoring import queries
from proctor.signal import Signal, SignalKind

UNANSWERED = {"kind": SignalKind.life_unanswered.value, "value": 1.0, "confidence": 0.3, "quality": 1.0}


async def decline(session: AsyncSession, attempt_id: UUID, number: int, now: datetime) -> None:
    """Nobody has to show a sign of life; that it was declined is noted, and weighs as little as silence."""
    sign = await queries.find_life(session, attempt_id, number)
    if sign is not None and sign.sent_at is not None and sign.judged_at is None:
        sign.judged_at, sign.signal = now, {**UNANSWERED, "declined": True}


def plain(signal: Signal) -> dict[str, Any]:
    """What is kept of a judged one."""
    return {
        "kind": signal.kind.value,
        "value": signal.value,
        "confidence": signal.confidence,
        "quality": signal.quality,
    }
