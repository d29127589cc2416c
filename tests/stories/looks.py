"""How a page looks to axe-core, and whether it fits: on a phone and a desktop, in the light and in the dark."""

from __future__ import annotations

import json
from typing import Any

from playwright.async_api import Page

from tests.stories.processes import ROOT
from tests.stories.visitor import DESKTOP, PHONE, settled

AXE = ROOT / ".cache" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
ZOOMED = {"width": 320, "height": 256}  # 1280 by 1024 at 400 %: nothing is read by scrolling sideways (WCAG 1.4.10)
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


async def problems_of(page: Page) -> dict[str, list[str]]:
    """What is wrong at each size and in each light. The page is as large as before afterwards."""
    before = page.viewport_size or DESKTOP
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
    await page.set_viewport_size(ZOOMED)  # type: ignore[arg-type]  # as above
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    await settled(page)
    if wide := await page.evaluate(TOO_WIDE):
        problems["at 400 % zoom too wide"] = wide
    await page.set_viewport_size(before)  # type: ignore[arg-type]  # as above
    return problems


async def inspect(page: Page, what: str) -> None:
    """Nothing is wrong with this state of the page."""
    problems = await problems_of(page)
    assert not problems, f"{what}: {json.dumps(problems, indent=1)}"


async def violations(page: Page, rules: dict[str, Any]) -> list[str]:
    """What axe-core objects to, with the element."""
    if not await page.evaluate("typeof axe !== 'undefined'"):
        await page.evaluate(AXE.read_text() + "; undefined")
    found = await page.evaluate("(rules) => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", rules)
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:160]} ({len(each['nodes'])} nodes; {each['help']})"
        for each in found["violations"]
    ]
