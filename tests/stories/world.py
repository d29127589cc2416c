"""Everything that a page may have to show: a sitting in each state, people in each state of an exam."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml
from playwright.async_api import Browser

from loadtests.answers import answers
from loadtests.candidate import Plan, check_in, sit
from loadtests.people import Person
from loadtests.scenes import Kind
from loadtests.story import Story, Told
from tests.stories import connected, lockdown, pathways, tries, upkeep
from tests.stories.processes import ROOT
from tests.stories.room import Room
from tests.stories.seed import EXAM, Entry, Seeds
from tests.stories.visitor import Visitor

CALM: list[Kind] = ["present", "present", "present", "present"]
SCENES: list[Kind] = [*CALM, "second_person", "second_person", "second_person", "second_person", "away", "away"]
OVER, OPEN = "Walter Well", "Olga Open"
# Ids that stand in the example exam and course.
WRITTEN = {
    "item_choice": "outlier",
    "item_match": "which-chart",
    "item_code": "running-total",
    "course": "data-literacy",
}


@dataclass
class World:
    """Who is signed in where, and the ids that stand in addresses."""

    browsers: dict[str, Visitor]
    ids: dict[str, str]


async def make(seeds: Seeds, browser: Browser, out: Path) -> World:
    """Two sittings over (one released, one that waits for people), one that runs, one that is planned."""
    over, people = await seeds.sitting(seeds.guarded, OVER)
    waits, others = await seeds.sitting(seeds.guarded, OPEN)
    runs, entries = await seeds.sitting(seeds.guarded, "Rita Running", "Chris Checkin", "Nora New")
    (walter, walters), (olga, olgas), (rita, running), chris = await asyncio.gather(
        _take(seeds, over, people[0], leaves=False),
        _take(seeds, waits, others[0], leaves=True),
        _at_the_room(seeds, browser, runs, entries[0]),
        _at_the_check_in(seeds, runs, entries[1]),
    )
    nora, newcomer, several, (lena, locked) = await asyncio.gather(
        seeds.arrive(entries[2]), _newcomer(seeds), tries.make(seeds), lockdown.make(seeds)
    )
    planned = await _planned(seeds, entries[2])
    lesson = (await _enrol(seeds, walter))[0]
    certificate = await _release(seeds, over, walter, out) | await _list_for(seeds, walter)
    certificate |= await pathways.make(seeds, walter) | await connected.make(walter)
    certificate |= await upkeep.make(seeds, walter, certificate["certificate"], olga)
    exam = await seeds.instructor.call("GET", f"/api/exams/{seeds.guarded}")
    accounts = await seeds.operator.call("GET", "/api/accounts")
    browsers = {
        "nobody": await Visitor.come(browser, seeds.platform.url),
        "sitter": rita,
    }
    people_by_role = {
        "newcomer": newcomer,
        "candidate": walter,
        "waiting": olga,
        "checker": chris,
        "fresh": nora,
        "outside": lena,
        "instructor": seeds.instructor,
        "operator": seeds.operator,
        **several.people,
    }
    browsers |= {role: await _signed_in(browser, seeds, person) for role, person in people_by_role.items()}
    return World(
        browsers,
        {
            **WRITTEN,
            "exam": seeds.guarded,
            "version": str(exam.get("version") or 1),
            "lesson": lesson,
            "over": over,
            "waits": waits,
            "runs": runs,
            "planned": planned,
            "released": walters,
            "submitted": olgas,
            "running": running,
            "ready": await _attempt_of(chris, runs),
            "link": await _link_to(seeds, planned),
            "person": str(accounts["accounts"][0]["id"]),
            **certificate,
            **several.ids,
            **locked,
        },
    )


async def rest(sitter: Visitor) -> None:
    """Leave the exam room: as long as it is open, it films and the worker looks at its pictures."""
    await sitter.page.goto("about:blank")


async def _signed_in(browser: Browser, seeds: Seeds, person: Person) -> Visitor:
    visitor = await Visitor.come(browser, seeds.platform.url)
    await visitor.be(person)
    return visitor


async def _take(seeds: Seeds, sitting: str, entry: Entry, *, leaves: bool) -> tuple[Person, str]:
    """A whole exam by a simulated candidate who knows everything."""
    person = await seeds.arrive(entry)
    course = await _enrol(seeds, person)
    for lesson in course[: 1 if leaves else None]:
        await person.call("POST", f"/api/courses/data-literacy/lessons/{lesson}/done")
    written = answers(yaml.safe_load(EXAM.read_text()), 1.0, random.Random(3))
    plan = Plan("hopper" if leaves else "collins", SCENES if leaves else CALM, written, 5, leaves_page=leaves)
    sat = await sit(person, await check_in(person, sitting, plan), plan)
    return person, sat.attempt


async def _enrol(seeds: Seeds, person: Person) -> list[str]:
    await seeds.instructor.call("POST", "/api/courses/data-literacy/enrolments", {"emails": [person.email]})
    course = await person.call("GET", "/api/courses/data-literacy")
    return [lesson["id"] for module in course["modules"] for lesson in module["lessons"]]


async def _at_the_room(seeds: Seeds, browser: Browser, sitting: str, entry: Entry) -> tuple[Visitor, str]:
    visitor = await Visitor.come(browser, seeds.platform.url)
    await visitor.activate(entry.code)
    room = Room(visitor)
    await room.enter(sitting)
    await room.photo()
    await room.start()
    await room.go("missing-values")
    await room.write("missing-values", "The zeros are no measurements.")
    await room.saved()
    attempt = room.attempt
    await rest(visitor)
    return visitor, attempt


async def _at_the_check_in(seeds: Seeds, sitting: str, entry: Entry) -> Person:
    person = await seeds.arrive(entry)
    opened = await person.call("POST", f"/api/sittings/{sitting}/attempts")
    terms = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
    await person.call("POST", f"/api/attempts/{opened['id']}/consent", terms)
    return person


async def _attempt_of(person: Person, sitting: str) -> str:
    return str((await person.call("POST", f"/api/sittings/{sitting}/attempts"))["id"])


async def _link_to(seeds: Seeds, sitting: str) -> str:
    rules = await seeds.instructor.call("PUT", f"/api/sittings/{sitting}/entry", {"link": True})
    return str(rules["link"]).rsplit("/", 1)[1]


async def _newcomer(seeds: Seeds) -> Person:
    """Somebody who used the code and has not chosen how to sign in."""
    _, (entry,) = await seeds.sitting(seeds.quiet, "Wendy Welcome")
    person = seeds.person(entry)
    await person.call("POST", "/api/activate", {"code": entry.code})
    return person


async def _list_for(seeds: Seeds, person: Person) -> dict[str, str]:
    """A list of certificates that waits for a second person."""
    body = {
        "title": "Rope course, spring",
        "terms": {
            "name": "Rope work, Foundation",
            "description": "Its holder splices ropes and ties knots that hold.",
            "criteria": "Three days of practice and a piece of work.",
            "valid_years": 3,
        },
        "table": f"name,email,date,result,consent\n{OVER},{person.email},2026-03-01,92.5,yes\n",
    }
    return {"batch": str((await seeds.instructor.call("POST", "/api/batches", body))["id"]), "row": "1"}


async def _planned(seeds: Seeds, entry: Entry) -> str:
    opens = datetime.now(UTC) + timedelta(days=2)
    body = {
        "exam_id": seeds.quiet,
        "title": "The day after tomorrow",
        "opens_at": opens.isoformat(),
        "closes_at": (opens + timedelta(hours=3)).isoformat(),
        "minutes": 45,
        "roster": [{"email": entry.email, "name": entry.name, "extra_minutes": 15}],
    }
    return str((await seeds.instructor.call("POST", "/api/sittings", body))["id"])


async def _release(seeds: Seeds, sitting: str, person: Person, out: Path) -> dict[str, str]:
    """Grade, mark, decide and release as the demonstration does; the certificate's id, if one was earned."""
    story = Story(seeds.platform.url, ROOT, out, seeds.instructor, 1)
    told = Told(sitting)
    await story.wait_for_grades(told)
    await story.mark(told)
    await story.review_and_release(told)
    for _ in range(60):
        if certificates := await person.call("GET", "/api/me/certificates"):
            return {"certificate": str(certificates[0]["url"]).rstrip("/").rsplit("/", 1)[-1]}
        await asyncio.sleep(0.5)
    raise AssertionError("no certificate was issued\n" + seeds.platform.tail("logs/worker.log"))
