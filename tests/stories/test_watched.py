"""A candidate before a camera and a microphone that play files: what they show is flagged, and the evidence is on the review page."""

from __future__ import annotations

import asyncio
import re
import wave
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
import pytest
import yaml
from playwright.async_api import Browser, Page, expect

from loadtests import sounds
from loadtests.publishing import publish
from loadtests.scenes import Kind, scene
from loadtests.scenes_things import Held, with_phone
from tests.stories.processes import ROOT
from tests.stories.room import Room
from tests.stories.seed import EXAM, Seeds
from tests.stories.visitor import Visitor, chromium

SECOND = 30  # frames that Chromium plays in one
# The check-in opens the camera at the film's beginning, the room again; both then see who should be there.
FILM: tuple[tuple[Kind | Literal["phone"], int], ...] = (
    ("present", 12),
    ("away", 14),
    ("present", 4),
    ("second_person", 8),
    ("phone", 12),
    ("present", 3),
    ("other_person", 24),
)
PHONE = Held(0.05, x=0.25, y=0.6, turn=8, tilt=0.05)
MODELS = ROOT / ".cache" / "models"
WHOLE = sum(seconds for _, seconds in FILM)
# Rules, and the model that each needs beside those that are always there.
RULES = {"absence": None, "several_faces": None, "other_person": None, "speech": "silero_vad", "phone_seen": "yolox"}


def _frames() -> Iterator[bytes]:
    rng, number = np.random.default_rng(7), 0
    for kind, seconds in FILM:
        for _ in range(seconds):
            yield from [_frame(kind, number, rng)] * SECOND
            number += 1


def _frame(kind: Kind | Literal["phone"], number: int, rng: np.random.Generator) -> bytes:
    if kind != "phone":
        return scene(kind, rng, number)
    picture = cv2.imdecode(np.frombuffer(scene("present", rng, number), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    held = with_phone(np.asarray(picture, np.uint8), "dark_screen", PHONE, rng)
    return cv2.imencode(".jpg", held, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()


def _sound(file: Path) -> Path:
    """As long as the film; somebody talks for twenty seconds of it."""
    rng = np.random.default_rng(3)
    heard = sounds.after(sounds.room(rng, 14), sounds.voice(rng, 20), sounds.room(rng, WHOLE - 34))
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(sounds.RATE)
        out.writeframes(heard.tobytes())
    return file


@pytest.fixture(scope="module")
async def watched_browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """Chromium whose camera and microphone play the story."""
    folder = tmp_path_factory.mktemp("watched")
    async with chromium(folder, _frames(), _sound(folder / "microphone.wav")) as browser:
        yield browser


@pytest.fixture(scope="module")
async def watched_exam(seeds: Seeds) -> str:
    """Two questions, with camera, microphone and the screen."""
    few = yaml.safe_load(EXAM.read_text())
    few |= {
        "title": "Two questions, watched",
        "proctoring": {"camera": True, "microphone": True, "screen": True},
        "items": few["items"][:2],
    }
    exam = await seeds.instructor.call("POST", "/api/exams", {"source": yaml.safe_dump(few), "course": "data-literacy"})
    await publish(seeds.instructor, exam["id"])
    return str(exam["id"])


async def _flags(seeds: Seeds, attempt: str, wanted: set[str], patience: int) -> list[dict[str, Any]]:
    """The attempt's flags, once these rules have fired; the film starts over, so each has more than one chance."""
    for _ in range(patience):
        flags: list[dict[str, Any]] = await seeds.instructor.call("GET", f"/api/attempts/{attempt}/flags")
        if wanted <= {flag["rule"] for flag in flags}:
            return flags
        await asyncio.sleep(1)
    raise AssertionError(
        f"only {sorted({flag['rule'] for flag in flags})} were flagged\n" + seeds.platform.tail("logs/worker.log")
    )


async def _clip(seeds: Seeds, attempt: str) -> None:
    for _ in range(120):
        if any(clip["url"] for clip in await seeds.instructor.call("GET", f"/api/attempts/{attempt}/clips")):
            return
        await asyncio.sleep(1)
    raise AssertionError("no video came\n" + seeds.platform.tail("logs/web.log"))


async def test_what_is_seen_and_heard_is_flagged_with_its_evidence(
    watched_browser: Browser, watched_exam: str, seeds: Seeds
) -> None:
    sitting, (entry,) = await seeds.sitting(watched_exam, "Wanda Watched")
    visitor = await Visitor.come(watched_browser, seeds.platform.url)
    await visitor.activate(entry.code)
    room = Room(visitor)
    await room.enter(sitting)
    await room.photo()
    await _calibrate(room.page)
    await expect(room.page.locator("[data-check='microphone']")).to_have_attribute("data-state", "works")
    await room.start()
    await room.page.get_by_role("button", name="Share the screen").click()
    await expect(room.page.locator("[data-share-words]")).to_contain_text("What it shows stays on this computer.")
    await expect(room.page.locator("#camera-state")).to_have_attribute("data-state", "on", timeout=30_000)

    wanted = {rule for rule, model in RULES.items() if model is None or any((MODELS / model).glob("*.onnx"))}
    flags = await _flags(seeds, room.attempt, wanted, 4 * WHOLE)
    for flag in flags:
        if flag["rule"] in wanted:
            kind = "sound:" if flag["rule"] == "speech" else "frame:"
            assert any(source.startswith(kind) for source in flag["evidence"]), flag
    await _clip(seeds, room.attempt)

    watcher = await Visitor.come(watched_browser, seeds.platform.url)
    await watcher.be(seeds.instructor)
    await _review_shows(watcher.page, room.attempt, wanted)
    await watcher.page.goto(f"/sittings/{sitting}/live")
    await expect(watcher.page.locator("#live tbody tr").first).to_contain_text("flag")
    await watcher.leave()
    await visitor.leave()


async def _calibrate(page: Page) -> None:
    """Five points one after the other; the dot moves, then the page is as it was."""
    await page.get_by_role("button", name="Begin", exact=True).click()
    await expect(page.locator("#calibration-stage")).to_be_visible()
    await expect(page.locator("[data-calibration-words]")).to_contain_text("Sent.", timeout=40_000)
    await expect(page.locator("#calibration-stage")).to_be_hidden()


async def _review_shows(page: Page, attempt: str, rules: set[str]) -> None:
    """Pictures can be seen, sounds and the video can be played, by keyboard alone."""
    await page.goto(f"/reviews/{attempt}")
    pictures = page.locator("[data-review-flag] [data-review-evidence] img")
    await pictures.first.scroll_into_view_if_needed()
    await page.wait_for_function(
        "(img) => img.complete && img.naturalWidth > 0", arg=await pictures.first.element_handle(), timeout=20_000
    )
    video = page.locator("[data-review-flag]:has(video[data-review-player])").first
    await video.focus()
    await page.keyboard.press("v")
    player = video.locator("video")
    await expect(player).to_have_js_property("error", None)
    await page.wait_for_function(
        "(video) => video.videoWidth > 0 && video.currentTime > 0", arg=await player.element_handle(), timeout=30_000
    )
    await page.keyboard.press("v")
    await expect(player).to_have_js_property("paused", True)
    if "speech" in rules:
        heard = page.locator("[data-review-flag] audio[data-review-player]").first
        await expect(heard).to_be_attached()
        answer = await page.request.get(str(await heard.get_attribute("src")))
        assert answer.ok
        assert re.match(r"audio/(webm|mp4)", answer.headers["content-type"])
