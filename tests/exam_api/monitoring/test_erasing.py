"""Each class of evidence goes by its own clock; with the last of it goes the key, and a signed record says so."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from fastapi import FastAPI

from credentials.canonical import b64u_decode, jcs
from exam_api.db import evidence
from exam_api.db.models.attempts import Reference
from exam_api.db.models.monitoring import Flag
from exam_api.db.session import transaction
from exam_api.installation import Installation, Keeping, Workshop
from exam_api.monitoring import queries, tasks
from exam_api.sealing import Unreadable
from tests.exam_api.monitoring.socket import JPEG, connect, stored
from tests.exam_api.sitting import Sit, Sitter, Sitting

WEBM = b"\x1a\x45\xdf\xa3 ten seconds"
KEEPING = Keeping(frames=10, sounds=20, clips=40, references=30, readings=50, flags=60)


@pytest.fixture
async def watched(app: FastAPI, installation: Installation, sit: Sit) -> Sitter:
    """Four pictures, one sound, a photo with face numbers; a flag names picture 2; handed in."""
    sitter = await sit()
    attempt_id, now = UUID(sitter.attempt), datetime.now(UTC)
    socket, chain = await connect(app, sitter)
    for _ in range(4):
        socket.send(chain.message(JPEG))
    socket.send(chain.message(WEBM, "sound"))
    await socket.kept(4, 1)
    await socket.leave()
    async with transaction(installation.sessions) as session:
        key = await evidence.find_key(session, installation.keyring, attempt_id)
        assert key is not None
        blob = await evidence.put(installation.blobs, key, f"references/{attempt_id}/1", JPEG, os.urandom)
        session.add(
            Reference(
                attempt_id=attempt_id,
                number=1,
                blob=blob,
                digest="",
                state="accepted",
                encoding=b"sealed numbers",
                sent_at=now,
            )
        )
        session.add(
            Flag(
                attempt_id=attempt_id,
                rule="absence",
                severity="medium",
                started_at=now,
                ended_at=now,
                threshold={},
                reason="",
                innocent=[],
                evidence=["frame:2"],
                confidence=1.0,
            )
        )
        for frame in await queries.waiting_frames(session, attempt_id, 4):
            frame.analysed_at = now
        row = await queries.lock_watching(session, attempt_id, "")
        row.check_in = {"n": 1, "state": "not_shown", "kind": "blink"}
    await sitter.device.submit()
    return sitter


def later(installation: Installation, days: float) -> Workshop:
    here = replace(installation, keeping=KEEPING)
    return Workshop(here, lambda: datetime.now(UTC) + timedelta(days=days), os.urandom, None, None, None)


def lying(installation: Installation) -> dict[str, int]:
    return {folder: stored(installation, folder) for folder in ("frames", "sounds", "references")}


async def test_each_class_goes_by_its_own_clock_and_the_key_with_the_last(
    installation: Installation, watched: Sitter, sitting: Sitting
) -> None:
    attempt_id = UUID(watched.attempt)
    async with transaction(installation.sessions) as session:
        frame = await queries.find_frame(session, attempt_id, 2)
        assert frame is not None
        assert frame.blob is not None
        copy = bytes(await (await installation.blobs.get_async(frame.blob)).bytes_async())
        name = frame.blob
    for days, left in (
        (9, {"frames": 4, "sounds": 1, "references": 1}),
        (11, {"frames": 1, "sounds": 1, "references": 1}),  # the picture in the flag's evidence stays with it
        (21, {"frames": 1, "sounds": 0, "references": 1}),
        (31, {"frames": 1, "sounds": 0, "references": 0}),
        (41, {"frames": 0, "sounds": 0, "references": 0}),
    ):
        await tasks.erase_old(later(installation, days), {})
        await tasks.erase_old(later(installation, days), {})  # twice is once
        assert lying(installation) == left, days
    await installation.blobs.put_async(name, copy)  # somebody kept a copy of the store
    async with transaction(installation.sessions) as session:
        key = await evidence.find_key(session, installation.keyring, attempt_id)
        assert key is None
        with pytest.raises(Unreadable):
            await evidence.get(installation.blobs, key, name)
        assert len(await queries.all_frames(session, attempt_id)) == 4, "what was read is kept longer"
    await tasks.erase_old(later(installation, 51), {})
    await tasks.erase_old(later(installation, 61), {})
    async with transaction(installation.sessions) as session:
        assert not await queries.all_frames(session, attempt_id)
        assert not await queries.flags_of(session, attempt_id)
        row = await queries.find_watching(session, attempt_id)
        assert row is not None
        assert row.check_in is None, "how somebody did before the start is a reading too"


async def test_the_candidate_can_read_and_check_the_record(
    installation: Installation, watched: Sitter, sitting: Sitting, sit: Sit
) -> None:
    assert (await watched.person.client.get(watched.path("/erasures"))).json() == []
    await tasks.erase_old(later(installation, 100), {})
    said = (await watched.person.client.get(watched.path("/erasures"))).json()
    assert said == (await sitting.instructor.client.get(watched.path("/erasures"))).json()
    erased = {name: count for record in said for name, count in record["erased"].items()}
    assert erased.pop("readings") >= 5, "of pictures, sound, and signs of life that were planned"
    assert erased == {"frames": 4, "sounds": 1, "references": 1, "flags": 1}
    assert [record["whole"] for record in said].count(True) == 1
    public = installation.keyring.receipt.public
    for record in said:
        body = {name: value for name, value in record.items() if name != "signature"}
        public.verify(b64u_decode(record["signature"]), jcs(body))
    stranger = await sit()
    assert (await stranger.person.client.get(watched.path("/erasures"))).status_code == 404


async def test_face_numbers_go_with_the_exam(installation: Installation, watched: Sitter) -> None:
    attempt_id = UUID(watched.attempt)
    async with transaction(installation.sessions) as session:
        await queries.remember(session, attempt_id, memory={"voice": None}, watch={})
    await tasks.erase_faces(later(installation, 0), {})
    async with transaction(installation.sessions) as session:
        photo = await queries.find_reference(session, attempt_id, 1)
        assert photo is not None
        assert photo.encoding is not None, "the last pictures may still be looked at"
    await tasks.erase_faces(later(installation, 0.1), {})
    async with transaction(installation.sessions) as session:
        photo = await queries.find_reference(session, attempt_id, 1)
        row = await queries.find_watching(session, attempt_id)
        assert photo is not None
        assert photo.encoding is None
        assert photo.state == "accepted"
        assert row is not None
        assert row.memory is None
        assert row.watch is None
