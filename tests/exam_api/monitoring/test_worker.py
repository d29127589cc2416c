"""The worker's side: order, back-pressure, repeated and interrupted jobs, signs of life, look-alikes, points of the screen."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from exam_api.db.models.attempts import Attempt, Reference
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.models.monitoring import Frame
from exam_api.db.session import transaction
from exam_api.events import FramesPassedOver
from exam_api.installation import Installation, NotYet, Workshop
from exam_api.monitoring import queries, service, tasks
from exam_api.monitoring.service import asks, flags
from exam_api.monitoring.tasks.frames import WIDEST, choose
from proctor import timeline
from proctor.errors import BadFrame
from proctor.vision.detector import FaceBox
from proctor.vision.identity import Reference as Face
from proctor.vision.reading import FrameReading
from tests.exam_api.monitoring.socket import JPEG, connect
from tests.exam_api.sitting import Sit, Sitter, Sitting

MOMENT = datetime(2027, 1, 1, 10, tzinfo=UTC)
FACE = FaceBox(0.4, 0.3, 0.2, 0.3, 0.9)


@dataclass
class Eyes:
    """Stands where the models stand: what is tested here is the work around them. Each picture shows one face."""

    seen: list[int] = field(default_factory=list)
    dies_at: int | None = None
    face: Face = field(default_factory=lambda: Face((0.0,) * 128))

    def look(self, jpeg: bytes, at: datetime, n: int, _reference: Any, **_: Any) -> tuple[FrameReading, None]:
        if n == self.dies_at:
            raise KeyboardInterrupt  # as if somebody pulled the plug
        if jpeg != JPEG:
            raise BadFrame("It cannot be read.")
        self.seen.append(n)
        return FrameReading(n, at, (FACE,), (), 120.0, 40.0, 200.0, None, 640, 480), None

    def reference(self, _: bytes) -> Face:
        return self.face


def shop(installation: Installation, eyes: Eyes, *, ahead: float = -60.0) -> Workshop:
    """A worker whose clock stands, so many seconds from now: usually so that nothing has waited for it."""
    moment = datetime.now(UTC) + timedelta(seconds=ahead)
    return Workshop(
        installation,
        lambda: moment,
        os.urandom,
        None,
        None,
        cast("Any", eyes),
        recent=service.Recent(),
    )


async def send(app: FastAPI, sitter: Sitter, bodies: Sequence[bytes]) -> None:
    """Pictures that were taken a second apart, the last one now."""
    socket, chain = await connect(app, sitter)
    first, now = chain.following["frame"], datetime.now(UTC)
    for place, body in enumerate(bodies):
        socket.send(chain.message(body, at=now - timedelta(seconds=len(bodies) - 1 - place)))
    await socket.kept(first + len(bodies) - 1)
    await socket.leave()


@pytest.fixture
async def sitter(sit: Sit, installation: Installation) -> Sitter:
    """Somebody who began five minutes ago."""
    made = await sit()
    async with transaction(installation.sessions) as session:
        await session.execute(update(Attempt).values(started_at=datetime.now(UTC) - timedelta(minutes=5)))
    return made


async def frames_of(installation: Installation, sitter: Sitter) -> list[Frame]:
    async with transaction(installation.sessions) as session:
        return await queries.all_frames(session, UUID(sitter.attempt))


def frame(number: int, waited: float = 0.0, challenge: int | None = None) -> Frame:
    at = MOMENT + timedelta(seconds=number)
    return Frame(number=number, taken_at=at, received_at=MOMENT - timedelta(seconds=waited), challenge=challenge)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 60), st.floats(0, 600), st.sets(st.integers(1, 60), max_size=5))
def test_the_longer_they_wait_the_wider_apart_they_are_looked_at(
    count: int, waited: float, challenged: set[int]
) -> None:
    frames = [frame(n, waited, 1 if n in challenged else None) for n in range(1, count + 1)]
    choice = choose(frames, None, MOMENT)
    assert sorted([*choice.now, *choice.later], key=lambda each: each.number) == frames
    looked = [each.number for each in choice.now]
    if frames:
        assert looked[0] == 1
        assert looked[-1] >= count - WIDEST, "never more than ten seconds without a look"
    assert {each for each in challenged if each <= count} <= set(looked)
    if waited <= 2:
        assert not choice.later
    elif not challenged:
        assert len(looked) <= count / min(waited - 0.25, WIDEST) + 1


async def test_frames_are_looked_at_once_and_in_their_order(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    eyes = Eyes()
    work = shop(installation, eyes)
    await send(app, sitter, [JPEG] * 25)
    await tasks.analyse_frames(work, {"attempt_id": sitter.attempt, "first": 21, "last": 25})
    await tasks.analyse_frames(work, {"attempt_id": sitter.attempt, "first": 1, "last": 5})  # comes late, again
    assert eyes.seen == list(range(1, 26))


async def test_while_one_worker_looks_another_leaves_the_attempt_alone(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    eyes = Eyes()
    await send(app, sitter, [JPEG] * 5)
    async with transaction(installation.sessions) as session:
        assert await queries.take_turn(session, "frame", UUID(sitter.attempt))
        with pytest.raises(NotYet):
            await tasks.analyse_frames(shop(installation, eyes), {"attempt_id": sitter.attempt})
        assert not eyes.seen
    await tasks.analyse_frames(shop(installation, eyes), {"attempt_id": sitter.attempt})
    assert len(eyes.seen) == 5


async def test_a_worker_that_dies_loses_nothing(app: FastAPI, installation: Installation, sitter: Sitter) -> None:
    await send(app, sitter, [JPEG] * 15)
    with pytest.raises(KeyboardInterrupt):
        await tasks.analyse_frames(shop(installation, Eyes(dies_at=13)), {"attempt_id": sitter.attempt})
    eyes = Eyes()
    await tasks.analyse_frames(shop(installation, eyes), {"attempt_id": sitter.attempt})
    assert eyes.seen == list(range(11, 16)), "ten were kept; what was half done is done again"
    assert all(each.analysed_at and each.reading for each in await frames_of(installation, sitter))


async def test_a_picture_that_cannot_be_read_stops_nothing(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    eyes = Eyes()
    await send(app, sitter, [JPEG, b"\xff\xd8 cut off", b"", JPEG, JPEG])
    await tasks.analyse_frames(shop(installation, eyes), {"attempt_id": sitter.attempt})
    frames = await frames_of(installation, sitter)
    assert [each.reading is not None for each in frames] == [True, False, False, True, True]
    assert all(each.analysed_at for each in frames)
    said = service.signals(frames, ())
    assert [each.source for each in said if each.kind == "bad_frame"] == ["frame:2", "frame:3"]


async def test_what_was_passed_over_is_noted_and_looked_at_when_nobody_waits(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    eyes = Eyes()
    late = shop(installation, eyes, ahead=60)  # a minute behind
    await send(app, sitter, [JPEG] * 30)
    await tasks.analyse_frames(late, {"attempt_id": sitter.attempt})
    assert eyes.seen == [1, 11, 21]
    async with transaction(installation.sessions) as session:
        noted = select(LedgerLine.data).where(LedgerLine.tag == FramesPassedOver.tag)
        assert [line["count"] for line in await session.scalars(noted)] == [27]
    payload = {"attempt_id": sitter.attempt}
    for _ in range(2):
        with pytest.raises(NotYet):  # some are left: it comes again
            await tasks.catch_up(late, payload)
    await tasks.catch_up(late, payload)
    await tasks.catch_up(late, payload)
    assert sorted(eyes.seen) == list(range(1, 31))
    readings = [FrameReading.of(each.reading) for each in await frames_of(installation, sitter) if each.reading]
    assert all(each.gap_s is None or each.gap_s < 2 for each in readings), "the camera was never slow"


async def test_the_flags_of_a_long_exam_cost_no_more_than_those_of_a_short_one(
    app: FastAPI, installation: Installation, sitter: Sitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the exam runs only the last minutes are judged; at the end everything, with the same outcome."""
    judged: list[int] = []
    judge = timeline.judge

    def counting(signals: Any, *rest: Any) -> Any:
        judged.append(len(signals))
        return judge(signals, *rest)

    monkeypatch.setattr(flags, "judge", counting)
    attempt_id, now = UUID(sitter.attempt), datetime.now(UTC)
    began = now - timedelta(hours=2)
    rows: list[dict[str, object]] = []
    for number in range(1, 7201, 2):
        at = began + timedelta(seconds=number)
        faces = () if 1000 < number < 1030 else (FACE,)
        reading = FrameReading(number, at, faces, (), 120.0, 40.0, 200.0, None, 640, 480)
        row = {"attempt_id": attempt_id, "number": number, "taken_at": at, "received_at": at, "blob": None}
        rows.append({**row, "digest": "", "size": 1, "reading": reading.plain(), "analysed_at": at})
    async with transaction(installation.sessions) as session:
        await session.execute(update(Attempt).values(started_at=began))
        await queries.open_watching(session, attempt_id, "", "", {})
        await queries.keep_pieces(session, "frame", rows)
    async with transaction(installation.sessions) as session:
        await service.raise_flags(session, attempt_id, now)
        ids = [(flag.rule, flag.id) for flag in await queries.flags_of(session, attempt_id)]
    assert "absence" in dict(ids)
    recent = service.Recent()
    for _ in range(3):
        async with transaction(installation.sessions) as session:
            await service.raise_flags(session, attempt_id, now, recent)
    async with transaction(installation.sessions) as session:
        assert [(flag.rule, flag.id) for flag in await queries.flags_of(session, attempt_id)] == ids
    assert judged[1] < judged[0] / 5
    assert judged[1:] == judged[1:2] * 3


def test_signs_of_life_come_by_chance_and_the_same_seed_plans_the_same() -> None:
    ends = MOMENT + timedelta(hours=2)
    plans = [asks.plan(seed, MOMENT, ends) for seed in (b"a", b"b", b"a")]
    assert plans[0] == plans[2] != plans[1]
    assert all(2 <= len(plan) <= 9 for plan in plans)
    dues = [cast("datetime", each["due_at"]) for each in plans[0]]
    assert all(MOMENT + timedelta(minutes=3) <= due < ends for due in dues)
    assert not asks.plan(b"a", MOMENT, MOMENT + timedelta(minutes=3))


async def due_now(installation: Installation, sitter: Sitter) -> None:
    """As if chance had chosen this moment."""
    row: dict[str, object] = {"number": 1, "kind": "blink", "colours": [], "due_at": datetime.now(UTC)}
    async with transaction(installation.sessions) as session:
        await queries.plan_life(session, UUID(sitter.attempt), [row])


async def test_a_sign_of_life_is_asked_for_and_judged_when_nobody_answers(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    await due_now(installation, sitter)
    socket, chain = await connect(app, sitter)
    for _ in range(5):
        socket.send(chain.message(JPEG))
    while "challenge" not in (said := await socket.answer()):
        pass
    assert said["challenge"]["n"] == 1
    await socket.leave()
    for ahead, judged in ((30, 0), (300, 1), (600, 1)):
        await tasks.judge_life(shop(installation, Eyes(), ahead=ahead), {})
        async with transaction(installation.sessions) as session:
            signs = await queries.life_signs_of(session, UUID(sitter.attempt))
        assert len([sign for sign in signs if sign.signal]) == judged
    assert signs[0].signal is not None
    assert signs[0].signal["kind"] == "life_unanswered"


async def test_nobody_has_to_show_a_sign_of_life(app: FastAPI, installation: Installation, sitter: Sitter) -> None:
    await due_now(installation, sitter)
    socket, chain = await connect(app, sitter)
    for _ in range(5):
        socket.send(chain.message(JPEG))
    while "challenge" not in await socket.answer():
        pass
    socket.say({"challenge": 1, "declined": True})
    for _ in range(5):
        socket.send(chain.message(JPEG))
    await socket.kept(10)
    socket.say({"nonsense": 1})
    while "code" not in (said := await socket.answer()):
        pass
    assert said["reason"] == "invalid"
    async with transaction(installation.sessions) as session:
        signs = await queries.life_signs_of(session, UUID(sitter.attempt))
    assert [sign.judged_at is not None for sign in signs] == [True]


async def test_two_who_look_alike_are_named_to_invigilators(
    installation: Installation, sitting: Sitting, sit: Sit
) -> None:
    faces = {"one": (0.0,) * 128, "twin": (0.01,) * 128, "other": (0.2,) * 128}
    for face in faces.values():
        sitter = await sit()
        attempt_id = UUID(sitter.attempt)
        photo = f"references/{attempt_id}/1.jpg"
        await installation.blobs.put_async(photo, JPEG)
        async with transaction(installation.sessions) as session:
            row = Reference(attempt_id=attempt_id, number=1, blob=photo, digest="", state="checking", sent_at=MOMENT)
            session.add(row)
        await tasks.check_reference(
            shop(installation, Eyes(face=Face(face))), {"attempt_id": attempt_id.hex, "number": 1}
        )
    seen = (await sitting.instructor.client.get(f"/api/sittings/{sitting.id}/live")).json()
    assert [round(pair["distance"], 2) for pair in seen["lookalikes"]] == [0.11]


async def test_a_camera_that_falls_silent_is_named_while_sound_goes_on(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    eyes = Eyes()
    await send(app, sitter, [JPEG] * 5)
    await tasks.analyse_frames(shop(installation, eyes), {"attempt_id": sitter.attempt})
    await tasks.raise_flags(shop(installation, eyes, ahead=5), {"attempt_id": sitter.attempt})
    async with transaction(installation.sessions) as session:
        assert not await queries.flags_of(session, UUID(sitter.attempt))
    await tasks.raise_flags(shop(installation, eyes, ahead=60), {"attempt_id": sitter.attempt})
    async with transaction(installation.sessions) as session:
        assert [flag.rule for flag in await queries.flags_of(session, UUID(sitter.attempt))] == ["camera_gap"]
    await sitter.device.submit()
    later = datetime.now(UTC) + timedelta(seconds=60)
    async with transaction(installation.sessions) as session:
        await session.execute(update(Attempt).values(submitted_at=later))
    await tasks.judge_whole(shop(installation, eyes, ahead=70), {"attempt_id": sitter.attempt})
    async with transaction(installation.sessions) as session:
        assert [flag.rule for flag in await queries.flags_of(session, UUID(sitter.attempt))] == ["camera_gap"]
    await tasks.raise_flags(shop(installation, eyes, ahead=75), {"attempt_id": sitter.attempt})  # something comes late
    async with transaction(installation.sessions) as session:
        assert [flag.rule for flag in await queries.flags_of(session, UUID(sitter.attempt))] == ["camera_gap"]
