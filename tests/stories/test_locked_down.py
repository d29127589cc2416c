"""A locked-down sitting in a real browser that plays Safe Exam Browser: it hashes addresses as the real clients do.

Once as the clients for macOS and iOS do it (the page asks for new hashes), once as the one for Windows (headers of every
request). The real program is for Windows, macOS and iOS and runs in none of our tests.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import httpx
import yaml
from playwright.async_api import BrowserContext, Route, expect

from lockdown import config_key, read
from tests.stories.room import Room, answers_of, left_for
from tests.stories.seed import Seeds
from tests.stories.visitor import Visitor

EXAM = {
    "title": "Behind a lock",
    "duration_minutes": 60,
    "pass_percent": 50,
    "proctoring": {"browser": "locked-down"},
    "certificate": {"name": "Locked", "description": "It was sat behind a lock.", "criteria": "One right answer."},
    "items": [
        {
            "id": "lock",
            "kind": "short",
            "title": "A lock",
            "prompt": "What opens it?",
            "points": 1,
            "answers": ["a key"],
        }
    ],
}
# As the clients for macOS and iOS: hashes of an address are there after they were asked for.
PLAYED = """(key) => {
  window.sebKey = key;
  const security = { configKey: "", browserExamKey: "", updateKeys: async (told) => {
    const bytes = new TextEncoder().encode(location.href.split("#")[0] + window.sebKey);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    security.configKey = [...hash].map((each) => each.toString(16).padStart(2, "0")).join("");
    told();
  } };
  window.SafeExamBrowser = { version: "a player of it", security };
}"""
COVERED = "The questions are covered"


async def publish(seeds: Seeds) -> str:
    made = await seeds.instructor.call("POST", "/api/exams", {"source": yaml.safe_dump(EXAM)})
    await seeds.instructor.call("POST", f"/api/exams/{made['id']}/publish")
    return str(made["id"])


async def key_of(visitor: Visitor, sitting: str) -> str:
    """From the settings file that the candidate downloads."""
    answer = await visitor.context.request.get(f"/sittings/{sitting}/settings.seb")
    assert answer.ok
    return config_key(read(await answer.body()))


async def play_page(visitor: Visitor, key: str) -> None:
    await visitor.context.add_init_script(f"({PLAYED})({key!r})")


async def play_headers(context: BrowserContext, keys: list[str]) -> None:
    """As the client for Windows; the newest of `keys` is the one it runs with."""

    async def with_hash(route: Route) -> None:
        shown = hashlib.sha256((route.request.url.partition("#")[0] + keys[-1]).encode()).hexdigest()
        await route.continue_(headers={**route.request.headers, "x-safeexambrowser-configkeyhash": shown})

    await context.route("**/*", with_hash)


async def enter(visitor: Visitor, sitting: str) -> None:
    page = visitor.page
    await page.goto(f"/sittings/{sitting}/start")
    link = page.get_by_role("link", name="Open in Safe Exam Browser")
    assert str(await link.get_attribute("href")).startswith("seb://")
    for box in await page.locator('input[name="terms"]').all():
        await box.check()
    await page.get_by_role("button", name="Accept and go to the check-in").click()


async def submit(room: Room) -> None:
    await room.page.get_by_role("button", name="Submit…").click()
    await room.page.get_by_role("button", name="Submit now").click()
    await left_for(room.page, "/submitted")


async def test_an_ordinary_browser_stays_outside_until_somebody_decides(visit: Any, seeds: Seeds) -> None:
    sitting, (entry,) = await seeds.sitting(await publish(seeds), "Norma Normal")
    visitor = await visit()
    await visitor.activate(entry.code)
    page = visitor.page
    await enter(visitor, sitting)
    await page.wait_for_url("**/browser?check=*")
    await expect(page.locator("#browser-state")).to_have_text(
        "This browser has not shown that it runs with the settings of this exam."
    )
    attempt = Room(visitor).attempt
    for path in ("check-in", "room"):
        await page.goto(f"/attempts/{attempt}/{path}")
        await page.wait_for_url("**/browser?check=*")
    await _copied_from_another_attempt(visit, seeds, visitor, sitting)

    staff = await visit()
    await staff.be(seeds.instructor)
    await staff.page.goto(f"/sittings/{sitting}/live")
    await staff.page.locator(f'a[href="/attempts/{attempt}/without-browser"]').click()
    await staff.page.get_by_label("Why").fill("This computer runs on a system without that program.")
    await staff.page.get_by_role("button", name="Let them sit without it").click()
    await expect(staff.page.get_by_text("without Safe Exam Browser").first).to_be_visible()
    await page.wait_for_url("**/check-in*")
    room = Room(visitor)
    await room.start()
    await room.write("lock", "a key")
    await room.saved()
    await submit(room)
    assert await _assurance(visitor, seeds, sitting) == "unmonitored"


async def _copied_from_another_attempt(visit: Any, seeds: Seeds, visitor: Visitor, sitting: str) -> None:
    """What a friend's browser showed does not open this attempt."""
    page, attempt = visitor.page, Room(visitor).attempt
    key = await key_of(visitor, sitting)
    other = page.url.replace(attempt, "00000000-0000-4000-8000-000000000000")
    copied = hashlib.sha256((other + key).encode()).hexdigest()
    await page.evaluate("(hash) => { window.SafeExamBrowser = { security: { configKey: hash } }; }", copied)
    await page.get_by_role("button", name="Look again").click()
    await expect(page.locator("#browser-state")).to_contain_text("has not shown")


async def test_the_locked_browser_is_let_in_and_the_certificate_says_so(visit: Any, seeds: Seeds) -> None:
    sitting, (entry,) = await seeds.sitting(await publish(seeds), "Lora Locked")
    visitor = await visit()
    await visitor.activate(entry.code)
    await play_page(visitor, await key_of(visitor, sitting))
    await enter(visitor, sitting)
    await visitor.page.wait_for_url("**/check-in*")
    room = Room(visitor)
    await room.start()
    await room.write("lock", "a key")
    await room.saved()
    await visitor.page.reload()
    await room.ready()
    await submit(room)
    await expect(visitor.page.get_by_role("link", name="End Safe Exam Browser")).to_be_visible()
    assert await _assurance(visitor, seeds, sitting) == "locked-down"


async def test_a_browser_that_changes_in_the_middle_covers_the_questions_and_loses_nothing(
    visit: Any, seeds: Seeds
) -> None:
    sitting, (entry,) = await seeds.sitting(await publish(seeds), "Mira Middle")
    visitor = await visit()
    await visitor.activate(entry.code)
    keys = [await key_of(visitor, sitting)]
    await play_headers(visitor.context, keys)
    await enter(visitor, sitting)
    await visitor.page.wait_for_url("**/check-in*")
    room, page = Room(visitor), visitor.page
    await room.start()
    await room.write("lock", "a ke")
    await room.saved()
    keys.append("0" * 64)
    await room.write("lock", "a key")
    await expect(page.get_by_role("heading", name=COVERED)).to_be_visible(timeout=45_000)
    await expect(page.locator("#desk")).to_be_hidden()
    await expect(page.locator("#locked-section-title")).to_be_focused()
    assert answers_of(await room.receipts())["lock"] == {"text": "a key"}
    staff = await visit()
    await staff.be(seeds.instructor)
    await staff.page.goto(f"/sittings/{sitting}/live")
    await expect(staff.page.get_by_text("browser not proven")).to_be_visible()
    keys.append(keys[0])
    await expect(page.get_by_role("heading", name=COVERED)).to_be_hidden(timeout=45_000)
    await expect(room.field("lock")).to_have_value("a key")
    await expect(room.field("lock")).to_be_focused()
    await expect(page.locator("#announce")).to_have_text("The questions are back. Go on where you were.")
    await submit(room)
    assert await _assurance(visitor, seeds, sitting) == "unmonitored"


async def test_who_comes_back_with_another_device_after_a_crash_may_take_over(visit: Any, seeds: Seeds) -> None:
    sitting, (entry,) = await seeds.sitting(await publish(seeds), "Cora Crash")
    first = await visit()
    await first.activate(entry.code)
    keys = [await key_of(first, sitting)]
    await play_headers(first.context, keys)
    await enter(first, sitting)
    await first.page.wait_for_url("**/check-in*")
    room = Room(first)
    await room.start()
    keys.append("0" * 64)
    await expect(first.page.get_by_role("heading", name=COVERED)).to_be_visible(timeout=45_000)
    attempt = room.attempt
    await first.page.goto("about:blank")
    second = await visit()
    await second.context.add_cookies(await first.context.cookies())
    await play_page(second, keys[0])
    await second.page.goto(f"/attempts/{attempt}/browser")
    await second.page.wait_for_url("**/room*")
    await expect(second.page.get_by_role("button", name="Use this device")).to_be_visible()


async def _assurance(visitor: Visitor, seeds: Seeds, sitting: str) -> str:
    """What the certificate says, and anybody's page of it; the worker grades, the instructor releases, the worker issues."""
    for _ in range(60):
        await seeds.instructor.call("POST", f"/api/sittings/{sitting}/release", {"attempts": None})
        mine = await (await visitor.context.request.get("/api/me/certificates")).json()
        if mine:
            break
        await asyncio.sleep(0.5)
    async with httpx.AsyncClient(base_url=seeds.platform.url) as anybody:
        report = (await anybody.get(f"/api/certificates/{mine[0]['id']}")).json()
    await visitor.page.goto(f"/c/{mine[0]['id']}")
    level = str(report["certificate"]["assurance"])
    words = {"locked-down": "in a locked-down browser", "unmonitored": "not monitored"}[level]
    await expect(visitor.page.get_by_text(words).first).to_be_attached()
    return level


async def test_where_the_browser_opens_no_passkey_another_device_signs(visit: Any, seeds: Seeds) -> None:
    sitting, (entry,) = await seeds.sitting(await publish(seeds), "Paul Phone")
    phone = await visit()
    await phone.activate(entry.code)
    locked = await visit()
    await locked.context.add_cookies(await phone.context.cookies())  # signed in there by password and code
    await locked.context.add_init_script("delete window.PublicKeyCredential")
    await play_page(locked, await key_of(locked, sitting))
    await enter(locked, sitting)
    page = locked.page
    await page.wait_for_url("**/check-in*")
    await expect(page.get_by_role("button", name="Start the exam")).to_be_disabled()
    await phone.page.goto("/sign")
    await expect(phone.page.get_by_text("Nothing waits for your signature")).to_be_visible()
    await page.get_by_role("button", name="Sign on another device").click()
    await expect(page.locator("#start-problem")).to_contain_text("/sign on your phone")
    await phone.page.get_by_role("link", name="Look again").click()
    await expect(phone.page.get_by_text("Behind a lock")).to_be_visible()
    await phone.page.get_by_role("button", name="Sign with your passkey").click()
    await expect(phone.page.locator("#sign-state")).to_have_text(
        "Signed. Go back to the other device: it goes on by itself."
    )
    await Room(locked).ready()
    assert "/room" in page.url
