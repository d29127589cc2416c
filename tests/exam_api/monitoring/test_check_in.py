"""A sign of life before the start: tried again with another one, left out, spared by agreement, needed where the exam says so."""

from __future__ import annotations

import asyncio
import os
import struct
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from exam_api.db.models.attempts import Reference
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.models.monitoring import Watching
from exam_api.db.session import transaction
from exam_api.errors import ReferenceNotUsable
from exam_api.events import CheckInSignEnded
from exam_api.installation import Installation, Workshop
from exam_api.monitoring import tasks
from exam_api.monitoring.service import check_in
from loadtests.compositions.people import Cast
from loadtests.compositions.view import View, paint
from loadtests.device import Device
from proctor.errors import BadFrame
from proctor.vision.analyser import FrameAnalyser, Models
from tests.exam_api.monitoring.socket import JPEG, stored
from tests.exam_api.sitting import EXAM, Sitting
from tests.factories import Person

MODELS = Path(__file__).parents[3] / ".cache" / "models"


def packed(pictures: Sequence[bytes]) -> bytes:
    return b"".join(struct.pack(">II", len(each), 250 * n) + each for n, each in enumerate(pictures))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=40).map(lambda rest: b"\xff\xd8" + rest), min_size=1, max_size=40))
def test_pictures_come_out_as_they_went_in(pictures: list[bytes]) -> None:
    found = check_in.unpack(packed(pictures))
    assert [picture for _, picture in found] == pictures
    assert [seconds for seconds, _ in found] == [0.25 * n for n in range(len(pictures))]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_what_are_no_pictures_is_refused(garbage: bytes) -> None:
    with pytest.raises(ReferenceNotUsable):
        check_in.unpack(garbage)


@pytest.mark.parametrize(
    "body", [packed([JPEG] * 41), packed([JPEG])[:-1], packed([JPEG]) + b"\0", packed([b"\xff\xd8" + bytes(2**21)])]
)
def test_too_much_and_half_a_picture_are_refused(body: bytes) -> None:
    with pytest.raises(ReferenceNotUsable):
        check_in.unpack(body)


@pytest.fixture
def exam_source() -> str:
    return EXAM + "proctoring: {camera: true}\n"


Arrive = Callable[[], Awaitable[tuple[Person, str]]]


@pytest.fixture
def arrive(sitting: Sitting, enrolled: Callable[..., Awaitable[Person]]) -> Arrive:
    """Somebody at the check-in, and the address of their check."""

    async def come() -> tuple[Person, str]:
        someone = await enrolled()
        opened = (await someone.client.post(f"/api/sittings/{sitting.id}/attempts")).raise_for_status().json()
        consent = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
        early = await someone.client.post(f"/api/attempts/{opened['id']}/check-in-sign")
        assert early.status_code == 409  # nobody is looked at before they agreed
        (await someone.client.post(f"/api/attempts/{opened['id']}/consent", json=consent)).raise_for_status()
        return someone, f"/api/attempts/{opened['id']}/check-in-sign"

    return come


def shop(installation: Installation, analyser: FrameAnalyser | None) -> Workshop:
    return Workshop(installation, lambda: datetime.now(UTC), os.urandom, None, None, analyser)


async def test_each_try_asks_for_something_else_and_tries_end(arrive: Arrive) -> None:
    someone, path = await arrive()
    assert (await someone.client.get(path)).json()["state"] == "none"
    kinds = []
    for number in range(1, check_in.MOST_TRIES + 1):
        said = (await someone.client.post(path)).json()
        assert (said["n"], said["state"], said["left"]) == (number, "asked", check_in.MOST_TRIES - number)
        assert bool(said["colours"]) == (said["kind"] == "light")
        kinds.append(said["kind"])
    assert all(one != other for one, other in pairwise(kinds))
    over = await someone.client.post(path)
    assert over.status_code == 429


async def test_only_the_open_try_of_ones_own_is_taken(arrive: Arrive, installation: Installation) -> None:
    someone, path = await arrive()
    stranger, _ = await arrive()
    body = packed([JPEG] * 3)

    async def put(who: Person, number: int, what: bytes = body) -> httpx.Response:
        return await who.client.put(f"{path}/{number}", content=what)

    assert (await put(someone, 1)).status_code == 409  # nothing was asked for
    await someone.client.post(path)
    assert (await put(stranger, 1)).status_code == 404
    assert (await put(someone, 2)).status_code == 409
    assert (await put(someone, 1, b"no pictures")).status_code == 422
    assert (await put(someone, 1)).json()["state"] == "checking"
    assert (await put(someone, 1)).status_code == 409
    assert stored(installation, "check-ins") == 1


async def test_it_can_be_left_out(arrive: Arrive) -> None:
    someone, path = await arrive()
    await someone.client.post(path)
    assert (await someone.client.delete(path)).json()["state"] == "declined"
    assert (await someone.client.post(path)).json()["state"] == "asked"  # and tried after all


async def test_an_agreement_spares_it(arrive: Arrive, sitting: Sitting, installation: Installation) -> None:
    someone, path = await arrive()
    await someone.client.post(path)
    (await someone.client.put(f"{path}/1", content=packed([JPEG]))).raise_for_status()
    agreed = f"/api/sittings/{sitting.id}/roster/{someone.id}/accommodations"
    (await sitting.instructor.client.put(agreed, json={"accommodations": ["tics"]})).raise_for_status()
    assert (await someone.client.post(path)).json()["state"] == "spared"
    assert stored(installation, "check-ins") == 0  # what had been sent before is not kept


@pytest.mark.parametrize(
    ("kind", "yaws", "state"),
    [
        ("turn_left", [0] * 4 + [-28] * 6 + [0] * 4, "shown"),
        ("turn_left", [0] * 14, "not_shown"),
        ("turn_right", [0] * 4 + [-28] * 6 + [0] * 4, "not_shown"),
        ("turn_left", None, "unclear"),
    ],
)
@pytest.mark.slow
async def test_the_worker_judges_and_forgets_the_pictures(
    arrive: Arrive, installation: Installation, kind: str, yaws: list[int] | None, state: str
) -> None:
    someone, path = await arrive()
    await someone.client.post(path)
    attempt_id = UUID(path.split("/")[3])
    asked = {"n": 1, "kind": kind, "colours": [], "asked_at": datetime.now(UTC).isoformat(), "state": "asked"}
    async with transaction(installation.sessions) as session:
        mine = update(Watching).where(Watching.attempt_id == attempt_id)
        await session.execute(mine.values(check_in=asked))
    rng = np.random.default_rng(2)
    views = [View(yaw=0, sitter="")] * 12 if yaws is None else [View(sitter="collins", yaw=yaw) for yaw in yaws]
    pictures = [paint(Cast(), view, n, rng) for n, view in enumerate(views)]
    (await someone.client.put(f"{path}/1", content=packed(pictures))).raise_for_status()
    with FrameAnalyser(Models.under(MODELS)) as analyser:
        await tasks.judge_check_in(shop(installation, analyser), {"attempt_id": str(attempt_id), "number": 1})
    assert (await someone.client.get(path)).json()["state"] == state
    assert stored(installation, "check-ins") == 0


async def test_a_worker_without_models_holds_nobody_up(arrive: Arrive, installation: Installation) -> None:
    someone, path = await arrive()
    await someone.client.post(path)
    (await someone.client.put(f"{path}/1", content=packed([JPEG] * 9))).raise_for_status()
    payload: dict[str, Any] = {"attempt_id": path.split("/")[3], "number": 1}
    await tasks.judge_check_in(shop(installation, None), payload)
    await tasks.judge_check_in(shop(installation, None), payload)  # a job may run twice
    assert (await someone.client.get(path)).json()["state"] == "off"


async def test_where_nobody_can_look_nobody_is_asked(
    app: FastAPI, arrive: Arrive, installation: Installation, tmp_path: Path
) -> None:
    someone, path = await arrive()
    attempt_id = UUID(path.split("/")[3])
    app.state.lifespan_state["installation"] = replace(installation, models_dir=tmp_path)
    for _ in range(2):
        said = (await someone.client.post(path)).json()
        assert (said["state"], said["kind"]) == ("off", None)
    async with transaction(installation.sessions) as session:
        ended = select(LedgerLine.data).where(LedgerLine.stream == attempt_id, LedgerLine.tag == CheckInSignEnded.tag)
        assert [line["how"] for line in await session.scalars(ended)] == ["off"]  # noted, once


async def test_pictures_that_come_long_after_the_request_are_not_taken(
    arrive: Arrive, installation: Installation
) -> None:
    """Who has an hour makes a film of what was asked."""
    someone, path = await arrive()
    body = packed([JPEG] * 3)
    for seconds, status in ((check_in.ANSWER.total_seconds() + 5, 422), (check_in.ANSWER.total_seconds() - 30, 202)):
        asked = (await someone.client.post(path)).json()
        at = datetime.now(UTC) - timedelta(seconds=seconds)
        known = {"n": asked["n"], "kind": asked["kind"], "colours": asked["colours"], "asked_at": at.isoformat()}
        async with transaction(installation.sessions) as session:
            mine = update(Watching).where(Watching.attempt_id == UUID(path.split("/")[3]))
            await session.execute(mine.values(check_in={**known, "state": "asked"}))
        sent = await someone.client.put(f"{path}/{asked['n']}", content=body)
        assert sent.status_code == status
        if status == 422:
            assert "too late" in sent.json()["detail"]
            assert stored(installation, "check-ins") == 0


class Slow:
    """Looks for as long as the test wants."""

    def __init__(self) -> None:
        self.looks, self.goes_on = threading.Event(), threading.Event()

    def analyse(self, *_: Any, **__: Any) -> Any:
        self.looks.set()
        self.goes_on.wait(20)
        raise BadFrame("It shows nothing.")


async def test_nobody_waits_for_the_models_and_a_newer_try_counts(arrive: Arrive, installation: Installation) -> None:
    someone, path = await arrive()
    await someone.client.post(path)
    (await someone.client.put(f"{path}/1", content=packed([JPEG] * 2))).raise_for_status()
    slow, payload = Slow(), {"attempt_id": path.split("/")[3], "number": 1}
    job = asyncio.create_task(tasks.judge_check_in(shop(installation, cast("Any", slow)), payload))
    assert await asyncio.to_thread(slow.looks.wait, 20)
    try:
        async with asyncio.timeout(4):
            again = (await someone.client.post(path)).json()
    finally:
        slow.goes_on.set()
    await job
    assert (await someone.client.get(path)).json() == again
    assert (again["n"], again["state"]) == (2, "asked")
    assert stored(installation, "check-ins") == 0


async def test_what_nobody_looked_at_is_erased_within_a_day(arrive: Arrive, installation: Installation) -> None:
    someone, path = await arrive()
    await someone.client.post(path)
    (await someone.client.put(f"{path}/1", content=packed([JPEG] * 9))).raise_for_status()
    for hours, left in ((20, 1), (25, 0)):
        later = replace(shop(installation, None), now=lambda: datetime.now(UTC) + timedelta(hours=hours))  # noqa: B023
        await tasks.erase_faces(later, {})
        assert stored(installation, "check-ins") == left
    assert (await someone.client.get(path)).json()["state"] == "unclear"


class TestNeeded:
    """An exam that only starts after it."""

    @pytest.fixture
    def exam_source(self) -> str:
        return EXAM + "proctoring: {camera: true, sign_of_life: true}\n"

    @pytest.mark.parametrize(
        ("state", "starts"), [("asked", False), ("not_shown", False), ("shown", True), ("spared", True), ("off", True)]
    )
    async def test_the_start_waits_for_it(
        self, arrive: Arrive, installation: Installation, state: str, starts: bool
    ) -> None:
        someone, path = await arrive()
        await someone.client.post(path)
        assert (await someone.client.delete(path)).status_code == 409
        attempt_id = UUID(path.split("/")[3])
        photo = Reference(
            attempt_id=attempt_id, number=1, blob="", digest="", state="accepted", sent_at=datetime.now(UTC)
        )
        async with transaction(installation.sessions) as session:
            session.add(photo)
            mine = update(Watching).where(Watching.attempt_id == attempt_id)
            await session.execute(mine.values(check_in={"n": 1, "state": state}))
        device = Device(someone.client, str(attempt_id))
        if starts:
            await device.sign("start", someone.authenticator)
            return
        with pytest.raises(Exception, match="409"):
            await device.sign("start", someone.authenticator)
