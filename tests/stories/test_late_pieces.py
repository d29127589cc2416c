"""A network that carries nothing of the camera until the exam is handed in: nobody waits, and the pictures come afterwards."""

from __future__ import annotations

import asyncio
from typing import Any

import yaml
from playwright.async_api import Route, expect

from loadtests.publishing import publish
from tests.stories.room import Room, left_for
from tests.stories.seed import EXAM, Seeds
from tests.stories.test_locked_down import submit

SENDER = "**/static/js/room/capture/sender.js*"
# The room's thread has no document; the page after the hand-in has one.
PUMPS = "const piece = this.held.find(({ sent }) => !sent);"
HELD = f"if (typeof document === 'undefined' && this.order > 3) return;\n{PUMPS}"


async def _slow(route: Route) -> None:
    answer = await route.fetch()
    text = await answer.text()
    assert PUMPS in text
    await route.fulfill(response=answer, body=text.replace(PUMPS, HELD))


async def test_pictures_arrive_after_the_hand_in_and_nobody_waits(visit: Any, seeds: Seeds) -> None:
    few = yaml.safe_load(EXAM.read_text())
    few |= {"title": "Two questions, slow line", "proctoring": {"camera": True}, "items": few["items"][:2]}
    exam = await seeds.instructor.call("POST", "/api/exams", {"source": yaml.safe_dump(few), "course": "data-literacy"})
    await publish(seeds.instructor, exam["id"])
    sitting, (entry,) = await seeds.sitting(str(exam["id"]), "Lara Late")
    visitor = await visit()
    await visitor.context.route(SENDER, _slow)
    await visitor.activate(entry.code)
    room = Room(visitor)
    await room.enter(sitting)
    await room.photo()
    await room.start()
    attempt = room.attempt
    await expect(room.page.locator("#camera-state")).to_have_attribute("data-state", "on", timeout=30_000)
    await asyncio.sleep(6)  # so long the camera films and nothing goes
    await submit(room)
    await left_for(room.page, f"/attempts/{attempt}/submitted")
    chain = {"late": 0}
    for _ in range(40):
        chain = await seeds.instructor.call("GET", f"/api/attempts/{attempt}/chain")
        if chain["late"] >= 2:
            break
        await asyncio.sleep(0.5)
    assert chain["late"] >= 2
    assert chain["whole"]
    for _ in range(40):
        if await room.page.evaluate("sessionStorage.length") == 0:
            break
        await asyncio.sleep(0.25)
    assert await room.page.evaluate("sessionStorage.length") == 0  # nothing of it stays in the browser
