"""Thirty people, two of whom share their mistakes: from saved answers to a page that says what it rests on."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from os import urandom
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from exam_api.db.models.accounts import User
from exam_api.db.models.attempts import Attempt, Response
from exam_api.db.models.findings import CohortRun, Finding
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.session import transaction
from exam_api.events import AttemptSubmitted, FindingsMade
from exam_api.findings import tasks
from exam_api.findings.queries import Saved
from exam_api.findings.service.cohort import codes_of, pace
from exam_api.findings.service.study import ALPHA
from exam_api.installation import Installation, Workshop
from exam_api.worker import AFTER
from tests.factories import Person, open_sitting, person, published_exam

ITEMS, OPTIONS = 16, "abcd"
EXAM = """
title: Sixteen choices
description: Pick one each time.
duration_minutes: 60
pass_percent: 50
items:
""" + "\n".join(
    f"""  - id: q{number}
    kind: choice
    title: Question {number}
    prompt: Which?
    points: 1
    options: [{{id: a, text: A}}, {{id: b, text: B}}, {{id: c, text: C}}, {{id: d, text: D}}]
    correct: a"""
    for number in range(1, ITEMS + 1)
)
HTML = {"accept": "text/html"}


@dataclass
class Hall:
    """A sitting, its instructor, and a way to put answered attempts into it."""

    id: str
    instructor: Person
    here: Installation
    workshop: Workshop

    async def fill(self, papers: dict[str, list[str]], seconds: float = 40.0) -> dict[str, UUID]:
        """Submitted attempts with these picks (question 1 first), one save each, by name."""
        made: dict[str, UUID] = {}
        async with transaction(self.here.sessions) as session:
            for name, picks in papers.items():
                user = User(email=f"{uuid4().hex}@example.org", name=name, roles=["candidate"])
                session.add(user)
                await session.flush()
                start = datetime.now(UTC) - timedelta(hours=1)
                attempt = Attempt(
                    sitting_id=UUID(self.id),
                    candidate_id=user.id,
                    status="submitted",
                    opened_at=start,
                    seed="0" * 32,
                    form="",
                    started_at=start,
                    submitted_at=datetime.now(UTC),
                )
                session.add(attempt)
                await session.flush()
                made[name] = attempt.id
                session.add_all(
                    Response(
                        attempt_id=attempt.id,
                        seq=at,
                        item=f"q{at}",
                        answer={"choice": [pick] if pick else []},
                        answer_hash="",
                        received_at=start + timedelta(seconds=at * seconds),
                        receipt={},
                    )
                    for at, pick in enumerate(picks, 1)
                )
        return made

    async def study(self) -> None:
        await tasks.study_cohort(self.workshop, {"sitting_id": self.id})

    async def read(self) -> dict[str, Any]:
        answer = await self.instructor.client.get(f"/api/sittings/{self.id}/findings")
        return answer.raise_for_status().json()

    async def page(self) -> str:
        answer = await self.instructor.client.get(f"/sittings/{self.id}/findings", headers=HTML)
        return answer.raise_for_status().text


@pytest.fixture
async def hall(installation: Installation, new_client: Callable[[], httpx.AsyncClient]) -> Hall:
    instructor = await person(new_client(), installation, "author", "instructor", name="Ina")
    version = await published_exam(instructor, EXAM)
    workshop = Workshop(installation, lambda: datetime.now(UTC), urandom, run_job=None, embed=None, analyser=None)
    return Hall((await open_sitting(instructor, version=version))["id"], instructor, installation, workshop)


def honest(people: int, seed: int = 7) -> dict[str, list[str]]:
    """Independent papers of mixed ability."""
    rng = random.Random(seed)
    papers = {}
    for number in range(people):
        able = rng.uniform(0.4, 0.85)
        papers[f"Honest {number}"] = ["a" if rng.random() < able else rng.choice("bcd") for _ in range(ITEMS)]
    return papers


def with_colluders(people: int = 28) -> dict[str, list[str]]:
    """Twenty-eight honest papers and two that share seven mistakes."""
    shared = list("adcabdcaabdcaaab")
    other = shared.copy()
    other[3] = "b"
    return {**honest(people), "Eve <Evil> & Co": shared, "Mallory Match": other}


async def test_two_who_share_their_mistakes_are_found(hall: Hall) -> None:
    made = await hall.fill(with_colluders())
    await hall.study()
    found = await hall.read()
    assert (found["people"], found["pairs"], found["items"], found["reason"]) == (30, 435, ITEMS, None)
    (one,) = found["findings"]
    assert {each["attempt_id"] for each in one["people"]} == {
        str(made["Eve <Evil> & Co"]),
        str(made["Mallory Match"]),
    }
    assert 0 < one["p_value"] <= one["p_adjusted"] < ALPHA
    assert one["statistic"] > one["expected"]
    assert len(one["evidence"]["matched_wrong"]) >= 7
    assert one["innocent"]
    assert one["assumptions"]
    assert "Mallory Match" in one["explanation"]
    assert found["strongest"]["p_value"] == one["p_value"]


async def test_the_page_names_people_but_nothing_stored_does(hall: Hall) -> None:
    await hall.fill(with_colluders())
    await hall.study()
    text = await hall.page()
    assert "Mallory Match" in text
    assert "Eve &lt;Evil&gt; &amp; Co" in text
    assert "<Evil>" not in text
    assert "<svg" in text
    assert "<style" not in text, "the content security policy would not let it through"
    assert "Other reasons to rule out first" in text
    assert "The same wrong answer" in text
    assert "1 in " in text
    async with transaction(hall.here.sessions) as session:
        stored = [row.explanation + str(row.evidence) for row in await session.scalars(select(Finding))]
        stored += [str(row.evidence) for row in await session.scalars(select(CohortRun))]
    assert stored
    assert not any("Mallory" in text or "Evil" in text for text in stored)


async def test_an_honest_room_shows_its_strongest_pair_and_nothing_else(hall: Hall) -> None:
    await hall.fill(honest(30))
    await hall.study()
    found = await hall.read()
    assert found["findings"] == []
    assert found["strongest"]["p_adjusted"] >= ALPHA
    assert len(found["strongest"]["people"]) == 2
    text = await hall.page()
    assert "Nothing unusual" in text
    assert found["strongest"]["people"][0]["name"] in text


async def test_too_few_people_say_so(hall: Hall) -> None:
    assert "Nothing has been compared yet" in await hall.page()
    assert (await hall.read())["made_at"] is None
    await hall.fill(honest(9))
    await hall.study()
    found = await hall.read()
    assert (found["people"], found["pairs"], found["findings"]) == (9, 0, [])
    assert "Too few" in found["reason"]
    assert "Too few answers" in await hall.page()


async def test_a_new_look_replaces_the_last_one(hall: Hall) -> None:
    await hall.fill(with_colluders())
    await hall.study()
    await hall.study()
    async with transaction(hall.here.sessions) as session:
        assert await session.scalar(select(func.count()).select_from(Finding)) == 1
        said = await session.scalars(select(LedgerLine.data).where(LedgerLine.tag == FindingsMade.tag))
        assert [each["findings"] for each in said] == [1, 1]
    stale = replace(hall.workshop, now=lambda: datetime.now(UTC) - timedelta(minutes=5))
    before = (await hall.read())["made_at"]
    await tasks.study_cohort(stale, {"sitting_id": hall.id})
    assert (await hall.read())["made_at"] == before, "an older look came late and is dropped"


async def test_who_submitted_during_a_look_is_in_the_next(hall: Hall) -> None:
    await hall.fill(honest(12))
    await tasks.study_outdated(hall.workshop, {})
    first = await hall.read()
    assert first["people"] == 12
    await tasks.study_outdated(hall.workshop, {})
    assert (await hall.read())["made_at"] == first["made_at"], "nothing new, nothing done"
    await hall.fill({"Late Lena": ["a"] * ITEMS})
    await tasks.study_outdated(hall.workshop, {})
    assert (await hall.read())["people"] == 13


async def test_blank_and_replayed_answers_do_no_harm(hall: Hall) -> None:
    papers = with_colluders()
    papers["Honest 0"] = [""] * ITEMS
    papers["Honest 1"] = []
    await hall.fill(papers, seconds=0.01)
    await hall.study()
    found = await hall.read()
    assert [one["detector"] for one in found["findings"]] == ["shared_answers"]


async def test_only_instructors_read_findings(
    hall: Hall, installation: Installation, new_client: Callable[[], httpx.AsyncClient]
) -> None:
    await hall.fill(honest(10))
    candidate = await person(new_client(), installation)
    invigilator = await person(new_client(), installation, "invigilator")
    for path in (f"/api/sittings/{hall.id}/findings", f"/sittings/{hall.id}/findings"):
        assert (await new_client().get(path)).status_code == 401
        assert (await candidate.client.get(path)).status_code == 403
        assert (await invigilator.client.get(path)).status_code == 403
        assert (await hall.instructor.client.get(path)).status_code == 200
    assert (await hall.instructor.client.get(f"/api/sittings/{uuid4()}/findings")).status_code == 404


def test_every_submission_leads_to_one_look_per_sitting() -> None:
    follow = next(each for each in AFTER[AttemptSubmitted] if each.task is tasks.study_cohort)
    assert follow.key is not None
    assert follow.key({"sitting_id": "x", "attempt_id": "y"}) == "x"
    assert follow.after > timedelta(0)


@settings(max_examples=50, deadline=None)
@given(ids=st.sets(st.uuids(), min_size=1, max_size=40))
def test_codes_are_short_and_unique(ids: set[UUID]) -> None:
    codes = codes_of(ids)
    assert len(set(codes.values())) == len(ids)
    assert all(code.startswith("#") and each.hex.startswith(code[1:]) for each, code in codes.items())


def test_codes_grow_where_ids_begin_alike() -> None:
    pair = [UUID("12345678-0000-0000-0000-00000000000a"), UUID("12345678-9000-0000-0000-00000000000a")]
    assert list(codes_of(pair).values()) == ["#123456780", "#123456789"]


def test_time_counts_for_the_question_that_was_saved() -> None:
    start = datetime(2027, 3, 1, 9, tzinfo=UTC)
    one = uuid4()
    at = [start + timedelta(seconds=each) for each in (30, 40, 100, 100.4)]
    saves = [Saved(one, item, {}, moment) for item, moment in zip(["x", "y", "x", "z"], at, strict=True)]
    assert pace({one: start}, saves)[one] == {"x": 90.0, "y": 10.0, "z": None}
    assert pace({one: None}, saves)[one] == {"y": 10.0, "x": 60.0, "z": None}
