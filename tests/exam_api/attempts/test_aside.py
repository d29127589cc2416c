"""Beside the chain: what a replaced device still held is kept, shown, and never wins by itself."""

from datetime import UTC, datetime
from typing import Any

from loadtests.device import Device, digest
from tests.exam_api.sitting import Sit, Sitter

RAIN = {"text": "because it rains"}


def _entry(**changes: Any) -> dict[str, Any]:
    entry = {"place": 7, "item": "second", "answer": {"text": "unsent"}, "base": 1}
    return entry | {"created_at": datetime.now(UTC).isoformat()} | changes


async def _moved(sit: Sit) -> tuple[Sitter, Device]:
    """An attempt that moved to a second device, which has saved; and the device that it moved to."""
    sitter = await sit()
    await sitter.device.save("second", RAIN)
    second = Device(sitter.person.client, sitter.attempt)
    await second.sign("hand-over", sitter.person.authenticator)
    await second.open_paper()
    await second.save("second", {"text": "newer"})
    return sitter, second


async def test_a_replaced_device_keeps_what_it_held_beside_the_chain(sit: Sit) -> None:
    sitter, second = await _moved(sit)
    before = (await sitter.person.client.get(sitter.path("/receipts"))).json()
    for _ in range(2):  # the same one twice is kept once
        kept = await sitter.device.send("POST", sitter.path("/aside"), _entry(), bare=True)
        assert kept.status_code == 201, kept.text
    (found,) = await second.get(sitter.path("/aside"))
    assert found["answer"] == {"text": "unsent"}
    assert (found["jkt"], found["source"], found["counts"]) == (digest(sitter.device.jwk()), "device", False)
    assert (await second.open_paper())["answers"]["second"]["answer"] == {"text": "newer"}, "it does not win by itself"
    assert (await sitter.person.client.get(sitter.path("/receipts"))).json() == before, "the chain stays as it is"

    # Choosing it is a normal save.
    await second.save("second", found["answer"])
    assert (await second.open_paper())["answers"]["second"]["answer"] == {"text": "unsent"}


async def test_only_a_device_that_had_the_attempt_can_put_something_beside_it(sit: Sit) -> None:
    sitter, second = await _moved(sit)
    stranger = Device(sitter.person.client, sitter.attempt)
    refused = await stranger.send("POST", sitter.path("/aside"), _entry(), bare=True)
    assert refused.status_code == 403
    other = await sit()
    foreign = Device(other.person.client, sitter.attempt, key=sitter.device.key)
    assert (await foreign.send("POST", sitter.path("/aside"), _entry(), bare=True)).status_code == 404
    for change, status in (
        ({"item": "nowhere"}, 404),
        ({"answer": {"choice": ["a"]}}, 422),
        ({"answer": {"text": "a\x00b"}}, 422),
        ({"created_at": "2027-03-01T10:00:00"}, 422),
    ):
        sent = await sitter.device.send("POST", sitter.path("/aside"), _entry(**change), bare=True)
        assert sent.status_code == status, sent.text
    assert await second.get(sitter.path("/aside")) == []


async def test_what_comes_after_the_seal_is_kept_and_changes_no_answer(sit: Sit) -> None:
    sitter, second = await _moved(sit)
    seal = await second.submit()
    assert (await sitter.device.send("POST", sitter.path("/aside"), _entry(), bare=True)).status_code == 201
    file = (await sitter.person.client.get(sitter.path("/receipts"))).json()
    assert (file["seal"], len(file["receipts"])) == (seal, 2)
