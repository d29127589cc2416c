"""The start: a whole room at one moment, each once, and whatever stands in the way is said as it always was."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, update

from exam_api.db import ledger
from exam_api.db.models.accounts import LoginSession, Passkey
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.session import transaction
from exam_api.installation import Installation
from loadtests.device import Device
from tests.exam_api.sitting import Sitting
from tests.factories import Person

Enrolled = Callable[..., Awaitable[Person]]


class Ready:
    """Somebody at the door with everything done but the start."""

    def __init__(self, person: Person, attempt: str) -> None:
        self.person, self.attempt = person, attempt
        self.device = Device(person.client, attempt)

    def path(self, rest: str = "") -> str:
        return f"/api/attempts/{self.attempt}{rest}"

    async def sign(self) -> dict[str, Any]:
        asked = (await self.device.send("POST", self.path("/start/options"), bare=True)).raise_for_status().json()
        return {"id": asked["id"], "credential": self.person.authenticator.get(asked["options"])}

    async def start(self, signed: dict[str, Any]) -> httpx.Response:
        return await self.device.send("POST", self.path("/start"), signed, bare=True, tries=1)


@pytest.fixture
def ready(sitting: Sitting, enrolled: Enrolled) -> Callable[..., Awaitable[Ready]]:
    async def make(*, consent: bool = True) -> Ready:
        person = await enrolled()
        opened = (await person.client.post(f"/api/sittings/{sitting.id}/attempts")).raise_for_status().json()
        if consent:
            terms = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
            (await person.client.post(f"/api/attempts/{opened['id']}/consent", json=terms)).raise_for_status()
        return Ready(person, opened["id"])

    return make


async def attempt_of(installation: Installation, ready: Ready) -> Attempt:
    async with installation.sessions() as session:
        return await session.get_one(Attempt, UUID(ready.attempt))


async def test_a_room_full_of_people_starts_at_one_moment(
    ready: Callable[..., Awaitable[Ready]], installation: Installation
) -> None:
    room = [await ready() for _ in range(8)]
    signed = [await each.sign() for each in room]
    answers = await asyncio.gather(*(each.start(one) for each, one in zip(room, signed, strict=True)))
    assert [answer.status_code for answer in answers] == [200] * len(room)
    for each, answer in zip(room, answers, strict=True):
        attempt = await attempt_of(installation, each)
        assert (attempt.status, attempt.generation, attempt.jkt) == ("running", 1, answer.json()["jkt"])
        assert attempt.ends_at is not None
        assert attempt.started_at is not None
        assert attempt.ends_at - attempt.started_at == timedelta(minutes=60)
        each.device.token = answer.json()["token"]
        await each.device.open_paper()
        await each.device.save("first", {"choice": ["a"]})
        async with installation.sessions() as session:
            query = select(LedgerLine).where(LedgerLine.stream == attempt.id).order_by(LedgerLine.seq)
            lines = list(await session.scalars(query))
            passkey = await session.scalar(select(Passkey).where(Passkey.user_id == each.person.id))
        assert ledger.broken_at(lines) is None
        assert [line.tag for line in lines].count("attempt:started") == 1
        assert passkey is not None
        assert passkey.last_used_at == attempt.started_at


async def test_an_answer_of_the_passkey_starts_once(
    ready: Callable[..., Awaitable[Ready]], installation: Installation
) -> None:
    one = await ready()
    signed = await one.sign()
    first, second = await asyncio.gather(one.start(signed), one.start(signed))
    assert sorted([first.status_code, second.status_code]) == [200, 409]
    refused = first if first.status_code == 409 else second
    assert refused.json()["code"] == "wrong-state"
    third = await one.start(signed)
    assert (third.status_code, third.json()["code"]) == (409, "wrong-state")
    assert (await attempt_of(installation, one)).generation == 1


async def test_a_proof_works_once(ready: Callable[..., Awaitable[Ready]]) -> None:
    one = await ready()
    signed = await one.sign()
    headers = {"DPoP": one.device.proof("POST", one.path("/start"), None)}
    first = await one.person.client.post(one.path("/start"), json=signed, headers=headers)
    assert first.status_code == 200
    again = await one.person.client.post(one.path("/start"), json=signed, headers=headers)
    assert (again.status_code, again.json()["code"]) == (401, "proof-replayed")


async def test_time_given_at_the_very_moment_of_the_start_counts(
    ready: Callable[..., Awaitable[Ready]], sitting: Sitting, installation: Installation
) -> None:
    for _ in range(4):
        one = await ready()
        signed = await one.sign()
        body = {"change": "extra", "amount": 7, "reason": "A slow computer", "people": [str(one.person.id)]}
        begun, given = await asyncio.gather(
            one.start(signed), sitting.instructor.client.post(f"/api/sittings/{sitting.id}/time", json=body)
        )
        assert (begun.status_code, given.status_code) == (200, 200)
        attempt = await attempt_of(installation, one)
        assert attempt.ends_at is not None
        assert attempt.started_at is not None
        assert attempt.ends_at - attempt.started_at == timedelta(minutes=67)


async def test_whoever_may_not_start_hears_why(
    ready: Callable[..., Awaitable[Ready]], new_client: Callable[[], httpx.AsyncClient], installation: Installation
) -> None:
    one, stranger, careless = await ready(), await ready(), await ready(consent=False)
    signed = await one.sign()

    refused = await careless.device.send("POST", careless.path("/start"), signed, bare=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "consent-needed")

    def proven(ready_: Ready, path: str) -> dict[str, str]:
        return {"DPoP": ready_.device.proof("POST", path, None)}

    nobody = await new_client().post(one.path("/start"), json=signed, headers=proven(one, one.path("/start")))
    assert (nobody.status_code, nobody.json()["code"]) == (401, "sign-in-needed")
    await stranger.sign()  # learns the nonce
    theirs = await stranger.person.client.post(
        one.path("/start"), json=signed, headers=proven(stranger, one.path("/start"))
    )
    assert (theirs.status_code, theirs.json()["code"]) == (404, "not-found")
    for wrong in ({"id": "nothing"}, {}, {**signed["credential"], "response": {}}):
        broken = await one.start({"id": signed["id"], "credential": wrong})
        assert broken.status_code in {401, 403}, broken.text
    async with transaction(installation.sessions) as session:
        await session.execute(
            update(LoginSession)
            .where(LoginSession.user_id == one.person.id)
            .values(seen_at=LoginSession.created_at - timedelta(days=1))
        )
    idle = await one.start(signed)
    assert (idle.status_code, idle.json()["code"]) == (401, "sign-in-needed")
    assert (await attempt_of(installation, one)).status == "ready"
