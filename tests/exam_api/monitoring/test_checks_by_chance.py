"""Checks by chance of a page that was changed so that each alone looks innocent: silent just then, honest just then, slow just then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from sqlalchemy import update

from exam_api.db.models.monitoring import Frame, SpotCheck
from exam_api.db.session import transaction
from exam_api.installation import Installation
from exam_api.monitoring import queries, tasks
from proctor.vision.reading import FrameReading
from tests.exam_api.monitoring.socket import JPEG, connect
from tests.exam_api.monitoring.test_on_device import (
    CALM,
    NOBODY,
    answered,
    asked,
    check,
    copied,
    exam_source,
    frames,
    hasten,
    plan,
    shop,
    sitter,
)
from tests.exam_api.sitting import Sitter

__all__ = ["exam_source", "sitter"]


async def test_a_page_that_is_silent_in_each_check_is_noted_and_never_more(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    """Words until the request, nothing for twenty seconds, words again."""
    socket, link = await connect(app, sitter, "device")
    rules: list[list[str]] = []
    for number in range(1, 7):
        await (plan if number == 1 else hasten)(installation, sitter)
        await asked(socket, link)
        async with transaction(installation.sessions) as session:  # as if the time had passed
            past = datetime.now(UTC) - timedelta(seconds=25 * (8 - number))
            mine = update(SpotCheck).where(SpotCheck.number == number)
            await session.execute(mine.values(sent_at=past))
            await session.execute(update(Frame).values(received_at=past - timedelta(seconds=1)))
        socket.send(link.message(b"", seen=CALM))
        await socket.kept(link.following["frame"] - 1)
        await tasks.analyse_frames(shop(installation), {"attempt_id": sitter.attempt})
        async with transaction(installation.sessions) as session:
            flags = await queries.flags_of(session, UUID(sitter.attempt))
        assert (await check(installation, sitter, number)).outcome == "network"
        rules.append([flag.severity for flag in flags if flag.rule == "device_unreached"])
    await socket.leave()
    assert rules == [[], [], *[["low"]] * 4]


async def test_who_becomes_honest_when_asked_is_contradicted_by_the_words_before(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    """A calm face each second, and the true word about the one picture that is asked for."""
    for number, (told_before, note) in enumerate(((CALM, "nobody_before"), (NOBODY, None)), 1):
        await (plan if number == 1 else hasten)(installation, sitter)
        socket, link = await connect(app, sitter, "device")
        nonce = await asked(socket, link, told_before)
        socket.send(link.message(JPEG + bytes([number]), seen=NOBODY, nonce=nonce))
        assert await answered(socket) is None
        await socket.leave()
        await tasks.analyse_frames(shop(installation, Empty()), {"attempt_id": sitter.attempt})
        row = await check(installation, sitter, number)
        assert row.signal is not None
        assert row.signal["note"] == note
        async with transaction(installation.sessions) as session:  # what was told is long ago at the next one
            await session.execute(update(Frame).values(taken_at=Frame.taken_at - timedelta(seconds=30)))


class Empty:
    """Stands where the models stand: nobody is in the picture."""

    def look(self, _: bytes, at: datetime, n: int, *__: Any, **___: Any) -> tuple[FrameReading, None]:
        light = {"luma": 120.0, "contrast": 40.0, "sharpness": 200.0, "distance": None}
        return FrameReading(n, at, (), (), width=640, height=480, **light), None  # type: ignore[arg-type]


async def test_a_picture_that_was_taken_long_after_the_request_is_late(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    """Nobody has the time of an upload to come back to the desk."""
    await plan(installation, sitter)
    socket, link = await connect(app, sitter, "device")
    nonce = await asked(socket, link)
    async with transaction(installation.sessions) as session:
        past = datetime.now(UTC) - timedelta(seconds=17)
        await session.execute(update(SpotCheck).values(sent_at=past))
        copies = [copied((await frames(installation, sitter))[0], number) for number in (900, 901, 902)]
        for each in copies:
            each.taken_at = each.received_at = past + timedelta(seconds=5)
        session.add_all(copies)
    socket.send(link.message(JPEG, seen=CALM, nonce=nonce))
    assert await answered(socket) == "late"
    await socket.leave()
    assert (await check(installation, sitter)).outcome == "late"
