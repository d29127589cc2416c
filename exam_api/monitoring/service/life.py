"""What becomes of a sign of life that was asked for."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.monitoring import LifeSign
from exam_api.monitoring import queries
from exam_api.monitoring.service.spots import CLOCK
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
    """Say what its pictures show, once all of them are looked at; what is not answered after `PATIENCE` stays so. What a
    candidate's computer tells of pictures shows no life.

    Whether it is judged now.
    """
    locked = await queries.find_life(session, sign.attempt_id, sign.number)
    if locked is None or locked.sent_at is None or locked.judged_at is not None:
        return False
    # A page can name any picture as an answer, long before it was asked: what was taken before counts for nothing.
    since = locked.sent_at - CLOCK
    named = await queries.frames_of_challenge(session, sign.attempt_id, sign.number)
    frames = [frame for frame in named if frame.taken_at >= since]
    ready = bool(frames) and all(frame.analysed_at is not None for frame in frames)
    if not ready and now - locked.sent_at < PATIENCE:
        return False
    readings = [read for frame in frames if frame.reading and not (read := FrameReading.of(frame.reading)).told]
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
