"""What a question asks of a program, where an output leaves the expected one, and an author who tries before publishing."""

from __future__ import annotations

import os
from typing import Any

import pytest
from playwright.async_api import Page, expect

from loadtests.publishing import publish
from tests.stories.looks import inspect
from tests.stories.processes import docker_host
from tests.stories.room import Room
from tests.stories.seed import Seeds
from tests.stories.test_programs import DOUBLE, source
from tests.stories.visitor import PHONE

pytestmark = pytest.mark.skipif(docker_host() is None, reason="programs need a Docker engine")

LINES: dict[str, Any] = {
    "id": "lines",
    "kind": "code",
    "title": "Lines",
    "prompt": "Print the first ten numbers, one in each line.",
    "points": 3,
    "languages": ["python", "c"],
    "forbid": {"imports": ["os"], "words": ["eval"]},
    "tests": [
        {"name": "ten", "expect": "".join(f"{n}\n" for n in range(1, 11))},
        {"name": "ten again", "expect": "".join(f"{n}\n" for n in range(1, 11)), "hidden": True},
    ],
    "groups": [{"name": "all", "points": 3, "rule": "all", "tests": ["ten", "ten again"]}],
    "reference": {"language": "python", "source": "for n in range(1, 11): print(n)\n"},
}
CALLED: dict[str, Any] = {
    "id": "twice",
    "kind": "code",
    "title": "Twice",
    "prompt": "Write a function that doubles each number of a list.",
    "points": 2,
    "language": "python",
    "mode": "function",
    "function": "twice",
    "starter": "def twice(numbers):\n    ...\n",
    "tests": [{"name": "some", "args": [[1, 2, 3]], "returns": [2, 4, 6]}],
    "reference": {"language": "python", "source": "def twice(numbers):\n    return [2 * n for n in numbers]\n"},
}


async def shot(page: Page, name: str) -> None:
    if shots := os.environ.get("PROGRAM_SHOTS"):
        await page.screenshot(path=f"{shots}/{name}.png", full_page=True)


async def test_a_candidate_reads_what_is_asked_and_sees_what_differs(visit: Any, seeds: Seeds) -> None:
    made = await seeds.instructor.call("POST", "/api/exams", {"source": source(LINES, CALLED)})
    await publish(seeds.instructor, made["id"])
    sitting, (entry,) = await seeds.sitting(str(made["id"]), "Lina Lines")
    visitor = await visit()
    await visitor.activate(entry.code)
    room = Room(visitor)
    await room.enter(sitting)
    await room.start()
    page, question, field = room.page, room.question("lines"), room.field("lines")
    asked = question.locator(".asked")
    await expect(asked).to_contain_text("Each test in Python 3: at most 2 s of computing time and 256 MB.")
    await expect(asked).to_contain_text("Please import none of these: os")
    await expect(asked).to_contain_text("Group “all”: 3 points once all its tests pass.")
    await field.fill("import os\nfor n in range(1, 10): print(n if n != 4 else 'four')")
    await question.get_by_role("button", name="Run the tests").click()
    await expect(question.locator("[data-trial-status]")).to_have_text("Ran 1 test: 0 passed.")
    result = question.locator("[data-trial-result]")
    await expect(result).to_contain_text("The first difference is in line 4; what differs is marked.")
    await expect(result).to_contain_text("os")
    printed = question.get_by_role("group", name="What the program printed")
    await expect(printed.locator("mark").first).to_have_text("four")
    await shot(page, "difference-light")
    await inspect(page, "a difference")
    await page.emulate_media(color_scheme="dark")
    await page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a plain dict is a ViewportSize
    await shot(page, "difference-phone-dark")
    await room.saved()

    await room.go("twice")
    question, field = room.question("twice"), room.field("twice")
    await expect(question.locator(".asked")).to_contain_text("The tests call the function twice.")
    await field.fill("def twice(numbers):\n    return [2 * n for n in numbers[1:]]\n")
    await expect(question.get_by_role("button", name="Run the tests")).to_be_enabled()
    await page.wait_for_timeout(3000)
    await question.get_by_role("button", name="Run the tests").click()
    await expect(question.locator("[data-trial-status]")).to_have_text("Ran 1 test: 0 passed.")
    await expect(question.get_by_role("group", name="Call")).to_have_text("twice([1, 2, 3])")
    await expect(question.get_by_role("group", name="What the function returned")).to_have_text("[4, 6]")
    await page.wait_for_timeout(3000)
    await question.get_by_text("Run with a call of your own").click()
    await question.locator("[data-trial-input]").fill("[[5, 6]]")
    await question.get_by_role("button", name="Run this call").click()
    await expect(question.get_by_role("group", name="What the function returned")).to_have_text("[12]")
    await shot(page, "call-phone-dark")
    await room.saved()


async def test_an_author_tries_before_publishing(visit: Any, seeds: Seeds) -> None:
    wrong = {**LINES, "reference": {"language": "python", "source": "print(1)\n"}}
    made = await seeds.instructor.call("POST", "/api/exams", {"source": source(wrong, DOUBLE)})
    visitor = await visit()
    await visitor.be(seeds.instructor)
    page = visitor.page
    await page.goto(f"/exams/{made['id']}/items/lines")
    await expect(page.get_by_label("Its tests, one name in each line").first).to_have_value("ten\nten again")
    await shot(page, "form-light")
    await inspect(page, "the form of a program")
    await page.get_by_role("button", name="Save and try the reference solution").click()
    await expect(
        page.get_by_text("The reference solutions do not pass, so this draft is not published.")
    ).to_be_visible(timeout=60_000)
    await expect(page.locator("main")).to_contain_text("The reference solution fails the test 'ten'")
    await page.locator(f'main a[href="/exams/{made["id"]}/items/lines"]').last.click()
    await page.get_by_label("Reference solution", exact=False).first.fill("for n in range(10): print(n + 1)")
    await page.get_by_role("button", name="Save and try the reference solution").click()
    await expect(page.get_by_text("The reference solutions pass, and leave two thirds")).to_be_visible(timeout=60_000)
    await expect(page.get_by_role("button", name="Publish version 1")).to_be_visible()
    await shot(page, "tried-light")
    await inspect(page, "references that pass")
    await page.get_by_role("button", name="Publish version 1").click()
    await expect(page.get_by_text("Published. This version can no longer change.")).to_be_visible()
