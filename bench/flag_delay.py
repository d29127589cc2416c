"""From the camera to the flag: `python -m bench flag_delay`, or `python -m bench.flag_delay [--candidates N] [--seconds N]`.

Candidates with cameras and microphones at a real platform (HTTP, WebSocket, worker processes). Twice somebody comes in
beside each of them. The clock starts when the picture is taken that completes the rule (two seconds, at one picture a second
the third with two faces), and stops when an invigilator's live view, asked four times a second, shows the flag.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from bench.facts import machine
from bench.scoring import Share, Target, missed, verdict
from bench.watched import flags_of, platform, say, staff
from loadtests.compositions.people import Cast, data_folder
from loadtests.compositions.script import Script, scenes
from loadtests.compositions.sitting import EXAM, Sat, check_in, prepare_all, sit
from loadtests.compositions.sounds import Heard
from loadtests.compositions.view import View
from loadtests.figures import percentile
from loadtests.people import Person
from loadtests.platform import Platform
from loadtests.sitting import open_sitting

RULE, COMPLETE = (
    "several_faces",
    2.0,
)  # seconds from the first picture with two faces to the one that completes the rule
STAYS = 6
LIMIT = 3.0


@dataclass(frozen=True)
class Incident:
    """Somebody comes in at `second` of this script."""

    attempt: str
    complete_at: float  # by this machine's clock


def scripts(cast: Cast, candidates: int, seconds: int) -> list[Script]:
    """Two incidents for each, spread over the time so that they do not come together."""
    made = []
    for number in range(candidates):
        rng = np.random.default_rng((77, number))
        sitter = cast.sitters[number % len(cast.sitters)]
        helper = cast.helpers[(number + 1) % len(cast.helpers)]
        half = seconds // 2
        starts = [8 + int(rng.integers(0, half - 18)), half + 4 + int(rng.integers(0, half - 18))]
        views = scenes(View(sitter=sitter), seconds, *((at, at + STAYS, {"helper": helper}) for at in starts))
        heard = (Heard("clicks", 2, seconds - 2, -34),)
        made.append(Script(f"delay {number}", sitter, views, heard, room=number, seed=77_000 + number))
    return made


def incidents(sat: Sequence[Sat]) -> list[Incident]:
    """When each rule was complete, by this machine's clock."""
    return [
        Incident(each.attempt, each.began.timestamp() + span.start + COMPLETE)
        for each in sat
        for span in each.script.spans("second_person")
    ]


async def watch(instructor: Person, sitting: str, seen: dict[str, list[tuple[float, float]]]) -> None:
    """Ask the live view four times a second; note when each flag of the rule is first seen, and since when it says it holds."""
    known: dict[str, set[str]] = {}
    counts: dict[str, int] = {}
    while True:
        live = await instructor.call("GET", f"/api/sittings/{sitting}/live")
        now = datetime.now(UTC).timestamp()
        for person in live["people"]:
            attempt = person["attempt_id"]
            if attempt is None or person["flags"] == counts.get(attempt, 0):
                continue
            counts[attempt] = person["flags"]
            for flag in await flags_of(instructor, attempt):
                if flag["rule"] == RULE and flag["started_at"] not in known.setdefault(attempt, set()):
                    known[attempt].add(flag["started_at"])
                    since = datetime.fromisoformat(flag["started_at"]).timestamp()
                    seen.setdefault(attempt, []).append((since, now))
        await asyncio.sleep(0.25)


def delays(found: Sequence[Incident], seen: dict[str, list[tuple[float, float]]]) -> list[float]:
    """Seconds from each incident's completion to its flag; incidents without a flag are left out (and counted apart)."""
    times = []
    for each in found:
        first = each.complete_at - COMPLETE
        mine = [now for since, now in seen.get(each.attempt, []) if first - 1.5 <= since <= first + STAYS]
        if mine:
            times.append(max(0.0, min(mine) - each.complete_at))
    return times


async def measure(started: Platform, made: Sequence[Script], cast: Cast) -> tuple[list[Incident], list[float], float]:
    """Everything at once, watched from outside; the incidents, their delays, and how long the workers were behind at the end."""
    instructor = await staff(started)
    with ProcessPoolExecutor(2) as pool:
        prepared = await prepare_all(pool, cast, made)
    sitting, roster = await open_sitting(instructor, EXAM, "Delay", len(made))
    people = [Person(started.url, email, "Candidate") for email in roster]
    for person, code in zip(people, roster.values(), strict=True):
        await person.enter(code)
    devices = await asyncio.gather(
        *(check_in(person, sitting, each.photo) for person, each in zip(people, prepared, strict=True))
    )
    seen: dict[str, list[tuple[float, float]]] = {}
    eyes = asyncio.create_task(watch(instructor, sitting, seen))
    say(f"{len(devices)} candidates at work")
    sat = await asyncio.gather(*(sit(device, each) for device, each in zip(devices, prepared, strict=True)))
    ended = time.monotonic()
    frames = sum(each.frames for each in sat)
    while time.monotonic() - ended < 120:
        live = await instructor.call("GET", f"/api/sittings/{sitting}/live")
        if sum(each["analysed"] for each in live["people"]) >= frames:
            break
        await asyncio.sleep(0.5)
    behind = time.monotonic() - ended
    await asyncio.sleep(2)
    eyes.cancel()
    found = incidents(sat)
    return found, delays(found, seen), behind


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 where a target is missed."""
    options = argparse.ArgumentParser(prog="python -m bench.flag_delay")
    options.add_argument("--candidates", type=int, default=20)
    options.add_argument("--seconds", type=int, default=90)
    options.add_argument("--workers", type=int, default=2)
    chosen = options.parse_args(arguments)
    cast = Cast(data_folder())
    with platform(workers=chosen.workers) as started:
        made = scripts(cast, chosen.candidates, chosen.seconds)
        found, times, behind = asyncio.run(measure(started, made, cast))
    times.sort()
    shares = {share: percentile(times, share) for share in (0.5, 0.95)}
    listed = [
        Target(
            f"capture to flag, p95 at {chosen.candidates} candidates",
            f"< {LIMIT:g} s",
            f"{shares[0.95]:.2f} s" if times else "–",
            bool(times) and shares[0.95] < LIMIT,
        ),
        Target("incidents flagged", "all", str(Share(len(times), len(found))), len(times) == len(found)),
    ]
    print(
        f"### From the camera to the flag\n\n{machine()}; {chosen.workers} worker processes, clients on the same machine\n"
    )
    print("| candidates | incidents | flagged | p50 s | p95 s | longest s | workers behind at the end s |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    longest = f"{times[-1]:.2f}" if times else "–"
    print(
        f"| {chosen.candidates} | {len(found)} | {len(times)} | {shares[0.5]:.2f} | {shares[0.95]:.2f} | {longest} | {behind:.1f} |"
    )
    print(f"\n{verdict(listed)}")
    return int(missed(listed))


if __name__ == "__main__":
    sys.exit(main())
