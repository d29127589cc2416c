"""Lists whose process is killed (SIGKILL, as by a machine that runs out of memory): nothing twice, nothing that is not there."""

import asyncio
import signal
import sys
from collections.abc import Callable
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from credentials.transparency.log import certificate_leaf, leaf_hash
from exam_api.accounts.queries.records import lines_about
from exam_api.certificates import queries, tasks
from exam_api.certificates.schemas import TermsIn
from exam_api.certificates.service import batches, checking
from exam_api.certificates.service.preflight import Entry
from exam_api.db.models.accounts import User
from exam_api.db.models.certificates import Certificate, LogEntry
from exam_api.db.models.giving import Batch
from exam_api.db.session import transaction
from exam_api.installation import Installation, Workshop
from exam_api.settings import Settings
from tests.factories import Person, person

ROWS = 200
TERMS = TermsIn(name="Rope work", description="Its holder splices ropes.", criteria="Three days.", valid_years=3)
# What a worker does for a list, twenty rows in a transaction, so that there is a middle to be killed in.
WORKER = """
import asyncio, sys
from datetime import UTC, datetime
from os import urandom
from uuid import UUID

from exam_api.certificates import tasks
from exam_api.certificates.service import batches
from exam_api.db.session import open_engine, transaction
from exam_api.installation import Workshop, open_installation
from exam_api.settings import Settings

state, database, what, batch_id, actor = sys.argv[1:]
batches.AT_ONCE = 20


async def main():
    settings = Settings(state_dir=state, database_url=database, public_url="http://localhost:8000", _env_file=None)
    here = open_installation(settings, open_engine(database))
    workshop = Workshop(here, lambda: datetime.now(UTC), urandom, run_job=None, embed=None, analyser=None)
    if what == "give":
        await tasks.issue_batch(workshop, {"batch_id": batch_id})
        return
    async with transaction(here.sessions) as session:
        batch = await batches.queries.find_batch(session, UUID(batch_id), lock=True)
        await batches.approve(session, batch, batch.digest, UUID(actor), workshop.now())
        if what == "approve":
            print("approved, not committed", flush=True)
            await asyncio.sleep(600)
    print("committed", flush=True)
    await asyncio.sleep(600)


asyncio.run(main())
"""


@pytest.fixture
async def listed(installation: Installation, new_client: Callable[[], httpx.AsyncClient]) -> tuple[UUID, Person]:
    """A list of two hundred people that waits, and who may approve it."""
    maker = await person(new_client(), installation, "instructor", name="Mara Maker")
    other = await person(new_client(), installation, "operator", name="Otto Other")
    names = [(f"P{at} Person", f"p{at}@example.org") for at in range(ROWS)]
    async with transaction(installation.sessions) as session:
        session.add_all(User(email=email, name=name, roles=["candidate"]) for name, email in names)
        await session.flush()
        entries = [Entry(at, name, email, None, None) for at, (name, email) in enumerate(names, start=2)]
        now = (await session.execute(select(func.now()))).scalar_one()
        return (await batches.make(session, "Spring", TERMS, entries, maker.id, now)).id, other


async def start(settings: Settings, what: str, batch_id: UUID, actor: UUID) -> asyncio.subprocess.Process:
    given = (str(settings.state_dir), settings.database_url or "", what, str(batch_id), str(actor))
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, *given, stdout=pipe)


async def kill(process: asyncio.subprocess.Process) -> None:
    process.send_signal(signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL


async def issued(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(Certificate)) or 0


async def hold_together(installation: Installation, batch_id: UUID) -> int:
    """Rows, certificates, log and its proofs say the same; how many there are."""
    async with transaction(installation.sessions) as session:
        rows = [row for row in await queries.batch_rows(session, batch_id) if row.certificate_id]
        made = {row.id: row for row in await session.scalars(select(Certificate))}
        assert {row.certificate_id for row in rows} == set(made)
        assert len({row.holder_id for row in made.values()}) == len(made), "nobody has two"
        logged = (
            await session.execute(select(LogEntry.index, LogEntry.leaf).where(LogEntry.kind == "certificate"))
        ).all()
        leaves = {row.log_index: leaf_hash(certificate_leaf(row.document, row.salt)) for row in made.values()}
        assert {index: bytes(leaf) for index, leaf in logged} == leaves, "nothing is logged that is not there"
        if made:
            await checking.check(session, installation)
        lines = await session.scalar(text("SELECT count(*) FROM ledger WHERE tag = 'certificate:issued'"))
        assert lines == len(made)
        return len(made)


async def test_killed_in_the_middle_it_goes_on_where_it_stopped(
    listed: tuple[UUID, Person], installation: Installation, settings: Settings, workshop: Workshop
) -> None:
    batch_id, other = listed
    async with transaction(installation.sessions) as session:
        batch = await session.get_one(Batch, batch_id)
        await batches.approve(session, batch, batch.digest, other.id, workshop.now())
    before = 0
    for _ in range(2):
        process = await start(settings, "give", batch_id, other.id)
        for _wait in range(1_200):
            async with transaction(installation.sessions) as session:
                if await issued(session) > before:
                    break
            await asyncio.sleep(0.02)
        await kill(process)
        before, last = await hold_together(installation, batch_id), before
        assert last < before < ROWS, "it was killed in the middle"
    await tasks.issue_batches_left(workshop, {})
    assert await hold_together(installation, batch_id) == ROWS
    await tasks.issue_batch(workshop, {"batch_id": str(batch_id)})
    assert await hold_together(installation, batch_id) == ROWS, "once more changes nothing"


async def test_killed_while_it_is_approved_it_is_approved_or_not(
    listed: tuple[UUID, Person], installation: Installation, settings: Settings, workshop: Workshop
) -> None:
    batch_id, other = listed
    for what, said, approved in (("approve", b"approved, not committed\n", False), ("commit", b"committed\n", True)):
        process = await start(settings, what, batch_id, other.id)
        assert process.stdout is not None
        assert await asyncio.wait_for(process.stdout.readline(), 120) == said
        await kill(process)
        await tasks.issue_batches_left(workshop, {})
        async with transaction(installation.sessions) as session:
            batch = await session.get_one(Batch, batch_id)
            tags = [line.tag for line in await lines_about(session, batch_id)]
            assert (batch.approved_at is not None) is approved
            assert tags.count("batch:approved") == approved
        assert await hold_together(installation, batch_id) == (ROWS if approved else 0)
