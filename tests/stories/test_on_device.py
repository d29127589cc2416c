"""An exam whose pictures stay on the candidate's computer: what is noticed arrives, the pictures do not, and a page that lies is caught."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from playwright.async_api import Browser, Route, expect

from loadtests.publishing import publish
from loadtests.scenes import Kind, scene
from tests.stories.room import Room
from tests.stories.seed import EXAM, Seeds
from tests.stories.visitor import Visitor, chromium

SECOND = 30  # frames that Chromium plays in one
FILM: tuple[tuple[Kind, int], ...] = (("present", 14), ("away", 40))
PATIENCE = 60  # seconds; the film is over by then
EYE = "**/static/js/room/device/eye.js*"
# One calm face in the middle, whatever the camera sees. The light it tells is true: that is the hardest lie to find.
LIE = """
import { Light } from "./light.js";
const light = new Light();
const calm = { faces: [[0.35, 0.25, 0.3, 0.5]], pose: [0, 0, 0], eyes: 0.9, mouth: 0.1 };
export const eyeOf = ({ eyeModel }) => ({ model: eyeModel });
export class Eye {
  static async open() { return new Eye(); }
  async look(bitmap) {
    const { width, height } = bitmap;
    return { seen: { width, height, ...light.measure(bitmap, performance.now()), ...calm }, bitmap };
  }
  close() {}
}
"""

BLIND = """
export const eyeOf = ({ eyeModel }) => ({ model: eyeModel });
export class Eye { static async open() { throw new Error("no WebAssembly here"); } }
"""
WORDS = {
    False: ("can look at your camera's pictures itself", "this computer looks at the pictures itself"),
    True: ("cannot look at your camera's pictures itself", "pictures are sent, as this browser cannot"),
}


def _frames() -> Iterator[bytes]:
    rng, number = np.random.default_rng(11), 0
    for kind, seconds in FILM:
        for _ in range(seconds):
            yield from [scene(kind, rng, number)] * SECOND
            number += 1


@pytest.fixture(scope="module")
async def watching_browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """Chromium before whose camera somebody sits, and then nobody."""
    async with chromium(tmp_path_factory.mktemp("device"), _frames()) as browser:
        yield browser


@pytest.fixture(scope="module")
async def device_exam(seeds: Seeds) -> str:
    """Two questions; the candidates' computers look."""
    few = yaml.safe_load(EXAM.read_text())
    few |= {
        "title": "Two questions, watched at home",
        "proctoring": {"camera": True, "watching": "device"},
        "items": few["items"][:2],
    }
    exam = await seeds.instructor.call("POST", "/api/exams", {"source": yaml.safe_dump(few), "course": "data-literacy"})
    await publish(seeds.instructor, exam["id"])
    return str(exam["id"])


async def _begin(
    browser: Browser, exam: str, seeds: Seeds, name: str, lie: str | None = None, *, sign: bool = False
) -> Room:
    sitting, (entry,) = await seeds.sitting(exam, name)
    visitor = await Visitor.come(browser, seeds.platform.url)
    if lie is not None:

        async def lying(route: Route) -> None:
            await route.fulfill(response=await route.fetch(), body=lie)

        await visitor.context.route(EYE, lying)
    await visitor.activate(entry.code)
    room = Room(visitor)
    await room.enter(sitting)
    await room.photo()
    at_the_door, in_the_room = WORDS[lie == BLIND]
    await expect(room.page.locator("#eye-state")).to_contain_text(at_the_door)
    if sign:
        await _show_a_sign(room)
    await room.start()
    camera = room.page.locator("#camera-state")
    await expect(camera).to_have_attribute("data-state", "on", timeout=30_000)
    await expect(camera).to_contain_text(in_the_room)
    return room


async def _show_a_sign(room: Room) -> None:
    """A film cannot do what it is asked for; the check is judged, and left out in the end."""
    words = room.page.locator("[data-sign-words]")
    await room.page.get_by_role("button", name="Begin the check").click()
    await expect(room.page.locator("#challenge-stage")).to_be_visible()
    await expect(words).to_contain_text(re.compile("did not see it|did not show enough"), timeout=40_000)
    await expect(room.page.locator("#challenge-stage")).to_be_hidden()
    await room.page.get_by_role("button", name="Leave the check out").click()
    await expect(words).to_contain_text("Left out.")


async def _flagged(seeds: Seeds, room: Room, rule: str, *severities: str) -> dict[str, Any]:
    flags: list[dict[str, Any]] = []
    for _ in range(PATIENCE):
        flags = await seeds.instructor.call("GET", f"/api/attempts/{room.attempt}/flags")
        found = [flag for flag in flags if flag["rule"] == rule and flag["severity"] in severities]
        if found:
            return found[0]
        await asyncio.sleep(1)
    raise AssertionError(
        f"only {[(flag['rule'], flag['severity']) for flag in flags]} were flagged\n"
        + seeds.platform.tail("logs/worker.log")
    )


def _pictures(seeds: Seeds, room: Room) -> int:
    """How many pictures of this attempt lie in the store."""
    return sum(1 for file in Path(seeds.platform.folder, "blobs", "frames", room.attempt).glob("*") if file.is_file())


async def test_what_is_noticed_arrives_and_the_pictures_do_not(
    watching_browser: Browser, device_exam: str, seeds: Seeds
) -> None:
    room = await _begin(watching_browser, device_exam, seeds, "Henry Home", sign=True)
    flag = await _flagged(seeds, room, "absence", "medium", "high")
    assert flag["confidence"] < 0.9
    chain = await seeds.instructor.call("GET", f"/api/attempts/{room.attempt}/chain")
    assert chain["whole"]
    assert chain["pieces"] >= 20
    pictures = _pictures(seeds, room)
    assert 1 <= pictures <= 10 < chain["pieces"] / 2  # the beginning of the absence, and the checks of half a minute
    honest = await seeds.instructor.call("GET", f"/api/attempts/{room.attempt}/flags")
    assert not {each["rule"] for each in honest} & {"device_differs", "device_silent"}
    watcher = await Visitor.come(watching_browser, seeds.platform.url)
    await watcher.be(seeds.instructor)
    await watcher.page.goto(f"/reviews/{room.attempt}")
    shown = watcher.page.locator("[data-review-flag]").first
    await expect(shown).to_contain_text("Noted on the candidate's computer")
    await expect(shown.locator("[data-review-evidence] img").first).to_be_attached()
    await watcher.leave()
    await room.visitor.leave()


async def test_a_page_that_always_sees_a_face_is_caught(
    watching_browser: Browser, device_exam: str, seeds: Seeds
) -> None:
    room = await _begin(watching_browser, device_exam, seeds, "Lars Liar", LIE)
    flag = await _flagged(seeds, room, "device_differs", "medium")
    assert "a face was told and none is there" in flag["reason"]
    assert len(flag["evidence"]) >= 2
    assert all(source.startswith("frame:") for source in flag["evidence"])
    await room.visitor.leave()


async def test_a_browser_that_cannot_look_says_so_and_sends_its_pictures(
    watching_browser: Browser, device_exam: str, seeds: Seeds
) -> None:
    room = await _begin(watching_browser, device_exam, seeds, "Berta Blind", BLIND)
    for _ in range(PATIENCE):
        chain = await seeds.instructor.call("GET", f"/api/attempts/{room.attempt}/chain")
        if chain["pieces"] > 5:
            break
        await asyncio.sleep(1)
    assert chain["whole"]
    assert _pictures(seeds, room) >= chain["pieces"] - 5 > 0  # each piece is a picture; some came meanwhile
    await room.visitor.leave()
