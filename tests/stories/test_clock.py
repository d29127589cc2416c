"""The invigilator's hand on the clock, and what the candidate sees of it: at once, also after a gap."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from playwright.async_api import Page, expect

from tests.stories.room import Room, answers_of, proven
from tests.stories.seed import Seeds
from tests.stories.visitor import PHONE

SOON = 2_000  # ms from the invigilator's click until it stands on the candidate's screen


async def _sit_down(visit: Any, seeds: Seeds, name: str, **options: Any) -> tuple[Room, str]:
    sitting, (entry,) = await seeds.sitting(seeds.quiet, name)
    visitor = await visit(**options)
    await visitor.activate(entry.code)
    room = Room(visitor)
    await room.enter(sitting)
    await room.start()
    return room, sitting


async def _invigilator(visit: Any, seeds: Seeds, sitting: str, **options: Any) -> Page:
    """At the sitting's page about time, by way of the live view."""
    watcher = await visit(**options)
    await watcher.be(seeds.instructor)
    page: Page = watcher.page
    await page.goto(f"/sittings/{sitting}/live")
    await page.get_by_role("link", name="Time and breaks").click()
    return page


async def _do(page: Page, what: str, why: str, amount: str = "", *, everybody: bool = False) -> float:
    """Fill in the form and send it; the moment of the click."""
    await page.get_by_label(what).check()
    await page.get_by_label("How much").fill(amount)
    await page.get_by_label("Why").fill(why)
    if everybody:
        await page.get_by_label("Everybody on the roster").check()
    else:
        await page.locator("input[name=people]").first.check()
    clicked = time.monotonic()
    await page.get_by_role("button", name="Do it now").click(no_wait_after=True)
    return clicked


async def _clock(room: Room) -> int:
    """Seconds on the candidate's clock."""
    parts = (await room.page.locator("[data-clock-value]").inner_text()).split(":")
    return sum(int(part) * 60**place for place, part in enumerate(reversed(parts)))


async def test_given_time_stands_on_the_screen_at_once(visit: Any, seeds: Seeds) -> None:
    room, sitting = await _sit_down(visit, seeds, "Tia Timegiven")
    page = await _invigilator(visit, seeds, sitting, viewport=PHONE)
    note = room.page.locator("#time-note-text")
    before = await _clock(room)
    clicked = await _do(page, "Extra time, in minutes", "The room was cold.", "15")
    await expect(note).to_contain_text("Your time is longer by 15 minutes", timeout=SOON)
    assert time.monotonic() - clicked < SOON / 1000
    await expect(note).to_contain_text("Reason: The room was cold.")
    assert abs(await _clock(room) - before - 900) < 30
    await expect(page.get_by_text("Done for 1 person")).to_be_visible()
    await expect(page.locator("#given")).to_contain_text("15 minutes extra")

    await room.page.context.set_offline(True)
    await asyncio.sleep(1)
    await _do(page, "Extra time, in percent", "As agreed.", "25")
    await expect(page.locator("#given")).to_contain_text("25 percent extra")
    await room.page.get_by_role("button", name="Close").click()
    await expect(note).to_be_hidden()
    await room.page.context.set_offline(False)
    await expect(note).to_contain_text("Reason: As agreed.", timeout=SOON)


async def test_a_break_covers_the_room_and_keeps_every_key_stroke(visit: Any, seeds: Seeds) -> None:
    room, sitting = await _sit_down(visit, seeds, "Bea Break", viewport=PHONE)
    page = await _invigilator(visit, seeds, sitting)
    await room.go("missing-values")
    await room.write("missing-values", "Half a sent")
    await _do(page, "A break: stop the clock", "The fire alarm rang.", everybody=True)
    cover = room.page.locator("#break")
    await expect(cover).to_be_visible(timeout=SOON)
    await expect(cover).to_contain_text("The fire alarm rang.")
    await expect(room.page.locator("#desk")).to_be_hidden()
    await expect(room.page.locator("#break-section-title")).to_be_focused()
    stood = await _clock(room)
    await asyncio.sleep(2)
    assert await _clock(room) == stood
    await room.page.reload()
    await expect(cover).to_be_visible()
    assert abs(await _clock(room) - stood) <= 1

    await page.goto(f"/sittings/{sitting}/time")
    await _do(page, "End the break: start the clock", "It was a false alarm.", everybody=True)
    await expect(cover).to_be_hidden(timeout=SOON)
    await expect(room.page.locator("#time-note-text")).to_contain_text("The break is over", timeout=SOON)
    field = room.question("missing-values").locator("[data-text]")
    await expect(field).to_have_value("Half a sent")
    await room.write("missing-values", "Half a sentence, and the rest.")
    await room.saved()
    assert stood - await _clock(room) < 15
    file = await room.receipts()
    proven(file)
    assert answers_of(file)["missing-values"] == {"text": "Half a sentence, and the rest."}


async def test_the_clock_can_be_hidden_and_asked_by_a_key(visit: Any, seeds: Seeds) -> None:
    room, _ = await _sit_down(visit, seeds, "Kim Key", viewport=PHONE)
    said, value = room.page.locator("#announce"), room.page.locator("[data-clock-value]")
    await room.page.get_by_role("button", name="Hide the time").click()
    await expect(value).to_be_hidden()
    await expect(said).to_contain_text("comes back when five minutes are left")
    await room.page.keyboard.press("Alt+T")
    await expect(said).to_contain_text(" left")
    await room.page.reload()
    await room.ready()
    await expect(value).to_be_hidden()
    await room.page.get_by_role("button", name="Show the time").click()
    await expect(value).to_be_visible()
