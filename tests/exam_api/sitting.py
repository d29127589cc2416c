"""A published exam with an open sitting, and candidates who sit it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from credentials.attempt.recovery import mark_time
from credentials.canonical import digest
from exam_api.db.base import iso
from exam_api.installation import Installation
from loadtests.device import Device
from tests.factories import Person, person

EXAM = """
title: A short exam
description: Two questions.
duration_minutes: 60
pass_percent: 50
items:
  - id: first
    kind: choice
    title: One
    prompt: Which?
    points: 1
    options: [{id: a, text: This}, {id: b, text: That}]
    correct: a
  - id: second
    kind: short
    title: Two
    prompt: Why?
    points: 2
    answers: ["because it rains"]
"""


@dataclass
class Sitting:
    """An open sitting and the instructor who planned it."""

    id: str
    instructor: Person


@dataclass
class Sitter:
    """A candidate at work."""

    person: Person
    attempt: str
    device: Device

    def path(self, rest: str = "") -> str:
        return f"/api/attempts/{self.attempt}{rest}"


Sit = Callable[..., Awaitable[Sitter]]


def written_at(installation: Installation, sitter: Sitter, moment: datetime, marked_at: datetime) -> dict[str, Any]:
    """What a save says that was written at this moment, by a device that had our signed time at `marked_at`."""
    key = installation.keyring.receipt
    mark = mark_time(key, sitter.attempt, digest(sitter.device.jwk()), iso(marked_at))
    return {"created_at": moment.isoformat(), "mark": mark}


@pytest.fixture
def exam_source() -> str:
    return EXAM


@pytest.fixture
async def sitting(installation: Installation, new_client: Callable[[], httpx.AsyncClient], exam_source: str) -> Sitting:
    instructor = await person(new_client(), installation, "author", "instructor", name="Ina")
    exam = (await instructor.client.post("/api/exams", json={"source": exam_source})).raise_for_status().json()
    (await instructor.client.post(f"/api/exams/{exam['id']}/publish", json={"untried": True})).raise_for_status()
    now = datetime.now(UTC)
    body: dict[str, Any] = {
        "exam_id": exam["id"],
        "title": "Today",
        "opens_at": (now - timedelta(hours=1)).isoformat(),
        "closes_at": (now + timedelta(hours=3)).isoformat(),
        "minutes": 60,
        "roster": [],
    }
    made = (await instructor.client.post("/api/sittings", json=body)).raise_for_status().json()
    return Sitting(made["id"], instructor)


@pytest.fixture
def enrolled(
    sitting: Sitting, installation: Installation, new_client: Callable[[], httpx.AsyncClient]
) -> Callable[..., Awaitable[Person]]:
    """Somebody on the roster."""

    async def make(extra_minutes: int = 0) -> Person:
        someone = await person(new_client(), installation)
        rows = {"rows": [{"email": someone.email, "extra_minutes": extra_minutes}]}
        (await sitting.instructor.client.post(f"/api/sittings/{sitting.id}/roster", json=rows)).raise_for_status()
        return someone

    return make


@pytest.fixture
def sit(sitting: Sitting, enrolled: Callable[..., Awaitable[Person]]) -> Sit:
    """A candidate who has started."""

    async def make(extra_minutes: int = 0) -> Sitter:
        someone = await enrolled(extra_minutes)
        opened = (await someone.client.post(f"/api/sittings/{sitting.id}/attempts")).raise_for_status().json()
        consent = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
        (await someone.client.post(f"/api/attempts/{opened['id']}/consent", json=consent)).raise_for_status()
        device = Device(someone.client, opened["id"])
        await device.sign("start", someone.authenticator)
        await device.open_paper()
        return Sitter(someone, opened["id"], device)

    return make
