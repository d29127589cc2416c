"""A page that was changed so that no check by chance can find anything: what it tries, and what becomes of it."""

from __future__ import annotations

from uuid import UUID

from fastapi import FastAPI

from exam_api.db.session import transaction
from exam_api.installation import Installation
from exam_api.monitoring import queries, tasks
from tests.exam_api.monitoring.socket import JPEG, connect
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
from tests.exam_api.monitoring.test_worker import Eyes
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
    workshop = shop(installation, Eyes())
    for number in (1, 2):
        await (plan if number == 1 else hasten)(installation, sitter)
        socket, link = await connect(app, sitter, "device")
        rubbish = JPEG + b"rubbish" + bytes([number])
        socket.send(link.message(rubbish, seen=CALM, nonce=await asked(socket, link)))
        assert await answered(socket) is None
        await tasks.analyse_frames(workshop, {"attempt_id": sitter.attempt})
        assert (await check(installation, sitter, number)).outcome == "unreadable"
        socket.send(link.message(b"", seen=CALM))  # the next check is planned with the next batch
        await socket.kept(link.following["frame"] - 1)
        await socket.leave()
    await tasks.analyse_frames(workshop, {"attempt_id": sitter.attempt})
    async with transaction(installation.sessions) as session:
        flags = await queries.flags_of(session, UUID(sitter.attempt))
    assert [flag.rule for flag in flags] == ["device_silent"]
