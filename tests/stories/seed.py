"""What every story needs to exist: staff, a course, exams, sittings with a roster. All made over HTTP, as people make it."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import yaml

from loadtests.people import Person
from loadtests.publishing import publish
from tests.stories.processes import ROOT, Platform

EXAM = ROOT / "grading" / "examples" / "exam.yaml"
COURSE = ROOT / "courses" / "examples" / "data-literacy"
FEW = ("outlier", "free-fall", "missing-values", "which-chart", "headline", "running-total")  # one of each kind


@dataclass(frozen=True)
class Entry:
    """Somebody on a roster who has not come yet."""

    email: str
    name: str
    code: str


@dataclass
class Seeds:
    """Who and what exists. `guarded` is the example exam with camera; `quiet` is short and has none."""

    platform: Platform
    instructor: Person
    operator: Person
    guarded: str
    quiet: str
    came: list[Person] = field(default_factory=list)

    async def sitting(
        self, exam: str, *names: str | Entry, minutes: int = 60, closes_in: float = 4 * 3600, **rules: int | str | None
    ) -> tuple[str, list[Entry]]:
        """A sitting that is open now; its id and its roster with activation codes (none for who has been here)."""
        run, now = secrets.token_hex(3), datetime.now(UTC)
        roster = [
            {"email": f"{each.split()[0].lower()}.{run}@example.org", "name": each}
            if isinstance(each, str)
            else {"email": each.email, "name": each.name}
            for each in names
        ]
        made = await self.instructor.call(
            "POST",
            "/api/sittings",
            {
                "exam_id": exam,
                "title": f"Story {run}",
                "opens_at": (now - timedelta(minutes=minutes)).isoformat(),
                "closes_at": (now + timedelta(seconds=closes_in)).isoformat(),
                "minutes": minutes,
                "roster": roster,
                **rules,
            },
        )
        codes = {row["email"]: row["activation_code"] for row in made["roster"]}
        return str(made["id"]), [Entry(row["email"], row["name"], codes[row["email"]] or "") for row in roster]

    async def arrive(self, entry: Entry) -> Person:
        """The entry as a simulated person, signed in with a passkey of their own."""
        person = self.person(entry)
        await person.enter(entry.code)
        return person

    def person(self, entry: Entry) -> Person:
        """The entry as a simulated person who has not come yet."""
        self.came.append(Person(self.platform.url, entry.email, entry.name))
        return self.came[-1]

    async def close(self) -> None:
        """Everybody goes home."""
        for person in (self.instructor, self.operator, *self.came):
            await person.client.aclose()


async def _staff(platform: Platform, email: str, name: str, *roles: str) -> Person:
    person = Person(platform.url, email, name)
    await person.enter(await platform.account(email, name, *roles))
    return person


async def plant(platform: Platform) -> Seeds:
    """Staff by the command line, the rest by the API."""
    instructor, operator = await asyncio.gather(
        _staff(platform, "ina@example.org", "Ina Structor", "author", "instructor", "invigilator"),
        _staff(platform, "otto@example.org", "Otto Perator", "operator"),
    )
    files = {str(path.relative_to(COURSE)): path.read_text() for path in sorted(COURSE.rglob("*")) if path.is_file()}
    await instructor.call("POST", "/api/courses", {"files": files})
    guarded = EXAM.read_text()
    few = yaml.safe_load(guarded)
    few |= {
        "title": "Five short questions",
        "proctoring": {"camera": False, "microphone": False, "fullscreen": False},
        "items": [item for item in few["items"] if item["id"] in FEW],
    }
    short = yaml.safe_dump(few, sort_keys=False, allow_unicode=True)
    return Seeds(platform, instructor, operator, await _publish(instructor, guarded), await _publish(instructor, short))


async def _publish(instructor: Person, source: str) -> str:
    exam = await instructor.call("POST", "/api/exams", {"source": source, "course": "data-literacy"})
    await publish(instructor, exam["id"])
    return str(exam["id"])
