"""An exam that offers every tool, and somebody who sits in its room."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import yaml
from playwright.async_api import Locator, expect

from grading.room import TOOLS
from tests.stories.room import Room
from tests.stories.seed import Seeds
from tests.stories.visitor import Visitor

FORMULA = r" Recall $\frac{a}{b} \le \sqrt{c}$." if find_spec("latex2mathml") else ""
LETTER = (
    "The harbour was quiet. Nobody had seen the ship arrive.\n\n" + "It lay there as if it had always been there. " * 12
)
OPTIONS = [
    {"id": name, "text": text} for name, text in zip("abcd", ("At night", "At noon", "Never", "Twice"), strict=True)
]
ITEMS: list[dict[str, Any]] = [
    {
        "id": "ship",
        "kind": "choice",
        "title": "When did the ship arrive?",
        "prompt": f"Read the text. The answer is not in the first sentence.{FORMULA}",
        "points": 1,
        "stimulus": "harbour",
        "options": OPTIONS,
        "correct": ["a"],
    },
    {
        "id": "why",
        "kind": "essay",
        "title": "Why did nobody see it?",
        "prompt": "Write two sentences.",
        "points": 2,
        "stimulus": "harbour",
        "rubric": [{"text": "A reason", "points": 2}],
    },
    {"id": "sum", "kind": "numeric", "title": "A sum", "prompt": "Add 0.1 and 0.2.", "points": 1, "value": 0.3},
]
ARABIC: list[dict[str, Any]] = [
    {
        "id": "ship",
        "kind": "choice",
        "title": "متى وصلت السفينة؟",
        "prompt": "اقرأ النص. الجواب ليس في الجملة الأولى.",
        "points": 1,
        "stimulus": "harbour",
        "options": [{"id": "a", "text": "في الليل"}, {"id": "b", "text": "في الظهر"}],
        "correct": ["a"],
    },
    {"id": "why", "kind": "short", "title": "لماذا؟", "prompt": "اكتب جملة.", "points": 1, "answers": ["لا أحد"]},
]


async def publish(seeds: Seeds, **change: Any) -> str:
    """A published exam with every tool, a text beside two of its questions, and no camera; its id."""
    exam = {
        "title": "The harbour",
        "duration_minutes": 60,
        "pass_percent": 50,
        "tools": list(TOOLS),
        "stimuli": [{"id": "harbour", "title": "A report", "text": LETTER}],
        "items": ITEMS,
        **change,
    }
    made = await seeds.instructor.call("POST", "/api/exams", {"source": yaml.safe_dump(exam, allow_unicode=True)})
    await seeds.instructor.call("POST", f"/api/exams/{made['id']}/publish")
    return str(made["id"])


async def arabic(seeds: Seeds) -> str:
    """The same in a language that runs from right to left."""
    stimuli = [{"id": "harbour", "title": "تقرير", "text": "كان الميناء هادئا. لم ير أحد السفينة."}]
    return await publish(seeds, title="الميناء", language="ar", stimuli=stimuli, items=ARABIC)


async def sit_down(visitor: Visitor, seeds: Seeds, exam: str, name: str) -> Room:
    """From activation to the first question."""
    sitting, (entry,) = await seeds.sitting(exam, name)
    await visitor.activate(entry.code)
    room = Room(visitor)
    await room.enter(sitting)
    await room.start()
    await tools_are_there(room)
    return room


async def tools_are_there(room: Room) -> None:
    """Every module has arrived."""
    await expect(room.page.locator("#tools")).to_have_attribute("data-ready", "yes")


async def opened(room: Room, name: str) -> Locator:
    """A tool's panel, opened by its button."""
    button = room.page.locator(f'[data-tool="{name}"]')
    if not await button.is_visible():
        await room.page.locator(".tools__box > summary").click()
    if await button.get_attribute("aria-expanded") == "false":
        await button.click()
    panel = room.page.locator(f"#tool-{name}")
    await expect(panel).to_be_visible()
    return panel
