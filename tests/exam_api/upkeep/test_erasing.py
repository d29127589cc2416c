"""Erased at the holder's wish: what is gone, what stays, and what a kept file still proves."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from credentials.canonical import b64u_decode, jcs
from credentials.keys.ed25519 import PublicKey
from credentials.revocation import status
from credentials.transparency import log
from credentials.verification.trust import trust_from
from credentials.verification.verify import verify
from exam_api.certificates import queries
from exam_api.certificates import tasks as certificates
from exam_api.certificates.service import checking
from exam_api.db.session import transaction
from exam_api.installation import Installation, Workshop
from exam_api.upkeep import tasks
from exam_api.upkeep.schemas import ActivityIn
from exam_api.upkeep.service import erasing, renewing
from tests.exam_api.upkeep.conftest import HTML, Award, Hall, send
from tests.factories import Person, person


async def erase(client: httpx.AsyncClient, made: dict[str, Any]) -> httpx.Response:
    return await client.post(f"/api/certificates/{made['id']}/erase")


async def test_its_words_and_salt_are_gone_and_its_numbers_stay(
    award: Award, client: httpx.AsyncClient, installation: Installation, workshop: Workshop
) -> None:
    made = await award()
    holder = made["script"].person.client
    kept = (await client.get(f"/c/{made['id']}.json")).raise_for_status().json()
    before = (await client.get("/log/checkpoint")).text
    said = (await erase(holder, made)).raise_for_status().json()
    assert said["statement"]["certificate"] == made["id"]

    async with transaction(installation.sessions) as session:
        row = await queries.find_erased(session, UUID(made["id"]))
        assert row is not None
        assert (row.document, row.salt) == ({}, b"")
        index = row.status_index
        assert await queries.taken_indices(session, [index]) == {index}, "nobody gets its place again"
        assert await checking.check(session, installation) == row.log_index + 1, "the log is whole"
    assert (await client.get("/log/checkpoint")).text == before
    assert (await client.get(f"/log/proof/{row.log_index}")).status_code == 200

    # The holder's file is theirs: it still proves itself, here and elsewhere.
    trust = trust_from((await client.get("/trust.json")).content)
    assert verify(kept, trust, datetime.now(UTC)).verdict == "proven"
    assert (await client.post("/api/verify", json=kept)).json()["verdict"] == "proven"
    assert (await holder.get("/api/me/certificates")).json() == []
    await certificates.issue_if_earned(workshop, made["script"].payload)
    assert (await holder.get("/api/me/certificates")).json() == [], "it does not come back by itself"


@pytest.mark.parametrize("path", ["", ".json", ".png", ".pdf", "/print", "/refresh"])
async def test_every_address_says_that_it_was_erased(award: Award, client: httpx.AsyncClient, path: str) -> None:
    made = await award()
    (await erase(made["script"].person.client, made)).raise_for_status()
    answer = await client.get(f"/c/{made['id']}{path}", headers=HTML)
    assert answer.status_code == 410
    assert "erased at its holder" in answer.text
    assert "Cora" not in answer.text


async def test_the_statement_is_signed(award: Award, client: httpx.AsyncClient) -> None:
    made = await award()
    holder = made["script"].person.client
    said = (await erase(holder, made)).raise_for_status().json()["statement"]
    signature = b64u_decode(said.pop("signature"))
    PublicKey.from_multikey(said["kid"]).verify(signature, jcs(said))
    keys = (await client.get("/trust.json")).json()["receipt_keys"]
    assert said["kid"] in keys
    (listed,) = (await holder.get("/api/me/erased-certificates")).json()
    assert listed["id"] == made["id"]
    assert made["id"] in (await holder.get("/my/erased", headers=HTML)).text


async def test_the_page_asks_for_the_word(award: Award, client: httpx.AsyncClient) -> None:
    made = await award()
    holder, path = made["script"].person.client, f"/certificates/{made['id']}/erase"
    refused = await send(holder, path, path, confirmation="yes")
    assert refused.status_code == 422
    assert "Nothing was changed" in refused.text
    assert (await client.get(f"/c/{made['id']}.json")).status_code == 200
    done = await send(holder, path, path, confirmation="Erase")
    assert done.status_code == 200
    assert "certificate-erasure" in done.text
    assert (await client.get(f"/c/{made['id']}.json")).status_code == 410
    assert (await holder.get(path, headers=HTML)).status_code == 410


async def test_its_holder_or_an_operator_and_nobody_else(
    award: Award,
    client: httpx.AsyncClient,
    hall: Hall,
    registrar: Person,
    installation: Installation,
    new_client: Callable[[], httpx.AsyncClient],
) -> None:
    made = await award()
    other = await person(new_client(), installation, name="Otto Other")
    assert (await erase(new_client(), made)).status_code == 401
    assert (await erase(other.client, made)).status_code == 404
    assert (await erase(hall.instructor.client, made)).status_code == 404
    assert (await client.get(f"/c/{made['id']}.json")).status_code == 200
    assert (await erase(registrar.client, made)).status_code == 200
    assert (await erase(registrar.client, made)).status_code == 410


async def test_an_erased_one_is_still_revoked_when_its_attempt_is_voided(
    award: Award, client: httpx.AsyncClient, hall: Hall, workshop: Workshop
) -> None:
    """A kept file must not stay good because we no longer know its words."""
    made = await award()
    kept = (await client.get(f"/c/{made['id']}.json")).raise_for_status().json()
    (await erase(made["script"].person.client, made)).raise_for_status()
    decision = {"outcome": "void", "reason": "Somebody else sat there, we learned later."}
    path = f"/api/reviews/{made['script'].attempt}/decision"
    (await hall.instructor.client.post(path, json=decision)).raise_for_status()
    await certificates.revoke_if_voided(workshop, {**made["script"].payload, **decision})
    found = (await client.post("/api/verify", json=kept)).json()
    assert (found["verdict"], found["status"]["code"]) == ("revoked", "attempt-voided")


async def test_a_copy_of_the_log_stays_whole(
    award: Award, client: httpx.AsyncClient, installation: Installation
) -> None:
    made, other = await award(), await award(name="Otto Other")
    kept = (await client.get(f"/c/{other['id']}.json")).raise_for_status().json()
    (await erase(made["script"].person.client, made)).raise_for_status()
    head = log.open_checkpoint((await client.get("/log/checkpoint")).text, installation.keyring.log_keys)
    leaves = (await client.get("/log/entries")).json()["leaves"]
    assert len(leaves) == head.size
    assert (await client.post("/api/verify", json=kept)).json()["verdict"] == "proven"
    index = status.read_entry(kept["credential"]["credentialStatus"])[1]
    assert not status.read((await client.get("/status/1")).json()).revoked(index)


async def test_a_file_goes_once_its_row_is_gone_for_good(
    award: Award, installation: Installation, workshop: Workshop
) -> None:
    made = await award()
    number, holder = UUID(made["id"]), made["script"].person
    day = datetime.now(UTC).date()
    body = ActivityIn(title="Splices", provider="Harbour school", day=day, credits=2)
    async with transaction(installation.sessions) as session:
        row = await queries.lock_row(session, number)
        file = ("proof.pdf", b"%PDF-1.4\n")
        noted = await renewing.note(session, installation, row, holder.id, body, file, workshop.now(), workshop.chance)
        blob = noted.blob
    assert blob is not None
    async with installation.sessions() as session:  # this one never commits
        row = await queries.lock_row(session, number)
        await erasing.erase(session, installation, row, holder.id, workshop.now())
    await installation.blobs.get_async(blob)

    (await erase(holder.client, made)).raise_for_status()
    async with transaction(installation.sessions) as session:
        told = text("SELECT payload FROM pgqueuer WHERE entrypoint = :task")
        (payload,) = await session.scalars(told, {"task": renewing.DELETE})
    for _twice in range(2):
        await tasks.delete_files(workshop, json.loads(payload))
    with pytest.raises(FileNotFoundError):
        await installation.blobs.get_async(blob)
