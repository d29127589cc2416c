"""Every page for every role: no accessibility violation, nothing clipped, no complaint; phone and desktop, light and dark, by Tab."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from exam_api.app import build
from exam_api.settings import Settings
from tests.credentials.other_issuers import badge, signed
from tests.stories.looks import problems_of
from tests.stories.pages import NOT_PAGES, PAGES, Shown, get_routes
from tests.stories.seed import Seeds
from tests.stories.visitor import DESKTOP, PHONE, Visitor
from tests.stories.walk import problems_on_the_way
from tests.stories.world import World, make, rest


@pytest.fixture(scope="session")
async def world(seeds: Seeds, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Somebody in each role, a sitting in each state."""
    world = await make(seeds, browser, tmp_path_factory.mktemp("world"))
    yield world
    for visitor in world.browsers.values():
        await visitor.context.close()


def test_every_page_is_in_the_table() -> None:
    """A new page is looked at from its first day: add it to PAGES, or say in NOT_PAGES why it is none."""
    known = {page.route for page in PAGES} | set(NOT_PAGES)
    assert get_routes(build(Settings(gallery=True))) == known


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
async def test_page(world: World, shown: Shown) -> None:
    visitor = world.browsers[shown.role]
    visitor.complaints.clear()
    page = visitor.page
    await open_page(page, shown, world)
    problems = await problems_of(page)
    if shown.role == "sitter":
        await rest(visitor)
    assert not problems, json.dumps(problems, indent=1)
    assert await problems_on_the_way(page) == []
    assert visitor.complaints == []


async def open_page(page: Page, shown: Shown, world: World) -> None:
    """Load it on a desktop in the light, wait until it is there, and give it axe."""
    await page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]  # as above
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    answer = await page.goto(shown.address(world.ids))
    assert answer is not None
    assert answer.ok, f"{shown.name}: {answer.status}"
    assert "/sign-in" in shown.route or "/sign-in" not in page.url, f"{shown.role} may not see {shown.name}"
    await page.locator(shown.wait_for).first.wait_for(state="visible")


async def test_certificates_are_checked_without_scripts(world: World, browser: Browser, seeds: Seeds) -> None:
    """By their address and by their file, ours and another issuer's: an employer's browser may run nothing."""
    stranger = await Visitor.come(browser, seeds.platform.url, java_script_enabled=False, viewport=PHONE)
    page = stranger.page
    for name, said in (("certificate", "Genuine and valid"), ("suspended", "Suspended"), ("revoked", "Revoked")):
        await page.goto("/verify")
        await page.get_by_label("Address or number").fill(f"{seeds.platform.url}/c/{world.ids[name]}")
        await page.get_by_role("button", name="Look it up").click()
        await page.wait_for_url(f"**/c/{world.ids[name]}")
        await expect(page.get_by_role("heading", level=1)).to_have_text(said)
        await _verify(page, await (await page.request.get(f"/c/{world.ids[name]}.json")).body())
        await expect(page.get_by_role("heading", level=1)).to_have_text(said)
    await _verify(page, json.dumps(signed(badge())).encode())
    await expect(page.get_by_role("heading", level=1)).to_contain_text("we do not know its issuer")
    await _verify(page, json.dumps(signed(badge()) | {"validFrom": "2026-09-02T00:00:00Z"}).encode())
    await expect(page.get_by_role("heading", level=1)).to_have_text("Not proven")
    await stranger.leave()


async def _verify(page: Page, content: bytes) -> None:
    await page.goto("/verify")
    file = {"name": "certificate.json", "mimeType": "application/json", "buffer": content}
    await page.get_by_label("Certificate file").set_input_files(file)  # type: ignore[arg-type]  # a plain dict is a FilePayload
    await page.get_by_role("button", name="Verify the file").click()
    await page.get_by_role("link", name="Verify another one").wait_for()


MISTAKES = [
    ("candidate", "/certificates/{certificate}/erase", "Erase"),
    ("candidate", "/certificates/{certificate}/valid", "Note it"),
    ("fresh", "/my/name", "Ask for it"),
    ("instructor", "/certificates/{certificate}/revoke", "Revoke"),
    ("instructor", "/certificates/batches/new", "Check the list"),
    ("instructor", "/skills/new", "Save as a new version"),
    ("operator", "/certificates/batches/{batch}", "Give 1 certificate"),
    ("operator", "/operator/accounts/{person}/certificate-name", "Issue them once more"),
]


@pytest.mark.parametrize(("role", "address", "button"), MISTAKES, ids=[address for _, address, _ in MISTAKES])
async def test_a_mistake_has_the_focus_and_leads_to_its_field(
    world: World, role: str, address: str, button: str
) -> None:
    page = world.browsers[role].page
    await page.goto(address.format_map(world.ids))
    await page.evaluate("() => { for (const form of document.forms) form.noValidate = true; }")
    await page.evaluate(
        "() => { for (const each of document.querySelectorAll('main input[type=text]')) each.value = ''; }"
    )
    await page.locator("main").get_by_role("button", name=button, exact=True).click()
    summary = page.locator(".error-summary")
    await expect(summary).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    wrong = page.locator("main :focus")
    await expect(wrong).to_have_attribute("aria-invalid", "true")
    await expect(wrong).to_have_accessible_description(re.compile("."))
