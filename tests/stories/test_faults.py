"""A short run of `python -m loadtests faults`: every fault that needs no rights of its own, and nothing is lost."""

from __future__ import annotations

import pytest

from loadtests.faults.report import show
from loadtests.faults.run import KINDS, UNPRIVILEGED, Plan, run

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]


async def test_nothing_is_lost_whatever_breaks() -> None:
    plan = Plan(candidates=30, minutes=0.3, kinds=UNPRIVILEGED, browsers=1, think=1.0, pause=0.5, kill_every=8.0)
    came = await run(plan)
    said = show(came, KINDS)
    assert said["lost"] == dict.fromkeys(said["lost"], 0), said
    assert came.missing == []
    assert said["submitted"] == 31
