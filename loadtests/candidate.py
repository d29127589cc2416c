"""One simulated candidate, from the activation code to the seal, with a camera; everything over HTTP and WebSocket."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from loadtests.answers import Answer
from loadtests.device import Device
from loadtests.people import Person, StoryStopped
from loadtests.room import Room
from loadtests.scenes import Kind, reference, scene
from loadtests.scenes import Person as Portrait

PACE = 1.0  # seconds between frames


@dataclass
class Plan:
    """What this candidate will do: who is in the picture at each second, what they answer, how the page behaves."""

    portrait: Portrait
    scenes: list[Kind]
    answers: dict[str, Answer]
    seed: int
    leaves_page: bool = False


@dataclass
class Sat:
    """What came of it."""

    attempt: str
    saves: int
    frames: int
    receipts: dict[str, Any] = field(repr=False)


async def check_in(person: Person, sitting: str, plan: Plan) -> Device:
    """Consent, reference photo, start with the passkey's signature."""
    opened = await person.call("POST", f"/api/sittings/{sitting}/attempts")
    attempt = opened["id"]
    terms = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
    await person.call("POST", f"/api/attempts/{attempt}/consent", terms)
    path = f"/api/attempts/{attempt}/reference"
    photo = await asyncio.to_thread(reference, plan.portrait)
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
    return device


async def sit(person: Person, device: Device, plan: Plan) -> Sat:
    """Answer while the camera runs, then submit; each answer is believed only with its verified receipt."""
    paper = await device.open_paper()
    camera = asyncio.create_task(film(device, plan))
    try:
        await _answer(device, plan, [item["id"] for item in paper["exam"]["items"]])
        frames = await camera
    finally:
        camera.cancel()
    await device.submit()
    receipts = await person.call("GET", f"/api/attempts/{device.attempt}/receipts")
    return Sat(device.attempt, device.seq, frames, receipts)


async def _answer(device: Device, plan: Plan, items: list[str]) -> None:
    rng = random.Random(plan.seed)
    rest = len(plan.scenes) * PACE * 0.8 / len(items)
    for number, item in enumerate(items):
        await asyncio.sleep(rng.uniform(0.5, 1.5) * rest)
        await device.save(item, plan.answers[item])
        if plan.leaves_page and number == len(items) // 2:
            await _leave_page(device)


async def _leave_page(device: Device) -> None:
    """The page goes into the background for five seconds and comes back with a long pasted text."""
    await _tell(device, {"n": 1, "kind": "hidden"})
    await asyncio.sleep(5)
    await _tell(device, {"n": 2, "kind": "visible", "seconds": 5.0}, {"n": 3, "kind": "paste", "length": 740})


async def _tell(device: Device, *events: dict[str, Any]) -> None:
    moment = datetime.now(UTC).isoformat()
    body = {"events": [{**event, "at": moment} for event in events]}
    (await device.send("POST", f"/api/attempts/{device.attempt}/events", body)).raise_for_status()


async def film(device: Device, plan: Plan) -> int:
    """Send the plan's pictures; how many the platform confirmed."""
    rng = np.random.default_rng(plan.seed)
    async with await Room.opened(device) as room:
        first = room.line.pieces.following["frame"]
        for number, kind in enumerate(plan.scenes, start=first):
            began = asyncio.get_running_loop().time()
            jpeg = await asyncio.to_thread(scene, kind, rng, number, person=plan.portrait, room=plan.seed)
            await room.send("frame", jpeg)
            await asyncio.sleep(max(0.0, PACE - (asyncio.get_running_loop().time() - began)))
        await room.until_kept()
        return len(plan.scenes)
