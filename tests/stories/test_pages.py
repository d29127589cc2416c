"""Every page for every role: no accessibility violation, nothing clipped, no complaint; phone and desktop, light and dark."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from exam_api.app import build
from exam_api.settings import Settings
from tests.stories.pages import NOT_PAGES, PAGES, Shown, get_routes
from tests.stories.processes import ROOT
from tests.stories.seed import Seeds
from tests.stories.visitor import DESKTOP, PHONE, settled
from tests.stories.world import World, make

AXE = ROOT / ".cache" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Beyond the right edge, unless it scrolls inside something that is itself within the page.
TOO_WIDE = """() => {
  const beyond = (e) => e.getBoundingClientRect().right > innerWidth + 1;
  const scrolls = (e) => e && e !== document.body
    && ((getComputedStyle(e).overflowX !== 'visible' && !beyond(e)) || scrolls(e.parentElement));
  return [...document.querySelectorAll('body *')]
    .filter((e) => e.checkVisibility() && beyond(e) && !scrolls(e.parentElement) && !e.closest('.visually-hidden'))
    .map((e) => e.outerHTML.slice(0, 120));
}"""


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
    problems = {}
    # Contrast is what changes with the light; everything else is looked at once per size.
    for size, viewport in (("desktop", DESKTOP), ("phone", PHONE)):
        await page.set_viewport_size(viewport)  # type: ignore[arg-type]  # a plain dict is a ViewportSize
        for scheme, rules in (
            ("light", {"type": "tag", "values": RULES}),
            ("dark", {"type": "rule", "values": ["color-contrast"]}),
        ):
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]  # both are literals
            await settled(page)
            if found := await violations(page, rules):
                problems[f"{size} {scheme}"] = found
        if wide := await page.evaluate(TOO_WIDE):
            problems[f"{size} too wide"] = wide
    assert not problems, json.dumps(problems, indent=1)
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


async def violations(page: Page, rules: dict[str, Any]) -> list[str]:
    """What axe-core objects to, with the element."""
    if not await page.evaluate("typeof axe !== 'undefined'"):
        await page.evaluate(AXE.read_text() + "; undefined")
    found = await page.evaluate("(rules) => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", rules)
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:160]} ({len(each['nodes'])} nodes; {each['help']})"
        for each in found["violations"]
    ]
