"""A candidate who floods the camera's socket: what is stored stays bounded, and nothing stays that no row names."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from exam_api.installation import Installation
from exam_api.settings import Settings
from tests.exam_api.monitoring.socket import JPEG, connect, stored
from tests.exam_api.sitting import Sit, Sitter


@pytest.fixture
async def sitter(sit: Sit) -> Sitter:
    return await sit()


async def test_the_same_number_again_and_again_is_stored_once(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    """Two sockets of one device that say the same: one is believed, the other hears how far the chain is."""
    (one, chain), (two, _) = await connect(app, sitter), await connect(app, sitter)
    first = chain.message(JPEG)
    sent = [first, first, first, *(chain.message(JPEG) for _ in range(4))]
    for socket in (one, two):
        for message in sent:
            socket.send(message)
        await socket.kept(5)
    assert (await two.answer())["relink"] == {"next": {"frame": 6, "sound": 1}, "head": chain.head}
    await one.leave()
    await two.leave()
    assert stored(installation) == 5


async def test_numbers_cannot_run_ahead_of_the_time(app: FastAPI, installation: Installation, sitter: Sitter) -> None:
    socket, chain = await connect(app, sitter)
    socket.send(chain.message(JPEG))
    socket.send(chain.message(JPEG, n=100_000))
    assert (await socket.answer())["kept"]["frame"] == 1  # what fitted is not lost with it
    assert (await socket.answer())["reason"] == "invalid"
    await socket.task
    assert stored(installation) == 1


async def test_what_was_not_confirmed_leaves_the_store_with_its_sender(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    socket, chain = await connect(app, sitter)
    socket.send(chain.message(JPEG))
    await socket.leave()
    assert stored(installation) == 0


async def test_a_store_that_takes_nothing_is_named_and_heals(
    app: FastAPI, installation: Installation, sitter: Sitter, settings: Settings
) -> None:
    socket, chain = await connect(app, sitter)
    folder = settings.state_dir / "blobs" / "frames"
    folder.write_text("a file where the folder should be: nothing can be written, as on a full disk")
    unsent = chain.message(JPEG)
    socket.send(unsent)
    said = await socket.answer()
    assert (said["code"], said["reason"]) == (1013, "store-down")
    await socket.task
    folder.unlink()
    again, resumed = await connect(app, sitter)
    assert resumed.following["frame"] == 1
    again.send(unsent)  # what the page held goes again as it was signed
    for _ in range(4):
        again.send(chain.message(JPEG))
    await again.kept(5)
    await again.leave()
    assert stored(installation) == 5
