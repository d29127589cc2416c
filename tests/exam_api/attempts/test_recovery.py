"""A recovery file is taken in by a person, with a reason; the chain and its seal stay as they are."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from credentials.attempt import recovery as files
from credentials.attempt.receipts import answer_hash
from credentials.attempt.recovery import Unsent
from credentials.canonical import jcs
from exam_api.attempts import queries
from exam_api.attempts.service import recovery
from exam_api.attempts.service.recovery import Held, Weight, weigh
from exam_api.db.base import iso
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.session import transaction
from exam_api.errors import Invalid, WrongState
from exam_api.installation import Installation
from loadtests.device import Device
from tests.exam_api.sitting import Sit, Sitter, Sitting

END = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
minutes = st.integers(-60, 60).map(lambda n: END + timedelta(minutes=n))
texts = st.sampled_from(["a", "b", "c"]).map(lambda text: {"text": text})
unsent = st.lists(
    st.builds(Unsent, st.integers(0, 50), st.sampled_from(["one", "two"]), texts, minutes, st.just(0)),
    unique_by=lambda each: each.place,
    max_size=8,
)
held = st.dictionaries(st.sampled_from(["one", "two"]), st.builds(Held, texts.map(answer_hash), minutes))


@given(unsent, held)
def test_what_counts_was_given_in_time_and_after_what_we_hold(answers: list[Unsent], ours: dict[str, Held]) -> None:
    weighed = weigh(answers, ours, END)
    assert sorted(each.unsent.place for each in weighed) == sorted(each.place for each in answers), "nothing is dropped"
    new = [each.unsent for each in weighed if each.weight is Weight.new]
    assert len({each.item for each in new}) == len(new), "of each question at most one counts"
    for each in new:
        assert each.created_at <= END
        assert each.item not in ours or ours[each.item].given_at < each.created_at
        assert not any(
            other.item == each.item and other.place > each.place and other.created_at <= END for other in answers
        )
    # Taken in a second time, nothing is new.
    after = ours | {each.item: Held(answer_hash(each.answer), each.created_at) for each in new}
    assert not any(each.weight is Weight.new for each in weigh(answers, after, END))


def _file(installation: Installation, device: Device, attempt: str, *answers: tuple[str, Any, datetime]) -> bytes:
    inside = {
        "answers": [
            {"place": place, "item": item, "answer": answer, "created_at": iso(at), "base": 0}
            for place, (item, answer, at) in enumerate(answers, start=10)
        ],
        "mark": None,
        "mark_wall": 0,
        "wall": 0,
        "steady": 0,
    }
    return jcs(files.seal_file(inside, attempt, device.key, installation.keyring.recovery.public_key(), os.urandom))


async def _take(
    installation: Installation, sitting: Sitting, sitter: Sitter, file: bytes, reason: str = "No network"
) -> recovery.Found:
    async with transaction(installation.sessions) as session:
        place = await queries.find_place(session, UUID(sitter.attempt))
        assert place is not None
        now = datetime.now(UTC)
        return await recovery.take(session, installation, place, file, sitting.instructor.id, reason, now)


async def test_what_a_file_adds_counts_and_who_and_why_stand_in_the_ledger(
    sit: Sit, sitting: Sitting, installation: Installation
) -> None:
    sitter = await sit()
    await sitter.device.save("first", {"choice": ["a"]})
    now = datetime.now(UTC)
    file = _file(installation, sitter.device, sitter.attempt, ("second", {"text": "unsent"}, now))
    with pytest.raises(WrongState):  # the device itself can still send
        await _take(installation, sitting, sitter, file)
    await sitter.device.submit()
    before = (await sitter.person.client.get(sitter.path("/receipts"))).json()
    found = await _take(installation, sitting, sitter, file)
    assert [each.weight for each in found.answers] == [Weight.new]
    async with transaction(installation.sessions) as session:
        assert await queries.counting_answers(session, UUID(sitter.attempt)) == {
            "first": {"choice": ["a"]},
            "second": {"text": "unsent"},
        }
        line = await session.scalar(select(LedgerLine).where(LedgerLine.tag == "attempt:recovery"))
    assert line is not None
    assert (line.actor_id, line.data["reason"], line.data["counting"]) == (sitting.instructor.id, "No network", 1)
    assert (await sitter.person.client.get(sitter.path("/receipts"))).json() == before
    again = await _take(installation, sitting, sitter, file)
    assert again.new == 0


async def test_a_file_of_somebody_else_or_without_a_reason_is_refused(
    sit: Sit, sitting: Sitting, installation: Installation
) -> None:
    sitter, other = await sit(), await sit()
    for each in (sitter, other):
        await each.device.submit()
    now = datetime.now(UTC)
    rows = [("second", {"text": "unsent"}, now)]
    theirs = _file(installation, other.device, other.attempt, *rows)
    stranger = _file(installation, Device(sitter.person.client, sitter.attempt), sitter.attempt, *rows)
    unknown = _file(installation, sitter.device, sitter.attempt, ("nowhere", {"text": "x"}, now))
    for file in (theirs, stranger, unknown, b"{}", b"\xff"):
        with pytest.raises(Invalid):
            await _take(installation, sitting, sitter, file)
    with pytest.raises(Invalid):
        await _take(installation, sitting, sitter, _file(installation, sitter.device, sitter.attempt, *rows), " ")
