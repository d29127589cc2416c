"""A database that takes nothing more, wherever in issuing it says so: a sentence, nothing by halves, and later it goes on."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from asyncpg import PostgresError
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from exam_api.certificates import tasks
from exam_api.certificates.service import checking
from exam_api.db.models.certificates import Certificate, Checkpoint, LogEntry, LogTile
from exam_api.db.session import transaction
from exam_api.installation import Installation, Workshop
from tests.exam_api.attempts.test_full_disk import FULL
from tests.exam_api.certificates.conftest import Award, Hall, HandIn

Counts = tuple[int, ...]


@asynccontextmanager
async def full(installation: Installation, table: str) -> AsyncIterator[None]:
    """No row of this table finds room: PostgreSQL's own answer to a full disk, without filling one."""
    made = f"CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION full_disk()"
    async with transaction(installation.sessions) as session:
        for statement in (FULL, made):
            await session.execute(text(statement))
    yield
    async with transaction(installation.sessions) as session:
        await session.execute(text(f"DROP TRIGGER full_disk ON {table}"))
        await session.execute(text("DROP FUNCTION full_disk"))


async def counts(installation: Installation) -> Counts:
    async with transaction(installation.sessions) as session:
        tables = (Certificate, LogEntry, LogTile, Checkpoint)
        return tuple([await session.scalar(select(func.count()).select_from(each)) or 0 for each in tables])


@pytest.mark.parametrize("table", ["certificates", "log_entries", "log_tiles", "checkpoints", "ledger", "pgqueuer"])
async def test_issuing_leaves_nothing_by_halves(
    hand_in: HandIn,
    release: Callable[[], object],
    award: Award,
    installation: Installation,
    workshop: Workshop,
    table: str,
) -> None:
    await award("Ada Candidate")
    script = await hand_in()
    await release()  # type: ignore[misc]
    before = await counts(installation)
    async with full(installation, table):
        with pytest.raises((DBAPIError, PostgresError)) as refused:  # the queue speaks to the driver itself
            await tasks.issue_if_earned(workshop, script.payload)
        assert getattr(refused.value, "orig", refused.value).sqlstate == "53100"
        assert await counts(installation) == before
    await tasks.issue_if_earned(workshop, script.payload)
    after = await counts(installation)
    assert (after[0], after[1]) == (before[0] + 1, before[1] + 1)
    async with transaction(installation.sessions) as session:
        assert await checking.check(session, installation) == after[1]


async def test_staff_read_what_is_the_matter_and_can_do_it_later(
    award: Award, hall: Hall, client: httpx.AsyncClient, installation: Installation
) -> None:
    made = await award()
    path, body = f"/api/certificates/{made['id']}/revoke", {"code": "fraud", "reason": "Another sat it."}
    async with full(installation, "log_tiles"):
        refused = await hall.instructor.client.post(path, json=body)
        assert (refused.status_code, refused.json()["code"]) == (503, "disk-full")
        assert "no room left" in refused.json()["detail"]
        assert refused.headers["retry-after"] == "2"
        assert (await client.get(f"/api/certificates/{made['id']}")).json()["verdict"] == "proven", "it can be checked"
    assert (await hall.instructor.client.post(path, json=body)).status_code == 200
    assert (await client.get(f"/api/certificates/{made['id']}")).json()["verdict"] == "revoked"
