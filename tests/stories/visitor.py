"""Somebody at a real Chromium: a browser context with a passkey authenticator, and everything the browser complained about."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from playwright.async_api import Browser, BrowserContext, CDPSession, Page, async_playwright

from loadtests.people import Person
from loadtests.scenes import mjpeg, scene

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
DEVICES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": DESKTOP},
    "phone": {"viewport": PHONE, "has_touch": True, "is_mobile": True},
}
CAMERA_FRAMES = 45
# A refused request is part of several stories; the browser logs each as an error of its own, which proves nothing.
NETWORK = ("Failed to load resource", "net::ERR_INTERNET_DISCONNECTED", "WebSocket connection to")


ARGUMENTS = [
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def executable() -> str | None:
    """The Chromium of this machine."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@asynccontextmanager
async def chromium(
    folder: Path, frames: Iterable[bytes] | None = None, sound: Path | None = None
) -> AsyncIterator[Browser]:
    """Debian's Chromium with a camera that plays a film, thirty frames a second: of a real face where none is given.

    Its microphone plays `sound`, a WAV file; without one it beeps.
    """
    film = folder / "camera.mjpeg"
    rng = np.random.default_rng(7)
    mjpeg(frames or (scene("present", rng, number) for number in range(CAMERA_FRAMES)), film)
    heard = [f"--use-file-for-fake-audio-capture={sound}"] if sound else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable(),
            args=[
                *ARGUMENTS,
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={film}",
                *heard,
            ],
        )
        yield browser
        await browser.close()


async def settled(page: Page) -> None:
    """Drawn as it is now: two frames later, with every transition at its end."""
    await page.evaluate(
        """async () => {
          const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
          await frame(); await frame();
          for (const each of document.getAnimations()) if (each.effect.getComputedTiming().iterations !== Infinity) each.finish();
          await frame();
        }"""
    )


@dataclass
class Visitor:
    """One person's browser."""

    context: BrowserContext
    page: Page
    cdp: CDPSession
    authenticator: str
    complaints: list[str] = field(default_factory=list)

    @classmethod
    async def come(cls, browser: Browser, url: str, **options: Any) -> Visitor:
        """A fresh context with an authenticator that always says yes."""
        return await cls.meet(
            await browser.new_context(base_url=url, **{"viewport": DESKTOP, "locale": "en-GB", **options})
        )

    @classmethod
    async def meet(cls, context: BrowserContext) -> Visitor:
        """Somebody in a context that is there already."""
        context.set_default_timeout(20_000)
        page = await context.new_page()
        cdp = await context.new_cdp_session(page)
        await cdp.send("WebAuthn.enable", {"enableUI": False})
        made = await cdp.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )
        visitor = cls(context, page, cdp, made["authenticatorId"])
        page.on("pageerror", lambda error: visitor.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda said: visitor._hear(said.type, said.text))
        return visitor

    def _hear(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not text.startswith(NETWORK):
            self.complaints.append(f"{self.page.url}: {text}")

    async def copy_passkeys(self, other: Visitor) -> None:
        """Have the other device's passkeys, private keys and counters included, as a synchronising provider does it."""
        answer = await other.cdp.send("WebAuthn.getCredentials", {"authenticatorId": other.authenticator})
        await self.cdp.send("WebAuthn.clearCredentials", {"authenticatorId": self.authenticator})
        for credential in answer["credentials"]:
            await self.cdp.send(
                "WebAuthn.addCredential", {"authenticatorId": self.authenticator, "credential": credential}
            )

    async def be(self, person: Person) -> None:
        """Take over a simulated person's session: the same cookies, now in a browser."""
        await self.context.add_cookies(
            [
                {"name": each.name, "value": each.value or "", "domain": "localhost", "path": "/"}
                for each in person.client.cookies.jar
            ]
        )

    async def activate(self, code: str) -> None:
        """Follow the activation link, make a passkey."""
        page = self.page
        await page.goto(f"/activate#{code}")
        await page.get_by_role("button", name="Go on").click()
        await page.get_by_role("button", name="Make a passkey").click()
        await page.wait_for_url("**/home")

    async def leave(self) -> None:
        await self.context.close()
        assert self.complaints == []
