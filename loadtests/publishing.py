"""Publishing an exam: its programs are tried first where a sandbox answers; where none does, it is published untried."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from loadtests.people import Person, StoryStopped

PATIENCE = 180.0  # seconds


async def publish(author: Person, exam: str) -> dict[str, Any]:
    """The published version. Raises `StoryStopped` where a reference solution fails."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        said = await author.call("POST", f"/api/exams/{exam}/publish", {"untried": True})
        if "digest" in said:
            return dict(said)
        while said["state"] == "running" and time.monotonic() < deadline:
            await asyncio.sleep(0.3)
            said = await author.call("GET", f"/api/exams/{exam}/check")
        if said["state"] == "failed":
            raise StoryStopped(f"the exam cannot be published: {said['problems']}")
    raise StoryStopped("the reference solutions were not tried in time")
