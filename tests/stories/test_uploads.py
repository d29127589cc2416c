"""Drawing, handing in and recording in a real browser: under a bad network, a reload, a killed server; then a person marks it."""

from __future__ import annotations

import asyncio
import os
import re
from typing import Any

from playwright.async_api import Locator, expect

from tests.stories import hand_in
from tests.stories.looks import inspect
from tests.stories.room import Room, answers_of, proven
from tests.stories.seed import Seeds
from tests.stories.visitor import PHONE

SENT = r"\d+\.\d of \d+\.\d MB sent; the rest is kept on this computer\."
SLOW = 400_000  # bytes a second


async def _throttle(room: Room, upload: int) -> None:
    how = {"offline": False, "latency": 20, "downloadThroughput": -1, "uploadThroughput": upload}
    await room.visitor.cdp.send("Network.emulateNetworkConditions", how)


async def test_a_drawing_is_saved_undone_kept_and_described(visit: Any, seeds: Seeds) -> None:
    room, _ = await hand_in.sit_down(await visit(), seeds, await hand_in.publish(seeds), "Dora Drawing")
    page, question = room.page, room.question("draw")
    undo, redo = (question.get_by_role("button", name=name) for name in ("Undo", "Redo"))
    await expect(undo).to_be_disabled()
    await hand_in.line(room, (0.2, 0.2), (0.8, 0.3), (0.5, 0.8))
    await room.saved()
    assert await hand_in.strokes(room) == 1
    await question.get_by_label("Red").check()
    await question.get_by_label("Thick").check()
    await hand_in.line(room, (0.1, 0.1), (0.9, 0.9))
    await hand_in.line(room, (0.1, 0.9), (0.3, 0.7))
    await expect(question.locator("[data-drawing-count]")).to_have_text("3 lines on the sheet")
    await page.keyboard.press("Control+z")  # the sheet has the focus after a line
    await expect(question.locator("[data-drawing-count]")).to_have_text("2 lines on the sheet")
    await redo.click()
    await question.get_by_label("Eraser").check()
    await hand_in.line(room, (0.15, 0.85), (0.16, 0.84))
    await expect(question.locator("[data-drawing-count]")).to_have_text("2 lines on the sheet")
    await question.get_by_role("button", name="Clear the sheet").click()
    await undo.click()
    await room.saved()
    assert await hand_in.strokes(room) == 2

    await page.reload()
    await room.ready()
    await expect(question.locator("[data-drawing-count]")).to_have_text("2 lines on the sheet")
    await page.context.set_offline(True)
    await question.get_by_label("Pen").check()
    await hand_in.line(room, (0.5, 0.1), (0.5, 0.9))
    await expect(room.state).to_have_attribute("data-state", "offline")
    await page.context.set_offline(False)
    await room.saved()
    assert await hand_in.strokes(room) == 3
    await question.locator("summary", has_text="If you cannot draw here").click()
    await question.get_by_label("Say in words what you would draw").fill("A ring of wire with a lamp.")
    await room.saved()
    drawn = answers_of(await room.receipts())["draw"]
    assert (len(drawn["strokes"]), drawn["text"]) == (3, "A ring of wire with a lamp.")
    assert [(each["colour"], each["width"]) for each in drawn["strokes"]][1] == ("red", "thick")
    await inspect(page, "drawing")


async def test_a_finger_draws_and_the_page_stays(visit: Any, seeds: Seeds) -> None:
    visitor = await visit(viewport=PHONE, has_touch=True)
    room, _ = await hand_in.sit_down(visitor, seeds, await hand_in.publish(seeds), "Fay Finger")
    sheet = room.question("draw").locator("canvas")
    await sheet.scroll_into_view_if_needed()
    box = await sheet.bounding_box()
    assert box is not None
    before = await room.page.evaluate("scrollY")
    for kind, share in (("touchStart", 0.2), ("touchMove", 0.5), ("touchMove", 0.8), ("touchEnd", None)):
        points = [{"x": box["x"] + 40, "y": box["y"] + share * box["height"]}] if share else []
        await visitor.cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    await room.saved()
    assert await hand_in.strokes(room) == 1
    assert await room.page.evaluate("scrollY") == before


async def test_files_survive_a_slow_network_a_reload_and_say_the_truth(visit: Any, seeds: Seeds) -> None:
    room, _ = await hand_in.sit_down(await visit(), seeds, await hand_in.publish(seeds), "Felix File")
    page = room.page
    await room.go("sheet")
    question, rows = room.question("sheet"), hand_in.rows(room)
    await hand_in.choose(room, "program.pdf", b"MZ\x90\0 no PDF at all")
    await expect(question.locator("[data-file-problem]")).to_contain_text("program.pdf: the file is a program")
    await hand_in.choose(room, "program.exe", b"MZ")
    await expect(question.locator("[data-file-problem]")).to_have_text(
        "program.exe has another ending than those accepted here."
    )
    await expect(rows).to_have_count(0)

    large = b"%PDF-1.7\n" + os.urandom(6_000_000) + b"\n%%EOF"
    await _throttle(room, SLOW)
    await hand_in.choose(room, "large.pdf", large, "application/pdf")
    await expect(room.state).to_have_attribute("data-state", "saving")
    await expect(room.words).to_have_text(re.compile(f"^{SENT}$"))
    await expect(rows.first).to_contain_text("MB sent")
    await page.context.set_offline(True)
    await expect(room.words).to_have_text(re.compile(f"^Offline since .* {SENT}$"))
    await page.context.set_offline(False)
    await _throttle(room, SLOW)
    await expect(room.words).to_have_text(re.compile("^[1-9].* MB sent"), timeout=30_000)
    page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.accept()))  # the page warns before it is left
    await page.reload()
    await room.ready()
    await expect(rows.first).to_contain_text("large.pdf")
    await _throttle(room, -1)
    await room.saved(patience=60_000)
    await expect(rows.first).to_contain_text("handed in")
    kept = answers_of(await room.receipts())["sheet"]["files"]
    assert [(each["name"], each["size"]) for each in kept] == [("large.pdf", len(large))]

    await hand_in.choose(room, "notes.png", hand_in.PHOTO)
    await room.saved()
    await expect(question.get_by_text("To hand in another file, remove one first.")).to_be_visible()
    await inspect(page, "files")
    await question.get_by_role("button", name="Remove: large.pdf").click()
    await room.saved()
    file = await room.receipts()
    proven(file)
    assert [each["name"] for each in answers_of(file)["sheet"]["files"]] == ["notes.png"]
    left = await page.evaluate(
        "async (attempt) => (await (await import('/static/js/room/store.js')).readFiles(attempt)).length", room.attempt
    )
    assert left == 0  # the server has them all


async def test_a_recording_through_a_lost_network_to_whoever_marks(visit: Any, seeds: Seeds) -> None:
    room, sitting = await hand_in.sit_down(await visit(), seeds, await hand_in.publish(seeds), "Vera Voice")
    page = room.page
    await room.go("speak")
    question = room.question("speak")
    await question.get_by_role("button", name="Record", exact=True).click()
    await expect(room.words).to_have_text("Recording. What you say is kept on this computer and sent.")
    await page.wait_for_timeout(1_500)
    await page.context.set_offline(True)
    await expect(room.state).to_have_attribute("data-state", "offline")
    await page.wait_for_timeout(3_000)
    await question.get_by_role("button", name="Stop").click()
    await expect(question.locator("[data-player]")).to_be_visible()  # it can be listened to without a network
    await expect(room.state).to_have_attribute("data-state", "offline")
    await page.context.set_offline(False)
    await room.saved(patience=30_000)
    await expect(question.locator("[data-note]")).to_have_text("Your recording is handed in.")
    await inspect(page, "recorded")

    await room.go("show")
    await room.question("show").get_by_role("button", name="Record", exact=True).click()
    await page.wait_for_timeout(2_500)
    # The tab dies in the middle: what was cut is on this disk, and the next one sends it.
    address = page.url
    await page.close()
    room.page = page = await room.visitor.context.new_page()
    room.state = page.locator("[data-save-state]")
    room.words = room.state.locator("[data-save-state-text]")
    await page.goto(address)
    await room.ready()
    await room.saved(patience=30_000)
    await room.go("show")
    await expect(room.question("show").locator("[data-player]")).to_be_visible()
    spoken = answers_of(await room.receipts())
    assert {item: answer["files"][0]["media_type"] for item, answer in spoken.items()} == {
        "speak": "audio/webm",
        "show": "video/webm",
    }
    await page.get_by_role("button", name="Submit…").click()
    await page.get_by_role("button", name="Submit now").click()
    await page.wait_for_url("**/submitted")
    await expect(page.get_by_role("link", name="recording.webm")).to_have_count(2)
    await _marked(visit, seeds, sitting)


async def test_a_browser_that_may_not_record_gets_a_sentence(visit: Any, seeds: Seeds) -> None:
    visitor = await visit()
    refusal = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); }"
    await visitor.page.add_init_script(refusal)
    room, _ = await hand_in.sit_down(visitor, seeds, await hand_in.publish(seeds), "Nina Nomic")
    await room.go("speak")
    await room.question("speak").get_by_role("button", name="Record", exact=True).click()
    await expect(room.question("speak").locator("[data-note]")).to_contain_text("does not let the page record")
    await expect(room.state).to_have_attribute("data-state", "saved")


async def test_an_author_edits_and_sees_each_kind(visit: Any, seeds: Seeds) -> None:
    exam = await hand_in.publish(seeds)
    author = await visit()
    await author.be(seeds.instructor)
    page = author.page
    for item, field, value in (
        ("draw", "Width of the sheet", "8"),
        ("sheet", "Most files", "3"),
        ("speak", "Longest recording, seconds", "90"),
    ):
        await page.goto(f"/exams/{exam}/items/{item}")
        await page.get_by_label(field).fill(value)
        await page.get_by_role("button", name="Save the question").click()
        await page.wait_for_url("**said=saved")
        await expect(page.get_by_label(field)).to_have_value(value)
        await inspect(page, f"editor of {item}")
    await page.goto(f"/exams/{exam}/preview")
    for words in ("A sheet to draw on", "Up to 3 files to hand in", "A recording of your voice, at most 1 min 30 secs"):
        await expect(page.get_by_text(words, exact=True)).to_be_visible()
    await inspect(page, "preview")


async def test_a_file_goes_on_where_it_was_when_the_web_is_killed(visit: Any, seeds: Seeds) -> None:
    """SIGKILL of both web processes, and then of PostgreSQL, while a browser sends: nothing is sent twice, nothing is lost."""
    platform = seeds.platform
    room, _ = await hand_in.sit_down(await visit(), seeds, await hand_in.publish(seeds), "Kit Kill")
    await room.go("sheet")
    content = b"%PDF-1.7\n" + os.urandom(5_000_000) + b"\n%%EOF"
    await _throttle(room, SLOW)
    await hand_in.choose(room, "large.pdf", content, "application/pdf")
    for victims in (("web-1", "web-2"), ("postgres",)):
        await expect(room.words).to_have_text(re.compile(r"^[0-9.]+ of 4\.8 MB sent"), timeout=60_000)
        await room.page.wait_for_timeout(1_500)
        platform.kill(*[await platform.pid(each) for each in victims])
        await platform.until_up()
    await _throttle(room, -1)
    await room.saved(patience=90_000)
    (kept,) = answers_of(await room.receipts())["sheet"]["files"]
    address = f"/api/attempts/{room.attempt}/attachments/{kept['id']}/content"
    assert await (await room.page.request.get(address)).body() == content


async def _marked(visit: Any, seeds: Seeds, sitting: str) -> None:
    """The marker hears and sees it, and jumps in it."""
    marker = await visit()
    await marker.be(seeds.instructor)
    page = marker.page
    for skip, tag in ((0, "audio"), (1, "video")):
        for _ in range(60):
            await page.goto(f"/sittings/{sitting}/grading?skip={skip}")
            if await page.locator("#written").count():
                break
            await asyncio.sleep(0.5)
        player = page.locator(f"{tag}[data-player]")
        await expect(player).to_be_visible()
        length = await _until(player, "duration", 1.0)
        assert length < 60
        await player.evaluate("async (each) => { each.muted = true; each.currentTime = 1; await each.play(); }")
        await _until(player, "currentTime", 1.2)
        await inspect(page, f"marking {tag}")


async def _until(player: Locator, what: str, least: float) -> float:
    """A number of the player, once it is finite and large enough."""
    value = None
    for _ in range(100):
        value = await player.evaluate("(each, what) => Number.isFinite(each[what]) ? each[what] : null", what)
        if value is not None and value >= least:
            return float(value)
        await asyncio.sleep(0.1)
    raise AssertionError(f"{what} stays at {value}")
