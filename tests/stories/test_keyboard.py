"""Without a pointer: in, through a whole exam, and through a review. Every stop on the way shows where it is."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Locator, Page, expect

from loadtests.device import Device
from tests.stories.room import Room, answers_of, left_for
from tests.stories.seed import Entry, Seeds
from tests.stories.walk import SEEN, STOP


async def test_a_whole_exam_by_keyboard(visit: Any, seeds: Seeds) -> None:
    sitting, (entry,) = await seeds.sitting(seeds.quiet, "Kim Keyboard")
    visitor = await visit()
    page = visitor.page
    await visitor.activate(entry.code)
    await visitor.context.clear_cookies()
    await _come_in(page, sitting)

    await _skip_link(page)
    await expect(page.get_by_role("button", name="Start the exam")).to_be_enabled()
    await _press(page, page.get_by_role("button", name="Start the exam"))
    await page.wait_for_url("**/room")
    room = Room(visitor)
    await room.ready()

    await _tab_to(page, room.question("outlier").get_by_role("radio").first)
    await page.keyboard.press("ArrowDown")
    await room.saved()
    await expect(room.question("outlier").get_by_role("radio").nth(1)).to_be_checked()
    chosen = await room.question("outlier").get_by_role("radio").nth(1).get_attribute("value")
    await _press(page, page.get_by_role("button", name="Next"))
    await _tab_to(page, room.question("free-fall").locator("[data-text]"))
    await page.keyboard.type("19.62 m/s")
    await room.saved()
    await _press(page, page.locator("#map button").last)
    await _tab_to(page, room.question("running-total").locator("[data-text]"))
    await page.keyboard.press("Escape")  # this field keeps Tab for itself until then
    assert answers_of(await room.receipts()) == {"outlier": {"choice": [chosen]}, "free-fall": {"text": "19.62 m/s"}}

    await _press(page, page.get_by_role("button", name="Submit…"))
    await _press(page, page.get_by_role("button", name="Submit now"))
    await left_for(page, "/submitted")
    await _tab_to(page, page.get_by_role("link", name="Download my receipts"))


async def _come_in(page: Page, sitting: str) -> None:
    """Sign-in, home and door."""
    await page.goto("/sign-in")
    await _skip_link(page)
    await _press(page, page.get_by_role("button", name="Sign in with a passkey"))
    await page.wait_for_url("**/home")
    await _skip_link(page)
    await _press(page, page.locator(f'a[href="/sittings/{sitting}/start"]').first)
    await page.wait_for_url("**/start")
    await _skip_link(page)
    for box in await page.locator('input[name="terms"]').all():
        await _tab_to(page, box)
        await page.keyboard.press("Space")
    await _press(page, page.get_by_role("button", name="Accept and go to the check-in"))
    await page.wait_for_url("**/check-in")


async def test_a_review_by_keyboard(visit: Any, seeds: Seeds) -> None:
    sitting, (entry,) = await seeds.sitting(seeds.quiet, "Rosa Reviewed")
    attempt = await _hand_in(seeds, sitting, entry)
    visitor = await visit()
    page = visitor.page
    await visitor.be(seeds.instructor)
    await page.goto(f"/reviews?sitting={sitting}&everybody=true")
    await _skip_link(page)
    await _press(page, page.get_by_role("link", name="Rosa Reviewed"))
    await page.wait_for_url(f"**/reviews/{attempt}")

    await page.wait_for_load_state("networkidle")  # the single keys work once their script is there
    await page.keyboard.press("d")
    await expect(page.get_by_role("radio").first).to_be_focused()
    await page.keyboard.press("Space")
    await _tab_to(page, page.get_by_role("textbox", name="Reason"))
    await page.keyboard.type("Nothing was flagged, and the answers are her own.")
    await _press(page, page.get_by_role("button", name="Decide"))
    await expect(page.get_by_text("Your decision is kept.")).to_be_visible()
    await page.goto(f"/reviews/{attempt}")
    await expect(page.locator(".review__decided")).to_contain_text("the answers are her own")


async def _hand_in(seeds: Seeds, sitting: str, entry: Entry) -> str:
    """A simulated candidate's short exam; the attempt's id."""
    person = await seeds.arrive(entry)
    opened = await person.call("POST", f"/api/sittings/{sitting}/attempts")
    terms = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
    await person.call("POST", f"/api/attempts/{opened['id']}/consent", terms)
    device = Device(person.client, opened["id"])
    await device.sign("start", person.authenticator)
    await device.open_paper()
    await device.save("missing-values", {"text": "Zeros pull the mean down."})
    await device.submit()
    return str(opened["id"])


async def _skip_link(page: Page) -> None:
    """The first stop leads past the bar."""
    await page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to the content")
    await expect(link).to_be_focused()
    await expect(link).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()


async def _press(page: Page, wanted: Locator) -> None:
    """Go there by Tab, and press Enter."""
    await _tab_to(page, wanted)
    await page.keyboard.press("Enter")


async def _tab_to(page: Page, wanted: Locator, *, backwards: bool = False) -> None:
    """Press Tab until the focus is there; every stop on the way is on the screen and visibly marked."""
    for _ in range(90):
        await page.keyboard.press("Shift+Tab" if backwards else "Tab")
        stop = await page.evaluate(STOP)
        assert stop is None or all(stop[each] for each in SEEN), stop
        if await wanted.evaluate("(it) => it === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not reach {wanted}")
