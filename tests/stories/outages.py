"""Long outages, each told to its end by one person at one browser: minutes without a network, a closed lid, the last minute."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, expect

from loadtests.faults.browsers import processes_of
from loadtests.faults.proxy import Proxy
from loadtests.platform import free_port
from tests.stories.room import OFFLINE, Room, answers_of, left_for, proven
from tests.stories.seed import Seeds
from tests.stories.visitor import ARGUMENTS, DEVICES, Visitor, executable

AWAY = 120.0  # seconds: two real minutes
ASLEEP = 30.0
SOON = 2000  # ms from coming back until the screen is right
WITHIN = 20.0  # seconds from coming back until everything is proven
FIELDS = ("missing-values", "headline", "free-fall")
# A lid: of a computer's two clocks one goes on while it sleeps, and the other stands still.
LID = """(() => {
  const steady = performance.now.bind(performance);
  let slept = 0;
  performance.now = () => steady() - slept;
  window.wakeAfter = (ms) => { slept += ms; window.back = Date.now(); };
})()"""
# When the network was there again, and when the note about given time stood on the screen.
WATCH = """() => {
  addEventListener("online", () => { window.back = Date.now(); });
  const note = document.getElementById("time-note-text");
  new MutationObserver(() => { window.noted = Date.now(); }).observe(note, { childList: true, characterData: true, subtree: true });
}"""
# How long after coming back the clock on the screen agreed with the server's, whose computer this is.
UNTIL_RIGHT = """(ends) => new Promise((resolve) => {
  const look = () => {
    const parts = document.querySelector("[data-clock-value]").textContent.split(":").map(Number);
    const shown = parts.reduce((all, part) => all * 60 + part, 0);
    if (Math.abs(shown - (ends - Date.now()) / 1000) <= 2) resolve(Date.now() - window.back);
    else if (Date.now() - window.back > 60000) resolve(`shows ${parts.join(":")} for ${new Date(ends).toISOString()}`);
    else setTimeout(look, 50);
  };
  look();
})"""


@dataclass(frozen=True)
class Place:
    """Where a story is told: the platform, the browser, a size, a folder for downloads."""

    seeds: Seeds
    browser: Browser
    device: str
    folder: Path


@asynccontextmanager
async def somebody(place: Place, **options: Any) -> AsyncIterator[Visitor]:
    """A browser that has complained of nothing at the end."""
    options = {**DEVICES[place.device], "accept_downloads": True, **options}
    visitor = await Visitor.come(place.browser, place.seeds.platform.url, **options)
    visitor.context.set_default_timeout(60_000)  # several stories share the machine
    yield visitor
    await visitor.leave()


async def _sit_down(place: Place, visitor: Visitor, name: str, minutes: int = 60) -> tuple[Room, str]:
    """From activation to the question with a text."""
    sitting, (entry,) = await place.seeds.sitting(place.seeds.quiet, name, minutes=minutes)
    await visitor.activate(entry.code)
    room = Room(visitor)
    await room.enter(sitting)
    await room.start()
    await room.go(FIELDS[0])
    return room, sitting


async def _give(place: Place, sitting: str, change: str, reason: str, amount: int = 0) -> None:
    body = {"change": change, "reason": reason, "amount": amount}
    await place.seeds.instructor.call("POST", f"/api/sittings/{sitting}/time", body)


async def _ask(page: Page, path: str) -> dict[str, Any]:
    """What the page itself is answered, by its own way through the network."""
    return dict(await page.evaluate("async (path) => (await fetch(path)).json()", path))


async def _until_right(room: Room) -> int:
    """Milliseconds from coming back until the clock agreed with the server's deadline."""
    attempt = await _ask(room.page, f"/api/attempts/{room.attempt}")
    ends = datetime.fromisoformat(attempt["clock"]["ends_at"]).timestamp() * 1000
    found = await room.page.evaluate(UNTIL_RIGHT, ends)
    assert isinstance(found, int), found
    return found


# --- two minutes without a network ---


async def network(place: Place) -> None:
    """The cable is out. Nothing is typed again, and time that was given meanwhile is there at once."""
    async with somebody(place) as visitor:
        offline = visitor.context.set_offline
        await _two_minutes(place, visitor, lambda: offline(True), lambda: offline(False))


async def server(place: Place) -> None:
    """The network is there and the server is not: a gateway says so for two minutes. The browser believes it is online."""
    port = free_port()
    gateway = Proxy(place.seeds.platform.port, 0)
    way = {"proxy": {"server": f"http://127.0.0.1:{port}", "bypass": "<-loopback>"}}

    async def go() -> None:
        gateway.upstream = free_port()
        for connection in [*gateway.serving]:
            connection.cancel()

    async def come() -> None:
        gateway.upstream = place.seeds.platform.port

    async with gateway.open(port), somebody(place, **way) as visitor:
        await _two_minutes(place, visitor, go, come, soon=None)


async def _two_minutes(
    place: Place,
    visitor: Visitor,
    go: Callable[[], Awaitable[None]],
    come: Callable[[], Awaitable[None]],
    soon: int | None = SOON,
) -> None:
    room, sitting = await _sit_down(place, visitor, "Nora Network")
    await room.write(FIELDS[0], "Before.")
    await room.saved()
    await room.page.evaluate(WATCH)
    since = datetime.now().astimezone()
    await go()
    began = time.monotonic()
    typed = await _type_on(room, began + AWAY - 20)
    await expect(room.words).to_have_text(re.compile(OFFLINE.pattern + " 3 answers wait to be sent."))
    said = re.findall(r"\d\d:\d\d", await room.words.inner_text())[0]
    assert said in {f"{moment:%H:%M}" for moment in (since, since + timedelta(seconds=10))}
    await _give(place, sitting, "extra", "The network was down.", 15)
    await asyncio.sleep(max(0.0, began + AWAY - time.monotonic()))
    assert {item: await room.text(item) for item in FIELDS} == typed
    await come()
    back = time.monotonic()
    await room.page.evaluate("window.back ??= Date.now()")
    await expect(room.page.locator("#time-note-text")).to_contain_text("The network was down.", timeout=WITHIN * 1000)
    await room.saved(patience=WITHIN * 1000)
    assert time.monotonic() - back < WITHIN
    if soon is not None:
        assert await room.page.evaluate("window.noted - window.back") < soon
    assert await _until_right(room) < WITHIN * 1000
    await _all_is_proven(room, typed)


async def _type_on(room: Room, until: float) -> dict[str, str]:
    """In several questions, one after the other; what must stand in their fields at the end."""
    typed = dict.fromkeys(FIELDS, "") | {FIELDS[0]: "Before."}
    for number, item in enumerate(itertools.cycle(FIELDS)):
        await room.go(item)
        await room.field(item).press("End")
        await room.field(item).press_sequentially(f" {number}", delay=30)
        typed[item] += f" {number}"
        await asyncio.sleep(3)
        if time.monotonic() > until:
            return typed
    raise AssertionError("a cycle ends never")


async def _all_is_proven(room: Room, typed: dict[str, str]) -> None:
    """Every entry of this browser has the server's own receipt, in the order of writing."""
    file = await _ask(room.page, f"/api/attempts/{room.attempt}/receipts")
    proven(file)
    journal = await room.journal()
    assert [entry["receipt"] for entry in journal] == file["receipts"]
    assert [entry["created_at"] for entry in journal] == sorted(entry["created_at"] for entry in journal)
    assert {item: answer["text"] for item, answer in answers_of(file).items()} == typed
    assert {item: await room.text(item) for item in FIELDS} == typed


# --- a closed lid ---


async def lid(place: Place) -> None:
    """Time is given, and a break comes and goes, while the computer sleeps in the middle of a word.

    Every process of this browser stands still, as in a sleep. (The browser's own command to freeze a page does nothing to
    a page that is shown, and a driven page always is.)
    """
    async with _computer(place) as (visitor, profile):
        room, sitting = await _sit_down(place, visitor, "Lia Lid")
        await room.write(FIELDS[0], "Before the lid clo")
        for pid in processes_of(profile):
            os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
        try:
            await _give(place, sitting, "extra", "A lesson was too loud.", 10)
            await _give(place, sitting, "pause", "A fire alarm.")
            await asyncio.sleep(5)
            await _give(place, sitting, "resume", "A false one.")
            await asyncio.sleep(max(0.0, began + ASLEEP - time.monotonic()))
        finally:
            for pid in processes_of(profile):
                os.kill(pid, signal.SIGCONT)
        await room.page.evaluate("(ms) => wakeAfter(ms)", (time.monotonic() - began) * 1000)
        assert await _until_right(room) < SOON
        await expect(room.page.locator("#desk")).to_be_visible()
        await expect(room.page.locator("#break")).to_be_hidden()
        await expect(room.page.locator("#stopped")).to_be_hidden()
        await room.field(FIELDS[0]).press_sequentially("ses. And after.")
        await room.saved()
        file = await room.receipts()
        proven(file)
        assert answers_of(file)[FIELDS[0]] == {"text": "Before the lid closes. And after."}


@asynccontextmanager
async def _computer(place: Place) -> AsyncIterator[tuple[Visitor, Path]]:
    """A browser of its own, so that its processes can be told from others."""
    profile = place.folder / f"lid-{place.device}"
    context = await place.browser.browser_type.launch_persistent_context(
        profile,
        executable_path=executable(),
        args=ARGUMENTS,
        base_url=place.seeds.platform.url,
        locale="en-GB",
        **DEVICES[place.device],
    )
    await context.add_init_script(LID)
    visitor = await Visitor.meet(context)
    context.set_default_timeout(60_000)
    yield visitor, profile
    await visitor.leave()


# --- the last minute ---


async def in_grace(place: Place) -> None:
    """The network comes back soon after the end: what was written before it is still taken."""
    async with somebody(place) as visitor:
        room, attempt, _ = await _over_without_network(place, visitor)
        await asyncio.sleep(2)  # the page closes within the last second, and the network comes back after it
        await visitor.context.set_offline(False)
        await left_for(room.page, "/submitted")
        file = await _receipts(room.page, attempt)
        chain = proven(file)
        assert chain.sealed_at is not None
        assert answers_of(file) == {FIELDS[0]: {"text": "In time. And offline."}}
        ended = (await _ask(room.page, f"/api/attempts/{attempt}"))["clock"]["ends_at"]
        last = datetime.fromisoformat(file["receipts"][-1]["received_at"])
        assert last.astimezone(UTC) > datetime.fromisoformat(ended), "it came late, and counts"


async def after_grace(place: Place) -> None:
    """It comes back too late: the server has handed in by itself; the rest is kept beside it, and a file brings it in."""
    async with somebody(place) as visitor:
        room, attempt, file = await _over_without_network(place, visitor)
        held = await _sealed(room.page, attempt)
        assert answers_of(held) == {FIELDS[0]: {"text": "In time."}}
        await expect(room.page.locator("#stopped-text")).to_contain_text("we cannot reach the server")
        await visitor.context.set_offline(False)
        await left_for(room.page, "/submitted")
        await expect(room.page.locator("#leftovers")).to_contain_text(
            "beside your submitted answers", timeout=WITHIN * 1000
        )
        now = await _receipts(room.page, attempt)  # only its place in the public log may have come meanwhile
        assert {**now, "log": None} == {**held, "log": None}, "what is sealed stays as it is"
    async with somebody(place) as staff:
        await staff.be(place.seeds.instructor)
        page = staff.page
        await page.goto(f"/attempts/{attempt}/recovery")
        await page.locator("input[name=file]").set_input_files(file)
        await page.get_by_role("button", name="Look what it holds").click()
        await expect(page.locator("#holds")).to_contain_text("In time. And offline.")
        await expect(page.locator("#holds")).to_contain_text("new: will count")
        await page.get_by_label("Reason").fill("The network of the room was down.")
        await page.get_by_role("button", name="Take it in").click()
        await expect(page.get_by_text("1 answer counts now")).to_be_visible()


async def _over_without_network(place: Place, visitor: Visitor) -> tuple[Room, str, Path]:
    """The last words are typed offline, and the page says how it is when the time is over; the file that it offers."""
    room, _ = await _sit_down(place, visitor, "Eve Ending", minutes=1)
    await room.write(FIELDS[0], "In time.")
    await room.saved()
    await visitor.context.set_offline(True)
    await room.write(FIELDS[0], "In time. And offline.")
    page, attempt = room.page, room.attempt
    await expect(page.locator("#stopped-text")).to_contain_text("we cannot reach the server", timeout=90_000)
    await expect(page.locator("#desk")).to_be_hidden()
    await expect(room.words).to_have_text(re.compile(OFFLINE.pattern + " One answer waits to be sent."))
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="Download the recovery file").click()
    file = place.folder / f"recovery-{attempt}.json"
    await (await waiting.value).save_as(file)
    assert "offline" not in file.read_text().lower(), "only the institution can read it"
    return room, attempt, file


async def _sealed(page: Page, attempt: str) -> dict[str, Any]:
    """The receipts once the server has closed the attempt without any browser."""
    for _ in range(300):
        file = await _receipts(page, attempt)
        if file["seal"]:
            return file
        await asyncio.sleep(0.5)
    raise AssertionError("the server did not hand in")


async def _receipts(page: Page, attempt: str) -> dict[str, Any]:
    """Asked beside the browser's network, which may be away."""
    return dict(await (await page.request.get(f"/api/attempts/{attempt}/receipts")).json())
