"""What a person does and sees in the exam room, and what proves it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from credentials.attempt.receipts import ReceiptChain, claimed_keys, verify_file
from tests.stories.processes import ROOT
from tests.stories.visitor import Visitor

SAVED = re.compile(r"^Saved \d\d:\d\d:\d\d$")
ANSWER = re.compile(r"^(Your photo is good\.|Please take another photo)")
DEVICES = re.compile(r"^Open (the camera|camera and microphone)$")
OFFLINE = re.compile(r"^Offline since \d\d:\d\d\. Your answers are kept on this computer\.")


class Room:
    """The room's page object: words and roles only, as a person finds things."""

    def __init__(self, visitor: Visitor, page: Page | None = None) -> None:
        self.visitor = visitor
        self.page: Page = page or visitor.page
        self.state = self.page.locator("[data-save-state]")
        self.words = self.state.locator("[data-save-state-text]")

    @property
    def attempt(self) -> str:
        return self.page.url.split("/attempts/")[1].split("/")[0]

    async def enter(self, sitting: str) -> None:
        """From home through the door to the check-in."""
        await self.page.goto("/home")
        await self.page.locator(f'a[href="/sittings/{sitting}/start"]').first.click()
        await self.page.wait_for_url("**/start")
        for box in await self.page.locator('input[name="terms"]').all():
            await box.check()
        await self.page.get_by_role("button", name="Accept and go to the check-in").click()
        await self.page.wait_for_url("**/check-in")

    async def photo(self) -> None:
        """The camera opens, the worker accepts the face; only then may the exam start."""
        page = self.page
        await page.get_by_role("button", name=DEVICES).click()
        await expect(page.locator("[data-check='camera']")).to_have_attribute("data-state", "works")
        await expect(page.get_by_role("button", name="Start the exam")).to_be_disabled()
        state, good = page.locator("#photo-state"), "Your photo is good."
        for _ in range(8):  # the camera plays a film, in which nobody sits at times: as a person would, try again
            await page.get_by_role("button", name="Take the photo").click()
            await expect(state).to_have_text(ANSWER, timeout=60_000)
            if await state.inner_text() == good:
                return
            await page.wait_for_timeout(2000)
        await expect(state).to_have_text(good)

    async def start(self) -> None:
        """Every line of the computer check is green; the passkey signs; the questions are there."""
        checks = self.page.locator("#checks > li:not([data-check='camera'], [data-check='microphone'])")
        await expect(checks).to_have_count(5)
        for line in await checks.all():
            await expect(line).to_have_attribute("data-state", "works")
        await self.page.get_by_role("button", name="Start the exam").click()
        await self.page.wait_for_url("**/room")
        await self.ready()

    async def ready(self) -> None:
        await expect(self.page.locator("#desk")).to_be_visible()

    async def go(self, item: str) -> None:
        """To a question, by its button on the map."""
        index = await self.page.locator("#sheet [data-item]").evaluate_all(
            "(all, item) => all.findIndex((each) => each.dataset.item === item)", item
        )
        await self.page.locator("#map button").nth(index).click()
        await expect(self.question(item)).to_be_visible()

    def question(self, item: str) -> Any:
        return self.page.locator(f'#sheet [data-item="{item}"]')

    def field(self, item: str) -> Any:
        """Where the answer to a question is typed."""
        return self.question(item).locator("[data-text]")

    async def text(self, item: str) -> str:
        """What stands there, whether or not the question is shown."""
        return str(await self.field(item).input_value())

    async def write(self, item: str, text: str) -> None:
        """Type into the question's field, key by key."""
        field = self.field(item)
        await field.click()
        await field.press("Control+a")
        await field.press_sequentially(text)

    async def saved(self, patience: float = 15_000) -> str:
        """The time that the page shows once a verified receipt has come."""
        await expect(self.state).to_have_attribute("data-state", "saved", timeout=patience)
        await expect(self.words).to_have_text(SAVED)
        return await self.words.inner_text()

    async def receipts(self) -> dict[str, Any]:
        """The receipts file, as this candidate downloads it."""
        answer = await self.page.request.get(f"/api/attempts/{self.attempt}/receipts")
        assert answer.ok, await answer.text()
        return dict(await answer.json())

    async def journal(self) -> list[dict[str, Any]]:
        """What this browser itself keeps: every answer with the receipt that it verified."""
        return list(
            await self.page.evaluate(
                """async (attempt) => {
                  const { readAnswers } = await import("/static/js/room/store.js");
                  return readAnswers(attempt);
                }""",
                self.attempt,
            )
        )


async def left_for(page: Page, path: str, patience: float = 60_000) -> None:
    """The page has gone there, by itself or by a click. A navigation that another one to the same place cuts off is none
    of our business, so this looks at where the page is instead of waiting for one navigation.
    """
    await expect(page).to_have_url(re.compile(re.escape(path) + r"$"), timeout=patience)


def proven(file: dict[str, Any]) -> ReceiptChain:
    """The chain that a receipts file proves, with the keys it names itself: enough to compare with our own record."""
    return verify_file(file, claimed_keys(file))


def proven_by_command(file: Path) -> str:
    """What `python -m credentials receipts FILE` says to a candidate."""
    ran = subprocess.run(
        [sys.executable, "-m", "credentials", "receipts", str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def answers_of(file: dict[str, Any]) -> dict[str, Any]:
    """The newest answer to each item, in the chain's order. Of drawings the file holds no others."""
    newest: dict[str, Any] = {}
    for receipt in file["receipts"]:
        newest[receipt["item"]] = file["answers"].get(str(receipt["seq"]))
    return newest
