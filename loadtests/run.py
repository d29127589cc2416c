"""`python -m loadtests run RECIPE`: prepare a sitting, let Locust play it, write what was measured into a folder."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loadtests.figures import summary
from loadtests.machine import Watch
from loadtests.people import StoryStopped
from loadtests.platform import Platform
from loadtests.prepare import entrants, instructor, sitting, write_secret

HERE = Path(__file__).parent
SEED = 20270301
PATIENCE = 900.0  # seconds for all of Locust's users to be ready


@dataclass(frozen=True)
class Target:
    """Where the load goes. `state`: the state folder, where it is on this machine; its processes are then measured."""

    url: str
    state: Path | None
    sign_ins: Path | None = None
    code: str | None = None


@contextmanager
def target(chosen: argparse.Namespace) -> Iterator[Target]:
    """The platform at --url, or one of our own that is thrown away afterwards."""
    if chosen.url:
        yield Target(chosen.url.rstrip("/"), chosen.state, chosen.sign_ins)
        return
    with tempfile.TemporaryDirectory(prefix="invigil-load-") as folder:
        own = Platform(Path(folder) / "state", web_workers=chosen.web_workers)
        own.start()
        try:
            asyncio.run(own.until_up())
            code = asyncio.run(own.account("load@example.org", "Load", "author", "instructor"))
            yield Target(own.url, own.folder, code=code)
        finally:
            own.stop()


def run(chosen: argparse.Namespace) -> int:
    """Exit 0 when no request failed and every candidate came through."""
    if chosen.recipe == "verify" and not (chosen.url and chosen.certificate):
        print("verify needs --url and --certificate: the address of a certificate there", file=sys.stderr)
        return 2
    out = chosen.out or Path("var") / "load" / f"{chosen.recipe}-{chosen.users}-{datetime.now(UTC):%m%d-%H%M%S}"
    out.mkdir(parents=True, exist_ok=True)
    with target(chosen) as at:
        began = time.monotonic()
        print(f"Preparing {chosen.users} candidates at {at.url} …", flush=True)
        try:
            plan = asyncio.run(prepare(at, chosen))
        except (StoryStopped, FileNotFoundError) as error:
            print(f"The preparation stopped: {error}", file=sys.stderr)
            return 1
        write_secret(out / "plan.json", plan)
        prepared = time.monotonic() - began
        try:
            watch = play(at, out, chosen)
        finally:
            (out / "plan.json").unlink()  # passkeys and sessions: of no use to anybody now
    conditions = {
        "recipe": chosen.recipe,
        "users": chosen.users,
        "hurry": chosen.hurry,
        "ramp": plan["ramp"],
        "recheck": chosen.recheck,
        "seconds": chosen.seconds,
        "web_workers": chosen.web_workers if not chosen.url else None,
        "locust_processes": chosen.processes,
        "prepared_in": round(prepared, 1),
        "machine": machine_line(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    result = summary(out, conditions, watch.rows)
    (out / "result.json").write_text(json.dumps(result, indent=1))
    tell(result, out)
    return 0 if result["failed"] == 0 and result["people"]["through"] == chosen.users else 1


async def prepare(at: Target, chosen: argparse.Namespace) -> dict[str, Any]:
    """All that the candidates need, made before the clock runs."""
    people = []
    if chosen.recipe != "verify":
        staff = await instructor(at.url, at.sign_ins, at.code)
        opened, codes = await sitting(staff, chosen.users, f"Load test {chosen.recipe}")
        people = await entrants(at.url, opened, codes)
    return {
        "url": at.url,
        "users": chosen.users,
        "hurry": chosen.hurry,
        "ramp": chosen.ramp / chosen.hurry,
        "recheck": chosen.recheck,
        "seconds": chosen.seconds,
        "seed": SEED,
        "certificate": chosen.certificate,
        "people": [asdict(each) for each in people],
    }


def play(at: Target, out: Path, chosen: argparse.Namespace) -> Watch:
    """Start Locust's processes, give the word when all are ready, and wait until they are done."""
    for old in (*out.glob("requests-*.csv"), *out.glob("people-*.csv"), *out.glob("ready-*"), *out.glob("go")):
        old.unlink()
    locusts = [_locust(at, out, chosen, part) for part in range(chosen.processes)]
    watch = Watch(at.state, [each.pid for each in locusts])
    try:
        deadline = time.monotonic() + PATIENCE
        while len(list(out.glob("ready-*"))) < chosen.processes:
            if time.monotonic() > deadline or any(each.poll() is not None for each in locusts):
                raise SystemExit(f"Locust did not get ready; see {out}/locust-0.log")
            time.sleep(0.1)
        watch.start()
        part = out / "go.part"
        part.write_text(f"{time.time() + 1:.3f}")
        part.rename(out / "go")
        print("Everybody is ready; the clock runs.", flush=True)
        for each in locusts:
            each.wait()
    finally:
        for each in locusts:
            each.kill()
        watch.stop()
    return watch


def _locust(at: Target, out: Path, chosen: argparse.Namespace, part: int) -> subprocess.Popen[bytes]:
    users = len(range(part, chosen.users, chosen.processes))
    command = [sys.executable, "-m", "locust", "-f", str(HERE / f"{chosen.recipe}.py"), "--headless", "--host", at.url]
    command += ["--users", str(users), "--spawn-rate", "100", "--only-summary", "--loglevel", "WARNING"]
    env = {**os.environ, "INVIGIL_LOAD": str(out), "INVIGIL_PART": f"{part}/{chosen.processes}"}
    with (out / f"locust-{part}.log").open("wb") as log:
        return subprocess.Popen(command, env=env, cwd=HERE.parent, stdout=log, stderr=log)  # noqa: S603  (our own words)


def machine_line() -> str:
    """Processor, cores, load, versions."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return (
        f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the end, Linux {platform.release()}, "
        f"Python {platform.python_version()}"
    )


def tell(result: dict[str, Any], out: Path) -> None:
    """The result in a few lines."""
    print(f"\n{'step':36}{'count':>8}{'p50':>8}{'p95':>8}{'p99':>8}{'worst':>9}{'errors':>8}   (ms)")
    for step in result["steps"]:
        line = f"{step['name']:36}{step['count']:>8}" + "".join(f"{step[key]:>8.0f}" for key in ("p50", "p95", "p99"))
        print(f"{line}{step['worst']:>9.0f}{step['errors']:>8}")
    cpu = ", ".join(f"{part} {share:.0%}" for part, share in result["cpu"]["share"].items())
    print(f"\nCPU of one core: {cpu}. {result['people']['through']} of {result['users']} candidates came through.")
    print(f"Written to {out}; `python -m loadtests report {out}` makes the page.")
