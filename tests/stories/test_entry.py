"""Ways in without a passkey; language and light."""

from __future__ import annotations

import re
import time
from typing import Any

import pyotp
from playwright.async_api import Page, expect

from tests.stories.seed import Seeds

PASSWORD = "four plain words here"


async def test_password_and_code_sign_in(visit: Any, seeds: Seeds) -> None:
    _, (entry,) = await seeds.sitting(seeds.quiet, "Paula Password")
    visitor = await visit()
    page = visitor.page
    await page.goto(f"/activate#{entry.code}")
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_text("Use a password and an authenticator app").click()
    await page.get_by_role("link", name="Set up password and app").click()
    secret = (await page.locator("dd").nth(1).inner_text()).strip()
    app = pyotp.TOTP(secret.replace(" ", ""))
    await page.get_by_label("New password").fill(PASSWORD)
    used = app.now()
    await page.get_by_label("Six digits from your authenticator app").fill(used)
    await page.get_by_role("button", name="Keep both").click()
    await page.wait_for_url("**/home")

    await page.locator("summary", has_text="Paula Password").click()
    await page.get_by_role("button", name="Sign out").first.click()
    await expect(page.get_by_text("You are signed out on this device.")).to_be_visible()
    await page.get_by_text("Use password and code").click()
    await _fill(page, entry.email, "not the password", "000000")
    await expect(page.get_by_role("alert")).to_contain_text("must all fit")
    fresh = _unused_code(app, used)
    await _fill(page, entry.email, PASSWORD, fresh)
    await page.wait_for_url("**/home")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Paula")


async def _fill(page: Page, email: str, password: str, code: str) -> None:
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password", exact=True).fill(password)
    await page.get_by_label("Six digits from your authenticator app").fill(code)
    await page.get_by_role("button", name="Sign in with password and code").click()


def _unused_code(app: pyotp.TOTP, used: str) -> str:
    """A code works once. The next one is accepted up to half a minute early, as clocks of telephones go."""
    return app.now() if app.now() != used else app.at(int(time.time()) + 30)


async def test_language_and_light(visit: Any, seeds: Seeds) -> None:
    visitor = await visit(color_scheme="light")
    page = visitor.page
    await visitor.be(seeds.instructor)
    await page.goto("/home")
    html = page.locator("html")
    paper = await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    await page.locator("[data-preferences] summary").click()
    await page.get_by_label("Dark", exact=True).check()
    await expect(html).to_have_attribute("data-theme", "dark")
    assert await page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != paper
    await page.get_by_label("Deutsch").check()
    await expect(html).to_have_attribute("lang", re.compile("^de"))
    await expect(page.locator(".bar__nav")).to_contain_text("Prüfungen")
    await page.reload()
    await expect(html).to_have_attribute("data-theme", "dark")
    await expect(html).to_have_attribute("lang", re.compile("^de"))
