"""One device at a time, and a server whose word is not taken for it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from playwright.async_api import Route, expect

from tests.stories.room import Room, answers_of, left_for, proven
from tests.stories.seed import Seeds


async def _sit_down(visit: Any, seeds: Seeds, name: str) -> tuple[Room, str]:
    """A candidate in the room of the exam without a camera."""
    sitting, (entry,) = await seeds.sitting(seeds.quiet, name)
    visitor = await visit()
    await visitor.activate(entry.code)
    room = Room(visitor)
    await room.enter(sitting)
    await room.start()
    return room, sitting


async def test_another_device_takes_over_and_nothing_is_lost(visit: Any, seeds: Seeds) -> None:
    first, _ = await _sit_down(visit, seeds, "Theo Twodevices")
    await first.go("missing-values")
    await first.write("missing-values", "Written on the first device.")
    await first.saved()
    attempt = first.attempt
    await first.visitor.context.set_offline(True)
    await first.go("free-fall")
    await first.write("free-fall", "20 m/s")
    await expect(first.state).to_have_attribute("data-state", "offline")

    other = await visit(viewport={"width": 820, "height": 1180})
    await other.copy_passkeys(first.visitor)
    second = Room(other)
    await other.page.goto("/sign-in")
    await other.page.get_by_role("button", name="Sign in with a passkey").click()
    await other.page.wait_for_url("**/home")
    await other.page.goto(f"/attempts/{attempt}/room")
    await expect(other.page.locator("#stopped-text")).to_contain_text("open on another device")
    await expect(other.page.locator("#desk")).to_be_hidden()
    await other.page.get_by_role("button", name="Use this device").click()
    await second.ready()
    await second.go("missing-values")
    await expect(second.question("missing-values").locator("[data-text]")).to_have_value("Written on the first device.")
    await second.write("missing-values", "And on the second.")
    await second.saved()

    # The first device comes back: what it held is kept beside the answers, and it is told.
    await first.visitor.context.set_offline(False)
    await expect(first.page.locator("#stopped-text")).to_contain_text("open on another device")
    await expect(first.page.locator("#desk")).to_be_hidden()
    await expect(first.words).to_have_text("Kept beside your answers: on the other device you can choose.")
    file = await second.receipts()
    chain = proven(file)
    assert answers_of(file) == {"missing-values": {"text": "And on the second."}}
    assert len({receipt.jkt for receipt in chain.receipts}) == 2, "each receipt names the device that sent it"

    # Back on the first device, whose passkey provider knows the new signature counter: what waited there is sent now, behind what the second one saved.
    await first.visitor.copy_passkeys(other)
    await first.page.get_by_role("button", name="Use this device").click()
    await first.ready()
    both = {"missing-values": {"text": "And on the second."}, "free-fall": {"text": "20 m/s"}}
    # The room opens with what is saved; what lies beside it is looked for, and sent, a moment later.
    for _ in range(60):
        if answers_of(await first.receipts()) == both:
            break
        await asyncio.sleep(0.25)
    file = await first.receipts()
    proven(file)
    assert answers_of(file) == both


async def test_a_forged_receipt_is_never_shown_as_saved(visit: Any, seeds: Seeds) -> None:
    room, _ = await _sit_down(visit, seeds, "Fay Forged")
    seen: list[str] = []

    def note_state(text: str) -> None:
        seen.append(text)

    await room.page.expose_function("note_state", note_state)
    await room.page.evaluate(
        """() => new MutationObserver(() => note_state(document.querySelector("[data-save-state-text]").textContent))
          .observe(document.querySelector("[data-save-state]"), { subtree: true, childList: true, attributes: true, characterData: true })"""
    )

    async def forge(route: Route) -> None:
        answer = await route.fetch()
        receipt = await answer.json()
        if "signature" in receipt:
            middle = len(receipt["signature"]) // 2
            other = "A" if receipt["signature"][middle] != "A" else "B"
            receipt["signature"] = receipt["signature"][:middle] + other + receipt["signature"][middle + 1 :]
        await route.fulfill(response=answer, body=json.dumps(receipt))

    await room.page.route("**/responses", forge)
    await room.go("missing-values")
    await room.write("missing-values", "Zeros pull it down.")
    await expect(room.page.locator("#stopped-text")).to_contain_text("could not be proven")
    await asyncio.sleep(1)
    assert [text for text in seen if text.startswith("Saved")] == []
    assert [entry["receipt"] for entry in await room.journal()] == [None]
    await expect(room.words).to_have_text("Not sent yet; kept on this computer.")

    # An honest answer after a reload: the same save gets its true receipt, once.
    await room.page.unroute("**/responses")
    await room.page.get_by_role("button", name="Reload").click()
    await room.ready()
    await room.saved()
    file = await room.receipts()
    assert [entry["receipt"] for entry in await room.journal()] == file["receipts"]
    assert answers_of(file) == {"missing-values": {"text": "Zeros pull it down."}}


async def test_when_the_time_is_over_the_page_closes_by_itself(visit: Any, seeds: Seeds) -> None:
    _, (entry,) = await seeds.sitting(seeds.quiet, "Tina Timeisup")
    visitor = await visit()
    await visitor.activate(entry.code)
    soon, _ = await seeds.sitting(seeds.quiet, entry, minutes=5, closes_in=20)
    room = Room(visitor)
    await room.enter(soon)
    await room.start()
    await room.go("missing-values")
    await room.write("missing-values", "In time.")
    await room.saved()
    await left_for(room.page, "/submitted")
    file = await room.receipts()
    assert proven(file).sealed_at is not None
    assert answers_of(file) == {"missing-values": {"text": "In time."}}
