"""A disk without room, of the store or of the database: said in a word, nothing kept by halves, and all of it taken later."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from fastapi import FastAPI
from sqlalchemy import text

from exam_api.db.session import transaction
from exam_api.installation import Installation
from tests.exam_api.attempts.test_full_disk import FULL
from tests.exam_api.monitoring.socket import JPEG, Socket, connect, stored
from tests.exam_api.monitoring.test_worker import frames_of
from tests.exam_api.sitting import Sit

LARGE = JPEG[:2] + bytes(60_000) + JPEG[2:]
TRIGGER = "CREATE TRIGGER full_disk BEFORE INSERT ON frames FOR EACH ROW EXECUTE FUNCTION full_disk()"


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """The system itself refuses to write on, in the middle of a file, as on a full disk or with a quota; no root is needed."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def ended(socket: Socket) -> tuple[int, str]:
    while "code" not in (said := await socket.answer()):
        pass
    await socket.task
    return said["code"], said["reason"]


async def test_a_store_that_fills_up_in_the_middle_of_a_picture(
    app: FastAPI, installation: Installation, sit: Sit
) -> None:
    """The half written one is no picture; the neighbour's smaller ones are kept meanwhile."""
    sitter, neighbour = await sit(), await sit()
    (socket, link), (beside, theirs) = await connect(app, sitter), await connect(app, neighbour)
    large = link.message(LARGE)
    with no_file_longer_than(20_000):
        socket.send(large)
        assert await ended(socket) == (1013, "store-down")
        beside.send(theirs.message(JPEG))
        await beside.kept(1)
    await beside.leave()
    assert not await frames_of(installation, sitter)
    assert stored(installation) == 1
    again, _ = await connect(app, sitter)
    again.send(large)
    await again.kept(1)
    await again.leave()
    assert stored(installation) == 2


async def test_a_database_without_room_leaves_nothing_in_the_store(
    app: FastAPI, installation: Installation, sit: Sit
) -> None:
    sitter = await sit()
    socket, link = await connect(app, sitter)
    sent = [link.message(JPEG) for _ in range(3)]
    async with transaction(installation.sessions) as session:
        for statement in (FULL, TRIGGER):
            await session.execute(text(statement))
    for message in sent:
        socket.send(message)
    assert await ended(socket) == (1013, "disk-full")
    assert stored(installation) == 0  # it would lie there for ever, where there is no room
    async with transaction(installation.sessions) as session:
        await session.execute(text("DROP TRIGGER full_disk ON frames"))
    again, _ = await connect(app, sitter)
    for message in sent:
        again.send(message)
    await again.kept(3)
    await again.leave()
    assert [frame.number for frame in await frames_of(installation, sitter)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("state", "said"), [("40P01", (1013, "service-down")), ("22012", (1011, "exam-error"))], ids=["deadlock", "mistake"]
)
async def test_what_else_fails_in_the_database_is_said_on_the_line(
    app: FastAPI, installation: Installation, sit: Sit, state: str, said: tuple[int, str]
) -> None:
    """An answer to a request fits into no open socket: the page would see a broken line, and the log another error."""
    sitter = await sit()
    socket, link = await connect(app, sitter)
    message = link.message(JPEG)
    async with transaction(installation.sessions) as session:
        for statement in (FULL.replace("53100", state), TRIGGER):
            await session.execute(text(statement))
    socket.send(message)
    assert await ended(socket) == said
    async with transaction(installation.sessions) as session:
        await session.execute(text("DROP TRIGGER full_disk ON frames"))
    again, _ = await connect(app, sitter)
    again.send(message)
    await again.kept(1)
    await again.leave()
