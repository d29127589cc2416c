"""Short videos beside a flag: only what was asked for comes in, sealed, and is read back in parts."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from exam_api.db.session import transaction
from exam_api.installation import Installation
from exam_api.monitoring import queries, service
from exam_api.monitoring.service import clips
from exam_api.settings import Settings
from tests.exam_api.monitoring.socket import JPEG, Socket, connect, stored
from tests.exam_api.sitting import Sit, Sitter, Sitting

WEBM = b"\x1a\x45\xdf\xa3"
VIDEO = {"Content-Type": "video/webm;codecs=vp8"}
MOMENT = datetime(2027, 1, 1, 10, tzinfo=UTC)


@settings(max_examples=200, deadline=None)
@given(st.integers(-600, 600), st.integers(0, 600))
def test_what_is_asked_for_is_what_the_page_can_have(start: int, length: int) -> None:
    began = MOMENT + timedelta(seconds=start)
    part = clips.span(began, began + timedelta(seconds=length), MOMENT)
    if part is not None:
        assert MOMENT - clips.HELD <= part[0] < part[1] <= part[0] + clips.LENGTH
    else:
        assert began + timedelta(seconds=length) < MOMENT - clips.HELD


async def put(sitter: Sitter, flag: UUID | str, body: bytes, said: dict[str, str] = VIDEO) -> httpx.Response:
    return await sitter.device.send("PUT", sitter.path(f"/clips/{flag}"), body, said=said)


async def read(sitting: Sitting, sitter: Sitter, flag: UUID | str, part: str = "") -> httpx.Response:
    headers = {"Range": part} if part else {}
    return await sitting.instructor.client.get(sitter.path(f"/clips/{flag}"), headers=headers)


async def ask(app: FastAPI, installation: Installation, sitter: Sitter) -> UUID:
    """A paste that is worth a look, while the camera runs: the page is asked on its socket."""
    socket, chain = await connect(app, sitter)
    for _ in range(5):
        socket.send(chain.message(JPEG))
    await socket.kept(5)
    now = datetime.now(UTC)
    events = [{"n": 1, "kind": "paste", "at": now.isoformat(), "length": 5000, "origin": "outside"}]
    await sitter.device.send("POST", sitter.path("/events"), {"events": events})
    async with transaction(installation.sessions) as session:
        await service.raise_flags(session, UUID(sitter.attempt), datetime.now(UTC), service.Recent())
    for _ in range(5):
        socket.send(chain.message(JPEG))
    heard = await heard_ask(socket)
    await socket.leave()
    return UUID(heard["flag"])


async def heard_ask(socket: Socket) -> dict[str, str]:
    while "clip" not in (said := await socket.answer()):
        pass
    found: dict[str, str] = said["clip"]
    return found


@pytest.fixture
async def sitter(sit: Sit) -> Sitter:
    return await sit()


async def test_a_clip_is_asked_for_kept_sealed_and_read_in_parts(
    app: FastAPI, installation: Installation, sitting: Sitting, sitter: Sitter, settings: Settings
) -> None:
    flag = await ask(app, installation, sitter)
    body = WEBM + os.urandom(200_000)
    assert (await put(sitter, flag, body)).status_code == 204
    assert (await put(sitter, flag, body)).status_code == 204  # the same again changes nothing
    assert stored(installation, "clips") == 1
    whole = await read(sitting, sitter, flag)
    assert (whole.status_code, whole.content) == (200, body)
    assert whole.headers["content-type"] == "video/webm"
    for first, last in ((0, 3), (65_530, 65_545), (131_072, 200_003), (199_999, 200_003)):
        part = await read(sitting, sitter, flag, f"bytes={first}-{last}")
        assert (part.status_code, part.content) == (206, body[first : last + 1])
    assert (await read(sitting, sitter, flag, "bytes=999999-")).status_code == 416
    listed = (await sitting.instructor.client.get(sitter.path("/clips"))).json()
    assert [(each["flag_id"], each["size"]) for each in listed] == [(str(flag), len(body))]
    assert (await sitter.person.client.get(sitter.path(f"/clips/{flag}"))).status_code == 403


async def test_only_a_video_that_was_asked_for_comes_in(
    app: FastAPI, installation: Installation, sitting: Sitting, sitter: Sitter
) -> None:
    flag = await ask(app, installation, sitter)
    assert (await put(sitter, uuid4(), WEBM + bytes(100))).status_code == 404
    assert (await put(sitter, flag, b"<html>" + bytes(100))).status_code == 415
    assert (await put(sitter, flag, b"")).status_code == 415
    assert (await put(sitter, flag, WEBM + bytes(100), {"Content-Type": "text/html"})).status_code == 415
    assert (await put(sitter, flag, WEBM + bytes(clips.MAX_CLIP))).status_code == 413
    assert stored(installation, "clips") == 0
    assert (await read(sitting, sitter, flag)).status_code == 404
    assert (await put(sitter, flag, WEBM + bytes(100))).status_code == 204


async def test_a_full_store_says_try_again_and_the_clip_is_still_asked_for(
    app: FastAPI, installation: Installation, sitter: Sitter, settings: Settings
) -> None:
    flag = await ask(app, installation, sitter)
    folder = settings.state_dir / "blobs" / "clips"
    folder.write_text("a file where the folder should be: nothing can be written, as on a full disk")
    assert (await put(sitter, flag, WEBM + bytes(100))).status_code == 503
    folder.unlink()
    async with transaction(installation.sessions) as session:
        assert [clip.received_at for clip in await queries.clips_of(session, UUID(sitter.attempt))] == [None]
    assert (await put(sitter, flag, WEBM + bytes(100))).status_code == 204


async def test_a_clip_cut_short_is_kept_as_it_came(
    app: FastAPI, installation: Installation, sitting: Sitting, sitter: Sitter
) -> None:
    """A truncated WebM still shows what it holds; the player decides."""
    flag = await ask(app, installation, sitter)
    assert (await put(sitter, flag, WEBM + b"\x01\x00\x00\x00\x00\x00\x00\x1f")).status_code == 204
    assert (await read(sitting, sitter, flag)).content.startswith(WEBM)
