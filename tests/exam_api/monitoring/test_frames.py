"""Frames and browser signals: kept once, believed within limits, turned into flags by the real models."""

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from exam_api.db.models.attempts import Attempt, Reference
from exam_api.db.session import transaction
from exam_api.installation import Installation, Workshop
from exam_api.monitoring import queries, service, tasks
from loadtests.scenes import Kind, reference, scene
from proctor.errors import ReferenceTooDark
from proctor.vision.analyser import FrameAnalyser, Models
from tests.exam_api.monitoring.socket import connect
from tests.exam_api.sitting import Sit

MODELS = Path(__file__).parents[3] / ".cache" / "models"


async def test_browser_signals_are_kept_once_and_become_flags(sit: Sit, installation: Installation) -> None:
    sitter = await sit()
    now = datetime.now(UTC)
    async with transaction(installation.sessions) as session:
        await session.execute(update(Attempt).values(started_at=now - timedelta(minutes=1)))
    events = [
        {"n": 1, "kind": "hidden", "at": (now - timedelta(seconds=30)).isoformat()},
        {"n": 2, "kind": "visible", "at": now.isoformat(), "seconds": 30},
        {"n": 3, "kind": "paste", "at": now.isoformat(), "length": 900},
    ]
    for new in (3, 0):
        sent = await sitter.device.send("POST", sitter.path("/events"), {"events": events})
        assert (sent.status_code, sent.json()) == (202, {"kept": new})
    async with transaction(installation.sessions) as session:
        await service.raise_flags(session, UUID(sitter.attempt), now)
        rules = {flag.rule for flag in await queries.flags_of(session, UUID(sitter.attempt))}
    assert len(rules) == 2
    refused = await sitter.person.client.get(sitter.path("/flags"))
    assert refused.status_code == 403


async def test_unknown_signals_are_refused(sit: Sit) -> None:
    sitter = await sit()
    for event in (
        {"n": 1, "kind": "mind-reading", "at": "2027-01-01T00:00:00Z"},
        {"n": 0, "kind": "blur", "at": "x"},
        {},
    ):
        sent = await sitter.device.send("POST", sitter.path("/events"), {"events": [event]})
        assert sent.status_code == 422


@pytest.fixture(scope="module")
def analyser() -> FrameAnalyser:
    return FrameAnalyser(Models.under(MODELS))


async def test_a_refused_photo_says_why_in_the_language_of_the_page(sit: Sit, installation: Installation) -> None:
    sitter, now = await sit(), datetime.now(UTC)
    async with transaction(installation.sessions) as session:
        session.add(
            Reference(
                attempt_id=UUID(sitter.attempt),
                number=1,
                blob="",
                digest="",
                state="refused",
                reason=str(ReferenceTooDark()),
                sent_at=now,
            )
        )
    read = sitter.person.client.get
    assert (await read(sitter.path("/reference"))).json()["reason"].startswith("The photo is too dark: ")
    german = await read(sitter.path("/reference"), headers={"Accept-Language": "de"})
    assert german.json()["reason"].startswith("Das Foto ist zu dunkel: ")


@pytest.mark.slow
async def test_real_portraits_become_readings_and_flags(
    app: FastAPI, sit: Sit, installation: Installation, analyser: FrameAnalyser
) -> None:
    sitter = await sit()
    attempt_id, began = UUID(sitter.attempt), datetime.now(UTC) - timedelta(seconds=60)
    async with transaction(installation.sessions) as session:
        await session.execute(update(Attempt).values(started_at=began))
    shop = Workshop(installation, lambda: datetime.now(UTC), os.urandom, None, None, analyser, recent=service.Recent())
    rng = np.random.default_rng(7)
    plan: list[tuple[Kind, int]] = [
        ("present", 5),
        ("away", 14),
        ("present", 5),
        ("second_person", 8),
        ("other_person", 12),
    ]
    story = [kind for kind, seconds in plan for _ in range(seconds)]
    photo = f"references/{attempt_id}/1.jpg"
    await installation.blobs.put_async(photo, reference("collins"))
    async with transaction(installation.sessions) as session:
        session.add(Reference(attempt_id=attempt_id, number=1, blob=photo, digest="", state="checking", sent_at=began))
    await tasks.check_reference(shop, {"attempt_id": sitter.attempt, "number": 1})
    socket, chain = await connect(app, sitter)
    for start in range(0, len(story), 5):
        for number, kind in enumerate(story[start : start + 5], start=start + 1):
            at = began + timedelta(seconds=number)
            socket.send(chain.message(await asyncio.to_thread(scene, kind, rng, number), at=at))
        await socket.kept(min(start + 5, len(story)))
        await tasks.analyse_frames(shop, {"attempt_id": sitter.attempt})
        await tasks.analyse_frames(shop, {"attempt_id": sitter.attempt})  # a job may run twice
    await socket.leave()
    async with transaction(installation.sessions) as session:
        rules = {flag.rule for flag in await queries.flags_of(session, attempt_id)}
        read = await queries.analysed_frames(session, attempt_id)
    assert len(read) == len(story)
    assert {"absence", "several_faces", "other_person"} <= rules, rules
    await tasks.erase_old(replace(shop, now=lambda: began + timedelta(days=60)), {})
    async with transaction(installation.sessions) as session:
        kept = [frame for frame in await queries.all_frames(session, attempt_id) if frame.blob]
        wanted = {name for flag in await queries.flags_of(session, attempt_id) for name in flag.evidence}
    assert {f"frame:{frame.number}" for frame in kept} == {name for name in wanted if name.startswith("frame:")}
