"""Publishing an exam with programs: their reference solutions are tried first, by the worker, and what fails is not frozen."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import yaml
from sqlalchemy import select

from exam_api.db.models.exams import ExamCheck
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.session import transaction
from exam_api.events import ExamCheckAsked, ExamPublished
from exam_api.exams import tasks
from exam_api.exams.service import publishing
from exam_api.installation import Installation, Workshop
from exam_api.worker import AFTER
from sandbox.engines.scripted import SCRIPTED
from sandbox.errors import EngineUnavailable
from sandbox.job import Job, Outcome, Result, RunOutcome, Verdict, Work
from tests.factories import Person, person

TRIED: dict[str, Any] = {
    "id": "double",
    "kind": "code",
    "title": "Double",
    "prompt": "Double it.",
    "points": 2,
    "language": "python",
    "reference": {"language": "python", "source": "print(2 * int(input()))"},
    "limits": {"cpu_seconds": 1},
    "tests": [
        {"name": "small", "stdin": "2", "expect": "4"},
        {"name": "big", "stdin": "9", "expect": "18", "hidden": True},
    ],
}
BARE: dict[str, Any] = {
    **{key: value for key, value in TRIED.items() if key != "reference"},
    "id": "bare",
    "title": "Bare",
}


def exam(*items: dict[str, Any], title: str = "Programs") -> str:
    return yaml.safe_dump({"title": title, "duration_minutes": 60, "pass_percent": 50, "items": list(items)})


HTML = {"Accept": "text/html"}


def csrf(page: str) -> dict[str, str]:
    """The token that every form of a page carries."""
    return {"csrf_token": page.split('name="csrf_token" value="')[1].split('"', maxsplit=1)[0]}


@pytest.fixture
async def author(client: httpx.AsyncClient, installation: Installation) -> Person:
    return await person(client, installation, "author", name="Grace Hopper")


async def draft(author: Person, source: str) -> str:
    made = await author.client.post("/api/exams", json={"source": source})
    return f"/api/exams/{made.raise_for_status().json()['id']}"


def engine(cpu_seconds: float = 0.01, times: int = 2) -> Callable[[Work], Result]:
    """One on which every program multiplies."""

    def run(work: Work) -> Result:
        assert isinstance(work, Job)
        said = ((run.name, b"%d\n" % (times * int(run.stdin))) for run in work.runs)
        return Outcome(
            tuple(
                RunOutcome(name, Verdict.OK, exit_code=0, stdout=out, cpu_seconds=cpu_seconds, peak_bytes=2**20)
                for name, out in said
            ),
            SCRIPTED,
        )

    return run


def away(_: Work) -> Result:
    raise EngineUnavailable("unix:///nowhere")


async def work(here: Installation, address: str, run_job: Callable[[Work], Result] | None) -> None:
    """What the worker does with every check that was asked for."""
    shop = Workshop(here, lambda: datetime.now(UTC), os.urandom, run_job=run_job, embed=None, analyser=None)
    assert [follow.task for follow in AFTER[ExamCheckAsked]] == [tasks.check_references]
    async with transaction(here.sessions) as session:
        query = select(LedgerLine.data).where(
            LedgerLine.tag == ExamCheckAsked.tag, LedgerLine.stream == UUID(address.rsplit("/", 1)[1])
        )
        asked = list(await session.scalars(query))
    for payload in asked:
        await tasks.check_references(shop, payload)


async def published(here: Installation) -> list[dict[str, Any]]:
    async with transaction(here.sessions) as session:
        query = select(LedgerLine.data).where(LedgerLine.tag == ExamPublished.tag).order_by(LedgerLine.id)
        return list(await session.scalars(query))


async def test_an_exam_whose_references_pass_is_published_by_the_worker(
    author: Person, installation: Installation
) -> None:
    address = await draft(author, exam(TRIED))
    assert (await author.client.get(f"{address}/check")).json() == {"state": "none", "problems": []}
    first = await author.client.post(f"{address}/publish")
    assert (first.status_code, first.json()["state"]) == (202, "running")
    assert (await author.client.post(f"{address}/publish")).status_code == 202, "one try is enough"
    assert (await author.client.get(f"{address}/versions")).json() == []
    await work(installation, address, engine())
    assert (await author.client.get(f"{address}/check")).json() == {"state": "passed", "problems": []}
    version = await author.client.post(f"{address}/publish")
    assert (version.status_code, version.json()["number"]) == (200, 1)
    assert version.json()["published_by"] == "Grace Hopper"
    await work(installation, address, engine())
    assert [each["untried"] for each in await published(installation)] == [[]]


@pytest.mark.parametrize(
    ("run_job", "words"),
    [
        (engine(times=3), ["fails the test 'small'", "fails the test 'big'"]),
        (engine(cpu_seconds=0.4), ["0.40 s of computing time", "1.2 would"]),
    ],
)
async def test_a_reference_that_fails_or_has_no_room_keeps_the_exam_from_being_published(
    author: Person, installation: Installation, run_job: Callable[[Work], Result], words: list[str]
) -> None:
    address = await draft(author, exam(TRIED))
    assert (await author.client.post(f"{address}/publish")).status_code == 202
    await work(installation, address, run_job)
    found = (await author.client.get(f"{address}/check")).json()
    assert found["state"] == "failed"
    assert all(any(word in each["message"] for each in found["problems"]) for word in words), found
    for body in ({}, {"untried": True}):  # who knows that it fails cannot say that it was not tried
        refused = await author.client.post(f"{address}/publish", json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "reference-fails")
        assert refused.json()["problems"] == found["problems"]
    assert (await author.client.post(f"{address}/publish", json={"again": True})).status_code == 202
    await work(installation, address, engine())
    assert (await author.client.post(f"{address}/publish")).json()["number"] == 1


async def test_what_has_no_reference_is_published_by_whoever_says_so(
    author: Person, installation: Installation
) -> None:
    address = await draft(author, exam(BARE))
    refused = await author.client.post(f"{address}/publish")
    assert (refused.status_code, refused.json()["code"]) == (409, "not-tried")
    assert [each["item"] for each in refused.json()["problems"]] == ["bare"]
    assert (await author.client.post(f"{address}/publish", json={"untried": True})).json()["number"] == 1
    both = await draft(author, exam(TRIED, BARE))
    assert (await author.client.post(f"{both}/publish", json={"untried": True})).status_code == 202
    await work(installation, both, engine())
    assert [each["untried"] for each in await published(installation)] == [["bare"], ["bare"]]


@pytest.mark.parametrize("run_job", [None, away])
async def test_without_a_sandbox_only_who_says_so_publishes(
    author: Person, installation: Installation, run_job: Callable[[Work], Result] | None
) -> None:
    address = await draft(author, exam(TRIED))
    assert (await author.client.post(f"{address}/publish", json={"untried": True})).status_code == 202, (
        "it is tried first"
    )
    await work(installation, address, run_job)
    assert (await author.client.get(f"{address}/check")).json()["state"] == "unable"
    assert (await author.client.post(f"{address}/publish")).status_code == 202, "try again"
    await work(installation, address, run_job)
    assert (await author.client.post(f"{address}/publish", json={"untried": True})).json()["number"] == 1
    assert [each["untried"] for each in await published(installation)] == [["double"]]


async def test_a_draft_that_changed_meanwhile_is_not_published(author: Person, installation: Installation) -> None:
    address = await draft(author, exam(TRIED))
    assert (await author.client.post(f"{address}/publish")).status_code == 202
    changed = {"source": exam(TRIED, title="Another"), "revision": 1}
    (await author.client.put(address, json=changed)).raise_for_status()
    await work(installation, address, engine())
    assert (await author.client.get(f"{address}/check")).json()["state"] == "none"
    assert await published(installation) == []


async def test_a_killed_worker_is_followed_by_another(author: Person, installation: Installation) -> None:
    address = await draft(author, exam(TRIED))
    assert (await author.client.post(f"{address}/publish")).status_code == 202
    shop = Workshop(installation, lambda: datetime.now(UTC), os.urandom, run_job=engine(), embed=None, analyser=None)
    await tasks.check_references_left(shop, {})
    assert (await author.client.get(f"{address}/check")).json()["state"] == "running"
    async with transaction(installation.sessions) as session:
        row = (await session.scalars(select(ExamCheck))).one()
        row.asked_at -= publishing.STALE + timedelta(seconds=1)
    await tasks.check_references_left(shop, {})
    assert (await author.client.get(f"{address}/check")).json()["state"] == "passed"


async def test_references_are_tried_without_publishing(author: Person, installation: Installation) -> None:
    address = await draft(author, exam(TRIED))
    asked = await author.client.post(f"{address}/check")
    assert (asked.status_code, asked.json()["state"]) == (202, "trying")
    await work(installation, address, engine(times=3))
    assert (await author.client.get(f"{address}/check")).json()["state"] == "failed"
    assert (await author.client.post(f"{address}/check")).json() == {"state": "trying", "problems": []}
    await work(installation, address, engine())
    assert (await author.client.get(f"{address}/check")).json()["state"] == "passed"
    assert await published(installation) == [], "it was only tried"
    page = address.removeprefix("/api") + "/publish"
    assert "leave two thirds of each limit unused" in (await author.client.get(page)).text
    version = await author.client.post(f"{address}/publish")
    assert (version.status_code, version.json()["number"]) == (200, 1), "what has passed is not tried twice"


async def test_who_publishes_while_it_is_tried_publishes_what_passes(
    author: Person, installation: Installation
) -> None:
    address = await draft(author, exam(TRIED))
    assert (await author.client.post(f"{address}/check")).status_code == 202
    assert (await author.client.post(f"{address}/publish")).status_code == 202
    assert (await author.client.post(f"{address}/check")).json()["state"] == "running", "which stays asked for"
    await work(installation, address, engine())
    assert [each["untried"] for each in await published(installation)] == [[]]


async def test_nothing_to_try_is_said(author: Person, installation: Installation) -> None:
    address = await draft(author, exam(BARE))
    refused = await author.client.post(f"{address}/check")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing-to-try")


async def test_a_mistake_of_ours_does_not_leave_the_author_waiting(author: Person, installation: Installation) -> None:
    def broken(_: Work) -> Result:
        raise ZeroDivisionError

    address = await draft(author, exam(TRIED))
    assert (await author.client.post(f"{address}/publish")).status_code == 202
    await work(installation, address, broken)
    assert (await author.client.get(f"{address}/check")).json() == {"state": "unable", "problems": []}


async def test_the_form_of_a_question_tries_what_it_saved(author: Person, installation: Installation) -> None:
    address = await draft(author, exam(TRIED))
    page = address.removeprefix("/api") + "/items/double"
    shown = (await author.client.get(page)).text
    form = {
        **csrf(shown),
        "action": "try",
        "revision": "1",
        "id": "double",
        "title": "Double",
        "prompt": "Double it.",
        "points": "2",
        "language": "python",
        "reference-source": "print(int(input()) * 2)",
        "test-0-name": "small",
        "test-0-stdin": "2",
        "test-0-expect": "4",
        "group-0-name": "all",
        "group-0-points": "2",
        "group-0-rule": "all",
        "group-0-tests": "small\r\n",
    }
    asked = await author.client.post(page, data=form)
    assert (asked.status_code, asked.headers["location"].split("?")[0]) == (
        303,
        page.replace("/items/double", "/publish"),
    )
    assert (await author.client.get(f"{address}/check")).json()["state"] == "trying"
    (item,) = yaml.safe_load((await author.client.get(address)).json()["source"])["items"]
    assert item["groups"] == [{"name": "all", "points": 2, "tests": ["small"], "rule": "all"}]
    del form["reference-source"]
    asked = await author.client.post(page, data={**form, "revision": "2"})
    assert asked.headers["location"].startswith(page), "it is saved all the same"
    assert "no reference solution to try" in (await author.client.get(asked.headers["location"])).text
    (item,) = yaml.safe_load((await author.client.get(address)).json()["source"])["items"]
    assert "reference" not in item


async def test_a_stranger_sees_no_check(
    author: Person, installation: Installation, new_client: Callable[[], httpx.AsyncClient]
) -> None:
    address = await draft(author, exam(TRIED))
    stranger = await person(new_client(), installation, "author", name="Sam")
    assert (await stranger.client.get(f"{address}/check")).status_code == 404
    assert (await stranger.client.post(f"{address}/publish")).status_code == 404
    assert (await stranger.client.post(f"{address}/check")).status_code == 404
    candidate = await person(new_client(), installation, name="Cora")
    assert (await candidate.client.get(f"{address}/check")).status_code == 403


async def test_the_page_says_what_the_api_says(author: Person, installation: Installation) -> None:
    address = await draft(author, exam(TRIED, BARE))
    page = address.removeprefix("/api") + "/publish"
    shown = (await author.client.get(page)).text
    assert "Publish without having tried it" in shown
    token = csrf(shown)
    refused = await author.client.post(page, data=token, headers=HTML)
    assert refused.status_code == 409
    assert "have not been tried" in refused.text
    asked = await author.client.post(page, data={**token, "untried": "yes"})
    assert (asked.status_code, asked.headers["location"]) == (303, f"{page}#publish")
    assert "are being tried" in (await author.client.get(page)).text
    await work(installation, address, engine(times=3))
    failed = (await author.client.get(page)).text
    assert "fails the test &#39;small&#39;" in failed
    assert "Try again and publish" in failed
    asked = await author.client.post(page, data={**token, "untried": "yes", "again": "yes"})
    await work(installation, address, engine())
    assert "is published as version 1" in (await author.client.get(page)).text


async def test_the_form_keeps_the_reference_and_what_it_does_not_show(author: Person) -> None:
    more = {**TRIED, "languages": ["python", "c"], "forbid": {"words": ["eval"]}}
    address = await draft(author, exam(more))
    page = address.removeprefix("/api") + "/items/double"
    shown = (await author.client.get(page)).text
    assert "print(2 * int(input()))" in shown
    assert "They stay as they are: forbid." in shown
    form = {
        **csrf(shown),
        "revision": "1",
        "id": "double",
        "title": "Double",
        "prompt": "Double it.",
        "points": "2",
        "language": "python",
        "language-python": "yes",
        "language-c": "yes",
        "reference-source": "print(int(input()) * 2)\r\n",
        "cpu_seconds": "0.5",
        "test-0-name": "small",
        "test-0-stdin": "2",
        "test-0-expect": "4",
    }
    saved = await author.client.post(page, data=form)
    assert saved.status_code == 303, saved.text[:500]
    (item,) = yaml.safe_load((await author.client.get(address)).json()["source"])["items"]
    assert item["reference"] == {"language": "python", "source": "print(int(input()) * 2)\n"}
    assert item["languages"] == ["python", "c"]
    assert item["forbid"] == {"words": ["eval"]}
    assert item["limits"] == {"cpu_seconds": 0.5}
    wrong = await author.client.post(page, data={**form, "revision": "2", "reference-language": "java"})
    assert wrong.status_code == 422
    assert "a candidate could give" in wrong.text
