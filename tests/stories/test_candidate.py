"""A candidate sits an exam in a real browser: from the activation link to receipts that prove every answer."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from playwright.async_api import expect

from tests.stories.room import OFFLINE, Room, answers_of, left_for, proven, proven_by_command
from tests.stories.seed import Seeds

ESSAY = "A link is not a cause."
PROGRAM = "print(0, 0.0)"


async def test_an_exam_from_the_link_to_the_receipts(visit: Any, seeds: Seeds, tmp_path: Path) -> None:
    sitting, (entry,) = await seeds.sitting(seeds.guarded, "Cora Candidate")
    visitor = await visit(accept_downloads=True)
    await visitor.activate(entry.code)
    room, page = Room(visitor), visitor.page
    await room.enter(sitting)
    await room.photo()
    await room.start()

    await _answer_each_kind(room)
    await expect(page.locator("#camera-state")).to_have_attribute("data-state", "on", timeout=30_000)
    await _without_a_network(room)
    await _reload_in_the_middle(room)
    await _frames_are_looked_at(seeds, sitting)
    kept = await room.receipts()
    attempt = room.attempt
    await _submit_by_keyboard(room)

    assert answers_of(kept)["headline"] == {"text": f"{ESSAY} Offline."}
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="Download my receipts").click()
    file = tmp_path / (await waiting.value).suggested_filename
    await (await waiting.value).save_as(file)
    assert file.name == f"receipts-{attempt}.json"
    said = proven_by_command(file)
    assert attempt in said


async def _answer_each_kind(room: Room) -> None:
    """Mouse and keyboard, one item of each kind; "Saved" only stands there when the receipt was verified."""
    page = room.page
    await room.question("outlier").get_by_role("radio").first.focus()
    await page.keyboard.press("Space")
    await room.saved()
    await page.get_by_role("button", name="Next").click()
    await room.question("survivors").locator(".choice").nth(2).click()
    await room.saved()
    for item, text in (("free-fall", "19,62 m/s"), ("missing-values", "Zeros pull it down."), ("headline", ESSAY)):
        await room.go(item)
        await room.write(item, text)
        await room.saved()
    await room.go("running-total")
    await room.write("running-total", PROGRAM)
    await room.question("running-total").locator("[data-text]").press("Tab")
    await room.saved()

    file, journal = await room.receipts(), await room.journal()
    assert [entry["receipt"] for entry in journal] == file["receipts"], (
        "the page believed what the server does not hold"
    )
    chain = proven(file)
    assert [receipt.seq for receipt in chain.receipts] == list(range(1, len(journal) + 1))
    answers = answers_of(file)
    assert answers["free-fall"] == {"text": "19,62 m/s"}
    source = answers["running-total"]["source"]
    assert source.rstrip(" ") == PROGRAM, source
    assert len(source) % 4 == 0, "the tab key goes to the next column of four"
    assert len(answers["outlier"]["choice"]) == len(answers["survivors"]["choice"]) == 1


async def _without_a_network(room: Room) -> None:
    """Offline the page says so and keeps everything; back again, all of it is sent, in order."""
    before = len((await room.receipts())["receipts"])
    await room.visitor.context.set_offline(True)
    await room.go("why-tests")
    await room.write("why-tests", "It can fail.")
    await expect(room.words).to_have_text(OFFLINE)
    await room.go("headline")
    await room.question("headline").locator("[data-text]").press("Control+End")
    await room.page.keyboard.type(" Offline.")
    await room.page.get_by_role("button", name="Back").click()
    await expect(room.state).to_have_attribute("data-state", "offline")
    waiting = [entry["item"] for entry in await room.journal() if entry["receipt"] is None]
    assert set(waiting) == {"why-tests", "headline"}
    await room.visitor.context.set_offline(False)
    await room.saved(patience=30_000)
    file = await room.receipts()
    proven(file)
    assert [receipt["item"] for receipt in file["receipts"][before:]] == waiting


async def _reload_in_the_middle(room: Room) -> None:
    """Every field, the place and the mark are there again."""
    await room.go("missing-values")
    await room.page.get_by_role("button", name="Mark for later").click()
    await room.page.reload()
    await room.ready()
    await room.saved()
    await expect(room.question("missing-values")).to_be_visible()
    await expect(room.question("missing-values").locator("[data-text]")).to_have_value("Zeros pull it down.")
    await expect(room.page.locator("#map [data-marked='yes']")).to_have_count(1)
    await expect(room.page.locator("#map [data-answered='yes']")).to_have_count(7)
    await room.go("headline")
    await expect(room.question("headline").locator("[data-text]")).to_have_value(f"{ESSAY} Offline.")
    await room.go("survivors")
    await expect(room.question("survivors").get_by_role("radio").nth(2)).to_be_checked()


async def _frames_are_looked_at(seeds: Seeds, sitting: str) -> None:
    """The instructor's live view counts frames that the worker has analysed."""
    for _ in range(80):
        (person,) = (await seeds.instructor.call("GET", f"/api/sittings/{sitting}/live"))["people"]
        if person["analysed"] >= 5:
            return
        await asyncio.sleep(0.5)
    raise AssertionError(
        f"the worker analysed {person['analysed']} of {person['frames']} frames\n"
        + seeds.platform.tail("logs/worker.log")
    )


async def _submit_by_keyboard(room: Room) -> None:
    """The dialog opens and submits without a pointer; then the submitted page."""
    page = room.page
    await page.get_by_role("button", name="Submit…").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await expect(page.locator("#submit-summary")).to_have_text("17 questions are not answered.")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await page.keyboard.press("Enter")
    for _ in range(6):
        if await page.evaluate("document.activeElement.id") == "submit":
            break
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await left_for(page, "/submitted")
    await expect(page.get_by_role("heading", name="Your exam is submitted")).to_be_visible()
