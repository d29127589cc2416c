"""An exam whose answers are drawn, handed in and spoken, and somebody who sits in its room."""

from __future__ import annotations

from typing import Any

import yaml
from playwright.async_api import Locator, expect

from tests.grading.test_content import picture
from tests.stories.room import Room
from tests.stories.seed import Seeds
from tests.stories.visitor import Visitor

PHOTO = picture("PNG", (640, 480))
ITEMS: list[dict[str, Any]] = [
    {"id": "draw", "kind": "drawing", "title": "A circuit", "prompt": "Draw a lamp and a battery.", "points": 2},
    {"id": "sheet", "kind": "file", "title": "Your notes", "prompt": "Hand in a photo of them.", "points": 2}
    | {"types": ["png", "pdf", "txt"], "most_files": 2, "most_mib": 30},
    {"id": "speak", "kind": "recording", "title": "Read aloud", "prompt": "Read the text.", "points": 2}
    | {"media": "audio", "most_seconds": 60},
    {"id": "show", "kind": "recording", "title": "Show it", "prompt": "Show how you hold the pen.", "points": 2}
    | {"media": "video", "most_seconds": 20},
]


async def publish(seeds: Seeds) -> str:
    """The published exam; its id."""
    rubric = {"rubric": [{"text": "What was asked for", "points": 2}]}
    exam = {
        "title": "Hand and voice",
        "duration_minutes": 60,
        "pass_percent": 50,
        "items": [{**item, **rubric} for item in ITEMS],
    }
    made = await seeds.instructor.call("POST", "/api/exams", {"source": yaml.safe_dump(exam, allow_unicode=True)})
    await seeds.instructor.call("POST", f"/api/exams/{made['id']}/publish")
    return str(made["id"])


async def sit_down(visitor: Visitor, seeds: Seeds, exam: str, name: str) -> tuple[Room, str]:
    """From activation to the first question; the room, and the sitting."""
    sitting, (entry,) = await seeds.sitting(exam, name)
    await visitor.activate(entry.code)
    room = Room(visitor)
    await room.enter(sitting)
    await room.start()
    return room, sitting


async def line(room: Room, *points: tuple[float, float]) -> None:
    """Draw from point to point, in shares of the sheet, with the mouse."""
    sheet = room.question("draw").locator("canvas")
    await sheet.scroll_into_view_if_needed()
    box = await sheet.bounding_box()
    assert box is not None
    mouse = room.page.mouse
    for number, (x, y) in enumerate(points):
        await mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=5 if number else 1)
        if not number:
            await mouse.down()
    await mouse.up()


async def choose(room: Room, name: str, content: bytes, kind: str = "image/png") -> None:
    """A file in the field of the question about notes."""
    field = room.question("sheet").locator("input[type=file]")
    await field.set_input_files({"name": name, "mimeType": kind, "buffer": content})


def rows(room: Room) -> Locator:
    return room.question("sheet").locator("[data-file-list] > li")


async def strokes(room: Room) -> int:
    """How many lines the newest saved drawing has."""
    paper = (await room.receipts())["answers"]
    drawn = [answer for _, answer in sorted(paper.items(), key=lambda each: int(each[0])) if "strokes" in answer]
    return len(drawn[-1]["strokes"]) if drawn else 0


async def is_there(part: Locator) -> None:
    await expect(part).to_be_visible()
