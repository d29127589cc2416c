"""An exam that earns a certificate, sat by candidates whose answers a test chooses, graded and released."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from os import urandom
from typing import Any

import httpx
import pytest

from exam_api.certificates import tasks
from exam_api.grades.tasks import grade_attempt
from exam_api.installation import Installation, Workshop
from loadtests.device import Device
from tests.factories import Person, open_sitting, person, published_exam

EXAM = """
title: Knots, first part
description: Two questions.
duration_minutes: 60
pass_percent: 60
certificate:
  name: Knots, Foundation
  description: Its holder ties knots that hold.
  criteria: "Answer two questions.\\tBoth count."
  valid_years: 2
items:
  - id: pick
    kind: choice
    title: Pick one
    prompt: Which knot joins two ropes?
    points: 1
    options: [{id: a, text: Sheet bend}, {id: b, text: Bowline}]
    correct: a
  - id: number
    kind: numeric
    title: A number
    prompt: How many ends has a rope?
    points: 1
    value: 2
    tolerance: {absolute: 0}
"""
RIGHT: dict[str, dict[str, Any]] = {"pick": {"choice": ["a"]}, "number": {"text": "2"}}
WRONG: dict[str, dict[str, Any]] = {"pick": {"choice": ["b"]}, "number": {"text": "3"}}


@dataclass
class Hall:
    """A sitting and who leads it."""

    id: str
    instructor: Person


@dataclass
class Script:
    """A submitted and graded attempt."""

    person: Person
    attempt: str

    @property
    def payload(self) -> dict[str, Any]:
        return {"attempt_id": self.attempt}


HandIn = Callable[..., Awaitable[Script]]
Award = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def hall(installation: Installation, new_client: Callable[[], httpx.AsyncClient]) -> Hall:
    instructor = await person(new_client(), installation, "author", "instructor", name="Ina")
    version = await published_exam(instructor, EXAM)
    return Hall((await open_sitting(instructor, version=version))["id"], instructor)


@pytest.fixture
def workshop(installation: Installation) -> Workshop:
    return Workshop(installation, lambda: datetime.now(UTC), urandom, run_job=None, embed=None, analyser=None)


@pytest.fixture
def hand_in(
    hall: Hall, workshop: Workshop, installation: Installation, new_client: Callable[[], httpx.AsyncClient]
) -> HandIn:
    """A candidate who gives these answers and submits; graded by the worker's own task."""

    async def make(answers: dict[str, dict[str, Any]] | None = None, name: str = "Cora Candidate") -> Script:
        someone = await person(new_client(), installation, name=name)
        rows = {"rows": [{"email": someone.email, "extra_minutes": 0}]}
        (await hall.instructor.client.post(f"/api/sittings/{hall.id}/roster", json=rows)).raise_for_status()
        opened = (await someone.client.post(f"/api/sittings/{hall.id}/attempts")).raise_for_status().json()
        consent = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
        (await someone.client.post(f"/api/attempts/{opened['id']}/consent", json=consent)).raise_for_status()
        device = Device(someone.client, opened["id"])
        await device.sign("start", someone.authenticator)
        await device.open_paper()
        for item, answer in (RIGHT if answers is None else answers).items():
            await device.save(item, answer)
        await device.submit()
        script = Script(someone, opened["id"])
        await grade_attempt(workshop, script.payload)
        return script

    return make


@pytest.fixture
def release(hall: Hall) -> Callable[[], Awaitable[list[dict[str, Any]]]]:
    """Release everybody who can be; the rows of the answer."""

    async def send() -> list[dict[str, Any]]:
        answer = await hall.instructor.client.post(f"/api/sittings/{hall.id}/release", json={"attempts": None})
        return answer.raise_for_status().json()["attempts"]

    return send


@pytest.fixture
def award(hand_in: HandIn, release: Callable[[], Awaitable[Any]], workshop: Workshop) -> Award:
    """A candidate who passed, with the certificate as their own list shows it."""

    async def make(name: str = "Cora Candidate") -> dict[str, Any]:
        script = await hand_in(name=name)
        await release()
        await tasks.issue_if_earned(workshop, script.payload)
        (mine,) = (await script.person.client.get("/api/me/certificates")).raise_for_status().json()
        return {**mine, "script": script}

    return make
