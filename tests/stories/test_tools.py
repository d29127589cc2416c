"""The tools of the room: each by keyboard alone, each open under axe, all back after a reload, and nothing of them in the answers."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.stories import desk
from tests.stories.looks import inspect
from tests.stories.room import answers_of
from tests.stories.seed import Seeds
from tests.stories.test_keyboard import _press, _tab_to
from tests.stories.visitor import PHONE

NAMES = ("calculator", "highlighter", "notes", "eliminate", "line_reader", "zoom", "contrast", "read_aloud")
# A browser's voice, as far as the room uses one: headless Chromium has none.
VOICE = """
  const spoken = window.spoken = [];
  const voice = { lang: "en-GB", localService: true, default: true, name: "Test" };
  Object.defineProperty(window, "speechSynthesis", { value: {
    getVoices: () => [voice, { ...voice, localService: false, name: "Far away" }],
    speak: (words) => { spoken.push([words.text, words.rate]); window.finish = () => words.onend(); },
    cancel: () => {}, addEventListener: () => {},
  } });
  window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""


async def test_every_tool_by_keyboard_alone(visit: Any, seeds: Seeds) -> None:
    visitor = await visit()
    room = await desk.sit_down(visitor, seeds, await desk.publish(seeds), "Kit Keys")
    page = room.page

    panel = await _open_by_keyboard(page, "calculator")
    await _tab_to(page, panel.get_by_label("Calculation", exact=True))
    await page.keyboard.type("0.1+0.2*3")
    await page.keyboard.press("Enter")
    await expect(panel.locator("[data-result]")).to_have_text("= 0.7")
    await page.keyboard.type("*10")  # goes on from the result
    await page.keyboard.press("Enter")
    await expect(panel.get_by_label("Calculation", exact=True)).to_have_value("7")
    await page.keyboard.press("Escape")
    await expect(panel).to_be_hidden()
    await expect(page.locator('[data-tool="calculator"]')).to_be_focused()

    panel = await _open_by_keyboard(page, "highlighter")
    await _press(page, panel.get_by_role("button", name="Next word"))
    await _press(page, panel.get_by_role("button", name="One word more"))
    await expect(panel.locator("[data-status]")).to_have_text("Selected: The harbour")
    await _press(page, panel.get_by_role("button", name="Pink, wavy"))
    await expect(page.locator("#sheet mark")).to_have_text("The harbour")
    await page.keyboard.press("Escape")

    panel = await _open_by_keyboard(page, "notes")
    await _tab_to(page, panel.get_by_role("textbox"))
    await page.keyboard.type("Look again.")
    await page.keyboard.press("Escape")

    await _open_by_keyboard(page, "eliminate")
    strike = room.question("ship").get_by_role("button", name="Strike out: Never")
    await _press(page, strike)
    await expect(strike).to_have_attribute("aria-pressed", "true")
    await expect(room.question("ship").get_by_role("radio", checked=True)).to_have_count(0)

    await _looks_by_keyboard(page)
    await _press(page, page.get_by_role("button", name="All questions"))
    await expect(page.get_by_role("heading", name="All questions")).to_be_focused()
    await _press(page, page.get_by_role("link", name="3. A sum"))
    await expect(room.question("sum").get_by_role("heading")).to_be_focused()
    assert (await room.receipts())["receipts"] == []


async def _looks_by_keyboard(page: Page) -> None:
    """What changes how the room looks and sounds."""
    panel = await _open_by_keyboard(page, "line_reader")
    await _press(page, panel.get_by_role("button", name="One line down"))
    await expect(page.locator(".line-reader")).to_be_visible()
    await _tab_to(page, panel.get_by_role("button", name="Close: Line reader"), backwards=True)
    await page.keyboard.press("Enter")
    await expect(page.locator(".line-reader")).to_be_hidden()

    panel = await _open_by_keyboard(page, "zoom")
    await _tab_to(page, panel.get_by_role("radio", checked=True))
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("#room")).to_have_attribute("data-zoom", "125")
    await page.keyboard.press("Escape")

    panel = await _open_by_keyboard(page, "contrast")
    await _tab_to(page, panel.get_by_role("radio", checked=True))
    await page.keyboard.press("ArrowUp")  # round to the last
    await expect(page.locator("html")).to_have_attribute("data-theme", "contrast-dark")
    await page.keyboard.press("Escape")

    panel = await _open_by_keyboard(page, "read_aloud")
    await expect(panel).to_contain_text("This browser has no voice of its own")
    await page.keyboard.press("Escape")


async def test_a_reload_brings_all_back_and_no_answer_holds_any_of_it(visit: Any, seeds: Seeds) -> None:
    visitor = await visit()
    room = await desk.sit_down(visitor, seeds, await desk.publish(seeds), "Rea Load")
    page = room.page
    panel = await desk.opened(room, "calculator")
    for key in ("1", "divided by", "8", "equals", "add to the memory"):
        await panel.get_by_role("button", name=key, exact=True).click()
    await expect(panel.locator("[data-result]")).to_have_text("Memory: 0.125")
    await (await desk.opened(room, "notes")).get_by_role("textbox").fill("Private.")
    await desk.opened(room, "eliminate")
    await room.question("ship").get_by_role("button", name="Strike out: Never").click()
    panel = await desk.opened(room, "highlighter")
    await page.evaluate(
        """() => {
          const part = document.querySelector('[data-part="item:ship"]');
          const range = document.createRange();
          range.selectNodeContents(part);
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }"""
    )
    await panel.get_by_role("button", name="Yellow").click()
    await (await desk.opened(room, "zoom")).get_by_role("radio", name="150%").check()
    await room.question("ship").get_by_role("radio", name="At night").check()
    await room.saved()

    await page.reload()
    await room.ready()
    await desk.tools_are_there(room)
    await expect(page.locator("#tool-calculator [data-memory]")).to_have_text("0.125")
    await expect(page.locator("#tool-calculator [data-history] li")).to_have_count(1)
    await expect(page.locator("#tool-notes textarea")).to_have_value("Private.")
    await expect(page.locator('.choice-row[data-struck="yes"]')).to_contain_text("Never")
    await expect(page.locator('[data-part="item:ship"] mark[data-pen="1"]').first).to_be_visible()
    await expect(page.locator("#room")).to_have_attribute("data-zoom", "150")
    await expect(page.locator('[data-tool="notes"]')).to_have_attribute("aria-expanded", "true")
    assert answers_of(await room.receipts()) == {"ship": {"choice": ["a"]}}

    # Notes belong to their question; a mark can be taken away again.
    await room.go("sum")
    await expect(page.locator("#tool-notes textarea")).to_have_value("")
    await room.go("ship")
    await page.locator("#tool-highlighter ol button").first.click()
    await expect(page.locator('[data-part="item:ship"] mark')).to_have_count(0)


async def test_a_voice_reads_sentence_by_sentence(visit: Any, seeds: Seeds) -> None:
    visitor = await visit()
    await visitor.context.add_init_script(VOICE)
    room = await desk.sit_down(visitor, seeds, await desk.publish(seeds), "Vera Voice")
    page, panel = room.page, await desk.opened(room, "read_aloud")
    await room.go("sum")
    await panel.get_by_label("Speed").select_option("1.5")
    await panel.get_by_role("button", name="Read the question").click()
    await page.evaluate("finish()")
    await page.evaluate("finish()")
    assert await page.evaluate("spoken") == [
        ["Question 3 of 3 · 1 point", 1.5], ["A sum", 1.5], ["Add 0.1 and 0.2.", 1.5],
    ]  # fmt: skip
    await expect(panel.locator("[data-now]")).to_have_text("Add 0.1 and 0.2.")
    assert await page.evaluate("[...CSS.highlights.get('spoken')].map(String)") == ["Add 0.1 and 0.2."]
    await panel.get_by_role("button", name="Pause").click()
    await panel.get_by_role("button", name="Go on").click()
    assert await page.evaluate("spoken.at(-1)[0]") == "Add 0.1 and 0.2."
    await panel.get_by_role("button", name="Stop").click()
    await expect(panel.locator("[data-now]")).to_have_text("")


async def test_the_page_of_all_questions(visit: Any, seeds: Seeds) -> None:
    visitor = await visit()
    room = await desk.sit_down(visitor, seeds, await desk.publish(seeds), "Olli Overview")
    page = room.page
    await room.question("ship").get_by_role("radio", name="At noon").check()
    await room.go("why")
    await page.get_by_role("button", name="Mark for later").click()
    await page.get_by_role("button", name="Submit…").click()
    await page.get_by_role("button", name="Look at all questions").click()
    lines = page.locator("#overview li")
    assert [(await line.inner_text()).split("\n") for line in await lines.all()] == [
        ["1. When did the ship arrive?", "answered"],
        ["2. Why did nobody see it?", "empty", "marked for later"],
        ["3. A sum", "empty"],
    ]
    await lines.get_by_role("link").nth(1).click()
    await expect(room.question("why")).to_be_visible()
    await expect(page.locator("#overview")).to_be_hidden()


async def test_only_what_the_exam_allows_is_loaded(visit: Any, seeds: Seeds) -> None:
    visitor = await visit()
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    room = await desk.sit_down(visitor, seeds, await desk.publish(seeds, tools=["notes"]), "Nils Notes")
    assert await room.page.locator("[data-tool]").count() == 1
    loaded = {url.split("/tools/")[1].split("?")[0] for url in asked if "/js/room/tools/" in url}
    assert loaded == {"notes.js", "stimulus.js", "overview.js"}


async def test_an_exam_from_right_to_left(visit: Any, seeds: Seeds) -> None:
    visitor = await visit()
    room = await desk.sit_down(visitor, seeds, await desk.arabic(seeds), "Amal Arabic")
    page = room.page
    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    await expect(room.question("ship").get_by_role("heading")).to_have_attribute("lang", "ar")
    side, sheet = await page.locator(".room-side").bounding_box(), await page.locator(".room-sheet").bounding_box()
    assert side is not None
    assert sheet is not None
    assert side["x"] > sheet["x"] + sheet["width"] - 1
    for name in NAMES:
        await desk.opened(room, name)
    await inspect(page, "right to left")


@pytest.mark.parametrize("theme", ["auto", "contrast-light", "contrast-dark"])
async def test_every_open_tool_is_accessible(visit: Any, seeds: Seeds, theme: str) -> None:
    visitor = await visit()
    room = await desk.sit_down(visitor, seeds, await desk.publish(seeds), "Axel Axe")
    page = room.page
    for name in NAMES:
        panel = await desk.opened(room, name)
        if theme == "auto":
            await inspect(page, name)
        if name not in ("eliminate", "contrast"):
            await panel.locator("[data-shut]").click()
    await page.locator(f'#tool-contrast input[value="{theme}"]').check()
    if theme != "auto":
        await inspect(page, theme)
    await page.get_by_role("button", name="All questions").click()
    await inspect(page, f"overview {theme}")


@pytest.mark.parametrize("size", ["200", "400"])
async def test_four_times_the_size_loses_nothing(visit: Any, seeds: Seeds, size: str) -> None:
    visitor = await visit(viewport=PHONE)
    room = await desk.sit_down(visitor, seeds, await desk.publish(seeds), "Zoe Zoom")
    panel = await desk.opened(room, "zoom")
    await panel.locator(f'input[value="{size}"]').check()
    await panel.locator("[data-shut]").click()
    await desk.opened(room, "eliminate")
    for item in ("ship", "why", "sum"):
        await room.go(item)
        await inspect(room.page, f"{item} at {size} %")


async def _open_by_keyboard(page: Page, name: str) -> Locator:
    """By Tab to the tool's button, and Enter: the focus is then on its heading."""
    await _press(page, page.locator(f'[data-tool="{name}"]'))
    panel = page.locator(f"#tool-{name}")
    await expect(panel.locator("h2")).to_be_focused()
    return panel
