"""Real parts for tests: one embedded PostgreSQL per run, an empty database per test that asks for one."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from exam_api.app import build, connected
from exam_api.db.migrate import migrate
from exam_api.db.session import open_engine
from exam_api.installation import Installation, open_installation
from exam_api.operations.postgres import EmbeddedPostgres
from exam_api.settings import Settings

TEMPLATE = "invigil_template"
STORIES = Path(__file__).parent / "stories"
ENOUGH = 2 * 2**30  # bytes for the databases of one run


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """To import every test takes longer than many a story: where only those of the browser are asked for, only those are read.

    Stories have that mark by what they ask for (see their conftest), all others by name.
    """
    if config.option.markexpr != "browser" or collection_path.suffix != ".py" or STORIES in collection_path.parents:
        return None
    return "mark.browser" not in collection_path.read_text("utf-8") or None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for the database says so by that; `make check` leaves those tests out."""
    for item in items:
        if "postgres" in getattr(item, "fixturenames", ()):
            item.add_marker("database")


def quick_folder() -> Path | None:
    """Memory that looks like a disk, where the machine has enough: a new database for each test is a copy of some megabytes."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ENOUGH
    return memory if roomy else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A real PostgreSQL 18 of this run's own, so that two runs never meet."""
    with tempfile.TemporaryDirectory(prefix="invigil-tests-", dir=quick_folder()) as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        server.ensure()
        yield server
        server.stop()


async def _template(server: EmbeddedPostgres) -> None:
    admin = await asyncpg.connect(server.url)
    # Nothing here outlives the run, so nothing waits for the disk. The fault stories use a platform with real commits.
    for careless in ("fsync", "synchronous_commit", "full_page_writes"):
        await admin.execute(f"ALTER SYSTEM SET {careless} = off")
    await admin.execute("SELECT pg_reload_conf()")
    await admin.execute(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")
    await admin.execute(f"CREATE DATABASE {TEMPLATE}")
    await admin.close()
    engine = open_engine(with_database(server.url, TEMPLATE))
    await migrate(engine)
    await engine.dispose()


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    head, _, query = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}?{query}"


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres) -> EmbeddedPostgres:
    """The migrated database that each test gets a copy of."""
    asyncio.run(_template(postgres))
    return postgres


@pytest.fixture
async def database_url(template: EmbeddedPostgres) -> AsyncIterator[str]:
    """An empty, migrated database of this test's own."""
    name = f"test_{uuid4().hex}"
    admin = await asyncpg.connect(template.url)
    # Nothing waits for the disk here, so copying files is faster than writing each page to the log.
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    yield with_database(template.url, name)
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of a fresh installation."""
    return Settings(state_dir=tmp_path / "state", database_url=database_url, public_url="http://localhost:8000")


@cache
def _built(public_url: str, *, gallery: bool) -> FastAPI:
    """One application for all tests of a process: to build one takes longer than most tests."""
    return build(Settings(public_url=public_url, gallery=gallery))


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The application, connected to this test's database."""
    app = _built(settings.public_url, gallery=settings.gallery)
    async with connected(settings) as state:
        app.state.lifespan_state = state
        yield app
    app.dependency_overrides.clear()


@pytest.fixture
async def installation(settings: Settings) -> AsyncIterator[Installation]:
    """An installation on the test's database, for services and tasks called directly."""
    engine = open_engine(settings.database_url or "")
    yield open_installation(settings, engine)
    await engine.dispose()


@dataclass
class Clock:
    """The time of a test: it moves when the test says so."""

    moment: datetime

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def clock(app: FastAPI) -> Clock:
    """The application's clock, in the test's hand."""
    from exam_api.web import deps

    clock = Clock(datetime.now(UTC))

    async def now() -> datetime:
        return clock()

    app.dependency_overrides[deps.now] = now
    return clock


class _Started:
    """Adds the lifespan's state to each request, as a server does."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = dict(self.app.state.lifespan_state)
        await self.app(scope, receive, send)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of the application, without a network between."""
    transport = httpx.ASGITransport(app=_Started(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


@pytest.fixture
def new_client(app: FastAPI) -> Callable[[], httpx.AsyncClient]:
    """More clients, each with cookies of its own: another person, another device."""

    def make() -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=_Started(app)), base_url="http://localhost:8000")

    return make
