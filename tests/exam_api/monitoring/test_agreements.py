"""What is agreed with a candidate keeps rules silent: noted in the ledger, shown as left out by agreement, and as no flag."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from exam_api.db.models.attempts import Attempt
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.session import transaction
from exam_api.events import FlagLeftOut
from exam_api.installation import Installation
from exam_api.monitoring import service
from tests.exam_api.sitting import Sit, Sitter, Sitting


async def leave_page(installation: Installation, sitter: Sitter) -> None:
    now = datetime.now(UTC)
    async with transaction(installation.sessions) as session:
        await session.execute(update(Attempt).values(started_at=now - timedelta(minutes=2)))
    events = [
        {"n": 1, "kind": "hidden", "at": (now - timedelta(seconds=60)).isoformat()},
        {"n": 2, "kind": "visible", "at": now.isoformat(), "seconds": 60},
    ]
    await sitter.device.send("POST", sitter.path("/events"), {"events": events})
    for recent in (service.Recent(), None, None):
        async with transaction(installation.sessions) as session:
            await service.raise_flags(session, UUID(sitter.attempt), datetime.now(UTC), recent)


async def test_an_agreed_break_is_no_flag_and_is_noted_once(
    sit: Sit, sitting: Sitting, installation: Installation
) -> None:
    free, bound = await sit(), await sit()
    address = f"/api/sittings/{sitting.id}/roster/{free.person.id}/accommodations"
    kept = await sitting.instructor.client.put(address, json={"accommodations": ["tics", "breaks"]})
    assert (kept.status_code, kept.json()["accommodations"]) == (200, ["breaks", "tics"])
    for sitter in (free, bound):
        await leave_page(installation, sitter)
    read = sitting.instructor.client.get
    assert (await read(free.path("/flags"))).json() == []
    assert len((await read(bound.path("/flags"))).json()) == 1
    left_out = (await read(free.path("/left-out"))).json()
    assert [each["rule"] for each in left_out] == ["hidden_page"]
    assert (await read(bound.path("/left-out"))).json() == []
    assert (await free.person.client.get(free.path("/left-out"))).status_code == 403
    async with transaction(installation.sessions) as session:
        noted = select(LedgerLine.data).where(LedgerLine.tag == FlagLeftOut.tag)
        assert [line["agreed"] for line in await session.scalars(noted)] == [["breaks"]]


async def test_only_who_leads_the_sitting_agrees_and_only_to_what_there_is(sit: Sit, sitting: Sitting) -> None:
    sitter = await sit()
    address = f"/api/sittings/{sitting.id}/roster/{sitter.person.id}/accommodations"
    assert (await sitter.person.client.put(address, json={"accommodations": ["breaks"]})).status_code == 403
    wrong = await sitting.instructor.client.put(address, json={"accommodations": ["anything"]})
    assert wrong.status_code == 422
    nobody = address.replace(str(sitter.person.id), str(UUID(int=7)))
    assert (await sitting.instructor.client.put(nobody, json={"accommodations": []})).status_code == 404
