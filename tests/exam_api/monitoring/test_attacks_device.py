"""A page that was changed so that no check by chance can find anything: what it tries, and what becomes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI

from exam_api.db.models.monitoring import Frame, LifeSign
from exam_api.db.session import transaction
from exam_api.installation import Installation
from exam_api.monitoring import queries, tasks
from exam_api.monitoring.service import pieces
from proctor.vision.reading import FrameReading
from tests.exam_api.monitoring.socket import JPEG, connect, stored
from tests.exam_api.monitoring.test_on_device import (
    CALM,
    answered,
    asked,
    check,
    exam_source,
    hasten,
    plan,
    shop,
    sitter,
)
from tests.exam_api.monitoring.test_worker import FACE, Eyes
from tests.exam_api.monitoring.test_worker import shop as workshop
from tests.exam_api.sitting import Sitter

__all__ = ["exam_source", "sitter"]


async def test_words_are_checked_whatever_the_greeting_said(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    """A page that says that the server looks, and sends words all the same."""
    await plan(installation, sitter)
    socket, link = await connect(app, sitter, "server")
    assert await asked(socket, link)
    await socket.leave()


async def test_an_answer_without_a_word_is_refused(app: FastAPI, installation: Installation, sitter: Sitter) -> None:
    """The true picture of an empty room says nothing against words that were never given about it."""
    await plan(installation, sitter)
    socket, link = await connect(app, sitter, "device")
    socket.send(link.message(JPEG, nonce=await asked(socket, link)))
    assert (await socket.answer())["code"] == 4400
    assert (await check(installation, sitter)).outcome is None


async def test_rubbish_answers_no_check(app: FastAPI, installation: Installation, sitter: Sitter) -> None:
    worker = shop(installation, Eyes())
    for number in (1, 2):
        await (plan if number == 1 else hasten)(installation, sitter)
        socket, link = await connect(app, sitter, "device")
        rubbish = JPEG + b"rubbish" + bytes([number])
        socket.send(link.message(rubbish, seen=CALM, nonce=await asked(socket, link)))
        assert await answered(socket) is None
        await tasks.analyse_frames(worker, {"attempt_id": sitter.attempt})
        assert (await check(installation, sitter, number)).outcome == "unreadable"
        socket.send(link.message(b"", seen=CALM))  # the next check is planned with the next batch
        await socket.kept(link.following["frame"] - 1)
        await socket.leave()
    await tasks.analyse_frames(worker, {"attempt_id": sitter.attempt})
    async with transaction(installation.sessions) as session:
        flags = await queries.flags_of(session, UUID(sitter.attempt))
    assert [flag.rule for flag in flags] == ["device_silent"]


async def test_one_check_asks_for_one_picture(app: FastAPI, installation: Installation, sitter: Sitter) -> None:
    """The nonce of a check again and again, as if all these pictures had been asked for."""
    await plan(installation, sitter)
    socket, link = await connect(app, sitter, "device")
    nonce, most = await asked(socket, link), pieces.STILLS + round(pieces.STILLS_A_MINUTE)
    for number in range(most + 6):
        socket.send(link.message(JPEG + bytes([number]), seen=CALM, nonce=nonce))
    await socket.kept(link.following["frame"] - 1)
    await socket.leave()
    assert stored(installation) <= most + 2


@pytest.mark.parametrize("asked_for", [False, True])
async def test_pictures_that_name_a_sign_of_life_are_bounded_too(
    app: FastAPI, installation: Installation, sitter: Sitter, asked_for: bool
) -> None:
    """A number that nobody gave, or one that was given, again and again, also on a second line."""
    attempt_id, now = UUID(sitter.attempt), datetime.now(UTC)
    if asked_for:
        async with transaction(installation.sessions) as session:
            sign = {"number": 7, "kind": "blink", "colours": [], "due_at": now, "sent_at": now}
            session.add(LifeSign(attempt_id=attempt_id, **sign))
    most = pieces.STILLS + round(pieces.STILLS_A_MINUTE) + (pieces.MOST_OF_SIGN if asked_for else 0)
    for line in (1, 2):
        socket, link = await connect(app, sitter, "device")
        for number in range(most // 2 + 6):
            socket.send(link.message(JPEG + bytes([line, number]), seen=CALM, challenge=7))
        await socket.kept(link.following["frame"] - 1)
        await socket.leave()
    assert stored(installation) <= most + 1
    async with transaction(installation.sessions) as session:
        named = await queries.frames_of_challenge(session, attempt_id, 7)
    assert len(named) == (pieces.MOST_OF_SIGN if asked_for else 0)


@pytest.mark.parametrize(
    ("told", "seconds", "shown"),
    [(False, 0.5, "life_shown"), (True, 0.5, "life_unanswered"), (False, -60.0, "life_unanswered")],
)
async def test_neither_words_nor_pictures_from_before_show_life(
    installation: Installation, sitter: Sitter, told: bool, seconds: float, shown: str
) -> None:
    """Blinks that a page only tells of, or that it had named as the answer before anybody asked."""
    attempt_id, asked_at = UUID(sitter.attempt), datetime.now(UTC) - timedelta(minutes=5)
    eyes = [0.9, 0.9, 0.9, 0.05, 0.9, 0.9, 0.9, 0.05, 0.9, 0.9]
    async with transaction(installation.sessions) as session:
        sign = {"number": 1, "kind": "blink", "colours": [], "due_at": asked_at, "sent_at": asked_at}
        session.add(LifeSign(attempt_id=attempt_id, **sign))
        for n, openness in enumerate(eyes, 1):
            at = asked_at + timedelta(seconds=seconds + n / 4)
            read = FrameReading(n, at, (FACE,), (), 120.0, 40.0, 200.0, None, 640, 480, eyes=openness, told=told)
            moments = {"taken_at": at, "received_at": at, "analysed_at": at}
            session.add(
                Frame(attempt_id=attempt_id, number=n, digest="", size=0, challenge=1, reading=read.plain(), **moments)
            )
    await tasks.judge_life(workshop(installation, Eyes(), ahead=0), {})
    async with transaction(installation.sessions) as session:
        (judged,) = await queries.life_signs_of(session, attempt_id)
    assert judged.signal is not None
    assert judged.signal["kind"] == shown
