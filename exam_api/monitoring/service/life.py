"""What becomes of a sign of life that was asked for."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.monitoring import LifeSign
from exam_api.monitoring import queries
from proctor.liveness import challenge
from proctor.liveness.challenge import Challenge
from proctor.signal import Signal, SignalKind
from proctor.vision.reading import FrameReading

PATIENCE = timedelta(minutes=4)
UNANSWERED = {"kind": SignalKind.life_unanswered.value, "value": 1.0, "confidence": 0.3, "quality": 1.0}


async def decline(session: AsyncSession, attempt_id: UUID, number: int, now: datetime) -> None:
    """Nobody has to show a sign of life; that it was declined is noted, and weighs as little as silence."""
    sign = await queries.find_life(session, attempt_id, number)
    if sign is not None and sign.sent_at is not None and sign.judged_at is None:
        sign.judged_at, sign.signal = now, {**UNANSWERED, "declined": True}


async def judge(session: AsyncSession, sign: LifeSign, now: datetime) -> bool:
    """Say what its pictures show, once all of them are looked at; what is not answered after `PATIENCE` stays so.

    Whether it is judged now.
    """
    locked = await queries.find_life(session, sign.attempt_id, sign.number)
    if locked is None or locked.sent_at is None or locked.judged_at is not None:
        return False
    frames = await queries.frames_of_challenge(session, sign.attempt_id, sign.number)
    ready = bool(frames) and all(frame.analysed_at is not None for frame in frames)
    if not ready and now - locked.sent_at < PATIENCE:
        return False
    readings = [FrameReading.of(frame.reading) for frame in frames if frame.reading is not None]
    asked = Challenge(locked.number, locked.kind, locked.sent_at, tuple(locked.colours))
    locked.judged_at, locked.signal = now, plain(challenge.judge(asked, readings))
    return True


def plain(signal: Signal) -> dict[str, Any]:
    """What is kept of a judged one."""
    return {
        "kind": signal.kind.value,
        "value": signal.value,
        "confidence": signal.confidence,
        "quality": signal.quality,
    }
