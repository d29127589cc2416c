"""Pieces over the socket: signed, chained over both kinds, kept once, sealed in the store."""

from __future__ import annotations

import json
import os
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import undefer

from credentials.canonical import digest
from exam_api.db.models.monitoring import Frame, Sound
from exam_api.db.session import transaction
from exam_api.errors import Invalid
from exam_api.installation import Installation
from exam_api.monitoring.schemas import genesis, read_piece
from exam_api.monitoring.service import pieces
from exam_api.settings import Settings
from loadtests.device import Device
from loadtests.pieces import Pieces
from tests.exam_api.monitoring.socket import JPEG, connect
from tests.exam_api.sitting import Sit, Sitter, Sitting

WEBM = b"\x1a\x45\xdf\xa3 ten seconds"
ATTEMPT = "5f0c2a52-3f0e-4f57-8f0a-2f6f4f1f0a11"


def chain() -> Pieces:
    return Pieces(Device(None, ATTEMPT))  # type: ignore[arg-type]  # nothing is sent


@settings(max_examples=50, deadline=None)
@given(st.binary(min_size=1, max_size=200), st.sampled_from(["frame", "sound"]), st.integers(1, 2**31 - 2))
def test_a_piece_reads_back_as_it_was_sent(rest: bytes, kind: str, number: int) -> None:
    at, link = datetime(2027, 1, 1, tzinfo=UTC), chain()
    body = (b"\xff\xd8" if kind == "frame" else b"RIFF") + rest
    read = read_piece(link.message(body, kind, at=at, n=number))
    assert (read.kind, read.n, read.taken_at, read.body, read.fault) == (kind, number, at, body, None)
    assert read.previous == genesis(UUID(ATTEMPT))
    assert read.link == link.head


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_garbage_is_refused_in_words(garbage: bytes) -> None:
    with pytest.raises(Invalid):
        read_piece(garbage)


def test_a_body_that_is_not_the_named_one_is_refused() -> None:
    with pytest.raises(Invalid):
        read_piece(chain().message(JPEG) + b"\0")


@pytest.mark.parametrize(
    ("body", "kind", "fault"),
    [
        (b"", "frame", "empty"),
        (b"GIF89a", "frame", "no JPEG"),
        (b"\xff\xd8" + bytes(600_000), "frame", "too long"),
        (JPEG, "sound", "no WebM, MP4 or WAV"),
        (b"\0\0\0\x18ftypmp42", "sound", None),
    ],
)
def test_a_bad_body_is_named_and_the_chain_goes_on(body: bytes, kind: str, fault: str | None) -> None:
    assert read_piece(chain().message(body, kind)).fault == fault


@settings(max_examples=50, deadline=None)
@given(st.lists(st.datetimes(timezones=st.just(UTC)), min_size=3, max_size=3))
def test_a_devices_clock_is_believed_only_within_limits(moments: list[datetime]) -> None:
    at, (since, now) = moments[0], sorted(moments[1:])
    assert since <= pieces.believed(at, now, since) <= now


@pytest.fixture
async def sitter(sit: Sit) -> Sitter:
    return await sit()


async def rows(installation: Installation, sitter: Sitter, table: Any) -> list[Any]:
    query = select(table).where(table.attempt_id == UUID(sitter.attempt)).order_by(table.number)
    async with transaction(installation.sessions) as session:
        return list(await session.scalars(query.options(undefer(table.header))))


async def test_pictures_and_sounds_make_one_chain(app: FastAPI, installation: Installation, sitter: Sitter) -> None:
    socket, link = await connect(app, sitter)
    for kind, body in (("frame", JPEG), ("sound", WEBM), ("frame", JPEG), ("frame", JPEG), ("sound", WEBM)):
        socket.send(link.message(body, kind))
    await socket.kept(3, 2)
    await socket.leave()
    kept = [*await rows(installation, sitter, Frame), *await rows(installation, sitter, Sound)]
    following = {row.header["previous"]: row.header for row in kept}
    head = genesis(UUID(sitter.attempt))
    for _ in kept:
        head = digest({name: value for name, value in following[head].items() if name != "signature"})
    assert head == link.head
    again, resumed = await connect(app, sitter)
    assert (resumed.following, resumed.head) == ({"frame": 4, "sound": 3}, link.head)
    await again.leave()


async def test_a_reviewer_sees_whether_the_chain_holds(
    app: FastAPI, installation: Installation, sitting: Sitting, sitter: Sitter
) -> None:
    socket, link = await connect(app, sitter)
    for kind, body in (("frame", JPEG), ("sound", WEBM), ("frame", JPEG), ("frame", JPEG)):
        socket.send(link.message(body, kind))
    await socket.kept(3, 1)
    await socket.leave()
    read = sitting.instructor.client.get
    whole = {"pieces": 4, "chained": 4, "signed": 4, "whole": True, "head": link.head, "late": 0}
    assert (await read(sitter.path("/chain"))).json() == whole
    assert (await sitter.person.client.get(sitter.path("/chain"))).status_code == 403
    async with transaction(installation.sessions) as session:
        taken = delete(Frame).where(Frame.attempt_id == UUID(sitter.attempt), Frame.number == 2)
        await session.execute(taken)
    said = (await read(sitter.path("/chain"))).json()
    assert (said["pieces"], said["chained"], said["whole"]) == (3, 2, False)


async def test_nothing_in_the_store_can_be_read_without_the_key(
    app: FastAPI, installation: Installation, sitter: Sitter, settings: Settings
) -> None:
    socket, link = await connect(app, sitter)
    secret = b"\xff\xd8 a face that nobody should see"
    for _ in range(5):
        socket.send(link.message(secret))
    await socket.kept(5)
    await socket.leave()
    lying = _stored_bytes(settings.state_dir / "blobs")
    assert len(lying) == 5
    assert all(b"face" not in each and not each.startswith(b"\xff\xd8") for each in lying)


def _stored_bytes(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


async def test_a_piece_that_does_not_fit_is_not_kept_and_the_page_hears_once_where_to_go_on(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    socket, link = await connect(app, sitter)
    honest = (dict(link.following), link.head)
    link.message(JPEG)  # lost on the way
    for _ in range(3):
        socket.send(link.message(JPEG))
    said = await socket.answer()
    assert said == {"relink": {"next": {"frame": 1, "sound": 1}, "head": honest[1]}}
    link.learn(said["relink"])
    for _ in range(5):
        socket.send(link.message(JPEG))
    await socket.kept(5)
    await socket.leave()
    assert len(await rows(installation, sitter, Frame)) == 5


async def test_only_the_device_itself_can_sign(app: FastAPI, installation: Installation, sitter: Sitter) -> None:
    socket, link = await connect(app, sitter)
    stranger = Pieces(Device(sitter.person.client, sitter.attempt, ec.generate_private_key(ec.SECP256R1())))
    socket.send(stranger.message(JPEG))
    assert (await socket.answer())["reason"] == "invalid"
    await socket.task
    changed = link.message(JPEG)
    (size,) = struct.unpack_from(">I", changed)
    header = json.loads(changed[4 : 4 + size])
    header["taken_at"] = "2027-01-01T00:00:00+00:00"
    said = json.dumps(header).encode()
    again, _ = await connect(app, sitter)
    again.send(struct.pack(">I", len(said)) + said + JPEG)
    assert (await again.answer())["reason"] == "invalid"
    await again.task
    assert not await rows(installation, sitter, Frame)


async def test_what_nobody_can_look_at_counts_and_leaves_a_trace(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    """0 bytes, no JPEG, more than half a megabyte: the pieces around them are kept."""
    socket, link = await connect(app, sitter)
    for body in (JPEG, b"", os.urandom(20), b"\xff\xd8" + bytes(530_000), JPEG):
        socket.send(link.message(body))
    await socket.kept(5)
    await socket.leave()
    kept = await rows(installation, sitter, Frame)
    assert [row.blob is None for row in kept] == [False, True, True, True, False]
    assert [row.analysed_at is None for row in kept] == [True, False, False, False, True]


async def test_a_clock_that_jumps_is_noted_and_not_believed(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    socket, link = await connect(app, sitter)
    now = datetime.now(UTC)
    for at in (now, now + timedelta(days=1), now - timedelta(days=365), now, now):
        socket.send(link.message(JPEG, at=at))
    await socket.kept(5)
    await socket.leave()
    kept = await rows(installation, sitter, Frame)
    assert all(now - timedelta(minutes=2) <= row.taken_at <= now + timedelta(minutes=2) for row in kept)
    assert [row.skew is None for row in kept] == [True, False, False, True, True]


async def test_ten_times_too_many_pictures_wait_in_the_network(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    socket, link = await connect(app, sitter)
    for _ in range(100):
        socket.send(link.message(JPEG))
    await socket.kept(100)
    await socket.leave()
    assert len(await rows(installation, sitter, Frame)) == 100
