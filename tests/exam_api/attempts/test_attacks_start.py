"""Attacks on the start in a crowd: one who is refused harms nobody, and no signature starts anything else."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update

from credentials.canonical import b64u_decode
from exam_api.db.models.accounts import User
from exam_api.db.models.attempts import Attempt
from exam_api.db.session import transaction
from exam_api.installation import Installation
from loadtests.device import Device
from tests.exam_api.attempts.test_further import allow
from tests.exam_api.attempts.test_start import Ready, attempt_of, ready
from tests.exam_api.sitting import Sitting

__all__ = ["ready"]

Make = Callable[..., Awaitable[Ready]]


async def change(installation: Installation, each: Ready, **values: Any) -> None:
    async with transaction(installation.sessions) as session:
        await session.execute(update(Attempt).where(Attempt.id == UUID(each.attempt)).values(**values))


async def test_who_is_refused_takes_nobody_along(ready: Make, installation: Installation) -> None:
    room = [await ready() for _ in range(6)]
    signed = [await each.sign() for each in room]
    voided, left, twice, foreign = room[0], room[1], room[2], room[3]
    await change(installation, voided, status="voided")
    async with transaction(installation.sessions) as session:
        await session.execute(update(User).where(User.id == left.person.id).values(disabled_at=datetime.now(UTC)))
    signed[3] = signed[4]  # somebody else's signed start
    calls = [each.start(one) for each, one in zip(room, signed, strict=True)]
    answers = await asyncio.gather(*calls, twice.start(signed[2]))
    said = [answer.status_code for answer in answers]
    assert said[0] == 409
    assert said[1] in {401, 403}
    assert sorted((said[2], said[6])) == [200, 409]
    assert (said[3], answers[3].json()["code"]) == (401, "passkey-refused")
    assert said[4:6] == [200, 200]
    for each in (voided, left, foreign):
        assert (await attempt_of(installation, each)).started_at is None


async def test_a_start_that_somebody_took_can_be_signed_again(ready: Make) -> None:
    one, other = await ready(), await ready()
    mine, theirs = await one.sign(), await other.sign()
    assert (await one.start(theirs)).status_code == 401
    assert (await other.start(theirs)).status_code == 200
    assert (await one.start(mine)).status_code == 200


async def test_a_statement_of_another_sitting_or_device_starts_nothing(
    ready: Make, sitting: Sitting, installation: Installation
) -> None:
    one = await ready()
    row = (await sitting.instructor.client.get(f"/api/sittings/{sitting.id}")).json()
    names = ("title", "opens_at", "closes_at", "minutes", "version_id")
    body = {name: row[name] for name in names} | {"roster": [{"email": one.person.email}]}
    second = (await sitting.instructor.client.post("/api/sittings", json=body)).raise_for_status().json()["id"]
    client = one.person.client
    opened = (await client.post(f"/api/sittings/{second}/attempts")).raise_for_status().json()
    terms = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
    (await client.post(f"/api/attempts/{opened['id']}/consent", json=terms)).raise_for_status()
    there = Ready(one.person, opened["id"])
    there.device.key = one.device.key
    refused = await there.start(await one.sign())
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong-state") or refused.status_code == 401
    if refused.status_code == 401:  # the nonce was new to this device
        refused = await there.start(await one.sign())
        assert (refused.status_code, refused.json()["code"]) == (409, "wrong-state")
    signed = await one.sign()
    one.device = Device(client, one.attempt, nonce=one.device.nonce)  # another key
    refused = await one.start(signed)
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong-state")
    assert (await attempt_of(installation, one)).status == "ready"


async def test_both_attempts_of_two_sittings_start_at_one_moment_with_one_passkey(
    ready: Make, sitting: Sitting
) -> None:
    """The same passkey signs both: its counter must not make one of them fail."""
    one = await ready()
    row = (await sitting.instructor.client.get(f"/api/sittings/{sitting.id}")).json()
    names = ("title", "opens_at", "closes_at", "minutes", "version_id")
    body = {name: row[name] for name in names} | {"roster": [{"email": one.person.email}]}
    second = (await sitting.instructor.client.post("/api/sittings", json=body)).raise_for_status().json()["id"]
    client = one.person.client
    opened = (await client.post(f"/api/sittings/{second}/attempts")).raise_for_status().json()
    terms = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
    (await client.post(f"/api/attempts/{opened['id']}/consent", json=terms)).raise_for_status()
    there = Ready(one.person, opened["id"])
    signed = [await one.sign(), await there.sign()]
    answers = await asyncio.gather(one.start(signed[0]), there.start(signed[1]))
    assert [answer.status_code for answer in answers] == [200, 200]


async def test_the_release_of_the_others_stops_a_start_at_the_same_moment(
    ready: Make, sitting: Sitting, installation: Installation
) -> None:
    """The path of the crowd and the one step by step refuse alike."""
    await allow(sitting, attempts=2)
    one = await ready()
    signed = await one.sign()
    assert (await one.start(signed)).status_code == 200
    await one.device.open_paper()
    await one.device.submit()
    client = one.person.client
    opened = (await client.post(f"/api/sittings/{sitting.id}/attempts", json={"number": 2})).raise_for_status().json()
    terms = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
    (await client.post(f"/api/attempts/{opened['id']}/consent", json=terms)).raise_for_status()
    two = Ready(one.person, opened["id"])
    signed = await two.sign()
    await change(installation, one, released_at=datetime.now(UTC))
    refused = await two.start(signed)
    assert (refused.status_code, refused.json()["code"]) == (409, "result-is-out")
    assert (await attempt_of(installation, two)).started_at is None


HOSTILE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "NUL in the client data": lambda c: c["response"].update(clientDataJSON=c["response"]["clientDataJSON"] + "\0"),
    "noise in the signature": lambda c: c["response"].update(signature="\0*" + c["response"]["signature"]),
    "noise in the id": lambda c: c.update(id=c["id"] + "\0"),
    "half a letter": lambda c: c["response"].update(authenticatorData=c["response"]["authenticatorData"] + "\ud800"),
    "padding": lambda c: c["response"].update(clientDataJSON=c["response"]["clientDataJSON"] + "=" * 9),
    "a long id": lambda c: c.update(id="A" * 3_000),
    "a number": lambda c: c.update(id=7, rawId=7),
    "deep": lambda c: c.update(more=json.loads("[" * 400 + "]" * 400)),
    "a list for the answer": lambda c: c.update(response=[]),
    "null": lambda c: c["response"].update(signature=None),
}


@pytest.mark.parametrize("spoil", HOSTILE.values(), ids=HOSTILE)
async def test_what_stands_around_a_signature_breaks_nothing_and_is_not_kept(
    ready: Make, installation: Installation, spoil: Callable[[dict[str, Any]], Any]
) -> None:
    """Whatever is kept with the start must be what anybody can check again."""
    one = await ready()
    signed = await one.sign()
    spoil(signed["credential"])
    raw = json.dumps(signed).encode()
    said = {"Content-Type": "application/json"}
    answer = await one.device.send("POST", one.path("/start"), raw, bare=True, said=said)
    assert answer.status_code in {200, 400, 401, 403, 422}, answer.text
    if answer.status_code == 200:
        one.device.take(answer.json())
        await one.device.open_paper()
        await one.device.submit()
        (await one.person.client.get(one.path("/receipts"))).raise_for_status()
        kept = (await attempt_of(installation, one)).statement
        assert kept is not None
        for text in kept["assertion"].values():
            assert b64u_decode(text), "its one exact form, or this raises"


async def test_a_cookie_that_is_none_starts_nothing(ready: Make, new_client: Callable[[], httpx.AsyncClient]) -> None:
    one = await ready()
    signed = await one.sign()
    headers = {"DPoP": one.device.proof("POST", one.path("/start"), None), "Cookie": "session='; --; session=\x7f"}
    answer = await new_client().post(one.path("/start"), json=signed, headers=headers)
    assert answer.status_code == 401
