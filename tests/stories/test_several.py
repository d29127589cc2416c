"""A candidate who tries twice: what the pages say before, between and after, and which attempt the certificate rests on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import yaml
from playwright.async_api import expect

from tests.stories.looks import inspect
from tests.stories.room import Room, left_for
from tests.stories.seed import Seeds
from tests.stories.visitor import DEVICES

ITEM = {
    "id": "knot",
    "kind": "choice",
    "title": "A knot",
    "prompt": "Which one joins two ropes?",
    "points": 1,
    "options": [{"id": "a", "text": "Sheet bend"}, {"id": "b", "text": "Bowline"}],
    "correct": "a",
}
TERMS = {"name": "Knots", "description": "Its holder joins two ropes.", "criteria": "One question, answered rightly."}
EXAM = {"title": "One knot", "duration_minutes": 60, "pass_percent": 50, "certificate": TERMS, "items": [ITEM]}


async def _take(room: Room, option: str) -> None:
    """Start, choose, hand in."""
    await room.start()
    await room.question("knot").get_by_role("radio", name=option).check()
    await room.saved()
    await room.page.get_by_role("button", name="Submit…").click()
    await room.page.get_by_role("button", name="Submit now").click()
    await left_for(room.page, "/submitted")


async def _agree(room: Room) -> None:
    for box in await room.page.locator('input[name="terms"]').all():
        await box.check()
    await room.page.get_by_role("button", name="Accept and go to the check-in").click()
    await room.page.wait_for_url("**/check-in")


@pytest.mark.parametrize("size", DEVICES.values(), ids=list(DEVICES))
async def test_the_second_attempt_earns_what_the_first_did_not(visit: Any, seeds: Seeds, size: dict[str, Any]) -> None:
    made = await seeds.instructor.call("POST", "/api/exams", {"source": yaml.safe_dump(EXAM)})
    await seeds.instructor.call("POST", f"/api/exams/{made['id']}/publish")
    sitting, (entry,) = await seeds.sitting(made["id"], "Trudy Twice", attempts=2, counts="best")
    visitor = await visit(**size)
    await visitor.activate(entry.code)
    room = Room(visitor)
    await room.enter(sitting)
    await _take(room, "Bowline")
    page = room.page
    attempts = page.locator("#attempts")
    await expect(attempts).to_contain_text("1 of 2 attempts used.")
    await expect(attempts).to_contain_text("Your best attempt counts.")
    await inspect(page, "submitted, and one more is left")

    await page.goto("/my/exams")
    await page.get_by_role("link", name="Try again").click()
    await left_for(page, "/start")
    await expect(attempts).to_contain_text("You may begin the next one now.")
    await inspect(page, "the door of a further attempt")
    await _agree(room)
    await _take(room, "Sheet bend")
    await expect(attempts).to_contain_text("2 of 2 attempts used.")
    await expect(page.get_by_role("link", name="Try again")).to_have_count(0)
    second = room.attempt

    await _release(seeds, sitting)
    await page.goto(f"/attempts/{second}/result")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Attempt 2: passed")
    await expect(page.locator("#attempts")).to_contain_text("Your best attempt counts.")
    await expect(page.get_by_role("row", name="Attempt 2")).to_contain_text("counts")
    await inspect(page, "the result of several attempts")
    await expect(page.get_by_role("link", name="My certificates")).to_be_visible()
    await _certified(page)


async def _release(seeds: Seeds, sitting: str) -> None:
    """When the worker has graded both."""
    for _ in range(60):
        answer = await seeds.instructor.call("POST", f"/api/sittings/{sitting}/release", {"attempts": None})
        (row,) = answer["attempts"]
        if row["released"]:
            assert row["attempts"] == 2
            return
        await asyncio.sleep(0.5)
    raise AssertionError(f"not released: {row}")


async def _certified(page: Any) -> None:
    """One certificate, although there were two attempts."""
    for _ in range(60):
        found = await (await page.request.get("/api/me/certificates")).json()
        if found:
            assert len(found) == 1
            return
        await asyncio.sleep(0.5)
    raise AssertionError("no certificate was issued")
