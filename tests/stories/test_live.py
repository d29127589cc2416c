"""The invigilator's live view: what happens in the room stands in the table before anybody asks, and what matters fits a phone."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from playwright.async_api import Page, Route, expect

from tests.stories.room import Room
from tests.stories.seed import Seeds
from tests.stories.visitor import PHONE

SOON = 2_000  # ms until it stands in the table
NARROW = {**PHONE, "width": 390}


async def _row_says(page: Page, text: str, patience: int = SOON) -> None:
    await expect(page.locator("#live tbody tr").first).to_contain_text(text, timeout=patience)


async def test_the_table_follows_the_room(visit: Any, seeds: Seeds) -> None:
    sitting, (entry,) = await seeds.sitting(seeds.quiet, "Lia Live")
    watcher = await visit(viewport=NARROW)
    await watcher.be(seeds.instructor)
    page: Page = watcher.page
    await page.goto(f"/sittings/{sitting}/live")
    await _row_says(page, "not here")
    visitor = await visit()
    await visitor.activate(entry.code)
    room = Room(visitor)
    await room.enter(sitting)
    await _row_says(page, "at the door")
    await room.start()
    await _row_says(page, "working")
    began = time.monotonic()
    field = room.question("missing-values").locator("[data-text]")
    await room.go("missing-values")
    await field.evaluate(
        """(field) => {
          const data = new DataTransfer();
          data.setData("text/plain", "x".repeat(900));
          field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }"""
    )
    await _row_says(
        page, "flag", 8_000
    )  # the page sends what it noticed in batches, and the rules wait a second for more
    assert time.monotonic() - began < 8
    flags = page.locator("#live tbody tr").first.locator("td").first
    box = await flags.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= NARROW["width"], "the flags are seen without scrolling"


async def test_a_hidden_tab_asks_nothing_and_catches_up(visit: Any, seeds: Seeds) -> None:
    sitting, (entry,) = await seeds.sitting(seeds.quiet, "Hal Hidden")
    watcher = await visit()
    await watcher.be(seeds.instructor)
    page: Page = watcher.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/live" in request.url else None)
    await page.goto(f"/sittings/{sitting}/live")
    await _row_says(page, "not here")
    hide = "Object.defineProperty(document, 'hidden', { value: %s, configurable: true });"
    await page.evaluate(hide % "true" + "document.dispatchEvent(new Event('visibilitychange'))")
    await asyncio.sleep(0.5)
    asked.clear()
    person = await seeds.arrive(entry)
    await person.call("POST", f"/api/sittings/{sitting}/attempts")
    await asyncio.sleep(6)
    assert asked == []
    await page.evaluate(hide % "false" + "document.dispatchEvent(new Event('visibilitychange'))")
    await _row_says(page, "at the door")


async def test_without_the_stream_the_table_is_asked_for(visit: Any, seeds: Seeds) -> None:
    sitting, (entry,) = await seeds.sitting(seeds.quiet, "Cut Stream")
    watcher = await visit()
    await watcher.be(seeds.instructor)
    page: Page = watcher.page

    async def cut(route: Route) -> None:
        await route.abort()

    await page.route("**/live/news", cut)
    await page.goto(f"/sittings/{sitting}/live")
    await _row_says(page, "not here")
    person = await seeds.arrive(entry)
    await person.call("POST", f"/api/sittings/{sitting}/attempts")
    await _row_says(page, "at the door", 8_000)
