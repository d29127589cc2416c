"""Flags are computed while something may be going on, and not for each calm picture."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from exam_api.db.models.attempts import Attempt
from exam_api.db.models.monitoring import Watching
from exam_api.db.session import transaction
from exam_api.installation import Installation
from exam_api.monitoring import service, tasks
from exam_api.monitoring.service.signals import CALM, LATELY
from exam_api.monitoring.tasks import flags
from proctor.signal import Signal, SignalKind
from tests.exam_api.monitoring.socket import JPEG
from tests.exam_api.monitoring.test_worker import Eyes, send, shop
from tests.exam_api.sitting import Sit, Sitter

BEGIN = datetime(2027, 1, 1, 10, tzinfo=UTC)
moments = st.integers(0, 600).map(lambda second: BEGIN + timedelta(seconds=second))
signals = st.builds(Signal, moments, st.sampled_from(SignalKind), st.just(1.0), st.just(1.0), st.just(1.0), st.just(""))


@given(said=st.lists(signals, max_size=8), known=st.none() | moments)
def test_only_what_a_rule_waits_for_makes_restless_and_never_less_than_before(
    said: list[Signal], known: datetime | None
) -> None:
    until = service.restless_to(said, known)
    expected = [signal.at + LATELY for signal in said if signal.kind not in CALM] + ([known] if known else [])
    assert until == (max(expected) if expected else None)
    assert service.restless_to([], until) == until


@pytest.fixture
async def sitter(sit: Sit, installation: Installation) -> Sitter:
    sitter = await sit()
    async with transaction(installation.sessions) as session:
        await session.execute(update(Attempt).values(started_at=datetime.now(UTC) - timedelta(minutes=9)))
    return sitter


async def restless_to(installation: Installation, sitter: Sitter) -> datetime | None:
    async with transaction(installation.sessions) as session:
        return (await session.get_one(Watching, UUID(sitter.attempt))).restless_to


async def test_calm_pictures_are_not_judged_and_a_bad_one_is(
    app: FastAPI, installation: Installation, sitter: Sitter, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[UUID] = []
    really = flags.judge

    async def judge(workshop: Any, attempt_id: UUID, *rest: Any, **more: Any) -> None:
        judged.append(attempt_id)
        await really(workshop, attempt_id, *rest, **more)

    monkeypatch.setattr(tasks.frames, "judge", judge)
    payload = {"attempt_id": sitter.attempt}
    await send(app, sitter, [JPEG] * 4)
    await tasks.analyse_frames(shop(installation, Eyes()), payload)
    assert not judged
    assert await restless_to(installation, sitter) is None
    await send(app, sitter, [JPEG, b"\xff\xd8 nothing", JPEG])
    await tasks.analyse_frames(shop(installation, Eyes()), payload)
    assert judged
    assert await restless_to(installation, sitter) is not None


@pytest.mark.parametrize("before", [1, 0])
async def test_a_page_that_stays_hidden_becomes_a_flag_by_calm_pictures(
    app: FastAPI, installation: Installation, sitter: Sitter, before: int
) -> None:
    """Nothing says any more that it is hidden; that it lasts is known by the pictures that come meanwhile, also where the page
    was hidden before the camera said anything.
    """
    if before:
        await send(app, sitter, [JPEG])
    hidden = {"n": 1, "kind": "hidden", "at": datetime.now(UTC).isoformat()}
    await sitter.device.send("POST", sitter.path("/events"), {"events": [hidden]})
    workshop, payload = shop(installation, Eyes(), ahead=0.0), {"attempt_id": sitter.attempt}
    await tasks.raise_flags(workshop, payload)
    await asyncio.sleep(3.2)  # the rule's three seconds
    await send(app, sitter, [JPEG] * 2)
    await tasks.analyse_frames(workshop, payload)
    async with transaction(installation.sessions) as session:
        raised = await service.list_flags(session, UUID(sitter.attempt))
    assert [flag.rule for flag in raised] == ["hidden_page"]
