"""What the check-in and the room say about watching: devices that do not open, short checks, copies and imports."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

from playwright.async_api import Page, Request, expect

from tests.stories.room import DEVICES, Room
from tests.stories.seed import Seeds

FAILS = """
const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (asked) => {
  const name = window.fails?.(asked);
  if (name) throw new DOMException("no", name);
  return real(asked);
};
"""
CHALLENGE = """async (asked) => {
  const { Challenge } = await import("/static/js/room/challenge.js");
  window.told = [];
  const tell = (what) => ({ n }) => window.told.push([what, n]);
  window.mine ??= new Challenge(document.getElementById("challenge"));
  window.mine.offer(asked, { answer: tell("answer"), decline: tell("decline") });
}"""


async def test_a_device_that_does_not_open_is_explained(visit: Any, seeds: Seeds) -> None:
    sitting, (entry,) = await seeds.sitting(seeds.guarded, "Dora Device")
    visitor = await visit()
    page: Page = visitor.page
    await page.add_init_script(FAILS)
    await visitor.activate(entry.code)
    room = Room(visitor)
    await room.enter(sitting)
    problem, button = page.locator("#devices-problem"), page.get_by_role("button", name=DEVICES)
    for name, words in (
        ("NotAllowedError", "does not let the page use the camera"),
        ("NotFoundError", "No camera was found"),
        ("NotReadableError", "used by another program"),
        ("TypeError", "did not open"),
    ):
        await page.evaluate("(name) => { window.fails = () => name; }", name)
        await button.click()
        await expect(problem).to_contain_text(words)
        await expect(page.locator("[data-check='camera']")).to_have_attribute("data-state", "fails")
    await page.evaluate("() => { window.fails = null; }")
    await button.click()
    await expect(page.locator("[data-check='camera']")).to_have_attribute("data-state", "works")
    await expect(problem).to_be_empty()
    await expect(page.get_by_role("button", name="Take the photo")).to_be_enabled()


async def _at_work(visit: Any, seeds: Seeds, script: str = "") -> Room:
    """Somebody in an exam with a camera."""
    sitting, (entry,) = await seeds.sitting(seeds.guarded, "Cleo Checked")
    visitor = await visit()
    if script:
        await visitor.page.add_init_script(script)
    await visitor.activate(entry.code)
    room = Room(visitor)
    await room.enter(sitting)
    await room.photo()
    await room.start()
    return room


async def test_a_browser_without_threads_sends_from_the_page(visit: Any, seeds: Seeds) -> None:
    room = await _at_work(visit, seeds, "delete window.Worker;")
    await expect(room.page.locator("#camera-state")).to_have_attribute("data-state", "on", timeout=30_000)
    await room.page.reload()
    await room.ready()
    await expect(room.page.locator("#camera-state")).to_have_attribute("data-state", "on", timeout=30_000)


async def test_a_short_check_waits_and_may_be_declined(visit: Any, seeds: Seeds) -> None:
    room = await _at_work(visit, seeds)
    page = room.page
    line, stage = page.locator("#challenge"), page.locator("#challenge-stage")
    light = {"n": 91, "kind": "light", "colours": ["#ff0000", "#0000ff"], "seconds": 2}
    await page.evaluate(CHALLENGE, light)
    await expect(line).to_contain_text("colours, one after the other, slowly")
    await expect(stage).to_be_hidden()
    await line.get_by_role("button", name="I am ready").click()
    await expect(stage).to_be_visible()
    await expect(stage).to_have_attribute("data-light", "yes")
    await expect(stage).to_be_hidden()
    await expect(line).to_be_hidden()
    assert await page.evaluate("window.told") == [["answer", 91]]
    await page.evaluate(CHALLENGE, light)
    await expect(line).to_be_hidden()  # the server says it again after a reconnect; it was made
    await page.evaluate(CHALLENGE, {"n": 92, "kind": "blink", "colours": []})
    await expect(line).to_contain_text("close both eyes")
    await line.get_by_role("button", name="Decline").click()
    await expect(line).to_be_hidden()
    assert await page.evaluate("window.told") == [["decline", 92]]


async def test_the_page_tells_a_copy_from_an_import(visit: Any, seeds: Seeds) -> None:
    room = await _at_work(visit, seeds)
    page, sent = room.page, []

    def hear(request: Request) -> None:
        if request.method == "POST" and re.search(r"/events$", request.url):
            sent.extend(json.loads(request.post_data or "{}")["events"])

    page.on("request", hear)
    await room.go("missing-values")
    await room.write("missing-values", "Zeros pull the mean down.")
    field = room.field("missing-values")
    await field.evaluate(
        """(field) => {
          const bring = (text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
          };
          field.setSelectionRange(0, 5);
          field.dispatchEvent(new ClipboardEvent("copy", { bubbles: true }));
          bring("Zeros");
          bring("from another page");
          dispatchEvent(new Event("beforeprint"));
        }"""
    )
    for _ in range(100):
        if any(event["kind"] == "print" for event in sent):
            break
        await asyncio.sleep(0.1)
    told = [(e["kind"], e.get("length"), e.get("origin")) for e in sent if e["kind"] in {"copy", "paste", "print"}]
    assert told == [
        ("copy", 5, "inside"),
        ("paste", 5, "inside"),
        ("paste", 17, "outside"),
        ("print", None, None),
    ]
    assert "Zeros" not in json.dumps(sent), "what was copied is never sent"
