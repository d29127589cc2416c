"""Migrations wait their turn, and a lock that is held for a moment keeps nothing down."""

import asyncio

import asyncpg
import pytest

from exam_api.db import migrate as migration
from exam_api.db.migrate import TURN, MigrationBlocked, migrate
from exam_api.db.session import is_away, open_engine


def _plain(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


async def test_one_migration_at_a_time(database_url: str) -> None:
    engine = open_engine(database_url)
    other = await asyncpg.connect(_plain(database_url))
    try:
        await other.execute("SELECT pg_advisory_lock($1)", TURN)
        second = asyncio.create_task(migrate(engine))
        await asyncio.sleep(0.5)
        assert not second.done()
        await other.close()  # killed: the server gives its lock back
        await asyncio.wait_for(second, 20)
    finally:
        await other.close()
        await engine.dispose()


async def test_a_held_lock_is_waited_for_but_not_for_ever(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration, "LOCK_WAIT", "100ms")
    monkeypatch.setattr(migration, "TRIES", 2)
    engine = open_engine(database_url)
    other = await asyncpg.connect(_plain(database_url))
    try:
        holding = other.transaction()
        await holding.start()
        await other.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(MigrationBlocked, match="start again"):
            await migrate(engine)
        again = asyncio.create_task(migrate(engine))
        await asyncio.sleep(0.5)
        await holding.rollback()
        await asyncio.wait_for(again, 20)
    finally:
        await other.close()
        await engine.dispose()


@pytest.mark.parametrize(
    ("sqlstate", "away"),
    [
        ("53100", True),
        ("58030", True),
        ("25006", True),
        ("57P03", True),
        ("23505", False),
        ("42501", False),
        (None, False),
    ],
)
def test_a_disk_that_fails_is_a_server_that_cannot_work_now(sqlstate: str | None, away: bool) -> None:
    assert is_away(sqlstate) is away
