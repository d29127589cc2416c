"""Scripts played through the platform's own API: passkeys, consent, photo, signed pictures and sounds, browser events."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from loadtests.compositions import sounds
from loadtests.compositions.people import Cast
from loadtests.compositions.script import Script
from loadtests.compositions.view import View, paint
from loadtests.device import Device
from loadtests.people import Person, StoryStopped
from loadtests.room import Room

EXAM = """
title: Watched
description: One long answer, with camera and microphone.
duration_minutes: 60
pass_percent: 50
proctoring: {camera: true, microphone: true}
items:
  - {id: text, kind: short, title: Text, prompt: Write., points: 1, answers: [anything]}
"""


@dataclass(frozen=True)
class Prepared:
    """A script with everything drawn, so that the clock measures the platform and not our drawing."""

    script: Script
    photo: bytes
    frames: tuple[bytes, ...]
    sounds: tuple[bytes, ...]


@dataclass(frozen=True)
class Sat:
    """Who sat which script: when it began by this machine's clock, and what the platform confirmed."""

    script: Script
    attempt: str
    began: datetime
    frames: int
    sounds: int
    asks: tuple[dict[str, Any], ...]


def prepare(cast: Cast, script: Script) -> Prepared:
    """Draw and encode everything of one script; seconds of work."""
    photo = paint(cast, View(sitter=script.enrolled), 0, np.random.default_rng(5), room=3)
    heard = tuple(sounds.webm(pcm) for pcm in script.sound(cast))
    return Prepared(script, photo, tuple(script.frames(cast)), heard)


async def prepare_all(pool: Executor, cast: Cast, scripts: Sequence[Script]) -> list[Prepared]:
    """On other cores, in order."""
    loop = asyncio.get_running_loop()
    return await asyncio.gather(*(loop.run_in_executor(pool, prepare, cast, script) for script in scripts))


async def check_in(person: Person, sitting: str, photo: bytes) -> Device:
    """Consent, reference photo, start with the passkey's signature. Raises `StoryStopped` where the photo is refused."""
    opened = await person.call("POST", f"/api/sittings/{sitting}/attempts")
    attempt = opened["id"]
    terms = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
    await person.call("POST", f"/api/attempts/{attempt}/consent", terms)
    path = f"/api/attempts/{attempt}/reference"
    state = await person.call("PUT", path, content=photo)
    for _ in range(600):
        if state["state"] != "checking":
            break
        await asyncio.sleep(0.3)
        state = await person.call("GET", path)
    if state["state"] != "accepted":
        raise StoryStopped(f"the reference photo was {state['state']}: {state.get('reason')}")
    device = Device(person.client, attempt)
    await device.sign("start", person.authenticator)
    await device.open_paper()
    return device


async def sit(device: Device, prepared: Prepared) -> Sat:
    """One picture a second, ten seconds of sound each ten, events when they happen; then the end of the exam."""
    async with await Room.opened(device) as room:
        loop = asyncio.get_running_loop()
        began, clock = datetime.now(UTC), loop.time()
        events = asyncio.create_task(_say(device, prepared.script, clock))
        for n, jpeg in enumerate(prepared.frames):
            await asyncio.sleep(max(0.0, clock + n - loop.time()))
            at = datetime.now(UTC)
            await room.send("frame", jpeg, at)
            if n and n % sounds.WINDOW == 0:
                await _send_sound(room, prepared, n // sounds.WINDOW - 1, began)
        await _send_sound(room, prepared, len(prepared.sounds) - 1, began)
        await room.until_kept()
        await events
        kept = dict(room.line.kept)
        asks = tuple(room.asks)
    await device.submit()
    return Sat(prepared.script, device.attempt, began, kept["frame"], kept["sound"], asks)


async def _send_sound(room: Room, prepared: Prepared, window: int, began: datetime) -> None:
    """`taken_at` is when the window began, as the browser's recorder knows it."""
    if 0 <= window < len(prepared.sounds):
        at = datetime.fromtimestamp(began.timestamp() + window * sounds.WINDOW, UTC)
        await room.send("sound", prepared.sounds[window], at)


async def _say(device: Device, script: Script, clock: float) -> None:
    loop = asyncio.get_running_loop()
    for n, said in enumerate(script.said, start=1):
        await asyncio.sleep(max(0.0, clock + said.at - loop.time()))
        body = {"events": [said.plain(n, datetime.now(UTC).isoformat())]}
        (await device.send("POST", f"/api/attempts/{device.attempt}/events", body)).raise_for_status()
