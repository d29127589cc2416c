"""States of pages that no address shows: each is looked at as the pages are, on phone and desktop, in light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import expect

from tests.stories.desk import sit_down
from tests.stories.looks import inspect
from tests.stories.room import Room, left_for
from tests.stories.seed import Seeds


async def test_every_state_of_a_disturbed_exam(visit: Any, seeds: Seeds, tmp_path: Path) -> None:
    visitor = await visit()
    sitting, (entry,) = await seeds.sitting(seeds.quiet, "Stella States")
    await visitor.activate(entry.code)
    room = Room(visitor)
    await room.enter(sitting)
    await inspect(room.page, "check-in")
    await room.start()
    page = room.page
    await room.go("missing-values")
    await room.write("missing-values", "Zeros pull the mean down.")
    await room.saved()

    await _time(seeds, sitting, "extra", "The room was cold.", 10)
    await expect(page.locator("#time-note-text")).to_contain_text("The room was cold.")
    await inspect(page, "given time")
    await _time(seeds, sitting, "pause", "A fire alarm.")
    await expect(page.locator("#break")).to_be_visible()
    await inspect(page, "a break")
    await _time(seeds, sitting, "resume", "A false one.")
    await expect(page.locator("#desk")).to_be_visible()

    await visitor.context.set_offline(True)
    await room.go("headline")
    await room.field("headline").press_sequentially("Offline.")
    await expect(room.state).to_have_attribute("data-state", "offline")
    await inspect(page, "offline")
    await visitor.context.set_offline(False)
    await room.saved(patience=30_000)

    other = await visitor.context.new_page()
    await other.goto(page.url)
    await expect(other.locator("#stopped-text")).to_contain_text("open in another tab")
    await inspect(other, "another tab")
    await other.close()

    receipts = tmp_path / "receipts.json"
    await page.get_by_role("button", name="Submit…").click()
    await inspect(page, "before submitting")
    await page.get_by_role("button", name="Submit now").click()
    await left_for(page, "/submitted")
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="Download my receipts").click()
    await (await waiting.value).save_as(receipts)
    await page.goto("/receipts")
    await page.locator("input[name=file]").set_input_files(receipts)
    await page.get_by_role("button", name="Check the file").click()
    await expect(page.locator("#proves")).to_be_visible()
    await inspect(page, "the arbiter's word")


async def test_a_choice_between_two_devices(visit: Any, seeds: Seeds) -> None:
    """The panel at a question whose answer came from two devices, and the device that was replaced."""
    visitor = await visit()
    room = await sit_down(visitor, seeds, seeds.quiet, "Cleo Choice")
    await room.go("missing-values")
    await room.write("missing-values", "On the first.")
    await room.saved()
    await visitor.context.set_offline(True)
    await room.write("missing-values", "On the first, offline.")
    other = await visit()
    await other.copy_passkeys(visitor)
    await other.page.goto("/sign-in")
    await other.page.get_by_role("button", name="Sign in with a passkey").click()
    await other.page.wait_for_url("**/home")
    await other.page.goto(room.page.url)
    await other.page.get_by_role("button", name="Use this device").click()
    second = Room(other)
    await second.ready()
    await second.go("missing-values")
    await second.write("missing-values", "On the second.")
    await second.saved()
    await visitor.context.set_offline(False)
    await expect(room.page.locator("#stopped-text")).to_contain_text("open on another device", timeout=30_000)
    await inspect(room.page, "replaced")
    choice = second.question("missing-values").get_by_role("group", name="Another device had also written this")
    await expect(choice).to_be_visible(timeout=30_000)
    await inspect(second.page, "a choice")


async def _time(seeds: Seeds, sitting: str, change: str, reason: str, amount: int = 0) -> None:
    body = {"change": change, "reason": reason, "amount": amount}
    await seeds.instructor.call("POST", f"/api/sittings/{sitting}/time", body)
