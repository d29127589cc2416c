"""From the camera to the flag: `python -m bench flag_delay`, or `python -m bench.flag_delay [--candidates N] [--seconds N]
[--workers N] [--watching device]`.

Candidates with cameras and microphones at a real platform (HTTP, WebSocket, worker processes). Twice somebody comes in
beside each of them. The clock starts when the picture is taken that completes the rule (two seconds, at one picture a second
the third with two faces), and stops when an invigilator's live view, asked four times a second, shows the flag. With `--watching device` the candidates' computers look themselves and send words, and
pictures only when a check asks for one.
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

from bench.device_watching import ON_DEVICE, processor_seconds, tell, words_of
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


@dataclass(frozen=True)
class Measured:
    """`times`: the delays of the incidents that were flagged. `behind`: seconds until the workers had looked at everything after
    the end; `frames`, `passed`: pictures or words that came, and those left for later. `used`: seconds of a core by process.
    """

    found: list[Incident]
    times: list[float]
    behind: float
    frames: int
    passed: int
    pictures: int
    used: dict[str, float]


async def measure(started: Platform, made: Sequence[Script], cast: Cast, *, on_device: bool) -> Measured:
    """Everything at once, watched from outside."""
    instructor = await staff(started)
    with ProcessPoolExecutor(2) as pool:
        prepared = await prepare_all(pool, cast, made)
    words = words_of(prepared) if on_device else []
    sitting, roster = await open_sitting(instructor, ON_DEVICE if on_device else EXAM, "Delay", len(made))
    people = [Person(started.url, email, "Candidate") for email in roster]
    for person, code in zip(people, roster.values(), strict=True):
        await person.enter(code)
    devices = await asyncio.gather(
        *(check_in(person, sitting, each.photo) for person, each in zip(people, prepared, strict=True))
    )
    seen: dict[str, list[tuple[float, float]]] = {}
    eyes = asyncio.create_task(watch(instructor, sitting, seen))
    say(f"{len(devices)} candidates at work")
    used, pictures = processor_seconds(started), 0
    if on_device:
        told = await asyncio.gather(
            *(tell(device, each, said) for device, each, said in zip(devices, prepared, words, strict=True))
        )
        sat, pictures = [each.sat for each in told], sum(each.pictures for each in told)
    else:
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
    found, after = incidents(sat), processor_seconds(started)
    passed = sum(each["passed"] for each in live["people"])
    spent = {kind: after[kind] - used[kind] for kind in used}
    return Measured(found, delays(found, seen), behind, frames, passed, pictures if on_device else frames, spent)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 where a target is missed."""
    options = argparse.ArgumentParser(prog="python -m bench.flag_delay")
    options.add_argument("--candidates", type=int, default=20)
    options.add_argument("--seconds", type=int, default=90)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--watching", choices=("server", "device"), default="server")
    chosen = options.parse_args(arguments)
    cast = Cast(data_folder())
    with platform(workers=chosen.workers) as started:
        made = scripts(cast, chosen.candidates, chosen.seconds)
        measured = asyncio.run(measure(started, made, cast, on_device=chosen.watching == "device"))
    return report(measured, chosen.candidates, chosen.workers, chosen.watching)


def report(measured: Measured, candidates: int, workers: int, watching: str) -> int:
    """Print it; 1 where a target is missed."""
    times, found = sorted(measured.times), measured.found
    shares = {share: percentile(times, share) for share in (0.5, 0.95)}
    p95 = f"{shares[0.95]:.2f}" if times else "–"
    listed = [
        Target(
            f"capture to flag, p95 at {candidates} candidates",
            f"< {LIMIT:g} s",
            f"{p95} s",
            bool(times) and shares[0.95] < LIMIT,
        ),
        Target("incidents flagged", "all", str(Share(len(times), len(found))), len(times) == len(found)),
    ]
    print(f"### From the camera to the flag\n\n{machine()}; {workers} worker processes, clients on the same machine")
    print(
        f"\nThe pictures are looked at by the {'server' if watching == 'server' else 'candidates' + chr(39) + ' computers'}.\n"
    )
    print(
        "| candidates | incidents | flagged | p50 s | p95 s | longest s | left for later | workers behind at the end s |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    p50, longest = (f"{shares[0.5]:.2f}", f"{times[-1]:.2f}") if times else ("–", "–")
    left = f"{measured.passed} of {measured.frames}"
    print(
        f"| {candidates} | {len(found)} | {len(times)} | {p50} | {p95} | {longest} | {left} | {measured.behind:.1f} |\n"
    )
    whole = sum(measured.used.values())
    each = {kind: 1000 * seconds / max(1, measured.frames) for kind, seconds in measured.used.items()}
    print("| candidate-seconds | pictures sent | web ms | worker ms | database ms | candidates a core |")
    print("|---:|---:|---:|---:|---:|---:|")
    print(
        f"| {measured.frames} | {measured.pictures} | {each['web']:.1f} | {each['worker']:.1f} | {each['database']:.1f} | "
        f"{measured.frames / whole if whole else 0:.0f} |"
    )
    print(
        f"\nMilliseconds of a core for each second of a candidate, everything else of the platform in them.\n\n{verdict(listed)}"
    )
    return int(missed(listed))


if __name__ == "__main__":
    sys.exit(main())
