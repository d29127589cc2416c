"""A few real Chromium browsers that are killed in mid-typing and opened again on the same profile, as after a power cut."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Cookie, Locator, Page, Playwright, expect
from playwright.async_api import Error as BrowserError

from loadtests.faults.writer import ITEMS

ARGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
NAME = "kill-chromium"
WORDS = "Chromium killed in mid-typing"
SAFE_AFTER = 3.0  # seconds after which a key stroke may not be lost
PATIENCE = 120_000  # ms; many browsers and a busy platform share the machine
SOON, TRIES = 15_000, 6
LONG = 1500  # characters in one answer, after which the typist goes to the next question


class RoomClosed(AssertionError):
    """The room did not open again for somebody whose browser was killed."""


@dataclass
class Typist:
    """One person at one Chromium with a profile of its own."""

    name: str
    code: str
    url: str
    sitting: str
    profile: Path
    rng: random.Random
    typed: list[tuple[float, str, str]] = field(default_factory=list)  # when, question, everything in its field
    lost: list[str] = field(default_factory=list)
    killed: int = 0
    context: BrowserContext | None = None
    attempt: str = ""
    cookies: list[Cookie] = field(default_factory=list)

    @property
    def page(self) -> Page:
        assert self.context is not None
        return self.context.pages[0]

    async def come(self, playwright: Playwright) -> None:
        """Open the browser on the profile, as it was left."""
        executable = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        self.context = await playwright.chromium.launch_persistent_context(
            str(self.profile), executable_path=executable, args=ARGS, base_url=self.url, locale="en-GB"
        )
        self.context.set_default_timeout(PATIENCE)

    async def enter(self) -> None:
        """Activation, passkey, consent, check-in, room."""
        page = self.page
        cdp = await page.context.new_cdp_session(page)
        await cdp.send("WebAuthn.enable", {"enableUI": False})
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        always = {"isUserVerified": True, "automaticPresenceSimulation": True}
        await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options | always})
        await page.goto(f"/activate#{self.code}")
        await page.get_by_role("button", name="Go on").click()
        await page.get_by_role("button", name="Make a passkey").click()
        await page.wait_for_url("**/home", wait_until="domcontentloaded")
        await page.goto(f"/sittings/{self.sitting}/start")
        for box in await page.locator('input[name="terms"]').all():
            await box.check()
        await page.get_by_role("button", name="Accept and go to the check-in").click()
        await page.wait_for_url("**/check-in", wait_until="domcontentloaded")
        checks = page.locator("#checks > li:not([data-check='camera'])")
        await checks.nth(0).wait_for()
        for number in range(await checks.count()):
            await expect(checks.nth(number)).to_have_attribute("data-state", "works", timeout=PATIENCE)
        await page.get_by_role("button", name="Start the exam").click()
        await page.wait_for_url("**/room", wait_until="domcontentloaded")
        await page.locator("#desk").wait_for()
        self.attempt = page.url.split("/attempts/")[1].split("/")[0]
        self.cookies = await page.context.cookies()

    async def type(self, over: asyncio.Event) -> None:
        """Word after word, key by key, until the exam is over or the browser dies."""
        place, text = self.killed % len(ITEMS), ""
        field_ = await self._empty(place)
        while not over.is_set():
            if len(text) > LONG:
                place, text = (place + 1) % len(ITEMS), ""
                field_ = await self._empty(place)
            word = f"word{self.rng.randrange(10**6)} "
            await field_.press_sequentially(word, delay=40)
            text += word
            self.typed.append((time.time(), ITEMS[place], text))
            await asyncio.sleep(self.rng.uniform(0, 0.6))

    async def _empty(self, place: int) -> Locator:
        """The question's field, with nothing in it."""
        await self.page.locator("#map button").nth(place).click()
        found = self.page.locator(f'#sheet [data-item="{ITEMS[place]}"] [data-text]')
        self.typed.append((time.time(), ITEMS[place], ""))
        await found.press("Control+a")
        await found.press("Delete")
        return found

    def kill(self) -> float:
        """SIGKILL to every process of this browser; the moment."""
        moment = time.time()
        for pid in processes_of(self.profile):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.killed += 1
        return moment

    async def come_back(self, playwright: Playwright, killed_at: float) -> None:
        """Open the room again; what was typed more than three seconds before must stand in its field."""
        with suppress(BrowserError):
            assert self.context is not None
            await self.context.close()
        (self.profile / "SingletonLock").unlink(missing_ok=True)
        await self.come(playwright)
        # Chromium writes cookies down each half minute only; who is killed before signs in again, which is not tested here.
        assert self.context is not None
        await self.context.add_cookies([{**each} for each in self.cookies])  # type: ignore[typeddict-item]  # as it gave them
        await self._open_room()
        for item in {item for _, item, _ in self.typed}:
            found = await self.page.locator(f'#sheet [data-item="{item}"] [data-text]').input_value()
            self.compare(item, found, killed_at)

    async def _open_room(self) -> None:
        """A person who sees no questions, because the platform is away, loads the page again."""
        for last in [False] * TRIES + [True]:
            try:
                await self.page.goto(f"/attempts/{self.attempt}/room")
                await self.page.locator("#desk").wait_for(timeout=PATIENCE if last else SOON)
            except BrowserError as error:
                if last:
                    shown = await self.page.locator("body").inner_text()
                    raise RoomClosed(f"{self.page.url} shows no questions but: {shown[:500]}") from error
                await asyncio.sleep(1)
            else:
                return

    def compare(self, item: str, found: str, until: float) -> None:
        """The text that had stood for three seconds at that moment, or a later one, is what is found."""
        texts = [(at, text.rstrip()) for at, each, text in self.typed if each == item]
        old = [number for number, (at, _) in enumerate(texts) if at <= until - SAFE_AFTER]
        if old and not any(found.startswith(text) for _, text in texts[old[-1] :]):
            self.lost.append(f"{self.name}, {item}: {texts[old[-1]][1][-40:]!r} is not in {found[-40:]!r}")

    async def submit(self) -> dict[str, Any]:
        """Press the buttons; the receipts that the server then gives."""
        page = self.page
        await page.get_by_role("button", name="Submit…").click()
        for _ in range(60):
            if page.url.endswith("/submitted"):
                break
            with suppress(BrowserError):
                await page.locator("#submit").click(timeout=1000)
            await asyncio.sleep(0.5)
        return await self._receipts()

    async def _receipts(self) -> dict[str, Any]:
        answer = await self.page.request.get(f"/api/attempts/{self.attempt}/receipts")
        return dict(await answer.json())


def processes_of(profile: Path) -> list[int]:
    """Every process of the browser that has this profile, and nobody else's."""
    wanted, found = f"--user-data-dir={profile}".encode(), []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if wanted in file.read_bytes():
                found.append(int(file.parent.name))
    return found


async def live(typist: Typist, playwright: Playwright, over: asyncio.Event, every: float) -> dict[str, Any]:
    """Type, be killed, come back, again and again; submit at the end. The receipts that the server holds."""
    while True:
        killing = asyncio.create_task(_wait(over, every * typist.rng.uniform(0.7, 1.3)))
        typing = asyncio.create_task(typist.type(over))
        await asyncio.wait({killing, typing}, return_when=asyncio.FIRST_COMPLETED)
        if over.is_set() and typist.killed:
            await typing
            break
        if typing.done():
            typing.result()
        await killing
        killed_at = typist.kill()
        with suppress(BrowserError, asyncio.CancelledError):
            await typing
        await typist.come_back(playwright, killed_at)
        if over.is_set():
            break
    file = await typist.submit()
    if typist.context is not None:
        await typist.context.close()
    return file


async def _wait(over: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), seconds)
