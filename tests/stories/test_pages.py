"""Every page for every role: no accessibility violation, nothing clipped, no complaint; phone and desktop, light and dark."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page

from exam_api.app import build
from exam_api.settings import Settings
from tests.stories.looks import problems_of
from tests.stories.pages import NOT_PAGES, PAGES, Shown, get_routes
from tests.stories.seed import Seeds
from tests.stories.visitor import DESKTOP
from tests.stories.world import World, make


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
