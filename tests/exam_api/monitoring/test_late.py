"""What was taken before the hand-in and comes after it is kept for two minutes, marked as late and judged; nothing else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import text, update

from exam_api.db.models.attempts import Attempt
from exam_api.db.session import transaction
from exam_api.installation import Installation
from exam_api.monitoring import queries, tasks
from exam_api.monitoring.service import pieces
from tests.exam_api.monitoring.socket import JPEG, Socket, connect, stored
from tests.exam_api.monitoring.test_worker import Eyes, shop
from tests.exam_api.sitting import Sit, Sitter, Sitting


@pytest.fixture
async def sitter(sit: Sit, installation: Installation) -> Sitter:
    """Somebody who began a minute ago."""
    made = await sit()
    async with transaction(installation.sessions) as session:
        await session.execute(update(Attempt).values(started_at=datetime.now(UTC) - timedelta(minutes=1)))
    return made


async def refused(socket: Socket) -> str:
    while "code" not in (said := await socket.answer()):
        pass
    return str(said["reason"])


@pytest.mark.parametrize("again", [False, True])
async def test_what_was_taken_before_the_hand_in_is_kept_and_marked_as_late(
    app: FastAPI, installation: Installation, sitting: Sitting, sitter: Sitter, again: bool
) -> None:
    """On the line that was open, and on a new one with the token that the room had."""
    socket, link = await connect(app, sitter)
    socket.send(link.message(JPEG))
    await socket.kept(1)
    before = datetime.now(UTC)
    await sitter.device.submit()
    if again:
        await socket.leave()
        socket, link = await connect(app, sitter)
    for kind in ("frame", "frame", "sound"):
        socket.send(link.message(JPEG if kind == "frame" else b"RIFF rain", kind, at=before))
    await socket.kept(3, 1)
    await socket.leave()
    chain = (await sitting.instructor.client.get(sitter.path("/chain"))).json()
    assert (chain["pieces"], chain["late"], chain["whole"]) == (4, 3, True)
    await tasks.analyse_frames(shop(installation, Eyes(), ahead=0), {"attempt_id": sitter.attempt})
    async with transaction(installation.sessions) as session:  # nothing comes after them that would judge them
        waits = "select count(*) from pgqueuer where entrypoint = 'monitoring.tasks.flags.judge_whole'"
        assert await session.scalar(text(waits)) == 1


async def test_late_pieces_that_trickle_in_are_judged_together(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    """Each judgement looks at the whole exam: one for each piece would keep a worker busy for as long as somebody sends."""
    socket, link = await connect(app, sitter)
    before = datetime.now(UTC)
    await sitter.device.submit()
    now = before.replace(second=before.second // 10 * 10, microsecond=0) + timedelta(minutes=1)
    for number, seconds in enumerate((0, 4, 9, 10, 11), 1):
        socket.send(link.message(JPEG, at=before))
        await socket.kept(number)
        work = replace(
            shop(installation, Eyes(), ahead=0), now=partial(lambda at: at, now + timedelta(seconds=seconds))
        )
        await tasks.analyse_frames(work, {"attempt_id": sitter.attempt})
    await socket.leave()
    async with transaction(installation.sessions) as session:
        waits = "select count(*) from pgqueuer where entrypoint = 'monitoring.tasks.flags.judge_whole'"
        assert await session.scalar(text(waits)) == 2


async def test_what_was_taken_after_the_hand_in_is_not_kept(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    socket, link = await connect(app, sitter)
    before = datetime.now(UTC)
    await sitter.device.submit()
    for at in (before, before, datetime.now(UTC) + timedelta(seconds=1), before):
        socket.send(link.message(JPEG, at=at))
    assert await refused(socket) == "wrong-state"
    await socket.task
    async with transaction(installation.sessions) as session:
        kept = await queries.all_frames(session, UUID(sitter.attempt))
    assert [frame.number for frame in kept] == [1, 2]
    assert stored(installation) == 2


async def test_a_camera_that_was_only_slow_leaves_no_gap(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    """The gap until the hand-in goes when the pictures come that fill it."""
    now = datetime.now(UTC)
    socket, link = await connect(app, sitter)
    socket.send(link.message(JPEG, at=now - timedelta(seconds=50)))
    await socket.kept(1)
    await sitter.device.submit()
    work = shop(installation, Eyes(), ahead=0)

    async def rules() -> list[str]:
        await tasks.analyse_frames(work, {"attempt_id": sitter.attempt})
        await tasks.judge_whole(work, {"attempt_id": sitter.attempt})
        async with transaction(installation.sessions) as session:
            return [flag.rule for flag in await queries.flags_of(session, UUID(sitter.attempt))]

    assert await rules() == ["camera_gap"]
    for second in range(49, 0, -1):
        socket.send(link.message(JPEG, at=now - timedelta(seconds=second)))
    await socket.kept(50)
    await socket.leave()
    assert "camera_gap" not in await rules()


async def test_after_two_minutes_nothing_is_taken(app: FastAPI, installation: Installation, sitter: Sitter) -> None:
    before = datetime.now(UTC)
    await sitter.device.submit()
    async with transaction(installation.sessions) as session:
        past = before - pieces.LATE - timedelta(seconds=1)
        await session.execute(update(Attempt).values(submitted_at=past))
    socket = Socket(app, sitter.path("/frames"))
    said = await socket.greet(sitter)
    assert said["reason"] == "wrong-state"
