"""Programs tried during the exam: whose turn it is, what is refused, and that nothing of it stays."""

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from httpx import Response
from sqlalchemy import func, select

from exam_api.attempts import tasks
from exam_api.attempts.service import trials as service
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.trials import Trial
from exam_api.db.session import transaction
from exam_api.installation import Installation, Workshop
from loadtests.device import Device
from sandbox.engines.scripted import SCRIPTED
from sandbox.errors import EngineUnavailable, SupervisorBroken
from sandbox.job import Job, Outcome, Result, RunOutcome, Verdict, Work
from tests.conftest import Clock
from tests.exam_api.sitting import Sit, Sitter, Sitting

CODE_EXAM = """
title: Programs
duration_minutes: 60
pass_percent: 50
items:
  - {id: pick, kind: choice, title: Pick, prompt: Which?, points: 1, options: [{id: a, text: A}, {id: b, text: B}], correct: a}
  - id: double
    kind: code
    title: Double
    prompt: Read a number and print its double.
    points: 4
    language: python
    tests:
      - {name: small, stdin: "2", expect: "4"}
      - {name: zero, stdin: "0", expect: "0"}
      - {name: secret, stdin: "1000", expect: "2000", hidden: true}
"""
GOOD = {"source": "print(2 * int(input()))"}


@pytest.fixture
def exam_source() -> str:
    return CODE_EXAM


@pytest.fixture
async def sitter(sit: Sit) -> Sitter:
    return await sit()


def doubling(work: Work) -> Result:
    """An engine for programs that double."""
    assert isinstance(work, Job)
    runs = tuple(
        RunOutcome(run.name, Verdict.OK, exit_code=0, stdout=b"%d\n" % (2 * int(run.stdin or b"0")))
        for run in work.runs
    )
    return Outcome(runs, SCRIPTED)


def shop(here: Installation, run_job: Callable[[Work], Result] | None = doubling) -> Workshop:
    return Workshop(
        here=here, now=lambda: datetime.now(UTC), chance=os.urandom, run_job=run_job, embed=None, analyser=None
    )


async def ask(sitter: Sitter, item: str = "double", response: Any = None, **more: Any) -> Response:
    body = {"item": item, "response": GOOD if response is None else response, **more}
    return await sitter.device.send("POST", sitter.path("/trials"), body)


async def result(sitter: Sitter, trial: str) -> dict[str, Any]:
    return dict(await sitter.device.get(sitter.path(f"/trials/{trial}")))


def said(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def count(here: Installation) -> int:
    async with transaction(here.sessions) as session:
        return await session.scalar(select(func.count()).select_from(Trial)) or 0


async def later(here: Installation, by: timedelta = timedelta(seconds=5)) -> None:
    """What was asked for lies further back."""
    async with transaction(here.sessions) as session:
        for trial in await session.scalars(select(Trial)):
            trial.asked_at -= by


async def test_a_program_runs_on_the_samples_and_never_on_a_hidden_test(
    sitter: Sitter, installation: Installation
) -> None:
    asked = await ask(sitter)
    assert asked.status_code == 202
    waits = await result(sitter, asked.json()["id"])
    assert (waits["state"], waits["tests"]) == ("waiting", [])
    seen: list[Work] = []

    def watched(work: Work) -> Result:
        seen.append(work)
        return doubling(work)

    await tasks.run_trial(shop(installation, watched), {})
    (job,) = seen
    assert isinstance(job, Job)
    assert [run.stdin for run in job.runs] == [b"2", b"0"]
    done = await result(sitter, asked.json()["id"])
    assert done["state"] == "done"
    assert [(test["name"], test["passed"], test["verdict"]) for test in done["tests"]] == [
        ("small", True, "passed"),
        ("zero", True, "passed"),
    ]
    assert "secret" not in str(done)
    paper = await sitter.device.open_paper()
    assert (paper["seq"], paper["answers"]) == (0, {}), "a trial is no answer"


async def test_an_input_of_ones_own_shows_what_the_program_does_with_it(
    sitter: Sitter, installation: Installation
) -> None:
    asked = await ask(sitter, stdin="21")

    def loud(work: Work) -> Result:
        assert isinstance(work, Job)
        (run,) = work.runs
        assert run.stdin == b"21"
        out = b"<b>42</b>\0\n" + b"x" * 10_000
        outcome = RunOutcome(run.name, Verdict.RUNTIME_ERROR, exit_code=1, stdout=out, stderr=b"\xffoops")
        return Outcome((outcome,), SCRIPTED)

    await tasks.run_trial(shop(installation, loud), {})
    done = await result(sitter, asked.json()["id"])
    (test,) = done["tests"]
    assert (done["own_input"], test["passed"], test["expected"], test["name"]) == (True, None, "", "")
    assert test["verdict"] == "the program stopped with an error"
    assert test["printed"].startswith("<b>42</b>\N{REPLACEMENT CHARACTER}\n")
    assert test["printed"].endswith("…")
    assert len(test["printed"]) < 8_100
    assert test["stderr"] == "\N{REPLACEMENT CHARACTER}oops"


async def test_what_no_trial_is_for(sitter: Sitter, sit: Sit, installation: Installation) -> None:
    assert said(await ask(sitter, "pick", {"choice": ["a"]})) == (422, "invalid")
    assert said(await ask(sitter, "nothing")) == (404, "unknown-item")
    assert said(await ask(sitter, "double", {"text": "x"})) == (422, "invalid")
    assert said(await ask(sitter, "double", {"source": "x" * 64_001})) == (422, "invalid")
    assert said(await ask(sitter, stdin="x" * 65_537)) == (422, "invalid")
    assert said(await ask(sitter, stdin="ü" * 32_769)) == (422, "invalid")
    assert said(await ask(sitter, stdin="a\0b")) == (422, "invalid")
    assert said(await ask(sitter, speed=9)) == (422, "invalid")
    assert await count(installation) == 0
    asked = await ask(sitter, stdin="ü" * 32_768)
    assert asked.status_code == 202
    stranger = await sit()
    path = sitter.path("/trials")
    body = {"item": "double", "response": GOOD}
    assert (await stranger.device.send("POST", path, body)).status_code == 401
    assert (await stranger.device.send("GET", f"{path}/{asked.json()['id']}")).status_code == 401
    elsewhere = stranger.path(f"/trials/{asked.json()['id']}")
    assert (await stranger.device.send("GET", elsewhere)).status_code == 404
    assert (await sitter.person.client.post(path, json=body)).status_code == 401
    assert (await sitter.device.send("GET", f"{path}/{uuid4()}")).status_code == 404
    assert await count(installation) == 1


async def test_another_device_has_taken_over(sitter: Sitter) -> None:
    other = Device(sitter.person.client, sitter.attempt)
    await other.sign("hand-over", sitter.person.authenticator)
    body = {"item": "double", "response": GOOD}
    assert said(await ask(sitter)) == (409, "device-replaced")
    assert (await other.send("POST", sitter.path("/trials"), body)).status_code == 202


async def test_one_at_a_time_not_too_often_and_not_without_end(
    sitter: Sitter, clock: Clock, installation: Installation
) -> None:
    assert (await ask(sitter)).status_code == 202
    again = await ask(sitter)
    assert said(again) == (409, "trial-waits")
    assert again.headers["retry-after"] == "3"
    await tasks.run_trial(shop(installation), {})
    soon = await ask(sitter)
    assert said(soon) == (429, "trial-too-soon")
    assert 1 <= int(soon.headers["retry-after"]) <= 3
    assert "every 3 seconds" in soon.json()["detail"]
    async with transaction(installation.sessions) as session:
        for number in range(59):
            at = clock() - timedelta(seconds=10 + number)
            session.add(Trial(attempt_id=UUID(sitter.attempt), item="double", response=GOOD, state="done", asked_at=at))
    await later(installation)
    full = await ask(sitter)
    assert said(full) == (429, "trial-too-soon")
    assert int(full.headers["retry-after"]) > 500
    await later(installation, timedelta(minutes=9))
    assert (await ask(sitter)).status_code == 202


async def test_two_at_the_same_moment_are_one(sitter: Sitter, installation: Installation) -> None:
    answers = await asyncio.gather(ask(sitter), ask(sitter))
    assert sorted(answer.status_code for answer in answers) == [202, 409]
    assert await count(installation) == 1


async def test_not_in_a_break_and_not_after_the_end(
    sitter: Sitter, sitting: Sitting, clock: Clock, installation: Installation
) -> None:
    async def change(**values: Any) -> None:
        async with transaction(installation.sessions) as session:
            attempt = await session.get_one(Attempt, UUID(sitter.attempt))
            for name, value in values.items():
                setattr(attempt, name, value)

    await change(status="paused", paused_at=clock())
    assert said(await ask(sitter)) == (409, "paused")
    await change(status="running", paused_at=None, ends_at=clock() - timedelta(seconds=1))
    assert said(await ask(sitter)) == (409, "time-is-up")
    await change(ends_at=clock() + timedelta(minutes=5))
    assert (await ask(sitter)).status_code == 202
    await tasks.run_trial(shop(installation), {})
    await sitter.device.submit()
    await later(installation)
    assert said(await ask(sitter))[0] == 409


async def test_a_second_run_waits_behind_everybodys_first(sit: Sit, installation: Installation) -> None:
    eager, *others = [await sit() for _ in range(3)]
    ran: list[str] = []
    for _round in range(2):  # two runs of the eager one are done before the others come
        assert (await ask(eager)).status_code == 202
        await tasks.run_trial(shop(installation), {})
        await later(installation)
    third = (await ask(eager)).json()["id"]
    firsts = [(await ask(other)).json()["id"] for other in others]
    for _turn in range(3):
        await tasks.run_trial(shop(installation), {})
        for sitter, trial in zip([eager, *others], [third, *firsts], strict=True):
            if (await result(sitter, trial))["state"] == "done" and trial not in ran:
                ran.append(trial)
    assert ran == [*firsts, third]
    await tasks.run_trial(shop(installation), {})  # nobody waits: nothing happens


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (None, "cannot be run just now"),
        (EngineUnavailable("unix:///nowhere"), "cannot be run just now"),
        (SupervisorBroken("?"), "Something of ours failed"),
        (ValueError("the program said so"), "Something of ours failed"),
    ],
)
async def test_our_failure_is_said_in_plain_words(
    sitter: Sitter, installation: Installation, failure: Exception | None, words: str
) -> None:
    def broken(_: Work) -> Result:
        assert failure
        raise failure

    trial = (await ask(sitter)).json()["id"]
    await tasks.run_trial(shop(installation, broken if failure else None), {})
    found = await result(sitter, trial)
    assert (found["state"], found["tests"]) == ("failed", [])
    assert words in found["reason"]
    assert "nowhere" not in found["reason"]


async def test_a_killed_worker_leaves_nothing_waiting(sitter: Sitter, installation: Installation) -> None:
    trial = (await ask(sitter)).json()["id"]
    async with transaction(installation.sessions) as session:
        begun = await service.take(session, installation, datetime.now(UTC))
        assert begun is not None
    await tasks.run_trials_left(shop(installation), {})
    assert (await result(sitter, trial))["state"] == "waiting", "its worker may still be at it"
    async with transaction(installation.sessions) as session:
        row = await session.get_one(Trial, UUID(trial))
        row.started_at = datetime.now(UTC) - service.STALE - timedelta(seconds=1)
    await tasks.run_trials_left(shop(installation), {})
    assert (await result(sitter, trial))["state"] == "done"


async def test_what_was_tried_goes_with_the_grade_or_with_the_years(sit: Sit, installation: Installation) -> None:
    graded, other = await sit(), await sit()
    for sitter in (graded, other):
        assert (await ask(sitter)).status_code == 202
    await tasks.forget_trials(shop(installation), {"attempt_id": graded.attempt})
    assert await count(installation) == 1
    await tasks.erase_trials(shop(installation), {})
    assert await count(installation) == 1
    await later(installation, timedelta(days=installation.frame_retention_days + 1))
    await tasks.erase_trials(shop(installation), {})
    assert await count(installation) == 0


async def test_the_sheet_offers_the_field_and_the_trials(sitter: Sitter) -> None:
    sheet = (await sitter.device.send("GET", f"/attempts/{sitter.attempt}/sheet")).raise_for_status().text
    assert 'data-trial-run="tests"' in sheet
    assert "&#34;main&#34;: &#34;main.py&#34;" in sheet
    assert "1 more test is hidden" in sheet
    assert "secret" not in sheet


PARTS_EXAM = CODE_EXAM.replace("    language: python\n", "    language: python\n    most_files: 3\n")


class TestSeveralFiles:
    """A program of several files is one answer, kept and tried like any other."""

    @pytest.fixture
    def exam_source(self) -> str:
        return PARTS_EXAM

    async def test_files_are_texts_of_the_answer(self, sitter: Sitter, installation: Installation) -> None:
        answer = {
            "files": {"main.py": "from two import two\nprint(two(int(input())))", "two.py": "def two(n): return 2 * n"}
        }
        for _time in range(2):
            receipt = await sitter.device.save("double", answer)
            assert receipt["item"] == "double"
        assert (await sitter.device.open_paper())["answers"]["double"]["answer"] == answer
        asked = await ask(sitter, response=answer)
        assert asked.status_code == 202
        await tasks.run_trial(shop(installation), {})
        assert [test["passed"] for test in (await result(sitter, asked.json()["id"]))["tests"]] == [True, True]
        assert said(await ask(sitter, response={"files": {"two.py": ""}})) == (422, "invalid")
        page = await sitter.person.client.get(f"/attempts/{sitter.attempt}/sheet")
        assert page.status_code == 401
        await sitter.device.submit()
        assert (await sitter.person.client.get(f"/attempts/{sitter.attempt}/submitted")).status_code == 200
