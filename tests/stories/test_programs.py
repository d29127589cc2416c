"""Writing and trying programs in a real browser: colours, keys, trials on real code, several files; then the author's side."""

from __future__ import annotations

import asyncio
import os
import re
from typing import Any

import pytest
import yaml
from playwright.async_api import Locator, expect

from loadtests.publishing import publish
from tests.stories.looks import inspect
from tests.stories.processes import docker_host
from tests.stories.room import Room
from tests.stories.seed import Seeds
from tests.stories.visitor import PHONE, Visitor

pytestmark = pytest.mark.skipif(docker_host() is None, reason="programs need a Docker engine")

DOUBLE: dict[str, Any] = {
    "id": "double",
    "kind": "code",
    "title": "Double",
    "prompt": "Read a number and print its double.",
    "points": 2,
    "language": "python",
    "starter": "number = int(input())\n",
    "reference": {"language": "python", "source": "print(2 * int(input()))\n"},
    "tests": [
        {"name": "small", "stdin": "2\n", "expect": "4\n"},
        {"name": "nothing", "stdin": "0\n", "expect": "0\n"},
        {"name": "secret", "stdin": "21\n", "expect": "42\n", "hidden": True},
    ],
}
PARTS: dict[str, Any] = {
    "id": "parts",
    "kind": "code",
    "title": "In parts",
    "prompt": "Put the function into a file of its own.",
    "points": 2,
    "languages": ["python", "c"],
    "most_files": 3,
    "reference": {"language": "python", "source": "print('hello')\n"},
    "tests": [{"name": "greeting", "expect": "hello\n"}],
}


def source(*items: dict[str, Any], title: str = "Programs") -> str:
    exam = {"title": title, "duration_minutes": 60, "pass_percent": 50, "items": list(items)}
    return yaml.safe_dump(exam, allow_unicode=True, sort_keys=False)


async def sit_down(visitor: Visitor, seeds: Seeds, name: str) -> Room:
    made = await seeds.instructor.call("POST", "/api/exams", {"source": source(DOUBLE, PARTS)})
    await publish(seeds.instructor, made["id"])
    sitting, (entry,) = await seeds.sitting(str(made["id"]), name)
    await visitor.activate(entry.code)
    room = Room(visitor)
    await room.enter(sitting)
    await room.start()
    return room


async def write(field: Locator, text: str) -> None:
    """Type it as hands do, from an empty field."""
    await field.fill("")
    await field.press_sequentially(text)


async def test_a_program_is_written_tried_and_saved(visit: Any, seeds: Seeds) -> None:
    room = await sit_down(await visit(), seeds, "Dora Double")
    page, question, field = room.page, room.question("double"), room.field("double")
    status = question.locator("[data-trial-status]")
    editor = question.locator("[data-editor]")
    await expect(editor).to_have_attribute("data-lit", "")
    await expect(question.locator(".hljs-built_in").first).to_have_text("int")
    await write(field, "if True:\nnumber = int(input())\nprint(number)")
    expected = "if True:\n    number = int(input())\n    print(number)"  # Enter keeps the indent
    await expect(field).to_have_value(expected)
    await expect(question.locator("[data-editor-text]")).to_have_js_property(
        "innerText", expected
    )  # drawn a moment later
    assert (await question.locator("[data-editor-numbers]").text_content() or "").split() == ["1", "2", "3"]
    await question.get_by_role("button", name="Run the tests").click()
    await expect(status).to_have_text("Ran 2 tests: 1 passed.")
    wrong = question.locator(".trial__test", has_text="small")
    await expect(wrong).to_contain_text("the output is not the expected one")
    await expect(wrong.get_by_role("group", name="What the program printed")).to_have_text("2\n")
    await expect(question.locator("[data-trial-result]")).not_to_contain_text("secret")
    if shots := os.environ.get("PROGRAM_SHOTS"):
        await page.screenshot(path=f"{shots}/desktop-light.png", full_page=True)
    await inspect(page, "a program that was tried")
    await question.get_by_role("button", name="Run the tests").click()
    await expect(status).to_have_text(re.compile("Ran 2 tests|every 3 seconds"))
    await room.saved()
    await asyncio.sleep(3)

    await field.fill("print(2 * int(input()))")
    await question.get_by_role("button", name="Run the tests").click()
    await expect(status).to_have_text("Ran 2 tests: 2 passed.")
    await asyncio.sleep(3)
    await question.get_by_text("Run with an input of your own").click()
    await question.locator("[data-trial-input]").fill("<b>1</b>")
    await question.get_by_role("button", name="Run with this input").click()
    await expect(status).to_contain_text("the program stopped with an error")
    await expect(question.get_by_role("group", name="Errors and messages")).to_contain_text("<b>1</b>")
    await room.saved()
    await page.reload()
    await room.ready()
    await expect(field).to_have_value("print(2 * int(input()))")


async def test_the_keyboard_is_not_caught_and_long_programs_stay_quick(visit: Any, seeds: Seeds) -> None:
    room = await sit_down(await visit(), seeds, "Kim Keys")
    page, question, field = room.page, room.question("double"), room.field("double")
    await write(field, "x")
    await page.keyboard.press("Home")
    await page.keyboard.press("Tab")
    await expect(field).to_have_value("    x")
    await page.keyboard.press("Control+z")
    await expect(field).to_have_value("x")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Tab")
    await expect(question.get_by_role("button", name="Run the tests")).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await expect(field).to_be_focused()
    long = "".join(f"value_{n} = {n}  # a remark\n" for n in range(1000))
    await field.fill(long[:29_000])
    await expect(question.locator("[data-editor]")).to_have_attribute("data-lit", "")
    await expect(question.locator(".hljs-comment").last).to_be_attached()
    took = await field.evaluate(
        """(field) => { const from = performance.now();
        for (let n = 0; n < 20; n++) { field.setRangeText('y', 500, 500, 'end'); field.dispatchEvent(new Event('input', {bubbles: true})); }
        return (performance.now() - from) / 20; }"""
    )
    assert took < 200, (
        f"{took:.1f} ms for a key"
    )  # 30 alone on a machine; this only finds what is out of all proportion
    await field.fill(long + long[:6_000])
    await expect(question.locator("[data-editor]")).not_to_have_attribute("data-lit", "")
    await room.saved()


async def test_several_files_in_one_of_several_languages(visit: Any, seeds: Seeds) -> None:
    room = await sit_down(await visit(), seeds, "Paula Parts")
    await room.go("parts")
    page, question, field = room.page, room.question("parts"), room.field("parts")
    await field.fill("from greet import hello\nprint(hello())")
    await question.get_by_label("Name of a new file").fill("../bad")
    await question.get_by_role("button", name="Add").click()
    await expect(question.get_by_role("alert")).to_contain_text("A name has letters")
    await question.get_by_label("Name of a new file").fill("greet.py")
    await question.get_by_role("button", name="Add").click()
    await expect(question.get_by_role("tab", name="greet.py")).to_have_attribute("aria-selected", "true")
    await field.fill("def hello():\n    return 'hello'")
    await question.get_by_role("button", name="Run the tests").click()
    await expect(question.locator("[data-trial-status]")).to_have_text("Ran 1 test: 1 passed.")
    await inspect(page, "several files")
    await room.saved()
    await page.reload()
    await room.ready()
    await expect(question.get_by_role("tab")).to_have_count(2)
    await question.get_by_role("tab", name="greet.py").click()
    await expect(field).to_have_value("def hello():\n    return 'hello'")
    await question.get_by_role("button", name="Remove this file").click()
    await expect(question.get_by_role("tab")).to_have_count(1)
    await question.get_by_label("Language").select_option("c")
    await expect(question.get_by_role("tab")).to_have_text("main.c")
    await expect(field).to_have_value("from greet import hello\nprint(hello())")
    await room.saved()


async def test_on_a_phone_in_the_dark(visit: Any, seeds: Seeds) -> None:
    room = await sit_down(await visit(viewport=PHONE), seeds, "Fay Phone")
    page, question, field = room.page, room.question("double"), room.field("double")
    await page.emulate_media(color_scheme="dark")
    await field.fill(
        "# a remark\nfor n in range(3):\n    print('a long line that goes on and on beyond the edge of the phone', n)\n"
    )
    await question.get_by_role("button", name="Run the tests").click()
    await expect(question.locator("[data-trial-status]")).to_have_text("Ran 2 tests: 0 passed.")
    if shots := os.environ.get("PROGRAM_SHOTS"):
        await page.screenshot(path=f"{shots}/phone-dark.png", full_page=True)
    await inspect(page, "a program on a phone")


async def test_an_author_hears_why_nothing_is_published(visit: Any, seeds: Seeds) -> None:
    wrong = {**DOUBLE, "reference": {"language": "python", "source": "print(3)\n"}, "limits": {"memory_mib": 24}}
    made = await seeds.instructor.call("POST", "/api/exams", {"source": source(wrong)})
    visitor = await visit()
    await visitor.be(seeds.instructor)
    page = visitor.page
    await page.goto(f"/exams/{made['id']}/publish")
    await page.get_by_role("button", name="Publish version 1").click()
    await expect(
        page.get_by_text("The reference solutions do not pass, so this draft is not published.")
    ).to_be_visible(timeout=60_000)
    await expect(page.locator("main")).to_contain_text("The reference solution fails the test 'small'")
    if shots := os.environ.get("PROGRAM_SHOTS"):
        await page.screenshot(path=f"{shots}/refused.png", full_page=True)
    await inspect(page, "a publication that was refused")
    await page.locator(f'main a[href="/exams/{made["id"]}/items/double"]').last.click()
    await page.get_by_label("Reference solution", exact=False).first.fill("print(2 * int(input()))")
    await page.get_by_label("Memory, MiB").fill("256")
    await page.get_by_role("button", name="Save the question").click()
    await page.goto(f"/exams/{made['id']}/publish")
    await page.get_by_role("button", name="Publish version 1").click()
    await expect(page.get_by_text("This draft is published as version 1.")).to_be_visible(timeout=60_000)
