"""An answer that the server does not take: said at its question and on the map, and never back over a newer saved one."""

from __future__ import annotations

from typing import Any

from playwright.async_api import expect

from tests.stories.desk import sit_down
from tests.stories.room import OFFLINE, answers_of
from tests.stories.seed import Seeds


async def test_a_refused_answer_is_named_and_never_comes_back_over_a_saved_one(visit: Any, seeds: Seeds) -> None:
    visitor = await visit()
    room = await sit_down(visitor, seeds, seeds.quiet, "Rhea Refused")
    page, question = room.page, room.question("missing-values")
    number = await page.locator("#sheet [data-item]").evaluate_all(
        "(all) => all.findIndex((each) => each.dataset.item === 'missing-values') + 1"
    )
    unkept = f"Not kept: question {number}."
    button = page.locator("#map button").nth(number - 1)

    await room.go("missing-values")
    await question.locator("[data-text]").fill("x" * 70_000)
    await expect(question.get_by_role("alert")).to_contain_text("This answer could not be kept")
    await expect(room.words).to_contain_text(unkept)
    await expect(button).to_have_accessible_name(f"{number}, {await _title(question)}, could not be kept")
    (entry,) = await room.journal()
    assert entry["refused"]
    assert entry["receipt"] is None

    # It is still the newest word on this question: a reload shows it, and why it is not kept, and does not send it again.
    await page.reload()
    await room.ready()
    await expect(question.locator("[data-text]")).to_have_value("x" * 70_000)
    await expect(question.get_by_role("alert")).to_contain_text("This answer could not be kept")
    await expect(room.words).to_have_text(unkept)

    # Work on another question is saved and said, the refusal stays named; without a network that is said first.
    await room.go("free-fall")
    await room.write("free-fall", "20 m/s")
    await expect(room.words).to_contain_text("Saved")
    await expect(room.words).to_contain_text(unkept)
    await visitor.page.context.set_offline(True)
    await room.write("free-fall", "21 m/s")
    await expect(room.words).to_have_text(OFFLINE)
    await visitor.page.context.set_offline(False)
    await expect(room.words).to_contain_text(unkept)
    await page.get_by_role("button", name="Submit…").first.click()
    await expect(page.locator("#submit-summary")).to_contain_text(unkept)
    await page.get_by_role("button", name="Go on working").click()

    # A good answer takes its place, and stays there after a reload.
    await room.go("missing-values")
    await room.write("missing-values", "Zeros pull it down.")
    await room.saved()
    await expect(question.get_by_role("alert")).to_have_count(0)
    await page.reload()
    await room.ready()
    await expect(question.locator("[data-text]")).to_have_value("Zeros pull it down.")
    await room.saved()
    assert answers_of(await room.receipts())["missing-values"] == {"text": "Zeros pull it down."}


async def _title(question: Any) -> str:
    return str(await question.get_attribute("data-title"))
