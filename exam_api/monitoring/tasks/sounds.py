"""Sounds: listened to in their order, one attempt by one worker at a time."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db import evidence
from exam_api.db.models.monitoring import Sound
from exam_api.db.session import transaction
from exam_api.installation import NotYet, Workshop
from exam_api.monitoring import queries, service
from exam_api.monitoring.tasks.flags import judge, judge_after_end
from exam_api.monitoring.tasks.frames import BUSY
from exam_api.sealing import Unreadable
from proctor.audio.listener import Memory, SoundAnalyser, SoundReading
from proctor.audio.window import AudioWindow, decode_sound
from proctor.errors import BadSound

PLACES = asyncio.Semaphore(2)  # as with pictures
LISTENING = asyncio.Lock()  # the model is not made for two threads at once
MOST = 6  # a minute of sound in one transaction


async def analyse_sounds(workshop: Workshop, payload: dict[str, Any]) -> None:
    """Listen to what waits of an attempt, keep the readings, compute the flags.

    Safe to repeat: what was heard is not heard again. Raises `NotYet` while another worker listens to the same attempt.
    """
    attempt_id = UUID(payload["attempt_id"])
    if workshop.listener is None:
        return
    while True:
        async with PLACES, transaction(workshop.here.sessions) as session:
            if not await queries.take_turn(session, "sound", attempt_id):
                raise NotYet(BUSY)
            sounds = await queries.waiting_sounds(session, attempt_id, MOST)
            if not sounds:
                return
            until = await _listen_all(session, workshop, workshop.listener, attempt_id, sounds)
            if len(sounds) < MOST:
                await judge_after_end(session, attempt_id, workshop.now())
        if until is not None and sounds[0].taken_at <= until:
            await judge(workshop, attempt_id, sounds[0].taken_at, always=False)
        if len(sounds) < MOST:
            return


async def _listen_all(
    session: AsyncSession, workshop: Workshop, listener: SoundAnalyser, attempt_id: UUID, sounds: Sequence[Sound]
) -> datetime | None:
    """Until when something may be going on in this attempt."""
    known = await queries.looking_at(session, attempt_id)
    memory = Memory.of(known.watching.memory) if known.watching.memory is not None else Memory()
    key = evidence.opened(workshop.here.keyring, known.key)
    for sound in sounds:
        reading: SoundReading | None = None
        try:
            body = await evidence.get(workshop.here.blobs, key, sound.blob or "")
            async with LISTENING:
                reading, memory = await asyncio.to_thread(listen, listener, body, sound.number, sound.taken_at, memory)
        except (Unreadable, FileNotFoundError, BadSound):
            pass  # nobody can listen to it: that is a fact about the line
        sound.reading, sound.analysed_at = reading.plain() if reading else None, workshop.now()
    said = [signal for sound in sounds for signal in service.sound_signals(sound)]
    until = service.restless_to(said, known.watching.restless_to)
    await queries.remember(session, attempt_id, until, memory=memory.plain())
    return until


def listen(
    listener: SoundAnalyser, body: bytes, number: int, at: datetime, memory: Memory
) -> tuple[SoundReading, Memory]:
    """One piece of sound. Raises `BadSound`."""
    return listener.listen(AudioWindow(number, at, decode_sound(body)), memory)
