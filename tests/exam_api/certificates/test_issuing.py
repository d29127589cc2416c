"""From a released pass to a certificate that proves itself, and what earns none."""

import asyncio
import itertools
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select

from credentials.issuance.certificate import identity_hash
from credentials.transparency import log
from exam_api.certificates import tasks
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.certificates import Certificate, Checkpoint, LogEntry, LogTile
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.session import transaction
from exam_api.errors import LogInconsistent
from exam_api.events import DecisionMade, GradesReleased
from exam_api.installation import Installation, Workshop
from exam_api.worker import AFTER
from tests.exam_api.certificates.conftest import WRONG, Award, Hall, HandIn
from tests.factories import Person, person

ROOT = Path(__file__).parents[3]


async def files(client: httpx.AsyncClient, award: dict[str, Any], folder: Path) -> tuple[Path, Path]:
    """The bundle and the trust file, as an employer downloads them."""
    bundle, trust = folder / "certificate.json", folder / "trust.json"
    bundle.write_bytes((await client.get(f"/c/{award['id']}.json")).raise_for_status().content)
    trust.write_bytes((await client.get("/trust.json")).raise_for_status().content)
    return bundle, trust


def verify(bundle: Path, trust: Path) -> dict[str, Any]:
    """What the offline verifier says: another process, no server, no database."""
    command = [sys.executable, "-m", "credentials", "verify", str(bundle), "--trust", str(trust), "--json"]
    said = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    report = json.loads(said.stdout)
    assert said.returncode == (0 if report["verdict"] == "proven" else 1)
    return report


async def count(installation: Installation, table: type[Any] = Certificate) -> int:
    async with transaction(installation.sessions) as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_a_released_pass_is_proven_offline(
    award: Award, client: httpx.AsyncClient, installation: Installation, tmp_path: Path
) -> None:
    made = await award(name="Ada Ampère")
    bundle, trust = await files(client, made, tmp_path)
    report = verify(bundle, trust)
    assert report["verdict"] == "proven"
    assert report["signature"]["pinned"]
    assert report["log"]["pinned"]
    assert report["status"]["outcome"] == "valid"
    assert report["certificate"]["recipient"] == "Ada Ampère"
    assert ["Score", "100"] in report["certificate"]["results"]
    credential = json.loads(bundle.read_text())["credential"]
    text = json.dumps(credential)
    person = made["script"].person
    assert person.email not in text
    _name, mail = credential["credentialSubject"]["identifier"]
    assert mail["identityHash"] == identity_hash(person.email, mail["salt"])
    assert credential["id"] == made["url"] == f"http://localhost:8000/c/{made['id']}"
    assert int(credential["validUntil"][:4]) - int(credential["validFrom"][:4]) == 2
    async with transaction(installation.sessions) as session:
        line = (await session.scalars(select(LedgerLine).where(LedgerLine.tag == "certificate:issued"))).one()
    assert line.data["attempt_id"] == made["script"].attempt


async def test_a_changed_word_is_not_proven(award: Award, client: httpx.AsyncClient, tmp_path: Path) -> None:
    bundle, trust = await files(client, await award(), tmp_path)
    bundle.write_text(bundle.read_text().replace("Cora Candidate", "Carl Candidate"))
    report = verify(bundle, trust)
    assert report["verdict"] == "not proven"
    assert report["certificate"] is None
    answer = (await client.post("/api/verify", content=bundle.read_bytes())).raise_for_status().json()
    assert (answer["verdict"], answer["ours"]) == ("not proven", True)


async def test_revoked_means_revoked_though_the_signature_holds(
    award: Award, hall: Hall, client: httpx.AsyncClient, installation: Installation, tmp_path: Path
) -> None:
    made = await award()
    old, trust = await files(client, made, tmp_path)
    old_file = old.read_bytes()
    path = f"/api/certificates/{made['id']}/revoke"
    body = {"reason": "It was issued to the wrong person."}
    answer = (await hall.instructor.client.post(path, json=body)).raise_for_status().json()
    assert answer["status_version"] == 2
    new, _ = await files(client, made, tmp_path)
    report = verify(new, trust)
    assert report["verdict"] == "revoked"
    assert report["signature"]["outcome"] == "proven"
    assert report["log"]["outcome"] == "proven"
    # Offline, an old file cannot know; shown to us, it does.
    fresh = (await client.post("/api/verify", content=old_file)).raise_for_status().json()
    assert fresh["verdict"] == "revoked"
    assert (await hall.instructor.client.post(path, json=body)).status_code == 409
    (mine,) = (await made["script"].person.client.get("/api/me/certificates")).json()
    assert mine["revoked_reason"] == body["reason"]
    assert body["reason"] not in (await client.get(f"/c/{made['id']}", headers={"accept": "text/html"})).text
    async with transaction(installation.sessions) as session:
        kinds = list(await session.scalars(select(LogEntry.kind).order_by(LogEntry.index)))
    assert kinds == ["key-add", "status-list", "certificate", "status-list"]


async def test_who_may_revoke(
    award: Award, client: httpx.AsyncClient, installation: Installation, new_client: Callable[[], httpx.AsyncClient]
) -> None:
    made = await award()
    path, body = f"/api/certificates/{made['id']}/revoke", {"reason": "Not for you to do."}
    assert (await client.post(path, json=body)).status_code == 401
    assert (await made["script"].person.client.post(path, json=body)).status_code == 403
    operator = await person(new_client(), installation, "operator", name="Opal")
    for wrong in ("x", "   ", "with\x00nul", "x" * 2001):
        assert (await operator.client.post(path, json={"reason": wrong})).status_code == 422
    unknown = path.replace(made["id"], "00000000-0000-4000-8000-000000000000")
    assert (await operator.client.post(unknown, json=body)).status_code == 404
    assert (await operator.client.post(path, json=body)).status_code == 200


async def test_only_a_released_complete_pass_earns_one(
    hand_in: HandIn, release: Callable[[], Awaitable[Any]], workshop: Workshop, installation: Installation, hall: Hall
) -> None:
    passed = await hand_in()
    await tasks.issue_if_earned(workshop, passed.payload)
    assert await count(installation) == 0, "not released yet"
    failed = await hand_in(WRONG)
    voided = await hand_in()
    await release()
    body = {"outcome": "void", "reason": "Somebody else sat it."}
    path = f"/api/reviews/{voided.attempt}/decision"
    (await hall.instructor.client.post(path, json=body)).raise_for_status()
    for script in (failed, voided):
        await tasks.issue_if_earned(workshop, script.payload)
    await tasks.issue_if_earned(workshop, {"attempt_id": "00000000-0000-4000-8000-000000000000"})
    assert await count(installation) == 0
    async with transaction(installation.sessions) as session:
        (await session.get_one(Attempt, UUID(passed.attempt))).released_at = workshop.now()
    zero: dict[str, object] = {"points": 0, "reason": "The answer was somebody else's."}
    for item in ("pick", "number"):
        grade = f"/api/attempts/{passed.attempt}/grades/{item}"
        (await hall.instructor.client.put(grade, json=zero)).raise_for_status()
    await tasks.issue_if_earned(workshop, passed.payload)
    assert await count(installation) == 0


async def test_issuing_twice_makes_one(award: Award, workshop: Workshop, installation: Installation) -> None:
    script = (await award())["script"]
    await tasks.issue_if_earned(workshop, script.payload)
    await asyncio.gather(*(tasks.issue_if_earned(workshop, script.payload) for _ in range(4)))
    assert await count(installation) == 1
    assert await count(installation, LogEntry) == 3


async def test_a_void_takes_the_certificate_back(
    award: Award, hall: Hall, workshop: Workshop, client: httpx.AsyncClient
) -> None:
    made = await award()
    decision = {"outcome": "void", "reason": "The wrong person sat it, we learned later."}
    path = f"/api/reviews/{made['script'].attempt}/decision"
    (await hall.instructor.client.post(path, json=decision)).raise_for_status()
    for _ in range(2):
        await tasks.revoke_if_voided(workshop, {**made["script"].payload, **decision})
    assert (await client.get(f"/api/certificates/{made['id']}")).json()["verdict"] == "revoked"
    harmless = {**made["script"].payload, "outcome": "no_concern"}
    await tasks.revoke_if_voided(workshop, harmless)


async def test_ten_at_once_keep_the_log_whole(
    hand_in: HandIn,
    release: Callable[[], Awaitable[Any]],
    workshop: Workshop,
    installation: Installation,
    client: httpx.AsyncClient,
) -> None:
    scripts = [await hand_in(name=f"Person {number}") for number in range(10)]
    await release()
    await asyncio.gather(*(tasks.issue_if_earned(workshop, script.payload) for script in scripts))
    key, origin = installation.keyring.log.public, "localhost:8000/log"
    async with transaction(installation.sessions) as session:
        entries = list(await session.scalars(select(LogEntry).order_by(LogEntry.index)))
        rows = list(await session.scalars(select(Certificate)))
        notes = list(await session.scalars(select(Checkpoint.note).order_by(Checkpoint.size)))
    leaves = [entry.leaf for entry in entries]
    assert [entry.index for entry in entries] == list(range(12))
    assert len({row.status_index for row in rows}) == 10
    heads = [log.open_checkpoint(note, (key,), origin) for note in notes]
    assert [head.size for head in heads] == list(range(1, 13))
    for old, new in itertools.pairwise(heads):
        path = log.consistency_proof(leaves[: new.size], old.size)
        log.verify_consistency(old.size, new.size, path, old.root, new.root)
    for row in rows:
        said = log.parse_proof((await client.get(f"/log/proof/{row.log_index}")).raise_for_status().text)
        head = log.open_checkpoint(said.checkpoint, (key,), origin)
        leaf = log.leaf_hash(log.certificate_leaf(row.document, row.salt))
        log.verify_inclusion(leaf, said.index, head.size, said.path, head.root)


@pytest.mark.parametrize("harm", ["changed", "short", "lost", "headless", "forged head"])
async def test_a_log_that_broke_its_promise_is_not_signed(
    award: Award,
    hand_in: HandIn,
    release: Callable[[], Awaitable[Any]],
    workshop: Workshop,
    installation: Installation,
    harm: str,
) -> None:
    await award()
    async with transaction(installation.sessions) as session:
        heads = list(await session.scalars(select(Checkpoint)))
        if harm == "changed":
            (tile,) = await session.scalars(select(LogTile))
            tile.hashes = bytes(32) + tile.hashes[32:]
        elif harm == "short":
            (tile,) = await session.scalars(select(LogTile))
            tile.hashes = tile.hashes[:32]
        elif harm == "lost":
            await session.delete(await session.get_one(LogEntry, 2))
        elif harm == "headless":
            for head in heads:
                await session.delete(head)
        else:
            for head in heads:
                head.note = head.note.replace("\n3\n", "\n1\n")
    script = await hand_in(name="Next Candidate")
    await release()
    with pytest.raises(LogInconsistent):
        await tasks.issue_if_earned(workshop, script.payload)
    assert await count(installation) == 1


async def test_mine_are_mine_alone(
    award: Award, installation: Installation, new_client: Callable[[], httpx.AsyncClient], client: httpx.AsyncClient
) -> None:
    await award()
    stranger: Person = await person(new_client(), installation, name="Sam Stranger")
    assert (await stranger.client.get("/api/me/certificates")).json() == []
    assert (await client.get("/api/me/certificates")).status_code == 401


def test_the_worker_follows_release_and_decision() -> None:
    assert [follow.task for follow in AFTER[GradesReleased]] == [tasks.issue_if_earned]
    assert [follow.task for follow in AFTER[DecisionMade]] == [tasks.revoke_if_voided]
