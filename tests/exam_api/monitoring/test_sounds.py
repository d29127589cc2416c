"""Sounds and looks at the screen on the worker's side: one bad piece stops nothing, what is remembered is kept."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import numpy as np
import pytest
from fastapi import FastAPI
from obstore.store import LocalStore

from exam_api.db.session import transaction
from exam_api.installation import Installation, NotYet, Workshop
from exam_api.monitoring import queries, service, tasks
from exam_api.monitoring.service import calibration
from proctor.audio.listener import Memory, SoundReading
from proctor.audio.window import AudioWindow, wav_bytes
from proctor.vision.reading import FrameReading, Gaze, Pose
from tests.exam_api.monitoring.socket import JPEG, connect, stored
from tests.exam_api.monitoring.test_worker import FACE
from tests.exam_api.sitting import Sit, Sitter

TONE = wav_bytes((3000 * np.sin(np.arange(16_000) / 8)).astype(np.int16))


@dataclass
class Ears:
    """Stands where the model stands: what is tested here is the work around it. Each sound is two seconds of speech."""

    heard: list[tuple[int, Any]] = field(default_factory=list)

    def listen(self, window: AudioWindow, memory: Memory) -> tuple[SoundReading, Memory]:
        self.heard.append((window.n, memory.voice))
        return SoundReading(window.n, window.at, window.seconds, -20.0, -3.0, silent=False), memory


def shop(installation: Installation, ears: Any = None, eyes: Any = None) -> Workshop:
    moment = datetime.now(UTC) - timedelta(minutes=1)
    return Workshop(
        installation,
        lambda: moment,
        os.urandom,
        None,
        None,
        cast("Any", eyes),
        listener=cast("Any", ears),
        recent=service.Recent(),
    )


@pytest.fixture
async def sitter(sit: Sit) -> Sitter:
    return await sit()


async def test_a_sound_that_cannot_be_read_stops_nothing(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    """Whole, cut short, no sound at all, empty, damaged, whole."""
    socket, chain = await connect(app, sitter)
    for body in (TONE, TONE[:3000], b"\x1a\x45\xdf\xa3 cut off", b"", b"RIFF nonsense", TONE):
        socket.send(chain.message(body, "sound"))
    await socket.kept(0, 6)
    await socket.leave()
    ears = Ears()
    await tasks.analyse_sounds(shop(installation, ears), {"attempt_id": sitter.attempt})
    await tasks.analyse_sounds(shop(installation, ears), {"attempt_id": sitter.attempt})  # a job may run twice
    numbers = [number for number, _ in ears.heard]
    assert numbers in ([1, 2, 6], [1, 6])
    async with transaction(installation.sessions) as session:
        sounds = await queries.analysed_sounds(session, UUID(sitter.attempt))
    assert [sound.number for sound in sounds] == [1, 2, 3, 4, 5, 6]
    bad = [each.source for each in service.signals((), (), sounds) if each.kind == "bad_sound"]
    assert bad == [f"sound:{n}" for n in range(1, 7) if n not in numbers]


async def test_only_one_worker_listens_to_an_attempt(app: FastAPI, installation: Installation, sitter: Sitter) -> None:
    socket, chain = await connect(app, sitter)
    socket.send(chain.message(TONE, "sound"))
    await socket.kept(0, 1)
    await socket.leave()
    async with transaction(installation.sessions) as session:
        assert await queries.take_turn(session, "sound", UUID(sitter.attempt))
        with pytest.raises(NotYet):
            await tasks.analyse_sounds(shop(installation, Ears()), {"attempt_id": sitter.attempt})


async def test_a_reviewer_hears_what_was_sent(
    app: FastAPI, installation: Installation, sitter: Sitter, sitting: Any
) -> None:
    socket, chain = await connect(app, sitter)
    socket.send(chain.message(TONE, "sound"))
    await socket.kept(0, 1)
    await socket.leave()
    heard = await sitting.instructor.client.get(sitter.path("/sounds/1"))
    assert (heard.content, heard.headers["content-type"]) == (TONE, "audio/wav")
    assert (await sitter.person.client.get(sitter.path("/sounds/1"))).status_code == 403
    assert (await sitting.instructor.client.get(sitter.path("/sounds/2"))).status_code == 404
    assert isinstance(installation.blobs, LocalStore)
    for page in installation.blobs.list("sounds"):
        for entry in page:
            await installation.blobs.put_async(entry["path"], b"changed in the store, and long enough for a tag")
    assert (await sitting.instructor.client.get(sitter.path("/sounds/1"))).status_code == 404


LOOKS = {1: (0.0, 0.0), 2: (20.0, 15.0), 3: (-20.0, 15.0), 4: (-20.0, -15.0), 5: (20.0, -15.0)}


@dataclass
class Eyes:
    """Looks where the point is."""

    def analyse(self, _jpeg: bytes, at: datetime, n: int, _reference: Any, **_: Any) -> FrameReading:
        across, up = LOOKS[n]
        seen = FrameReading(n, at, (FACE,), (), 120.0, 40.0, 200.0, None, 640, 480)
        return replace(seen, pose=Pose(up / 2, across / 2, 0.0), gaze=Gaze(across / 2, up / 2), eyes=0.4)


async def test_five_looks_teach_where_the_eyes_point_and_their_pictures_go(
    installation: Installation, sitting: Any, enrolled: Any
) -> None:
    someone = await enrolled()
    opened = (await someone.client.post(f"/api/sittings/{sitting.id}/attempts")).raise_for_status().json()
    path, picture = f"/api/attempts/{opened['id']}/calibration", {"Content-Type": "image/jpeg"}
    early = await someone.client.put(f"{path}/1", content=JPEG, headers=picture)
    assert early.status_code == 409, "consent comes first"
    consent = {name: opened["consent"][name] for name in ("version", "terms")}
    (await someone.client.post(f"/api/attempts/{opened['id']}/consent", json=consent)).raise_for_status()
    for point in LOOKS:
        sent = await someone.client.put(f"{path}/{point}", content=JPEG, headers=picture)
        assert sent.status_code == 204
    assert (await someone.client.put(f"{path}/6", content=JPEG, headers=picture)).status_code == 422
    assert (await someone.client.put(f"{path}/1", content=b"GIF89a", headers=picture)).status_code == 422
    assert stored(installation, "calibrations") == 5
    await tasks.calibrate(shop(installation, eyes=Eyes()), {"attempt_id": opened["id"], "point": 1})
    await tasks.calibrate(shop(installation, eyes=Eyes()), {"attempt_id": opened["id"], "point": 2})
    assert stored(installation, "calibrations") == 0
    async with transaction(installation.sessions) as session:
        fit = await calibration.of_attempt(session, UUID(opened["id"]))
    assert fit is not None
    assert fit.error < 0.05
    assert (await someone.client.delete(path)).status_code == 204
    async with transaction(installation.sessions) as session:
        assert await calibration.of_attempt(session, UUID(opened["id"])) is None
