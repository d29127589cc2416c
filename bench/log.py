"""`python -m bench.log [SIZE …]`: what an append and a proof cost in a large public log, beside reading and hashing all of it.

A real PostgreSQL with real commits; the log is filled with random entries first. Each proof is checked after the clock stopped.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from bench.facts import machine
from credentials import log, tiles
from exam_api.certificates import queries
from exam_api.certificates.service import heads, proving
from exam_api.certificates.service.institution import log_origin
from exam_api.certificates.service.publishing import append, append_all
from exam_api.db.migrate import migrate
from exam_api.db.session import open_engine, transaction
from exam_api.installation import Installation, open_installation
from exam_api.operations.postgres import EmbeddedPostgres
from exam_api.settings import Settings
from loadtests.figures import percentile

SIZES = (100_000, 1_000_000)
HALL = 3_000  # people who submit together
PROOFS = 300


async def fill(here: Installation, database_url: str, size: int) -> list[bytes]:
    """A log of so many entries, as if it had grown; its leaves."""
    now = datetime.now(UTC)
    leaves = [log.leaf_hash(os.urandom(32)) for _ in range(size)]
    made = tiles.append({}, 0, leaves)
    note = log.checkpoint(log_origin(here), size, tiles.Tree(made, size).root(), here.keyring.log)
    database = await asyncpg.connect(database_url)
    for table in ("log_entries", "log_tiles", "checkpoints"):
        await database.execute(f"TRUNCATE {table}")
    entries = [(index, leaf, "bench", now) for index, leaf in enumerate(leaves)]
    await database.copy_records_to_table("log_entries", records=entries)
    await database.copy_records_to_table("log_tiles", records=[(*place, tile) for place, tile in made.items()])
    await database.execute("INSERT INTO checkpoints VALUES ($1, $2, $3)", size, note, now)
    await database.execute("VACUUM ANALYZE")
    await database.close()
    return leaves


async def measure(here: Installation, leaves: list[bytes]) -> tuple[list[float], list[float], list[float], float]:
    """Milliseconds of each single append, each batch of heads with its proofs, each proof; and of the naive way."""
    singles, batches, proofs = [], [], []
    for _ in range(50):
        began = time.perf_counter()
        async with transaction(here.sessions) as session:
            await append(session, here, "bench", os.urandom(32), datetime.now(UTC))
        singles.append((time.perf_counter() - began) * 1000)
    for _ in range(HALL // heads.BATCH):
        began = time.perf_counter()
        entries = [os.urandom(44) for _ in range(heads.BATCH)]
        async with transaction(here.sessions) as session:
            published = await append_all(session, here, "bench", entries, datetime.now(UTC))
            texts = [published.proof(published.first + at) for at in range(len(entries))]
        batches.append((time.perf_counter() - began) * 1000)
        for entry, text in zip(entries, texts, strict=True):
            log.prove_entry(entry, text, (here.keyring.log.public,))
    chance = random.Random(7)
    for _ in range(PROOFS):
        index = chance.randrange(len(leaves))
        began = time.perf_counter()
        async with transaction(here.sessions) as session:
            note, path, _ = await proving.inclusion(session, here, index)
        proofs.append((time.perf_counter() - began) * 1000)
        head = log.open_checkpoint(note, (here.keyring.log.public,))
        log.verify_inclusion(leaves[index], index, head.size, path, head.root)
    began = time.perf_counter()
    async with transaction(here.sessions) as session:
        log.root(await queries.some_leaves(session, 0, len(leaves)))
    return singles, batches, proofs, (time.perf_counter() - began) * 1000


async def run(sizes: tuple[int, ...]) -> list[str]:
    """The rows of the table."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="invigil-bench-", ignore_cleanup_errors=True) as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        server.ensure()
        engine = open_engine(server.url, patience=300)
        await migrate(engine)
        here = open_installation(Settings(state_dir=Path(folder) / "state", database_url=server.url), engine)
        for size in sizes:
            leaves = await fill(here, server.url, size)
            singles, batches, proofs, whole = await measure(here, leaves)
            singles.sort()
            proofs.sort()
            rows.append(
                f"| {size:,} | {percentile(singles, 0.5):.1f} | {percentile(singles, 0.99):.1f} | "
                f"{percentile(sorted(batches), 0.5):.0f} | {sum(batches) / 1000:.2f} s | {percentile(proofs, 0.5):.2f} | "
                f"{percentile(proofs, 0.99):.2f} | {whole:,.0f} |"
            )
        await engine.dispose()
        server.stop()
    return rows


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Print the table."""
    rows = asyncio.run(run(sizes))
    print(f"### The public log\n\n{machine()}\n")
    print(
        f"| entries | append, ms p50 | p99 | {heads.BATCH} heads with proofs, ms | {HALL:,} heads | proof, ms p50 | p99 | "
        "reading and hashing all, ms |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    print("\n".join(rows))
    print("\nEach is a transaction with its commit. The last column is what an append cost before there were tiles.")


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
