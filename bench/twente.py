"""The Twente protocol end to end: `python -m bench twente`, or `python -m bench.twente [--few]`. Each ten are kept when they are done.

Bergmans, Bouali, Luttikhuis and Rensink ("On the efficacy of online proctoring using Proctorio", CSEDU 2021) had 30 students
sit an exam under a market leader: 6 were told to cheat, 5 to act nervous, 19 to work. It flagged none of the six. Here the
thirty are scripts with real faces and voices, and everything goes through the public API of a platform of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.facts import machine
from bench.kept import CODE, Kept, state
from bench.scoring import Share, Target, missed, verdict
from bench.watched import flags_of, hold, platform, say, staff, until_seen
from loadtests.compositions import twente
from loadtests.compositions.people import Cast, data_folder
from loadtests.compositions.sitting import prepare_all
from loadtests.compositions.twente import Part
from loadtests.platform import Platform

AT_ONCE = 10
REVIEWED = {"medium", "high"}
DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "proctoring.md"
MARKS = ("<!-- twente -->", "<!-- /twente -->")


@dataclass(frozen=True)
class Outcome:
    """One of the thirty, and what the platform says of them. `need`: what its review queue says comes next."""

    part: Part
    flags: tuple[dict[str, Any], ...]
    need: str

    @property
    def flagged(self) -> bool:
        """The platform asks a person to look at this attempt."""
        return self.need == "decision"

    @property
    def worried(self) -> bool:
        """At least one flag of medium or high severity."""
        return any(flag["severity"] in REVIEWED for flag in self.flags)

    def said(self) -> str:
        names = {f"{flag['rule'].replace('_', ' ')} ({flag['severity']})" for flag in self.flags}
        return ", ".join(sorted(names)) or "nothing"


async def play(started: Platform, parts: Sequence[Part], cast: Cast, at_once: int, kept: Kept) -> list[Outcome]:
    """All parts, so many at the same time; those of a run before are taken from it."""
    instructor = await staff(started)
    outcomes: list[Outcome] = []
    with ProcessPoolExecutor(2) as pool:
        for first in range(0, len(parts), at_once):
            group, name = parts[first : first + at_once], f"{first + 1} to {min(first + at_once, len(parts))}"
            told = kept.find(name)
            if told is None:
                told = await _sit(instructor, pool, group, cast, f"Twente {name}")
                kept.keep(name, told)
            for part, each in zip(group, told, strict=True):
                outcomes.append(Outcome(part, tuple(each["flags"]), each["need"]))
                say(f"{part.role}, {part.what}: {outcomes[-1].said()} → {each['need']}")
    return outcomes


async def _sit(
    instructor: Any, pool: ProcessPoolExecutor, group: Sequence[Part], cast: Cast, title: str
) -> list[dict[str, Any]]:
    """One sitting of a group; for each, its flags and what the review queue says comes next."""
    prepared = await prepare_all(pool, cast, [part.script for part in group])
    sitting, sat = await hold(instructor, prepared, title)
    waited = await until_seen(instructor, sitting, sum(each.frames for each in sat))
    say(f"all pictures looked at {waited:.0f} s after the end")
    await asyncio.sleep(5)  # the last window of sound
    queue = await instructor.call("GET", f"/api/reviews?sitting={sitting}")
    need = {row["attempt_id"]: row["need"] for row in queue["rows"]}
    return [{"flags": await flags_of(instructor, each.attempt), "need": need[each.attempt]} for each in sat]


def matrix(outcomes: Sequence[Outcome]) -> str:
    """Who was flagged for review, by what they were told to do."""
    lines = [
        "| told to | people | flagged for review | not flagged | a flag of medium or high severity |",
        "|---|---:|---:|---:|---:|",
    ]
    for role, words in (("cheats", "cheat"), ("nervous", "act nervous"), ("honest", "work")):
        mine = [each for each in outcomes if each.part.role == role]
        flagged, worried = sum(each.flagged for each in mine), sum(each.worried for each in mine)
        lines.append(f"| {words} | {len(mine)} | {flagged} | {len(mine) - flagged} | {worried} |")
    return "\n".join(lines)


def details(outcomes: Sequence[Outcome]) -> str:
    """What was said of everybody who was told something, and of everybody else of whom something was said."""
    told = [each for each in outcomes if each.part.role != "honest" or each.flags]
    rows = [
        f"| {each.part.role} | {each.part.what} | {'yes' if each.flagged else 'no'} | {each.said()} |" for each in told
    ]
    return "\n".join(
        ["| role | what they did | flagged for review | what the platform said |", "|---|---|---|---|", *rows]
    )


def targets(outcomes: Sequence[Outcome]) -> list[Target]:
    """At least five of six found, at most two of the twenty-four others flagged."""
    cheats = [each for each in outcomes if each.part.role == "cheats"]
    others = [each for each in outcomes if each.part.role != "cheats"]
    found = Share(sum(each.flagged for each in cheats), len(cheats))
    wrong = Share(sum(each.flagged for each in others), len(others))
    return [
        Target("cheating found (Twente)", "≥ 5 of 6", str(found), found.of - found.hits <= 1),
        Target("others flagged for review (Twente)", "≤ 2 of 24", str(wrong), wrong.hits <= 2),
    ]


def into_document(text: str) -> None:
    """Put the result between the marks of docs/proctoring.md, where that file is there."""
    if not DOCUMENT.exists():
        return
    whole = DOCUMENT.read_text("utf-8")
    if all(mark in whole for mark in MARKS):
        before, after = whole.split(MARKS[0])[0], whole.split(MARKS[1])[1]
        DOCUMENT.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{after}", "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the result and put it into docs/proctoring.md; 1 where a target is missed."""
    options = argparse.ArgumentParser(prog="python -m bench.twente")
    options.add_argument("--few", action="store_true", help="the eleven who were told something and one who works")
    options.add_argument("--seconds", type=int, default=twente.SECONDS)
    options.add_argument("--again", action="store_true", help="measure also what is kept")
    chosen = options.parse_args(arguments)
    cast = Cast(data_folder())
    parts = twente.parts(cast, seconds=chosen.seconds)[: 12 if chosen.few else None]
    settings = (chosen.few, chosen.seconds, str(cast.data), time.time() if chosen.again else "")
    kept = Kept("twente", state(*settings, code=(*CODE, "exam_api")))
    with platform(workers=1 if chosen.few else 2) as started:
        outcomes = asyncio.run(play(started, parts, cast, 4 if chosen.few else AT_ONCE, kept))
    silent = "" if cast.data else " No voices (INVIGIL_DATA names no data), so who speaks with someone cannot be found."
    text = f"{machine()}; scripts of {chosen.seconds} s.{silent}\n\n{matrix(outcomes)}\n\n{details(outcomes)}"
    print(f"### The Twente protocol\n\n{text}\n\n{verdict(targets(outcomes))}")
    if not chosen.few:
        into_document(text)
    return int(missed(targets(outcomes)))


if __name__ == "__main__":
    sys.exit(main())
