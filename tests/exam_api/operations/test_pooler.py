"""The platform behind PgBouncer, in both modes, with far fewer connections to PostgreSQL than the platform opens."""

from __future__ import annotations

import asyncio
import re
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exam_api.db.migrate import migrate
from exam_api.db.session import open_engine
from exam_api.settings import Settings
from tests.exam_api.attempts.test_stream import address, stream
from tests.exam_api.attempts.test_time import send
from tests.exam_api.operations.house import External, pgbouncer
from tests.exam_api.sitting import Sit, Sitter, Sitting
from tests.servers import program, running

__all__ = ["address"]  # the fixture
pytestmark = [pytest.mark.slow, pytest.mark.database]
PREPARES = (1, 21)  # the first that keeps prepared statements in transaction mode


def version() -> tuple[int, ...]:
    said = subprocess.run([program("pgbouncer"), "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"PgBouncer (\d+)\.(\d+)", said)
    assert found, said
    return tuple(map(int, found.groups()))


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="invigil-pooler-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "postgres").mkdir()
        yield folder


@pytest.fixture(scope="module")
async def database(folder: Path) -> AsyncIterator[External]:
    program("pgbouncer")
    database = External(folder / "postgres")
    await asyncio.to_thread(database.start)
    await database.furnish()
    engine = open_engine(database.url())
    await migrate(engine)
    await engine.dispose()
    yield database
    await asyncio.to_thread(database.stop)


@pytest.fixture(params=["session", "transaction"])
def settings(request: pytest.FixtureRequest, folder: Path, database: External, tmp_path: Path) -> Iterator[Settings]:
    """In transaction mode, three connections serve everybody: each statement may meet another one."""
    if request.param == "transaction" and version() < PREPARES:
        pytest.skip(f"PgBouncer {version()} keeps no prepared statements; 1.21 does")
    with running(pgbouncer(folder, database, request.param, 3 if request.param == "transaction" else 100)) as bouncer:
        yield Settings(
            state_dir=tmp_path / "state",
            database_url=database.url(bouncer.port),
            database_direct_url=database.url(),
            public_url="http://localhost:8000",
        )


async def test_an_exam_behind_a_pooler(sit: Sit, sitting: Sitting, address: str) -> None:
    sitters: list[Sitter] = [await sit() for _ in range(4)]

    async def work(sitter: Sitter) -> None:
        for number in range(12):
            await sitter.device.save("second", {"text": f"because it rains {number}"})
            await sitter.device.get(sitter.path("/clock"))

    async with stream(address, sitters[0]) as ears:
        await ears.next()
        await asyncio.gather(*map(work, sitters))
        began = time.monotonic()
        await send(sitting, sitting.instructor, change="extra", amount=5, reason="Said past the pooler.")
        assert (await ears.next())["note"] == "Said past the pooler."
        assert time.monotonic() - began < 2
    seals = await asyncio.gather(*(sitter.device.submit() for sitter in sitters))
    assert [seal["seq"] for seal in seals] == [12] * 4
    live = (await sitting.instructor.client.get(f"/api/sittings/{sitting.id}/live")).raise_for_status().json()
    assert [each["status"] for each in live["people"]] == ["submitted"] * 4
    assert datetime.fromisoformat(live["now"]) <= datetime.now(UTC)
