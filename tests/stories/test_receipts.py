"""After the exam: the entry in the public log, a copy by mail, and a stranger who reads what the file proves."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from tests.mail_server import Post
from tests.stories.desk import sit_down
from tests.stories.looks import inspect
from tests.stories.mail import MAIL_PORT
from tests.stories.room import Room, proven_by_command
from tests.stories.seed import Seeds
from tests.stories.visitor import PHONE

COPY = "Send me a copy of my receipts by e-mail"


async def test_a_candidate_takes_the_proof_home_and_a_stranger_checks_it(
    visit: Any, seeds: Seeds, tmp_path: Path
) -> None:
    visitor = await visit(accept_downloads=True)
    room = await sit_down(visitor, seeds, seeds.quiet, "Petra Proof")
    await room.go("missing-values")
    await room.write("missing-values", "Zeros pull it down.")
    await room.saved()
    attempt = room.attempt
    await _submit(room)
    page = room.page
    await _until(page, "#held", "number")

    await _ask_for_a_copy(page, attempt)

    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="Download my receipts").click()
    file = tmp_path / "receipts.json"
    await (await waiting.value).save_as(file)
    assert "log    proven" in proven_by_command(file)
    forged = _forge(file)

    for options in ({}, {"java_script_enabled": False, "viewport": PHONE}, {"locale": "de-DE", "viewport": PHONE}):
        stranger = await visit(**options)
        german = "locale" in options
        await _check(stranger.page, file, german)
        notice, wrong = stranger.page.locator(".notice").first, stranger.page.locator(".fact--problem")
        await expect(stranger.page.locator(".fact--ok")).to_have_count(4)
        await expect(notice).to_contain_text("Bewiesen" if german else "Proven")
        await _check(stranger.page, forged, german)
        await expect(notice).to_contain_text("Nicht bewiesen" if german else "Not proven")
        await expect(wrong).to_have_count(1)
        await expect(wrong).to_contain_text(
            "passt nicht" if german else "its number of receipts is 1, but that of this file is 0"
        )
        if german or not options:  # axe is a script itself
            await inspect(stranger.page, "a forged file")
    await _check(page, file, german=False)
    await expect(page.locator(".fact--ok")).to_have_count(5)


async def test_the_operator_sees_what_waits(visit: Any, seeds: Seeds) -> None:
    visitor = await visit()
    await visitor.be(seeds.operator)
    await visitor.page.goto("/operator/health")
    await expect(visitor.page.get_by_text("Submitted exams that wait for the public log")).to_be_visible()
    await expect(visitor.page.get_by_text(f"localhost:{MAIL_PORT}")).to_be_visible()
    await inspect(visitor.page, "the health page")


async def _submit(room: Room) -> None:
    await room.page.get_by_role("button", name="Submit…").first.click()
    await room.page.get_by_role("button", name="Submit now").click()
    await room.page.wait_for_url("**/submitted")


async def _until(page: Page, place: str, words: str) -> None:
    """Load the page again until the worker has been there."""
    for _ in range(60):
        if words in await page.locator(place).inner_text():
            return
        await asyncio.sleep(0.5)
        await page.reload()
    raise AssertionError(f"{words!r} never stood there")


async def _ask_for_a_copy(page: Page, attempt: str) -> None:
    """By keyboard; the letter comes to a real mail server with the file in it."""
    post = Post()
    async with await post.serve(MAIL_PORT):
        await page.get_by_role("button", name=COPY).focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/submitted#copy")
        await inspect(page, "a copy on its way")
        await expect(page.locator("#copy")).to_contain_text("on its way")
        await _until(page, "#copy", "The mail server took the copy")
    (content,) = post.letters
    letter = email.message_from_bytes(content, policy=email.policy.default)
    (attached,) = letter.iter_attachments()
    assert json.loads(attached.get_content())["attempt"] == attempt


def _forge(file: Path) -> Path:
    """One save less, as if it had never been."""
    forged = json.loads(file.read_text())
    last = forged["receipts"].pop()
    forged["answers"].pop(str(last["seq"]))
    other = file.with_name("forged.json")
    other.write_text(json.dumps(forged))
    return other


async def _check(page: Page, file: Path, german: bool) -> None:
    await page.goto("/receipts")
    await page.locator("input[type=file]").set_input_files(file)
    await page.get_by_role("button", name="Die Datei prüfen" if german else "Check the file").click()
    await expect(page.locator("#proves")).to_be_visible()
