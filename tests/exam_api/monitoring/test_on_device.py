"""Pictures that stay on the candidate's computer: its word becomes flags, and checks by chance show whether it is true."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from exam_api.attempts.service.door import consent_terms
from exam_api.db.models.attempts import Attempt, Reference
from exam_api.db.models.monitoring import Frame, SpotCheck
from exam_api.db.session import transaction
from exam_api.installation import Installation, Workshop
from exam_api.monitoring import queries, service, tasks
from exam_api.monitoring.service import pieces, spots
from grading.exam import Exam, Proctoring
from loadtests.device import Device
from loadtests.pieces import Pieces
from loadtests.scenes import scene
from proctor.vision.analyser import FrameAnalyser, Models
from tests.exam_api.monitoring.socket import JPEG, Socket, connect, stored
from tests.exam_api.sitting import EXAM, Sitter, Sitting
from tests.factories import Person

MODELS = Path(__file__).parents[3] / ".cache" / "models"
CALM = {
    "width": 640,
    "height": 480,
    "faces": [[0.35, 0.25, 0.3, 0.5]],
    "luma": 120.5,
    "contrast": 40.0,
    "sharpness": 80.0,
    "pose": [1, -2, 0],
    "eyes": 0.9,
    "mouth": 0.05,
}
NOBODY = {name: value for name, value in CALM.items() if name not in {"pose", "eyes", "mouth"}} | {"faces": []}


@pytest.fixture
def exam_source() -> str:
    return EXAM + "proctoring: {camera: true, watching: device}\n"


@pytest.fixture
async def sitter(sitting: Sitting, installation: Installation, enrolled: Callable[..., Awaitable[Person]]) -> Sitter:
    """A candidate whose photo was good and who started a minute ago."""
    someone = await enrolled()
    opened = (await someone.client.post(f"/api/sittings/{sitting.id}/attempts")).raise_for_status().json()
    consent = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
    (await someone.client.post(f"/api/attempts/{opened['id']}/consent", json=consent)).raise_for_status()
    now = datetime.now(UTC)
    photo = Reference(
        attempt_id=UUID(opened["id"]), number=1, blob="", digest="", state="accepted", sent_at=now, encoding=None
    )
    async with transaction(installation.sessions) as session:
        session.add(photo)
    device = Device(someone.client, opened["id"])
    await device.sign("start", someone.authenticator)
    await device.open_paper()
    async with transaction(installation.sessions) as session:
        await session.execute(update(Attempt).values(started_at=now - timedelta(minutes=1)))
    return Sitter(someone, opened["id"], device)


async def plan(installation: Installation, sitter: Sitter) -> None:
    """A check is due now."""
    async with transaction(installation.sessions) as session:
        await queries.plan_spot(session, UUID(sitter.attempt), 1, datetime.now(UTC))


async def hasten(installation: Installation, sitter: Sitter) -> None:
    """The next check is due now."""
    async with transaction(installation.sessions) as session:
        await queries.hasten_spot(session, UUID(sitter.attempt), datetime.now(UTC))


async def check(installation: Installation, sitter: Sitter, number: int = 1) -> SpotCheck:
    async with transaction(installation.sessions) as session:
        return await session.get_one(SpotCheck, (UUID(sitter.attempt), number))


async def frames(installation: Installation, sitter: Sitter) -> list[Frame]:
    async with transaction(installation.sessions) as session:
        query = select(Frame).where(Frame.attempt_id == UUID(sitter.attempt)).order_by(Frame.number)
        return list(await session.scalars(query))


async def asked(socket: Socket, link: Pieces, seen: dict[str, Any] = CALM) -> str:
    """Send words until a check is asked for; its nonce."""
    for _ in range(10):
        socket.send(link.message(b"", seen=seen))
        with suppress(TimeoutError):
            while "spot" not in (said := await socket.answer_soon(2)):
                assert "code" not in said, said
            return str(said["spot"]["nonce"])
    raise AssertionError("no check was asked for")


async def answered(socket: Socket) -> str | None:
    """Wait for the batch; why the picture answers no check, if it does not."""
    while "kept" not in (said := await socket.answer()):
        assert "code" not in said, said
    try:
        said = await socket.answer_soon(0.3)
    except TimeoutError:
        return None
    return said["refused_picture"]["why"] if "refused_picture" in said else None


async def test_words_are_kept_signed_and_without_pictures(
    app: FastAPI, installation: Installation, sitting: Sitting, sitter: Sitter
) -> None:
    socket, link = await connect(app, sitter, "device")
    for _ in range(5):
        socket.send(link.message(b"", seen=CALM))
    await socket.kept(5)
    await socket.leave()
    kept = await frames(installation, sitter)
    assert [(each.blob, each.size, each.analysed_at) for each in kept] == [(None, 0, None)] * 5
    assert kept[0].claimed is not None
    assert kept[0].claimed["luma"] == 120.5
    assert stored(installation) == 0
    chain = (await sitting.instructor.client.get(sitter.path("/chain"))).json()
    assert (chain["pieces"], chain["signed"], chain["whole"]) == (5, 5, True)


async def test_words_become_flags_with_less_confidence(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    socket, link = await connect(app, sitter, "device")
    began = datetime.now(UTC) - timedelta(seconds=40)
    for second in range(30):
        seen = CALM if second < 10 else NOBODY
        socket.send(link.message(b"", seen=seen, at=began + timedelta(seconds=second)))
    await socket.kept(30)
    await socket.leave()
    await tasks.analyse_frames(shop(installation), {"attempt_id": sitter.attempt})
    async with transaction(installation.sessions) as session:
        (flag,) = [each for each in await queries.flags_of(session, UUID(sitter.attempt)) if each.rule == "absence"]
    assert flag.confidence <= 0.7
    assert (flag.ended_at - flag.started_at).total_seconds() == pytest.approx(19, abs=1)


def shop(installation: Installation, analyser: Any = "words need no model") -> Workshop:
    return Workshop(installation, lambda: datetime.now(UTC), os.urandom, None, None, analyser, recent=service.Recent())


async def test_a_picture_taken_after_the_request_answers(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    await plan(installation, sitter)
    socket, link = await connect(app, sitter, "device")
    nonce = await asked(socket, link)
    socket.send(link.message(JPEG, seen=CALM, nonce=nonce))
    assert await answered(socket) is None
    await socket.leave()
    row = await check(installation, sitter)
    kept = (await frames(installation, sitter))[-1]
    assert (row.outcome, row.frame, kept.spot) == ("answered", kept.number, 1)
    assert kept.blob is not None


@pytest.mark.parametrize(
    ("how", "why", "outcome"),
    [
        ("another nonce", "wrong_nonce", "wrong_nonce"),
        ("an old picture", "old_picture", "old_picture"),
        ("the same picture", "same_picture", "same_picture"),
        ("too late", "late", "late"),
        ("too late, as the line was down", "network", "network"),
    ],
)
async def test_what_answers_no_check_says_why(
    app: FastAPI, installation: Installation, sitter: Sitter, how: str, why: str, outcome: str
) -> None:
    await plan(installation, sitter)
    socket, link = await connect(app, sitter, "device")
    if how == "the same picture":
        socket.send(link.message(JPEG, seen=CALM))
        await socket.kept(1)
    nonce, at = await asked(socket, link), datetime.now(UTC)
    if how == "another nonce":
        nonce = "A" * 22
    elif how == "an old picture":
        at -= timedelta(seconds=20)
    elif how.startswith("too late"):
        past = datetime.now(UTC) - timedelta(seconds=30)
        async with transaction(installation.sessions) as session:
            await session.execute(update(SpotCheck).values(sent_at=past))
            if how == "too late":  # it was there and spoke in that time
                within = past + timedelta(seconds=5)
                await session.execute(update(Frame).values(taken_at=within, received_at=within))
                copies = [(await frames(installation, sitter))[0]]
                session.add_all(copied(copies[0], number) for number in (900, 901, 902))
    picture = JPEG if how == "the same picture" else JPEG + b"fresh"
    socket.send(link.message(picture, seen=CALM, nonce=nonce, at=at))
    assert await answered(socket) == why
    await socket.leave()
    assert (await check(installation, sitter)).outcome == outcome
    assert (await frames(installation, sitter))[-1].spot is None


def copied(frame: Frame, number: int) -> Frame:
    return Frame(
        attempt_id=frame.attempt_id,
        number=number,
        taken_at=datetime.now(UTC) - timedelta(seconds=25),
        received_at=datetime.now(UTC) - timedelta(seconds=25),
        digest="",
        size=0,
        claimed=frame.claimed,
    )


async def test_an_answer_counts_once(app: FastAPI, installation: Installation, sitter: Sitter) -> None:
    await plan(installation, sitter)
    socket, link = await connect(app, sitter, "device")
    nonce = await asked(socket, link)
    for number, why in ((1, None), (2, "used_nonce")):
        socket.send(link.message(JPEG + bytes([number]), seen=CALM, nonce=nonce))
        assert await answered(socket) == why
    await socket.leave()
    assert (await check(installation, sitter)).outcome == "answered"


async def test_silence_is_told_from_a_line_that_is_down(
    installation: Installation, sitter: Sitter, app: FastAPI
) -> None:
    socket, _ = await connect(app, sitter, "device")
    await socket.leave()
    attempt_id, now, pace = UUID(sitter.attempt), datetime.now(UTC), spots.Pace(60, 180)
    async with transaction(installation.sessions) as session:
        await queries.plan_spot(session, attempt_id, 1, now)
        for later, came, word, outcome in (
            *((0, 0, None, None), (21, 0, None, "network"), (60, 0, None, None), (90, 5, CALM, "missing")),
            *((120, 0, None, None), (145, 5, None, "network")),  # pictures only: a browser that cannot look any more
        ):
            at = now + timedelta(seconds=later)
            session.add_all(
                Frame(attempt_id=attempt_id, number=later + n, taken_at=at - timedelta(seconds=20), digest="", size=0,
                      claimed=word, received_at=at - timedelta(seconds=20)) for n in range(came)
            )  # fmt: skip
            await session.flush()
            await spots.due(session, attempt_id, pace, at, os.urandom)
            told = await queries.spots_of(session, attempt_id)
            assert told[-1].outcome == outcome
    said = [spots.spot_signal(each) for each in told]
    assert [each.kind for each in said if each] == ["device_unreached", "device_unanswered", "device_unreached"]


async def test_more_pictures_than_agreed_are_not_kept(app: FastAPI, installation: Installation, sitter: Sitter) -> None:
    socket, link = await connect(app, sitter, "device")
    most = pieces.STILLS + round(pieces.STILLS_A_MINUTE)
    for number in range(most + 6):
        socket.send(link.message(JPEG + bytes([number]), seen=CALM, nonce="B" * 22 if number % 2 else None))
    await socket.kept(most + 6)
    await socket.leave()
    kept = await frames(installation, sitter)
    assert len(kept) == most + 6
    assert stored(installation) <= most + 1
    assert all(each.claimed is not None for each in kept)


async def test_no_video_is_asked_for(app: FastAPI, installation: Installation, sitter: Sitter) -> None:
    socket, link = await connect(app, sitter, "device")
    began = datetime.now(UTC) - timedelta(seconds=30)
    for second in range(25):
        socket.send(link.message(b"", seen=NOBODY, at=began + timedelta(seconds=second)))
    await socket.kept(25)
    await tasks.analyse_frames(shop(installation), {"attempt_id": sitter.attempt})
    async with transaction(installation.sessions) as session:
        assert await queries.flags_of(session, UUID(sitter.attempt))
        assert await queries.clips_of(session, UUID(sitter.attempt)) == []
    await socket.leave()


@pytest.mark.slow
async def test_a_forged_word_is_found_by_the_real_models(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    rng = np.random.default_rng(5)
    empty, somebody = scene("away", rng, 1), scene("present", rng, 2)
    with FrameAnalyser(Models.under(MODELS)) as analyser:
        for number, (picture, note) in enumerate(((empty, "nobody"), (somebody, None)), 1):
            await (plan if number == 1 else hasten)(installation, sitter)
            socket, link = await connect(app, sitter, "device")
            seen = _measured(analyser, picture)
            socket.send(link.message(picture, seen=seen, nonce=await asked(socket, link)))
            assert await answered(socket) is None
            await socket.leave()
            await tasks.analyse_frames(shop(installation, analyser), {"attempt_id": sitter.attempt})
            row = await check(installation, sitter, number)
            assert row.signal is not None
            assert row.signal["note"] == note


def _measured(analyser: FrameAnalyser, picture: bytes) -> dict[str, Any]:
    """The true light of the picture, and one face where the scene has it: the best lie there is."""
    true = analyser.analyse(picture, datetime.now(UTC), 1, None, identify=False)
    face = true.faces[0] if true.faces else None
    box = [0.4, 0.3, 0.2, 0.3] if face is None else [round(each, 3) for each in (face.x, face.y, face.w, face.h)]
    said = {name: round(float(getattr(true, name)), 2) for name in ("luma", "contrast", "sharpness")}
    return {"width": 640, "height": 480, "faces": [box], **said}


async def test_the_thread_alone_may_run_webassembly(app: FastAPI, installation: Installation, sitter: Sitter) -> None:
    get = sitter.person.client.get
    room = await get(f"/attempts/{sitter.attempt}/room")
    assert installation.face_model is not None
    assert f"/watching/{installation.face_model.name}" in room.text
    thread = await get("/static/js/room/device/worker.js")
    others = [room, await get("/static/js/room/capture/worker.js"), await get("/home")]
    assert "'wasm-unsafe-eval'" in thread.headers["Content-Security-Policy"]
    assert "default-src 'none'" in thread.headers["Content-Security-Policy"]
    assert not any("wasm" in each.headers["Content-Security-Policy"] for each in others)
    model = await get(f"/watching/{installation.face_model.name}")
    assert (model.status_code, model.content) == (200, installation.face_model.data)
    assert "immutable" in model.headers["Cache-Control"]
    assert (await get("/watching/face-0.task")).status_code == 404


class TestElsewhere:
    """Exams and installations without it."""

    @pytest.fixture
    def exam_source(self) -> str:
        return EXAM + "proctoring: {camera: true}\n"

    @pytest.mark.parametrize("first", ["greeting", "word"])
    async def test_words_belong_to_exams_that_ask_for_them(self, app: FastAPI, sitter: Sitter, first: str) -> None:
        if first == "greeting":
            socket = Socket(app, sitter.path("/frames"))
            closed = await socket.greet(sitter, "device")
        else:
            socket, link = await connect(app, sitter)
            socket.send(link.message(b"", seen=CALM))
            closed = await socket.answer()
        assert closed["code"] == 4400
        page: httpx.Response = await sitter.person.client.get(f"/attempts/{sitter.attempt}/room")
        assert "/watching/" not in page.text


async def test_without_the_model_the_server_looks_and_says_so(installation: Installation, tmp_path: Path) -> None:
    bare = replace(installation, models_dir=tmp_path)
    exam = Exam("t", "", 30, 50, (), Proctoring(camera=True, watching="device"))
    assert installation.on_device(exam)
    assert not bare.on_device(exam)
    terms = consent_terms(exam, bare.keeping, on_device=bare.on_device(exam))
    assert "pictures from your camera are sent to us" in " ".join(terms.text)
    assert {"camera", "pictures", "fallback"} <= set(consent_terms(exam, bare.keeping, on_device=True).terms)
