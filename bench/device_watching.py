"""Candidates whose own computers look at their pictures: words each second, a picture when a check asks for one.

`bench.flag_delay --watching device` plays these; here is what such a page does, and what the platform's processes cost meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import websockets

from loadtests.compositions.sitting import EXAM, Prepared, Sat
from loadtests.device import Device
from loadtests.pieces import Pieces
from loadtests.platform import ROOT, Platform
from proctor.vision.analyser import FrameAnalyser, Models

ON_DEVICE = EXAM.replace("camera: true, microphone: true", "camera: true, watching: device")
Word = dict[str, Any]


def words_of(prepared: Sequence[Prepared]) -> list[list[Word]]:
    """What each page says second by second. Looked at once for each view of a script: the rest of it differs by noise."""
    told = []
    with FrameAnalyser(Models.under(ROOT / ".cache" / "models")) as analyser:
        for each in prepared:
            known: dict[object, Word] = {}
            for view, jpeg in zip(each.script.views, each.frames, strict=True):
                if view not in known:
                    known[view] = _word(analyser, jpeg)
            told.append([known[view] for view in each.script.views])
    return told


def _word(analyser: FrameAnalyser, jpeg: bytes) -> Word:
    seen = analyser.analyse(jpeg, datetime.now(UTC), 1, None, identify=False)
    said: Word = {name: round(float(getattr(seen, name)), 2) for name in ("luma", "contrast", "sharpness")}
    if seen.pose is not None:
        said["pose"] = [round(angle, 2) for angle in (seen.pose.pitch, seen.pose.yaw, seen.pose.roll)]
    faces = [[round(side, 3) for side in (face.x, face.y, face.w, face.h)] for face in seen.faces[:5]]
    return {**said, "width": seen.width, "height": seen.height, "faces": faces}


@dataclass(frozen=True)
class Told:
    """What one candidate's page sent: words, and how many pictures with them."""

    sat: Sat
    pictures: int


async def tell(device: Device, prepared: Prepared, words: Sequence[Word]) -> Told:
    """One word a second; the picture too where a check asks for one; then the end of the exam."""
    path, base = f"/api/attempts/{device.attempt}/frames", str(device.client.base_url).rstrip("/")
    origin: Any = base
    async with websockets.connect(base.replace("http", "ws", 1) + path, origin=origin) as socket:
        greeting = {"token": device.token, "proof": device.proof("GET", path, device.token), "looks": "device"}
        await socket.send(json.dumps(greeting))
        said = json.loads(await socket.recv())
        if "nonce" in said:
            device.nonce = said["nonce"]
            await socket.send(json.dumps({**greeting, "proof": device.proof("GET", path, device.token)}))
            said = json.loads(await socket.recv())
        pieces, nonces, kept = Pieces(device), list[str](), 0
        pieces.learn(said)

        async def listen() -> None:
            nonlocal kept
            async for text in socket:
                heard = json.loads(text)
                kept = heard.get("kept", {}).get("frame", kept)
                if "spot" in heard:
                    nonces.append(heard["spot"]["nonce"])

        ears = asyncio.create_task(listen())
        loop = asyncio.get_running_loop()
        began, clock, pictures = datetime.now(UTC), loop.time(), 0
        for n, word in enumerate(words):
            await asyncio.sleep(max(0.0, clock + n - loop.time()))
            nonce = nonces.pop() if nonces else None
            pictures += nonce is not None
            await socket.send(pieces.message(prepared.frames[n] if nonce else b"", seen=word, nonce=nonce))
        async with asyncio.timeout(60):
            while kept < len(words):  # noqa: ASYNC110  (what is confirmed comes in another task)
                await asyncio.sleep(0.1)
        ears.cancel()
    await device.submit()
    return Told(Sat(prepared.script, device.attempt, began, kept, 0, ()), pictures)


def processor_seconds(started: Platform) -> dict[str, float]:
    """What the platform's processes have used of a core so far: `web`, `worker`, `database`."""
    lines = (line.split() for line in (started.folder / "processes").read_text().splitlines())
    named = {int(pid): name for name, pid in lines}
    if (postmaster := started.living("postgres")) is not None:
        named[postmaster] = "database"
    used = dict.fromkeys(("web", "worker", "database"), 0.0)
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (found := _stat(entry)) is not None:
            pid, parent, seconds = found
            kind = (named.get(pid) or named.get(parent) or "").partition("-")[0]
            if kind in used:
                used[kind] += seconds
    return used


def _stat(entry: Path) -> tuple[int, int, float] | None:
    """A process, its parent, and its time on a core; None where it has just ended."""
    try:
        fields = (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    ticks = sum(int(each) for each in fields[11:13])
    return int(entry.name), int(fields[1]), ticks / os.sysconf("SC_CLK_TCK")
