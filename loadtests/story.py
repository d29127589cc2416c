"""The seeded story: an instructor, thirty candidates with cameras, two of them copying, four of them conspicuous."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import yaml

from loadtests import pathways
from loadtests.answers import answers, copied
from loadtests.candidate import Plan, Sat, check_in, sit
from loadtests.people import Person, StoryStopped
from loadtests.publishing import publish
from loadtests.scenes import Kind

SEED = 20270301
COPIER, SOURCE = 11, 10  # places in the room
CONSPICUOUS: dict[int, list[tuple[Kind, int]]] = {  # what the camera sees, for how many seconds
    4: [("present", 6), ("away", 15), ("present", 7)],
    13: [("present", 8), ("second_person", 9), ("present", 11)],
    21: [("present", 8), ("other_person", 20)],
}
LEAVES_PAGE = 17
USUAL: list[tuple[Kind, int]] = [("present", 28)]
PATIENCE = 420.0  # seconds for the worker to finish
FIRST = [
    "Ada",
    "Bela",
    "Carl",
    "Dana",
    "Emil",
    "Fred",
    "Gina",
    "Hana",
    "Ivan",
    "Jana",
    "Karl",
    "Lena",
    "Mara",
    "Nils",
    "Olga",
    "Paul",
    "Quin",
    "Rosa",
    "Sven",
    "Tara",
    "Udo",
    "Vera",
    "Willi",
    "Xenia",
    "Yan",
    "Zoe",
    "Anna",
    "Ben",
    "Cleo",
    "Dirk",
]
LAST = ["Alder", "Birch", "Cedar", "Dogwood", "Elder", "Fir", "Ginkgo", "Hazel", "Ivy", "Juniper"]


@dataclass
class Told:
    """What the story left behind, and what was proven of it."""

    sitting: str
    attempts: int = 0
    saves: int = 0
    receipts_proven: int = 0
    frames: int = 0
    analysed: int = 0
    frames_per_second: float = 0.0
    flags: dict[str, int] = field(default_factory=dict)
    graded_by_machine: int = 0
    graded_by_person: int = 0
    ungraded: int = 0
    waits_for_sandbox: int = 0
    passed: int = 0
    released: int = 0
    findings: list[str] = field(default_factory=list)
    copiers_found: bool = False
    certificates: int = 0
    certificate_url: str = ""
    verification: str = ""
    verified: bool = False
    complete: bool = False


def say(text: str) -> None:
    """One line of progress."""
    print(f"  {datetime.now(UTC):%H:%M:%S}  {text}", flush=True)


class Story:
    """Tells it step by step. Nothing here knows more of the platform than its HTTP API."""

    def __init__(self, url: str, root: Path, out: Path, instructor: Person, candidates: int) -> None:
        self.url = url
        self.root = root
        self.out = out
        self.instructor = instructor
        self.count = candidates
        self.exam = yaml.safe_load((root / "grading/examples/exam.yaml").read_text())

    async def tell(self) -> Told:
        """From the course to the certificate."""
        exam = await self.prepare()
        sitting, people = await self.plan(exam)
        told = Told(sitting)
        began = time.monotonic()
        sat = await self.hold(sitting, people)
        told.attempts, told.saves = len(sat), sum(each.saves for each in sat)
        told.frames = sum(each.frames for each in sat)
        (self.out / "receipts").mkdir(parents=True, exist_ok=True)
        for number, each in enumerate(sat, start=1):
            (self.out / "receipts" / f"{number:02d}.json").write_text(json.dumps(each.receipts))
        await self.wait_for_frames(told, began)
        await self.wait_for_grades(told)
        await self.mark(told)
        await self.look_at_findings(told, {people[SOURCE].name, people[COPIER].name})
        await self.review_and_release(told)
        await self.wait_for_certificates(told, people)
        if await pathways.write(self.instructor, self.root):
            say("a programme is open: whoever meets its rule gets its certificate too")
        return told

    async def prepare(self) -> str:
        """Import the course, write the exam, publish it."""
        folder = self.root / "courses/examples/data-literacy"
        files = {
            str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()
        }
        await self.instructor.call("POST", "/api/courses", {"files": files})
        source = (self.root / "grading/examples/exam.yaml").read_text()
        exam = await self.instructor.call("POST", "/api/exams", {"source": source, "course": "data-literacy"})
        version = await publish(self.instructor, exam["id"])
        say(f"the exam “{exam['title']}” is published as version {version['number']}, digest {version['digest'][:12]}…")
        return str(exam["id"])

    async def plan(self, exam: str) -> tuple[str, list[Person]]:
        """A sitting of an hour with a roster, one of them with extra time; everybody adds a passkey."""
        run, now = secrets.token_hex(3), datetime.now(UTC)
        rows = [
            {
                "email": f"{FIRST[place % 30].lower()}.{run}.{place}@candidates.example.org",
                "name": f"{FIRST[place % 30]} {LAST[place % 10]}",
                "extra_minutes": 15 if place == 2 else 0,
            }
            for place in range(self.count)
        ]
        made = await self.instructor.call(
            "POST",
            "/api/sittings",
            {
                "exam_id": exam,
                "title": f"Demonstration {now:%d %B %Y, %H:%M}",
                "opens_at": (now - timedelta(minutes=1)).isoformat(),
                "closes_at": (now + timedelta(hours=4)).isoformat(),
                "minutes": 60,
                "roster": rows,
            },
        )
        await self.instructor.call(
            "POST", "/api/courses/data-literacy/enrolments", {"emails": [row["email"] for row in rows]}
        )
        people = [Person(self.url, str(row["email"]), str(row["name"])) for row in rows]
        by_email = {row["email"]: row["activation_code"] for row in made["roster"]}
        await asyncio.gather(*(self._arrive(person, by_email[person.email]) for person in people))
        say(f"{len(people)} candidates activated their accounts and added a passkey; one has 15 minutes of extra time")
        return str(made["id"]), people

    async def _arrive(self, person: Person, code: str) -> None:
        await person.enter(code)
        await person.sign_in()
        course = await person.call("GET", "/api/courses/data-literacy")
        lessons = [lesson["id"] for module in course["modules"] for lesson in module["lessons"]]
        for lesson in lessons:
            await person.call("POST", f"/api/courses/data-literacy/lessons/{lesson}/done")

    async def hold(self, sitting: str, people: list[Person]) -> list[Sat]:
        """Everybody checks in, then sits the exam at the same time."""
        plans = self.plans(len(people))
        say("check-in: consent, reference photo, start signed by the passkey")
        devices = await asyncio.gather(
            *(check_in(person, sitting, plan) for person, plan in zip(people, plans, strict=True))
        )
        say(f"{len(devices)} candidates are writing, cameras on, about {USUAL[0][1]} s")
        sat = await asyncio.gather(
            *(sit(person, device, plan) for person, device, plan in zip(people, devices, plans, strict=True))
        )
        say(f"all submitted: {sum(each.saves for each in sat)} answers, each with a verified receipt")
        return list(sat)

    def plans(self, count: int) -> list[Plan]:
        """Who does what: fixed by the seed."""
        rng = random.Random(SEED)
        abilities = [0.45 if place == SOURCE else rng.uniform(0.55, 0.97) for place in range(count)]
        written = [answers(self.exam, ability, rng) for ability in abilities]
        if count > COPIER:
            written[COPIER] = copied(self.exam, written[COPIER], written[SOURCE])
        return [
            Plan(
                portrait="collins" if place % 2 else "hopper",
                scenes=[kind for kind, seconds in CONSPICUOUS.get(place, USUAL) for _ in range(seconds)],
                answers=written[place],
                seed=SEED + place,
                leaves_page=place == LEAVES_PAGE,
            )
            for place in range(count)
        ]

    async def wait_for_frames(self, told: Told, began: float) -> None:
        """Until the worker has looked at every frame."""
        last = 0.0
        while True:
            live = await self.instructor.call("GET", f"/api/sittings/{told.sitting}/live")
            told.analysed = sum(each["analysed"] for each in live["people"])
            elapsed = time.monotonic() - began
            if told.analysed >= told.frames:
                break
            if elapsed > PATIENCE:
                raise StoryStopped(f"the worker looked at {told.analysed} of {told.frames} frames in {elapsed:.0f} s")
            if elapsed - last > 5:
                last = elapsed
                say(f"the worker has looked at {told.analysed} of {told.frames} frames")
            await asyncio.sleep(1)
        told.frames_per_second = round(told.analysed / elapsed, 1)
        for each in live["people"]:
            for flag in await self.instructor.call("GET", f"/api/attempts/{each['attempt_id']}/flags"):
                told.flags[flag["rule"]] = told.flags.get(flag["rule"], 0) + 1
        say(f"{told.analysed} frames analysed, {sum(told.flags.values())} flags")

    async def wait_for_grades(self, told: Told) -> None:
        """Until every answer was graded, or waits for a person or a sandbox."""
        deadline = time.monotonic() + PATIENCE
        live = await self.instructor.call("GET", f"/api/sittings/{told.sitting}/live")
        for each in live["people"]:
            while True:
                graded = await self.instructor.call("GET", f"/api/attempts/{each['attempt_id']}/grades")
                if all(grade["grader"] != "nobody" for grade in graded["grades"]):
                    break
                if time.monotonic() > deadline:
                    raise StoryStopped("the worker did not finish grading in time")
                await asyncio.sleep(0.5)
            told.graded_by_machine += sum(grade["state"] == "final" for grade in graded["grades"])
            told.waits_for_sandbox += sum(grade["cause"] == "failure" for grade in graded["grades"])
        say(f"{told.graded_by_machine} answers graded by machine, {told.waits_for_sandbox} wait for a sandbox")

    async def mark(self, told: Told) -> None:
        """The instructor goes through the queue: confirms proposals, marks essays by length against the rubric."""
        while waiting_now := await self._waiting(told.sitting):
            for waiting in waiting_now:
                await self._mark_one(waiting)
                told.graded_by_person += 1
        say(f"the instructor marked {told.graded_by_person} answers that the machine was not sure of")

    async def _waiting(self, sitting: str) -> list[dict[str, Any]]:
        """The next answers that wait for a person; those that wait for a machine are not ours to mark."""
        queue = await self.instructor.call("GET", f"/api/grading-queue?sitting={sitting}")
        return [waiting for waiting in queue["answers"] if waiting["grade"]["cause"] != "failure"]

    async def _mark_one(self, waiting: dict[str, Any]) -> None:
        grade = waiting["grade"]
        points = grade["points"]
        if points is None:
            words = len(str((waiting["answer"] or {}).get("text", "")).split())
            points = 8.0 if words > 100 else 4.0
        body = {"points": points, "reason": "Read and marked by the demonstration's instructor."}
        await self.instructor.call("PUT", f"/api/attempts/{waiting['attempt_id']}/grades/{grade['item']}", body)

    async def look_at_findings(self, told: Told, copiers: set[str]) -> None:
        """The cohort statistic, once it has seen everybody."""
        for _ in range(120):
            found = await self.instructor.call("GET", f"/api/sittings/{told.sitting}/findings")
            if found["made_at"] and found["people"] == told.attempts:
                break
            await asyncio.sleep(0.5)
        else:
            raise StoryStopped("the cohort's statistics did not come in time")
        for finding in found["findings"]:
            names = {person["name"] for person in finding["people"]}
            told.copiers_found = told.copiers_found or names == copiers
            told.findings.append(
                f"{' and '.join(sorted(names))}: p = {finding['p_value']:.1e} (adjusted {finding['p_adjusted']:.1e})"
            )
        count = len(told.findings)
        say(f"{count} {'finding' if count == 1 else 'findings'} over {found['people']} people")

    async def review_and_release(self, told: Told) -> None:
        """Decide about every attempt that a flag or finding points at, with a reason; then release."""
        queue = await self.instructor.call("GET", f"/api/reviews?sitting={told.sitting}&open=true")
        for row in queue["rows"]:
            bundle = await self.instructor.call("GET", f"/api/reviews/{row['attempt_id']}")
            serious = bundle["findings"] or any(flag["severity"] == "high" for flag in bundle["flags"])
            if not (bundle["findings"] or bundle["flags"]):
                continue
            body = {
                "outcome": "concern_noted" if serious else "no_concern",
                "reason": "Looked at the timeline, the frames and the answers; "
                + ("noted, and the candidate is asked." if serious else "nothing that needs an answer."),
            }
            await self.instructor.call("POST", f"/api/reviews/{row['attempt_id']}/decision", body)
        told.released = await self._release(told.sitting)
        live = await self.instructor.call("GET", f"/api/sittings/{told.sitting}/live")
        for each in live["people"]:
            graded = await self.instructor.call("GET", f"/api/attempts/{each['attempt_id']}/grades")
            told.passed += bool(graded["result"]["passed"])
            told.ungraded += sum(grade["state"] == "ungraded" for grade in graded["grades"])
        say(f"{told.released} results released, {told.passed} passed")

    async def _release(self, sitting: str) -> int:
        """Everybody whose result can be released; who only waits for pictures to be looked at is waited for."""
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = await self.instructor.call("POST", f"/api/sittings/{sitting}/release", {"attempts": None})
            rows = answer["attempts"]
            if not any(row["code"] == "evidence-waits" for row in rows) or time.monotonic() > deadline:
                return sum(row["released"] for row in rows)
            await asyncio.sleep(1)

    async def wait_for_certificates(self, told: Told, people: list[Person]) -> None:
        """Each who passed has one; the first is the one shown."""
        for _ in range(240):
            held = await asyncio.gather(*(person.call("GET", "/api/me/certificates") for person in people))
            name = self.exam["certificate"]["name"]  # a programme that is open already may have added its own
            lists = [[each for each in mine if each["name"] == name] for mine in held]
            told.certificates = sum(len(each) for each in lists)
            if told.certificates >= told.passed:
                break
            await asyncio.sleep(0.5)
        if told.certificates:
            told.certificate_url = next(each[0]["url"] for each in lists if each)
        say(f"{told.certificates} certificates issued")

    async def prove(self, told: Told) -> Told:
        """As an employer, without an account: open the URL, then check the file offline; check every receipt too."""
        async with httpx.AsyncClient(base_url=self.url) as employer:
            if told.certificate_url:
                page = await employer.get(told.certificate_url, headers={"Accept": "text/html"})
                bundle = await employer.get(f"{told.certificate_url}.json")
                trust = await employer.get("/trust.json")
                (self.out / "certificate.json").write_bytes(bundle.content)
                (self.out / "trust.json").write_bytes(trust.content)
                said = run(
                    "credentials", "verify", self.out / "certificate.json", "--trust", self.out / "trust.json", "--json"
                )
                told.verified = page.is_success and said.returncode == 0
                told.verification = (
                    json.loads(said.stdout)["verdict"] if said.stdout.startswith("{") else said.stderr.strip()
                )
        files = sorted((self.out / "receipts").glob("*.json"))
        told.receipts_proven = sum(run("credentials", "receipts", file).returncode == 0 for file in files[:3])
        # Without a sandbox, answers in code wait, so no result is complete and no certificate can be due yet.
        nothing_due = told.waits_for_sandbox > 0 and told.certificates == 0
        receipts_hold = 0 < told.receipts_proven == min(3, len(files))
        told.complete = (told.verified or nothing_due) and told.copiers_found and receipts_hold
        return told


def run(module: str, action: str, file: Path, *options: str | Path) -> subprocess.CompletedProcess[str]:
    """One of the platform's own offline commands, as anyone would run it."""
    command = [sys.executable, "-m", module, action, str(file), *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  (our own command)
