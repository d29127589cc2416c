"""`python -m bench.log [SIZE …]`: what an append, a checkpoint and a proof cost in a large public log, and what it costs others to
copy all of it and to verify a certificate against the copy.

A real PostgreSQL with real commits; the log is filled with random entries first. Each proof is checked after the clock stopped.
A "checkpoint" is what a log does for one: read the tree's edge, compute the root, sign; in "append" with a transaction and its commit.
A "proof" is a path computed from tiles that are at hand, as a mirror or a static server has them; "with the database" it is what our own
server does for one request, and "of many" the share of one among those that are asked for together.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from bench.facts import machine
from credentials.transparency import layout, log, mirror, tiles
from credentials.transparency.entries import Issued, encode
from credentials.transparency.notes import NoteKey
from credentials.transparency.policy import Log, Policy
from credentials.transparency.record import read
from credentials.transparency.sources import Folder
from exam_api.certificates import queries
from exam_api.certificates.api.record import public_file
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
    texts = [encode(Issued(os.urandom(32))) for _ in range(size)]
    leaves = [log.leaf_hash(text) for text in texts]
    made = tiles.append({}, 0, leaves)
    note = log.checkpoint(log_origin(here), size, tiles.Tree(made, size).root(), here.keyring.log)
    database = await asyncpg.connect(database_url)
    await database.execute("TRUNCATE log_entries, log_tiles, checkpoints, log_keys, log_policies, log_anchors")
    rows = ((index, leaf, "bench", now, text) for index, (leaf, text) in enumerate(zip(leaves, texts, strict=True)))
    columns = ["index", "leaf", "kind", "at", "entry"]
    await database.copy_records_to_table("log_entries", records=rows, columns=columns)
    await database.copy_records_to_table("log_tiles", records=[(*place, tile) for place, tile in made.items()])
    await database.execute("INSERT INTO checkpoints (size, note, at) VALUES ($1, $2, $3)", size, note, now)
    await database.execute("VACUUM ANALYZE")
    await database.close()
    return leaves


@dataclass(frozen=True)
class Measured:
    """Milliseconds: of each append, of each batch of heads with its proofs, of each proof, of each among many, of the naive way."""

    appends: list[float]
    batches: list[float]
    proofs: list[float]
    many: list[float]
    whole: float


async def measure(here: Installation, leaves: list[bytes]) -> Measured:
    """What our own server does, with its database."""
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
    many = [await _many(here, leaves, chance) for _ in range(5)]
    began = time.perf_counter()
    async with transaction(here.sessions) as session:
        log.root(await queries.some_leaves(session, 0, len(leaves)))
    whole = (time.perf_counter() - began) * 1000
    return Measured(sorted(singles), sorted(batches), sorted(proofs), sorted(many), whole)


async def _many(here: Installation, leaves: list[bytes], chance: random.Random) -> float:
    """Milliseconds of one among as many proofs as a batch of heads has, the database asked once for all."""
    indices = [chance.randrange(len(leaves)) for _ in range(heads.BATCH)]
    began = time.perf_counter()
    async with transaction(here.sessions) as session:
        head = await proving.newest(session)
        tree = await queries.tree(session, head.size, *indices)
    paths = [tree.inclusion(index) for index in indices]
    spent = (time.perf_counter() - began) * 1000 / len(indices)
    signed = log.open_checkpoint(head.note, here.keyring.log_keys)
    for index, path in zip(indices, paths, strict=True):
        log.verify_inclusion(leaves[index], index, signed.size, path, signed.root)
    return spent


def pure(here: Installation, leaves: list[bytes]) -> tuple[list[float], list[float]]:
    """Milliseconds of each checkpoint after one more entry, and of each proof, from tiles at hand and with nothing kept between."""
    made, size = tiles.append({}, 0, leaves), len(leaves)
    checkpoints, proofs, chance = [], [], random.Random(8)
    for _ in range(PROOFS):
        leaf = log.leaf_hash(os.urandom(43))
        began = time.perf_counter()
        made |= tiles.append(made, size, [leaf])
        size += 1
        log.checkpoint(log_origin(here), size, tiles.Tree(made, size).root(), here.keyring.log)
        checkpoints.append((time.perf_counter() - began) * 1000)
    root = tiles.Tree(made, size).root()
    for _ in range(PROOFS):
        index = chance.randrange(len(leaves))
        began = time.perf_counter()
        path = tiles.Tree(made, size).inclusion(index)
        proofs.append((time.perf_counter() - began) * 1000)
        log.verify_inclusion(leaves[index], index, size, path, root)
    return sorted(checkpoints), sorted(proofs)


async def copied(here: Installation, folder: Path) -> tuple[float, float, float]:
    """Seconds to write the log's files as they are served, to make a checked mirror of them, and to read and check that."""
    rules = Policy((Log(NoteKey(log_origin(here), here.keyring.log.public)),))
    began = time.perf_counter()
    async with transaction(here.sessions) as session:
        head = await proving.newest(session)
        for resource in layout.resources(head.size):
            path = folder / "log" / resource.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(await public_file(session, resource))
        (folder / "log" / layout.CHECKPOINT).write_text(head.signed)
    written = time.perf_counter()
    mirror.copy(Folder(folder / "log"), folder / "mirror", rules)
    made = time.perf_counter()
    read(Folder(folder / "mirror"), rules)
    return written - began, made - written, time.perf_counter() - made


@dataclass(frozen=True)
class Row:
    """All figures of one size, in milliseconds and (`files`) seconds."""

    size: int
    server: Measured
    checkpoints: list[float]
    alone: list[float]
    files: tuple[float, float, float]

    def line(self) -> str:
        """Its line of the table."""
        own = self.server
        cells = [
            f"{self.size:,}",
            *(f"{each:.1f}" for each in (percentile(own.appends, 0.5), percentile(own.appends, 0.99))),
            *(f"{percentile(own.batches, 0.5):.0f}", f"{sum(own.batches) / 1000:.2f} s"),
            *(
                f"{each:.2f}"
                for each in (percentile(own.proofs, 0.5), percentile(own.proofs, 0.99), percentile(own.many, 0.5))
            ),
            f"{own.whole:,.0f}",
            *(f"{each:.2f}" for each in (percentile(self.checkpoints, 0.5), percentile(self.checkpoints, 0.99))),
            *(f"{each:.3f}" for each in (percentile(self.alone, 0.5), percentile(self.alone, 0.99))),
            *(f"{each:.1f}" for each in self.files),
        ]
        return f"| {' | '.join(cells)} |"

    def ratios(self) -> list[str]:
        """The figures beside their aims, and beside the way without tiles in the same run."""
        own, about = self.server, f"{self.size:,} entries"
        less = own.whole / percentile(own.appends, 0.5)
        return [
            _aim(f"{about}: a checkpoint, committed, p99", percentile(own.appends, 0.99), 1_000.0),
            _aim(f"{about}: a proof from tiles, p50", percentile(self.alone, 0.5), 1.0),
            _aim(f"{about}: a proof with the database, of many", percentile(own.many, 0.5), 1.0),
            f"- {about}: an append costs {less:,.0f} times less than reading and hashing all.",
        ]


def _aim(what: str, found: float, aim: float) -> str:
    said = f"{aim / found:,.1f} times below the aim" if found < aim else f"**missed** by {found / aim:.1f} times"
    return f"- {what}: {found:,.3f} ms; aim < {aim:,.0f} ms: {said}."


async def run(sizes: tuple[int, ...]) -> list[Row]:
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
            measured = await measure(here, leaves)
            checkpoints, alone = pure(here, leaves)
            files = await copied(here, Path(folder) / str(size))
            rows.append(Row(size, measured, checkpoints, alone, files))
        await engine.dispose()
        server.stop()
    return rows


def main(sizes: tuple[int, ...] = SIZES) -> None:
    """Print the table, and the figures beside their aims."""
    rows = asyncio.run(run(sizes))
    print(f"### The public log\n\n{machine()}\n")
    print(
        f"| entries | append, ms p50 | p99 | {heads.BATCH} heads with proofs, ms | {HALL:,} heads | proof with the database, ms p50 | "
        f"p99 | one of {heads.BATCH}, ms | reading and hashing all, ms | checkpoint, ms p50 | p99 | proof, ms p50 | p99 | "
        "all files served, s | mirrored, s | read and checked, s |"
    )
    print("|" + "---:|" * 16)
    print("\n".join(row.line() for row in rows))
    print("\n" + "\n".join(line for row in rows for line in row.ratios()))
    print("\nWhat the database does is a transaction with its commit. The mirror syncs each file to the disk.")


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
