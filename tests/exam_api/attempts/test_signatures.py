"""A statement signed on another device: one person's, for a few minutes, and proven only where it is used."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import delete, text

from exam_api.db.models.accounts import Challenge
from exam_api.installation import Installation
from loadtests.device import Device
from tests.exam_api.exams.test_pages import get
from tests.exam_api.sitting import Sitting
from tests.factories import Person, person

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def asked(sitting: Sitting, ada: Person) -> tuple[Device, dict[str, Any]]:
    """Somebody's device asks for the signature that starts the exam."""
    opened = (await ada.client.post(f"/api/sittings/{sitting.id}/attempts")).raise_for_status().json()
    terms = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
    (await ada.client.post(f"/api/attempts/{opened['id']}/consent", json=terms)).raise_for_status()
    device = Device(ada.client, opened["id"])
    path = f"/api/attempts/{opened['id']}/start/options"
    return device, (await device.send("POST", path, bare=True)).raise_for_status().json()


async def start(device: Device, asked: dict[str, Any], credential: dict[str, Any]) -> httpx.Response:
    body = {"id": asked["id"], "credential": credential}
    return await device.send("POST", f"/api/attempts/{device.attempt}/start", body, bare=True, tries=1)


async def test_another_device_signs_and_the_one_that_asked_starts(
    sitting: Sitting, enrolled: Callable[..., Awaitable[Person]]
) -> None:
    ada = await enrolled()
    assert "Nothing waits for your signature" in await get(ada.client, "/sign")
    device, question = await asked(sitting, ada)
    path = f"/api/signatures/{question['id']}"
    assert (await ada.client.get(path)).json() == {"credential": None}
    shown = await get(ada.client, "/sign")
    assert "A short exam" in shown
    assert question["options"]["challenge"] in shown
    answer = ada.authenticator.get(question["options"])
    assert (await ada.client.put(path, json={"credential": answer})).status_code == 204
    assert "Nothing waits for your signature" in await get(ada.client, "/sign")
    got = (await ada.client.get(path)).json()["credential"]
    assert (await start(device, question, got)).status_code == 200
    assert (await ada.client.get(path)).status_code == 404, "it is used up"


async def test_nobody_else_reads_or_gives_it_and_nonsense_starts_nothing(
    sitting: Sitting,
    enrolled: Callable[..., Awaitable[Person]],
    installation: Installation,
    new_client: Callable[[], httpx.AsyncClient],
) -> None:
    ada, eve = await enrolled(), await person(new_client(), installation)
    device, question = await asked(sitting, ada)
    path = f"/api/signatures/{question['id']}"
    assert (await eve.client.get(path)).status_code == 404
    assert (await eve.client.put(path, json={"credential": {}})).status_code == 404
    assert (await new_client().get(path)).status_code == 401
    assert (await ada.client.put(path, json={"credential": {"id": "x" * 30_000}})).status_code == 422
    for unstorable in ("\0", "\ud800", "ö"):
        body = json.dumps({"credential": {"id": unstorable}})
        sent = await ada.client.put(path, content=body, headers={"Content-Type": "application/json"})
        assert sent.status_code == 422
    for number in ("NaN", "Infinity", "1e999"):
        body = f'{{"credential": {{"id": {number}}}}}'
        sent = await ada.client.put(path, content=body, headers={"Content-Type": "application/json"})
        assert sent.status_code == 422
    (await ada.client.put(path, json={"credential": {"id": "AAAA"}})).raise_for_status()
    refused = await start(device, question, (await ada.client.get(path)).json()["credential"])
    assert refused.json()["code"] == "passkey-refused"


async def test_an_answer_that_comes_while_the_question_is_used_up_is_told_so(
    sitting: Sitting, enrolled: Callable[..., Awaitable[Person]], installation: Installation
) -> None:
    ada = await enrolled()
    _device, question = await asked(sitting, ada)
    async with installation.sessions.begin() as session:
        await session.execute(delete(Challenge).where(Challenge.id == UUID(question["id"])))
        late = asyncio.create_task(
            ada.client.put(f"/api/signatures/{question['id']}", json={"credential": {"id": "AAAA"}})
        )
        async with installation.sessions() as other:
            for _ in range(500):
                if await other.scalar(text(WAITING)):
                    break
                await asyncio.sleep(0.01)
    assert (await late).status_code == 404
