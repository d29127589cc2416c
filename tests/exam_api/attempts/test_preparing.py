"""Attempts made ahead: nobody sees them before the candidate comes, and the form is the seed's."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from os import urandom
from uuid import UUID

import pytest
from sqlalchemy import select

from exam_api.attempts import queries, tasks
from exam_api.attempts.service import door
from exam_api.attempts.service.preparing import digest_of
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.exams import ExamVersion
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.session import transaction
from exam_api.installation import Installation, Workshop
from grading.deal import deal
from grading.exam import read_exam
from tests.exam_api.sitting import Sit, Sitting
from tests.factories import Person


@pytest.fixture
def workshop(installation: Installation) -> Workshop:
    return Workshop(installation, lambda: datetime.now(UTC), urandom, run_job=None, embed=None, analyser=None)


def _same(moment: datetime) -> datetime:
    return moment


async def rows_of(installation: Installation, sitting_id: str) -> list[Attempt]:
    async with installation.sessions() as session:
        return list(await session.scalars(select(Attempt).where(Attempt.sitting_id == UUID(sitting_id))))


async def test_a_prepared_attempt_waits_unseen_until_its_candidate_comes(
    sitting: Sitting,
    enrolled: Callable[..., Awaitable[Person]],
    installation: Installation,
    workshop: Workshop,
) -> None:
    ada, _ben = await enrolled(), await enrolled()
    await asyncio.gather(*(tasks.prepare_coming(workshop, {}) for _ in range(2)))  # twice at once makes each only once
    rows = {row.candidate_id: row for row in await rows_of(installation, sitting.id)}
    assert len(rows) == 2
    assert {row.status for row in rows.values()} == {"prepared"}
    assert len({row.seed for row in rows.values()}) == 2
    live = (await sitting.instructor.client.get(f"/api/sittings/{sitting.id}/live")).raise_for_status().json()
    assert {each["status"] for each in live["people"]} == {"absent"}

    opened = (await ada.client.post(f"/api/sittings/{sitting.id}/attempts")).raise_for_status().json()
    again = (await ada.client.post(f"/api/sittings/{sitting.id}/attempts")).raise_for_status().json()
    assert opened["id"] == again["id"] == str(rows[ada.id].id)
    assert opened["status"] == "ready"
    async with installation.sessions() as session:
        tags = list(await session.scalars(select(LedgerLine.tag).where(LedgerLine.stream == UUID(opened["id"]))))
    assert tags == ["attempt:opened"]


async def test_the_start_statement_names_the_form_that_the_paper_shows(
    sit: Sit, sitting: Sitting, installation: Installation
) -> None:
    sitter = await sit()
    (row,) = await rows_of(installation, sitting.id)
    assert row.statement is not None
    async with installation.sessions() as session:
        version = (await session.scalars(select(ExamVersion))).one()
    form = deal(read_exam(version.definition), row.seed).exam
    assert row.statement["statement"]["form"] == row.form == digest_of(form)
    paper = await sitter.device.get(sitter.path("/paper"))
    assert [item["id"] for item in paper["exam"]["items"]] == [item.id for item in form.items]


async def test_nothing_is_prepared_for_a_sitting_that_is_far_or_over(
    sitting: Sitting,
    enrolled: Callable[..., Awaitable[Person]],
    installation: Installation,
    workshop: Workshop,
) -> None:
    await enrolled()
    for clock in (datetime.now(UTC) - timedelta(hours=3), datetime.now(UTC) + timedelta(hours=4)):
        await tasks.prepare_coming(replace(workshop, now=partial(_same, clock)), {})
    assert await rows_of(installation, sitting.id) == []


async def test_whoever_never_came_can_be_taken_off_the_roster(
    sitting: Sitting,
    enrolled: Callable[..., Awaitable[Person]],
    installation: Installation,
    workshop: Workshop,
) -> None:
    ada, ben = await enrolled(), await enrolled()
    await tasks.prepare_coming(workshop, {})
    (await ben.client.post(f"/api/sittings/{sitting.id}/attempts")).raise_for_status()
    roster = f"/api/sittings/{sitting.id}/roster"
    assert (await sitting.instructor.client.delete(f"{roster}/{ada.id}")).status_code == 204
    assert [row.candidate_id for row in await rows_of(installation, sitting.id)] == [ben.id]
    assert (await sitting.instructor.client.delete(f"{roster}/{ben.id}")).status_code == 409


async def test_a_candidate_who_comes_while_the_worker_prepares_is_let_in(
    sitting: Sitting,
    enrolled: Callable[..., Awaitable[Person]],
    installation: Installation,
    workshop: Workshop,
) -> None:
    ada = await enrolled()
    await tasks.prepare_coming(workshop, {})  # between the door's look, which found nothing, and its insert
    async with transaction(installation.sessions) as session:
        planned, _, attempt = await queries.get_roster_place(session, UUID(sitting.id), ada.id)
        assert attempt is not None
        made, is_first = await door._make(session, installation, planned, ada.id, datetime.now(UTC), urandom)
        assert (made.id, made.status, is_first) == (attempt.id, "ready", True)
