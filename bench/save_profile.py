"""`python -m bench.save_profile`: CPU milliseconds per save and where they go, beside PostgreSQL's own for a bare insert."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvloop

from bench.facts import machine
from bench.platform import Running, devices, platform
from bench.save_answer import Saves, measure, pgbench
from exam_api.operations.postgres import EmbeddedPostgres
from loadtests.machine import seconds
from loadtests.platform import free_port

CANDIDATES = 48
RATES = (300, None)  # saves per second from outside; as fast as they come
NAMES = {
    "credentials": "proof, token and receipt (credentials)",
    "cryptography": "proof, token and receipt (credentials)",
    "joserfc": "proof, token and receipt (credentials)",
    "fastapi": "FastAPI, Starlette, Pydantic",
    "starlette": "FastAPI, Starlette, Pydantic",
    "pydantic": "FastAPI, Starlette, Pydantic",
    "uvicorn": "HTTP and the event loop (uvicorn, uvloop)",
    "uvloop": "HTTP and the event loop (uvicorn, uvloop)",
    "Python itself": "HTTP and the event loop (uvicorn, uvloop)",
    "sqlalchemy": "the statement (SQLAlchemy, asyncpg)",
    "asyncpg": "the statement (SQLAlchemy, asyncpg)",
    "exam_api": "the rules of a save (exam_api, grading)",
    "grading": "the rules of a save (exam_api, grading)",
}


@contextmanager
def sampled(running: Running) -> Iterator[tuple[str, subprocess.Popen[bytes], Path]]:
    """One more web process of this platform, on a port of its own, that looks at itself."""
    port, file = free_port(), running.state.parent / "samples.json"
    env = {**running.platform.env, "INVIGIL_PORT": str(port), "INVIGIL_DATABASE_URL": running.database_url}
    process = subprocess.Popen([sys.executable, "-m", "bench.sampled", str(file), "serve"], env=env)
    try:
        for _ in range(300):
            time.sleep(0.1)
            try:
                if httpx.get(f"http://localhost:{port}/api/health").status_code == 200:
                    break
            except httpx.HTTPError:
                continue
        yield f"http://localhost:{port}", process, file
    finally:
        process.terminate()
        process.wait()


def harvest(process: subprocess.Popen[bytes], file: Path) -> dict[str, Counter[str]]:
    """What the process saw since the last time."""
    file.unlink(missing_ok=True)
    os.kill(process.pid, signal.SIGUSR1)
    while not file.exists():
        time.sleep(0.05)
    return {name: Counter(counts) for name, counts in json.loads(file.read_text()).items()}


def postgres_cpu(running: Running) -> float:
    """CPU seconds of PostgreSQL with all its backends, those that ended included."""
    pid = (running.state / "postgres" / "postmaster.pid").read_text().split()[0]
    return seconds(int(pid))


async def costs(
    running: Running, url: str, process: subprocess.Popen[bytes], file: Path
) -> list[tuple[float, float, float]]:
    """Of each rate: saves per second, and CPU milliseconds per save in the web process and in PostgreSQL."""
    crowd = [Saves(device) for device in await devices(running, CANDIDATES)]
    await measure(crowd, url, 100)  # warm-up
    rows = []
    for rate in RATES:
        harvest(process, file)
        web, database = seconds(process.pid), postgres_cpu(running)
        per_second, times = await measure(crowd, url, rate)
        web, database = seconds(process.pid) - web, postgres_cpu(running) - database
        rows.append((per_second, web / len(times) * 1000, database / len(times) * 1000))
    return rows


def main() -> None:
    """Print the tables."""
    with platform() as running, sampled(running) as (url, process, file):
        server = EmbeddedPostgres(running.state / "postgres")
        server.ensure()
        rows = uvloop.run(costs(running, url, process, file))
        seen = harvest(process, file)
        before = postgres_cpu(running)
        commits = pgbench(server, running.database_url, 2)
        bare = (postgres_cpu(running) - before) / (commits * 8) * 1000
    tell(rows, seen, commits, bare)


def tell(rows: list[tuple[float, float, float]], seen: dict[str, Counter[str]], commits: float, bare: float) -> None:
    """Markdown."""
    print(f"### What a save costs\n\n{machine()}\n")
    print("| one web process, 48 candidates | saves/s | CPU ms per save, web | CPU ms per save, PostgreSQL |")
    print("|---|---:|---:|---:|")
    for rate, (per_second, web, database) in zip(RATES, rows, strict=True):
        print(
            f"| {'as fast as they come' if rate is None else f'{rate}/s from outside'} | {per_second:,.0f} | {web:.2f} | {database:.2f} |"
        )
    print(f"| pgbench, single-row insert, 2 clients | {commits:,.0f} | | {bare:.2f} |\n")
    grouped: Counter[str] = Counter()
    for owner, count in seen["owners"].items():
        grouped[NAMES.get(owner, "other packages")] += count
    total = sum(grouped.values())
    print("Where the web process's time goes (looked at every millisecond of its CPU time, as fast as they come):\n")
    print("| what | share |\n|---|---:|")
    for name, count in grouped.most_common():
        print(f"| {name} | {count / total:.0%} |")
    most = ", ".join(f"{name} {count / total:.0%}" for name, count in seen["places"].most_common(7))
    print(f"\nOur own functions that most of it happens under: {most}.")


if __name__ == "__main__":
    main()
