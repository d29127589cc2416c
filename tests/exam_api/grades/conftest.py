"""An exam with every kind of question, candidates who hand it in, and a workshop whose tools a test chooses."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from os import urandom
from typing import Any

import httpx
import pytest

from exam_api.grades import tasks
from exam_api.installation import Installation, Workshop
from loadtests.device import Device
from sandbox.engines.scripted import ScriptedEngine
from sandbox.job import RunOutcome, Verdict
from sandbox.run import run
from tests.factories import Person, open_sitting, person, published_exam

EXAM = """
title: Every kind
description: Five questions.
duration_minutes: 60
pass_percent: 50
items:
  - id: pick
    kind: choice
    title: Pick one
    prompt: Which is even?
    points: 1
    options: [{id: a, text: "2"}, {id: b, text: "3"}]
    correct: a
  - id: number
    kind: numeric
    title: A number
    prompt: What is two times 21?
    points: 2
    value: 42
    tolerance: {absolute: 0.5}
  - id: why
    kind: short
    title: A reason
    prompt: Why do leaves fall in autumn?
    points: 2
    answers: ["because the tree saves water"]
  - id: essay
    kind: essay
    title: In your own words
    prompt: Describe a tree.
    points: 4
    rubric: [{text: Names its parts, points: 3}, {text: Reads well, points: 1}]
  - id: program
    kind: code
    title: A program
    prompt: Read a number and print its double.
    points: 4
    language: python
    tests:
      - {name: small, stdin: "2", expect: "4"}
      - {name: large, stdin: "1000", expect: "2000", hidden: true}
"""
GOOD = "print(2 * int(input()))"
ANSWERS: dict[str, dict[str, Any]] = {
    "pick": {"choice": ["a"]},
    "number": {"text": "42"},
    "why": {"text": "because the tree saves water"},
    "essay": {"text": "It has roots, a trunk and a crown."},
    "program": {"source": GOOD},
}
PASSES = {
    "1": RunOutcome("1", Verdict.OK, exit_code=0, stdout=b"4\n"),
    "2": RunOutcome("2", Verdict.OK, exit_code=0, stdout=b"2000\n"),
}


@dataclass
class Room:
    """A sitting of that exam and its instructor."""

    id: str
    instructor: Person

    async def queue(self, **query: Any) -> dict[str, Any]:
        answer = await self.instructor.client.get("/api/grading-queue", params={"sitting": self.id, **query})
        return answer.raise_for_status().json()


@dataclass
class Script:
    """A submitted attempt."""

    person: Person
    attempt: str

    @property
    def path(self) -> str:
        return f"/api/attempts/{self.attempt}"


HandIn = Callable[..., Awaitable[Script]]


@pytest.fixture
async def room(installation: Installation, new_client: Callable[[], httpx.AsyncClient]) -> Room:
    instructor = await person(new_client(), installation, "author", "instructor", name="Ina")
    version = await published_exam(instructor, EXAM)
    return Room((await open_sitting(instructor, version=version))["id"], instructor)


@pytest.fixture
def hand_in(room: Room, installation: Installation, new_client: Callable[[], httpx.AsyncClient]) -> HandIn:
    """A candidate who gives these answers (all good ones, unless told otherwise) and submits."""

    async def make(answers: dict[str, dict[str, Any]] | None = None, name: str = "Cora Candidate") -> Script:
        someone = await person(new_client(), installation, name=name)
        rows = {"rows": [{"email": someone.email, "extra_minutes": 0}]}
        (await room.instructor.client.post(f"/api/sittings/{room.id}/roster", json=rows)).raise_for_status()
        opened = (await someone.client.post(f"/api/sittings/{room.id}/attempts")).raise_for_status().json()
        consent = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
        (await someone.client.post(f"/api/attempts/{opened['id']}/consent", json=consent)).raise_for_status()
        device = Device(someone.client, opened["id"])
        await device.sign("start", someone.authenticator)
        await device.open_paper()
        for item, answer in (ANSWERS if answers is None else answers).items():
            await device.save(item, answer)
        await device.submit()
        return Script(someone, opened["id"])

    return make


@pytest.fixture
def bare(installation: Installation) -> Workshop:
    """A machine without any tool."""
    return Workshop(installation, lambda: datetime.now(UTC), urandom, run_job=None, embed=None, analyser=None)


@pytest.fixture
def engine() -> ScriptedEngine:
    """An engine that says what a good program does."""
    return ScriptedEngine(PASSES)


@pytest.fixture
def workshop(bare: Workshop, engine: ScriptedEngine) -> Workshop:
    """A machine with a sandbox."""
    return replace(bare, run_job=partial(run, engine=engine))


async def grade(workshop: Workshop, script: Script) -> None:
    """What the worker does when the attempt was submitted."""
    await tasks.grade_attempt(workshop, {"attempt_id": script.attempt})
