"""Two tabs, and a device that is signed out: each says where the exam is, shows the time that runs on, and the way back."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import expect

from tests.stories.desk import sit_down
from tests.stories.room import Room
from tests.stories.seed import Seeds


async def test_a_tab_that_lost_its_place_takes_it_again_when_the_other_is_closed(visit: Any, seeds: Seeds) -> None:
    visitor = await visit()
    room = await sit_down(visitor, seeds, seeds.quiet, "Tess Twotabs")
    first = room.page
    await room.go("missing-values")
    await room.write("missing-values", "In the first tab.")
    await room.saved()

    second = await first.context.new_page()
    await second.goto(first.url)
    await expect(second.locator("#stopped-text")).to_contain_text("another tab")
    await expect(second.locator("#stopped-section-title")).to_have_text("Your exam is open somewhere else")
    await _runs(second)
    await second.get_by_role("button", name="Use this tab").click()
    await expect(second.locator("#desk")).to_be_visible()
    await expect(first.locator("#stopped-text")).to_contain_text("another tab")
    await _runs(first)

    await second.reload()
    await expect(second.locator("#desk")).to_be_visible()
    await second.close()
    await expect(first.locator("#desk")).to_be_visible()
    await expect(room.question("missing-values").locator("[data-text]")).to_have_value("In the first tab.")


async def test_a_device_that_is_signed_out_shows_the_way_back(visit: Any, seeds: Seeds) -> None:
    visitor = await visit()
    room = await sit_down(visitor, seeds, seeds.quiet, "Sid Signedout")
    path = f"/attempts/{room.attempt}/room"

    other = await visit()
    await other.copy_passkeys(visitor)
    await other.page.goto("/sign-in")
    await other.page.get_by_role("button", name="Sign in with a passkey").click()
    await other.page.wait_for_url("**/home")
    await other.page.goto(path)
    second = Room(other)
    await expect(other.page.locator("#stopped-text")).to_contain_text("open on another device")
    await expect(other.page.locator("#stopped-section-title")).to_have_text("Your exam is open somewhere else")
    await _runs(second.page)
    await other.page.context.clear_cookies()
    await other.page.get_by_role("button", name="Use this device").click()
    await expect(other.page.locator("#stopped-text")).to_contain_text("signed out")
    await other.page.get_by_role("link", name="Sign in again").click()
    await other.page.wait_for_url(re.compile(r"/sign-in\?next=/attempts/"))
    await other.page.get_by_role("button", name="Sign in with a passkey").click()
    await other.page.wait_for_url(f"**{path}")


async def _runs(page: Any) -> None:
    """The clock goes on."""
    value = page.locator("[data-clock-value]")
    await expect(value).not_to_have_text(await value.inner_text())
