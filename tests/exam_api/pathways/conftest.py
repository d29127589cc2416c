"""Exams that earn certificates, sat and released as in the tests of certificates; programmes over them."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from exam_api.certificates import tasks as certificates
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.session import transaction
from exam_api.installation import Workshop
from exam_api.worker import AFTER
from tests.exam_api.certificates.conftest import Hall, HandIn, Script, award, hand_in, release, workshop
from tests.exam_api.certificates.test_parts import hall

__all__ = [
    "award",
    "hall",
    "hand_in",
    "release",
    "workshop",
]  # an exam with sections and skills that earns a certificate

Follow = Callable[[], Awaitable[None]]
Earn = Callable[..., Awaitable[Script]]


def rule(exam: str, **more: Any) -> str:
    """A programme's file that asks for one exam."""
    extra = "".join(f"\n      {key}: {value}" for key, value in more.pop("need", {}).items())
    top = "".join(f"{key}: {value}\n" for key, value in more.items())
    return f"""title: Rope master
description: Everything about **ropes**.
{top}certificate:
  name: Rope Master
  description: Its holder masters ropes.
  criteria: What the rule says.
  valid_years: 3
  skills:
    - {{id: ropes, name: Masters ropes, url: "https://case.example/CFItems/9", level: 3}}
rule:
  all_of:
    - exam: {exam}{extra}
    - any_of:
        - skill: https://case.example/CFItems/1
          level: 2
        - achievement: urn:example:elsewhere
"""


@pytest.fixture
def follow(workshop: Workshop) -> Follow:
    """Do what the worker's table says of every event since the last time, certificates' own tasks left out, until all is quiet."""
    seen = 0

    async def run() -> None:
        nonlocal seen
        for _round in range(20):
            async with transaction(workshop.here.sessions) as session:
                query = select(LedgerLine).where(LedgerLine.id > seen).order_by(LedgerLine.id)
                lines = [(line.id, line.tag, line.data) for line in await session.scalars(query)]
            if not lines:
                return
            seen = lines[-1][0]
            for _id, tag, data in lines:
                for kind, follows in AFTER.items():
                    for each in follows if kind.tag == tag else ():
                        if each.task.__module__ == "exam_api.pathways.tasks":
                            await each.task(workshop, data)

    return run


@pytest.fixture
def earn(hand_in: HandIn, release: Callable[[], Awaitable[Any]], workshop: Workshop) -> Earn:
    """A candidate who passed and has the exam's certificate."""

    async def make(**more: Any) -> Script:
        script = await hand_in(**more)
        await release()
        await certificates.issue_if_earned(workshop, script.payload)
        return script

    return make


@pytest.fixture
async def exam(hall: Hall) -> str:
    """The id of the exam."""
    (listed,) = (await hall.instructor.client.get("/api/exams")).raise_for_status().json()
    return str(UUID(listed["id"]))
