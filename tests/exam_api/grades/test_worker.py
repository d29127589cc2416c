"""The whole path: a candidate submits over HTTP, the worker takes the jobs from the real queue, the grades are there."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from pgqueuer import PgQueuer

from exam_api.installation import Workshop
from exam_api.settings import Settings
from exam_api.worker import language_model, register, sandbox
from sandbox.errors import EngineUnavailable
from sandbox.job import Job, Run
from tests.exam_api.grades.conftest import HandIn, Room


async def until(client: httpx.AsyncClient, path: str, done: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Ask, as a page would, until the worker has done its part; at most 30 seconds."""
    for _ in range(150):
        said: dict[str, Any] = (await client.get(path)).raise_for_status().json()
        if done(said):
            return said
        await asyncio.sleep(0.2)
    raise AssertionError(f"{path} never changed")


@pytest.mark.slow
async def test_from_submit_to_grade_and_cohort(
    hand_in: HandIn, room: Room, workshop: Workshop, settings: Settings
) -> None:
    connection = await asyncpg.connect(settings.database_url)
    queue = PgQueuer.from_asyncpg_connection(connection)
    register(queue, workshop)
    working = asyncio.create_task(queue.run(dequeue_timeout=timedelta(seconds=1), batch_size=4))
    try:
        script = await hand_in()
        client = room.instructor.client
        found = await until(client, f"{script.path}/grades", lambda said: said["result"]["points"] > 0)
        cohort = await until(client, f"/api/sittings/{room.id}/findings", lambda said: said["made_at"])
    finally:
        queue.shutdown.set()
        await working
        await connection.close()
    assert [one["state"] for one in found["grades"]] == ["final", "final", "final", "ungraded", "final"]
    assert "Too few" in cohort["reason"]


async def test_tools_that_are_missing_are_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """And an engine that does not answer at the start is asked again by each job."""
    with caplog.at_level("INFO", "exam_api.worker"):
        none = Settings(state_dir=tmp_path, models_dir=tmp_path, docker_host=None)
        assert sandbox(none) is None
        assert language_model(none) is None
        late = sandbox(Settings(state_dir=tmp_path, docker_host=f"unix://{tmp_path}/docker.sock"))
    assert "no Docker engine is set" in caplog.text
    assert "short answers that need a comparison wait" in caplog.text
    assert "answers in code wait" in caplog.text
    assert late is not None
    with pytest.raises(EngineUnavailable):
        late(Job("python", {"main.py": b""}, "main.py", (Run("1"),)))
