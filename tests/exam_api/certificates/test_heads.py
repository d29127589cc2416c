"""Seals in the public log: once each, in batches, never in the way of a certificate, and proven by the candidate's file alone."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import delete, func, insert, select

from credentials.attempt.receipts_report import examine
from credentials.canonical import jcs
from credentials.keys.ed25519 import SigningKey
from credentials.transparency import log
from exam_api.attempts.service import arbiter
from exam_api.attempts.service.states import Status
from exam_api.certificates import queries, tasks
from exam_api.certificates.service import heads, keys
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.certificates import Checkpoint, LogEntry, LogTile
from exam_api.db.models.proofs import ReceiptHead
from exam_api.db.session import transaction
from exam_api.errors import LogInconsistent
from exam_api.events import AttemptSubmitted
from exam_api.installation import Installation, Workshop
from exam_api.worker import AFTER, EACH
from tests.exam_api.certificates.conftest import Award, HandIn, Script


async def _file(script: Script) -> dict[str, Any]:
    answer = await script.person.client.get(f"/api/attempts/{script.attempt}/receipts")
    return dict(answer.raise_for_status().json())


async def _count(installation: Installation, table: Any) -> int:
    async with transaction(installation.sessions) as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_a_submitted_exam_is_in_the_log_and_its_file_proves_it_offline(
    hand_in: HandIn, workshop: Workshop, installation: Installation, client: httpx.AsyncClient
) -> None:
    script = await hand_in()
    trust = keys.trust(installation, keys.Known(installation.keyring.issuer.public))
    early = examine(jcs(await _file(script)), trust)
    assert (early.proven, early.log.outcome) == (True, "absent"), "not yet, and that is said"
    await tasks.log_heads(workshop, {})
    file = await _file(script)
    found = examine(jcs(file), trust)
    assert (found.proven, found.log.outcome, found.log.index, found.log.size, found.log.pinned) == (
        *(True, "proven", 1, 2, True),
    ), "entry 0 names the key"
    # The very leaf is what anybody can fetch; it names nobody.
    leaves = (await client.get("/log/entries")).raise_for_status().json()["leaves"]
    assert len(leaves) == 2
    assert script.attempt not in str(leaves)
    cut = {**file, "receipts": file["receipts"][:-1], "answers": {}}
    assert not examine(jcs(cut), trust).proven
    assert examine(jcs({**cut, "seal": None}), trust).log.outcome == "not proven"


async def test_a_second_submit_or_run_or_a_void_logs_nothing_more(
    hand_in: HandIn, workshop: Workshop, installation: Installation
) -> None:
    first, second = await hand_in(), await hand_in(name="Second Person")
    await asyncio.gather(*(tasks.log_heads(workshop, first.payload) for _ in range(4)))
    async with transaction(installation.sessions) as session:
        attempt = await session.get_one(Attempt, UUID(second.attempt))
        attempt.status = Status.voided
    await tasks.log_heads(workshop, second.payload)
    assert await _count(installation, LogEntry) == 3
    assert [(await _file(each))["log"]["proof"].count("index ") for each in (first, second)] == [1, 1]


async def test_a_voided_attempt_that_was_not_logged_yet_still_is(
    hand_in: HandIn, workshop: Workshop, installation: Installation
) -> None:
    script = await hand_in()
    async with transaction(installation.sessions) as session:
        (await session.get_one(Attempt, UUID(script.attempt))).status = Status.voided
    await tasks.log_heads(workshop, {})
    assert await _count(installation, LogEntry) == 2, "what was submitted was submitted, whatever was decided about it"


async def test_a_hall_takes_a_few_heads_and_certificates_come_between(
    award: Award, hand_in: HandIn, workshop: Workshop, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many seals at once, written by two workers, while a certificate is issued."""
    monkeypatch.setattr(heads, "BATCH", 40)
    script = await hand_in()
    await _many_seals(installation, script, 600)
    await asyncio.gather(tasks.log_heads(workshop, {}), tasks.log_heads(workshop, {}), award(name="Ada"))
    await tasks.log_heads(workshop, {})
    key = (installation.keyring.log.public,)
    async with transaction(installation.sessions) as session:
        rows = list(await session.scalars(select(ReceiptHead).order_by(ReceiptHead.log_index)))
        seals: dict[UUID, Any] = dict((await session.execute(select(Attempt.id, Attempt.seal))).all())
        entries = list(await session.scalars(select(LogEntry).order_by(LogEntry.index)))
        notes = list(await session.scalars(select(Checkpoint).order_by(Checkpoint.size)))
        tree = await queries.tree(session, len(entries), *range(len(entries)))
    leaves = [entry.leaf for entry in entries]
    assert len(entries) == len(rows) + 4 == 606  # the keys, the status list and the certificate, too
    assert len(notes) < 30
    assert tree.root() == log.root(leaves) == log.open_checkpoint(notes[-1].note, key).root
    for row in rows:
        assert row.salt
        assert row.proof
        index, head = log.prove_entry(log.receipt_head_leaf(seals[row.attempt_id], row.salt), row.proof, key)
        assert index == row.log_index
        assert head.root == log.root(leaves[: head.size])


async def _many_seals(installation: Installation, script: Script, count: int) -> None:
    """As if so many others had submitted in the same moment."""
    async with transaction(installation.sessions) as session:
        one = await session.get_one(Attempt, UUID(script.attempt))
        skip = {"id", "candidate_id", "sitting_id"}
        same = {c.name: getattr(one, c.name) for c in Attempt.__table__.columns if c.name not in skip}
        people = [{"email": f"{n}@many.example", "name": f"P{n}", "roles": ["candidate"]} for n in range(count)]
        from exam_api.db.models.accounts import User

        ids = (await session.scalars(insert(User).returning(User.id), people)).all()
        rows = [same | {"candidate_id": each, "sitting_id": one.sitting_id} for each in ids]
        made = (await session.scalars(insert(Attempt).returning(Attempt.id), rows)).all()
        at = datetime.now(UTC)
        sealed = [{"attempt_id": each, "sealed_at": at + timedelta(milliseconds=n)} for n, each in enumerate(made)]
        await session.execute(insert(ReceiptHead), sealed)


async def test_a_log_that_does_not_fit_its_head_takes_no_seal(
    hand_in: HandIn, workshop: Workshop, installation: Installation
) -> None:
    first = await hand_in()
    await tasks.log_heads(workshop, {})
    async with transaction(installation.sessions) as session:
        (tile,) = await session.scalars(select(LogTile))
        tile.hashes = bytes(32)
    await hand_in(name="Second Person")
    with pytest.raises(LogInconsistent):
        await tasks.log_heads(workshop, {})
    assert await _count(installation, LogEntry) == 2
    assert examine(
        jcs(await _file(first)), keys.trust(installation, keys.Known(installation.keyring.issuer.public))
    ).proven, "what was proven stays proven"


@pytest.mark.parametrize("harm", ["nothing", "leaf", "tile", "entry", "head"])
async def test_each_night_everything_is_computed_again(
    award: Award, hand_in: HandIn, workshop: Workshop, installation: Installation, harm: str, client: httpx.AsyncClient
) -> None:
    script = await hand_in()
    await tasks.check_log(workshop, {})
    await _many_seals(installation, script, 300)
    await tasks.log_heads(workshop, {})
    async with transaction(installation.sessions) as session:
        if harm == "leaf":
            (await session.get_one(LogEntry, 3)).leaf = bytes(32)
        elif harm == "tile":
            tile = await session.get_one(LogTile, (0, 0))
            tile.hashes = bytes(32) + tile.hashes[32:]
        elif harm == "entry":
            await session.delete(await session.get_one(LogEntry, 7))
        elif harm == "head":
            await session.execute(delete(Checkpoint))
            note = log.checkpoint("localhost:8000/log", 301, bytes(32), installation.keyring.log)
            session.add(Checkpoint(size=301, note=note, at=datetime.now(UTC)))
    if harm == "nothing":
        await tasks.check_log(workshop, {})
    else:
        with pytest.raises(LogInconsistent):
            await tasks.check_log(workshop, {})
    for index in (1, 299):
        proof = await client.get(f"/log/proof/{index}")
        assert proof.status_code == (500 if harm == "head" or (harm == "tile" and index == 1) else 200)


def test_the_worker_follows_a_submission_and_looks_again_each_minute() -> None:
    (follow,) = [each for each in AFTER[AttemptSubmitted] if each.task is tasks.log_heads]
    key: Callable[[dict[str, Any]], str] | None = follow.key
    assert key is not None
    assert key({"attempt_id": "a"}) == key({"attempt_id": "b"}), "one job for a whole hall"
    assert tasks.log_heads in EACH["* * * * *"]
    assert any(tasks.check_log in each for each in EACH.values())


@pytest.mark.parametrize(("last_valid", "proven"), [(1, True), (0, False)])
async def test_the_arbiters_page_knows_which_seals_of_a_stolen_key_count(
    hand_in: HandIn, workshop: Workshop, installation: Installation, last_valid: int, proven: bool
) -> None:
    script = await hand_in()
    await tasks.log_heads(workshop, {})
    file = jcs(await _file(script))
    new = SigningKey.generate(b"the key for receipts that came 2")
    async with transaction(installation.sessions) as session:
        await keys.change_receipts(session, installation, new, datetime.now(UTC), last_valid)
    ring = installation.keyring
    after = replace(installation, keyring=replace(ring, receipt=new, receipt_stolen=(ring.receipt.public,)))
    async with transaction(after.sessions) as session:
        judged = await arbiter.judge(session, after, None, file)
    assert judged.report.proven == proven
    assert judged.report.pinned
    if not proven:
        assert "somebody else had the key" in str(judged.report.refusal)
