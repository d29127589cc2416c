"""No answer is lost: not to a network, a frozen page, a crash, a killed browser, another device, or the end of the time."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Error, async_playwright, expect

from credentials.recovery import open_file
from exam_api.keyring import open_keyring
from tests.stories.room import OFFLINE, Room, answers_of, proven
from tests.stories.seed import Seeds
from tests.stories.visitor import ARGUMENTS, DESKTOP, PHONE, Visitor, executable

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
TEXT = "missing-values"


async def _sit_down(visitor: Visitor, seeds: Seeds, name: str, **options: Any) -> Room:
    """A candidate in the room of the exam without a camera, at the question with a text."""
    sitting, (entry,) = await seeds.sitting(seeds.quiet, name)
    await visitor.activate(entry.code)
    if options:
        sitting, _ = await seeds.sitting(seeds.quiet, entry, **options)
    room = Room(visitor)
    await room.enter(sitting)
    await room.start()
    await room.go(TEXT)
    return room


def _field(room: Room, item: str = TEXT) -> Any:
    return room.question(item).locator("[data-text]")


@SIZES
async def test_a_network_that_is_gone_for_long_takes_nothing(visit: Any, seeds: Seeds, size: dict[str, int]) -> None:
    """The page says since when, and how much waits; afterwards everything is proven, in the order of writing."""
    visitor = await visit(viewport=size)
    room = await _sit_down(visitor, seeds, "Nora Network")
    await room.write(TEXT, "Before.")
    await room.saved()
    await visitor.context.set_offline(True)
    for second in range(8):  # the pauses between tries are at their longest then; two minutes show nothing more
        await _field(room).press_sequentially(f" {second}")
        await asyncio.sleep(1)
    await expect(room.words).to_have_text(re.compile(OFFLINE.pattern + " One answer waits to be sent."))
    await room.go("free-fall")
    await room.write("free-fall", "20 m/s")
    await expect(room.words).to_have_text(re.compile(OFFLINE.pattern + " 2 answers wait to be sent."))
    await visitor.context.set_offline(False)
    await room.saved(patience=30_000)
    file = await room.receipts()
    proven(file)
    assert answers_of(file) == {TEXT: {"text": "Before. 0 1 2 3 4 5 6 7"}, "free-fall": {"text": "20 m/s"}}


@SIZES
async def test_a_closed_lid_takes_nothing(visit: Any, seeds: Seeds, size: dict[str, int]) -> None:
    """The page is frozen while somebody types; what was typed is already in the journal, and is sent when it wakes."""
    visitor = await visit(viewport=size)
    room = await _sit_down(visitor, seeds, "Lia Lid")
    await room.write(TEXT, "Before the lid closes.")
    await visitor.cdp.send("Page.setWebLifecycleState", {"state": "frozen"})
    await asyncio.sleep(4)
    await visitor.cdp.send("Page.setWebLifecycleState", {"state": "active"})
    await room.saved()
    await _field(room).press_sequentially(" And after.")
    await room.saved()
    assert answers_of(await room.receipts()) == {TEXT: {"text": "Before the lid closes. And after."}}


@SIZES
async def test_a_crashed_tab_goes_on_with_the_last_words(visit: Any, seeds: Seeds, size: dict[str, int]) -> None:
    """The tab dies in mid-typing, without a network, so that only the journal can know."""
    visitor = await visit(viewport=size)
    room = await _sit_down(visitor, seeds, "Carl Crash")
    address = room.page.url
    await visitor.context.set_offline(True)
    await room.write(TEXT, "Not sent, only typed")
    await asyncio.sleep(0.5)
    await visitor.context.set_offline(False)
    crashed = asyncio.create_task(visitor.cdp.send("Page.crash"))
    await asyncio.sleep(1)
    crashed.cancel()
    await asyncio.gather(crashed, return_exceptions=True)
    visitor.complaints.clear()
    page = await visitor.context.new_page()
    await page.goto(address)
    room.page = page
    room.state = page.locator("[data-save-state]")
    room.words = room.state.locator("[data-save-state-text]")
    await room.ready()
    await room.go(TEXT)
    await expect(_field(room)).to_have_value("Not sent, only typed")
    await room.saved()
    assert answers_of(await room.receipts()) == {TEXT: {"text": "Not sent, only typed"}}


async def test_a_killed_browser_goes_on_with_the_last_words(seeds: Seeds, tmp_path: Path) -> None:
    """SIGKILL for the whole browser in mid-typing, and the same profile again: what is older than 3 s is there."""
    profile = tmp_path / "profile"
    options: dict[str, Any] = {
        "executable_path": executable(),
        "args": ARGUMENTS,
        "base_url": seeds.platform.url,
        "viewport": DESKTOP,
        "locale": "en-GB",
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
        _kill_browser(profile)
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


def _kill_browser(profile: Path) -> None:
    """Every process of the browser that has this profile, and nobody else's."""
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and f"--user-data-dir={profile}".encode() in (entry / "cmdline").read_bytes():
                os.kill(int(entry.name), signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError):
            continue


@SIZES
async def test_two_devices_wrote_and_the_candidate_chooses(visit: Any, seeds: Seeds, size: dict[str, int]) -> None:
    visitor = await visit(viewport=size)
    first = await _sit_down(visitor, seeds, "Tom Twice")
    await first.write(TEXT, "Both know this.")
    await first.saved()
    await visitor.context.set_offline(True)
    await first.write(TEXT, "Written on the first, offline.")
    await expect(first.words).to_have_text(OFFLINE)

    other = await visit(viewport=size)
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


@SIZES
async def test_the_time_ends_without_a_network(visit: Any, seeds: Seeds, size: dict[str, int], tmp_path: Path) -> None:
    """The page stays, offers what it holds as a file, and sends it when the network is back: late, and in the chain."""
    visitor = await visit(viewport=size, accept_downloads=True)
    room = await _sit_down(visitor, seeds, "Eve Ending", minutes=5, closes_in=40)
    await room.write(TEXT, "In time.")
    await room.saved()
    await visitor.context.set_offline(True)
    await room.write(TEXT, "In time. And offline.")
    page = room.page
    await expect(page.locator("#stopped-text")).to_contain_text("we cannot reach the server", timeout=60_000)
    await expect(page.locator("#desk")).to_be_hidden()
    await expect(room.words).to_have_text(re.compile(OFFLINE.pattern + " One answer waits to be sent."))
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="Download the recovery file").click()
    file = tmp_path / "recovery.json"
    await (await waiting.value).save_as(file)
    attempt = room.attempt
    keyring = open_keyring(seeds.platform.folder / "keys.json", os.urandom)
    found = open_file(file.read_bytes(), keyring.recovery, keyring.receipt.public)
    assert found.attempt == attempt
    assert found.contact_at is not None
    assert [(each.item, each.answer) for each in found.answers] == [(TEXT, {"text": "In time. And offline."})]
    assert "offline" not in json.dumps(json.loads(file.read_text())).lower()

    await asyncio.sleep(2)
    await visitor.context.set_offline(False)
    await page.wait_for_url("**/submitted", timeout=30_000)
    answer = await page.request.get(f"/api/attempts/{attempt}")
    ended = datetime.fromisoformat((await answer.json())["clock"]["ends_at"])
    receipts = await (await page.request.get(f"/api/attempts/{attempt}/receipts")).json()
    assert proven(receipts).sealed_at is not None
    assert answers_of(receipts) == {TEXT: {"text": "In time. And offline."}}
    assert datetime.fromisoformat(receipts["receipts"][-1]["received_at"]).astimezone(UTC) > ended
