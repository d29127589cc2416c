"""An app sends somebody here, they sign in, let it in, and their browser goes back to it; later they end it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import expect

from tests.stories import connected
from tests.stories.seed import Seeds


async def test_let_an_app_in_and_end_it(visit: Any, seeds: Seeds) -> None:
    _, (entry,) = await seeds.sitting(seeds.quiet, "Paul Portfolio")
    visitor = await visit()
    await visitor.activate(entry.code)
    page = visitor.page
    app = await seeds.instructor.call("POST", "/oauth/register", connected.registration())
    await page.route(f"{connected.HOST}/**", lambda route: route.fulfill(body="back at the app"))
    await page.goto(f"/oauth/authorize{connected.QUERY.format(app=app['client_id'])}")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Portfolio of the Distant College")
    await page.get_by_role("button", name="Let it in").click()
    await page.wait_for_url(f"{connected.HOST}/connected?**")
    assert "code=" in urlsplit(page.url).query
    await page.goto(f"{seeds.platform.url}/me/apps")
    await expect(page.get_by_text("portfolio.example")).to_be_visible()
    await page.get_by_role("button", name="End the connection").click()
    await expect(page.get_by_text("No app is connected")).to_be_visible()
