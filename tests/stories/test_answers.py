"""No answer is lost: not to a crash, a killed browser, or another device. Long outages are in test_outages.py."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Error, async_playwright, expect

from loadtests.faults.browsers import processes_of
from tests.stories.room import OFFLINE, Room, answers_of, proven
from tests.stories.seed import Seeds
from tests.stories.visitor import ARGUMENTS, DEVICES, Visitor, executable

SIZES = pytest.mark.parametrize("size", DEVICES.values(), ids=list(DEVICES))
TEXT = "missing-values"


async def _sit_down(visitor: Visitor, seeds: Seeds, name: str) -> Room:
    """A candidate in the room of the exam without a camera, at the question with a text."""
    sitting, (entry,) = await seeds.sitting(seeds.quiet, name)
    await visitor.activate(entry.code)
    room = Room(visitor)
    await room.enter(sitting)
    await room.start()
    await room.go(TEXT)
    return room


def _field(room: Room, item: str = TEXT) -> Any:
    return room.question(item).locator("[data-text]")


async def _journal_says(room: Room, text: str) -> None:
    """What was typed is written down on this computer."""
    for _ in range(100):
        if (entries := await room.journal()) and entries[-1]["answer"] == {"text": text}:
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"the journal does not hold {text!r} but {entries}")


@SIZES
async def test_a_crashed_tab_goes_on_with_the_last_words(visit: Any, seeds: Seeds, size: dict[str, Any]) -> None:
    """The tab dies in mid-typing, without a network, so that only the journal can know."""
    visitor = await visit(**size)
    room = await _sit_down(visitor, seeds, "Carl Crash")
    address = room.page.url
    await visitor.context.set_offline(True)
    await room.write(TEXT, "Not sent, only typed")
    await _journal_says(room, "Not sent, only typed")
    await visitor.context.set_offline(False)
    crashed = asyncio.create_task(visitor.cdp.send("Page.crash"))
    await asyncio.sleep(1)
    crashed.cancel()
    await asyncio.gather(crashed, return_exceptions=True)
    visitor.complaints.clear()
    page = await visitor.context.new_page()
    await page.goto(address)
    room = Room(visitor, page)
    await room.ready()
    await room.go(TEXT)
    await expect(_field(room)).to_have_value("Not sent, only typed")
    await room.saved()
    assert answers_of(await room.receipts()) == {TEXT: {"text": "Not sent, only typed"}}


@SIZES
async def test_a_killed_browser_goes_on_with_the_last_words(seeds: Seeds, tmp_path: Path, size: dict[str, Any]) -> None:
    """SIGKILL for the whole browser in mid-typing, and the same profile again: what is older than 3 s is there."""
    profile = tmp_path / "profile"
    options: dict[str, Any] = {
        "executable_path": executable(),
        "args": ARGUMENTS,
        "base_url": seeds.platform.url,
        "locale": "en-GB",
        **size,
    }
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(profile, **options)
        visitor = await Visitor.meet(context)
        room = await _sit_down(visitor, seeds, "Kim Killed")
        address, cookies = room.page.url, await context.cookies()
        await context.set_offline(True)
        await _field(room).press_sequentially("Older than three seconds.")
        await asyncio.sleep(3)
        typing = asyncio.create_task(_field(room).press_sequentially(" Younger words that may go", delay=60))
        await asyncio.sleep(0.6)
        for pid in processes_of(profile):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await asyncio.gather(typing, return_exceptions=True)
        with suppress(Error):  # it is dead
            await context.close()
        context = await playwright.chromium.launch_persistent_context(profile, **options)
        await context.add_cookies(cookies)  # type: ignore[arg-type]  # what cookies() gave
        room = Room(await Visitor.meet(context))
        await room.page.goto(address)
        await room.ready()
        await room.go(TEXT)
        assert (await _field(room).input_value()).startswith("Older than three seconds.")
        await room.saved()
        (answer,) = answers_of(await room.receipts()).values()
        assert answer["text"].startswith("Older than three seconds.")
        await context.close()


@SIZES
async def test_two_devices_wrote_and_the_candidate_chooses(visit: Any, seeds: Seeds, size: dict[str, Any]) -> None:
    visitor = await visit(**size)
    first = await _sit_down(visitor, seeds, "Tom Twice")
    await first.write(TEXT, "Both know this.")
    await first.saved()
    await visitor.context.set_offline(True)
    await first.write(TEXT, "Written on the first, offline.")
    await expect(first.words).to_have_text(OFFLINE)

    other = await visit(**size)
    await other.copy_passkeys(visitor)
    await other.page.goto("/sign-in")
    await other.page.get_by_role("button", name="Sign in with a passkey").click()
    await other.page.wait_for_url("**/home")
    await other.page.goto(first.page.url)
    second = Room(other)
    await other.page.get_by_role("button", name="Use this device").click()
    await second.ready()
    await second.go(TEXT)
    await second.write(TEXT, "Written on the second.")
    await second.saved()

    await visitor.context.set_offline(False)
    kept = "Kept beside your answers: on the other device you can choose."
    await expect(first.words).to_have_text(kept, timeout=30_000)
    assert answers_of(await second.receipts()) == {TEXT: {"text": "Written on the second."}}, "it did not win by itself"

    choice = second.question(TEXT).get_by_role("group", name="Another device had also written this")
    await expect(choice).to_contain_text("Written on the first, offline.", timeout=30_000)
    await expect(choice).to_be_visible()
    await choice.get_by_role("button", name="Use this answer").click()
    await expect(choice).to_have_count(0)
    await second.saved()
    file = await second.receipts()
    proven(file)
    assert answers_of(file) == {TEXT: {"text": "Written on the first, offline."}}
    await other.page.reload()
    await second.ready()
    await second.go(TEXT)
    await expect(choice).to_have_count(0)


async def test_one_tab_leads_and_the_other_one_says_so(visit: Any, seeds: Seeds) -> None:
    visitor = await visit()
    room = await _sit_down(visitor, seeds, "Tara Tabs")
    await room.write(TEXT, "In the first tab")
    other = await visitor.context.new_page()
    await other.goto(room.page.url)
    await expect(other.locator("#stopped-text")).to_contain_text("open in another tab")
    await expect(other.locator("#desk")).to_be_hidden()
    await _field(room).press_sequentially(", still")
    await other.get_by_role("button", name="Use this tab").click()
    await expect(other.locator("#desk")).to_be_visible()
    await expect(other.locator(f'#sheet [data-item="{TEXT}"] [data-text]')).to_have_value("In the first tab, still")
    await expect(room.page.locator("#stopped-text")).to_contain_text("open in another tab")
    await expect(room.page.locator("#desk")).to_be_hidden()
    await other.close()
