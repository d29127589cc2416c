"""A log that grew before there were tiles goes on; what was submitted then goes into it too."""

from collections.abc import Callable
from datetime import UTC, datetime
from os import urandom

from alembic import command
from sqlalchemy import Connection, insert, select, text

from credentials.transparency import log
from exam_api.certificates import tasks
from exam_api.certificates.service import checking
from exam_api.certificates.service.institution import log_origin
from exam_api.db.migrate import alembic_config
from exam_api.db.models.certificates import LogEntry
from exam_api.db.models.proofs import ReceiptHead
from exam_api.db.session import transaction
from exam_api.installation import Installation, Workshop
from tests.exam_api.certificates.conftest import Award, HandIn

BEFORE, SIZE = "attachments", 700  # two full tiles, one begun, and a second level


async def _move(installation: Installation, change: Callable[[Connection], None]) -> None:
    async with installation.sessions.kw["bind"].begin() as connection:
        await connection.run_sync(change)


async def test_an_old_log_gets_its_tiles_and_old_seals_their_entries(
    hand_in: HandIn, workshop: Workshop, installation: Installation
) -> None:
    script = await hand_in()
    leaves, now = [log.leaf_hash(urandom(8)) for _ in range(SIZE)], datetime.now(UTC)
    await _move(installation, lambda sync: command.downgrade(alembic_config(sync), BEFORE))
    async with transaction(installation.sessions) as session:
        rows = [{"index": at, "leaf": leaf, "kind": "old", "at": now} for at, leaf in enumerate(leaves)]
        await session.execute(insert(LogEntry), rows)
        note = log.checkpoint(log_origin(installation), SIZE, log.root(leaves), installation.keyring.log)
        row = {"size": SIZE, "note": note, "at": now}
        await session.execute(text("INSERT INTO checkpoints (size, note, at) VALUES (:size, :note, :at)"), row)
    await _move(installation, lambda sync: command.upgrade(alembic_config(sync), "head"))
    async with transaction(installation.sessions) as session:
        assert await checking.check(session, installation) == SIZE
    await tasks.log_heads(workshop, {})
    async with transaction(installation.sessions) as session:
        (head,) = await session.scalars(select(ReceiptHead))
        kinds = await session.scalars(select(LogEntry.kind).where(LogEntry.index >= SIZE).order_by(LogEntry.index))
        assert list(kinds) == ["key-add", "receipt-head"]  # the first seal in a log names its key before it
        assert (str(head.attempt_id), head.log_index) == (script.attempt, SIZE + 1)
        assert await checking.check(session, installation) == SIZE + 2


async def test_entries_that_an_older_version_did_not_keep_are_made_again(
    award: Award, hand_in: HandIn, workshop: Workshop, installation: Installation
) -> None:
    await award()
    await hand_in(name="Second Person")
    await tasks.log_heads(workshop, {})
    async with transaction(installation.sessions) as session:
        before = list(await session.execute(select(LogEntry.index, LogEntry.kind, LogEntry.entry)))
    await _move(installation, lambda sync: command.downgrade(alembic_config(sync), "watching"))
    await _move(installation, lambda sync: command.upgrade(alembic_config(sync), "head"))
    async with transaction(installation.sessions) as session:
        after = list(await session.execute(select(LogEntry.index, LogEntry.kind, LogEntry.entry)))
    assert {kind for _, kind, _ in before} == {"key-add", "status-list", "certificate", "receipt-head"}
    kept = [(index, kind, None if kind == "key-add" else entry) for index, kind, entry in before]
    assert sorted(map(str, after)) == sorted(map(str, kept))
