"""A short run of faults, in each `make test`: a bad network, a killed web process and a killed PostgreSQL take nothing."""

from __future__ import annotations

import pytest

from loadtests.faults.report import show
from loadtests.faults.run import KINDS, Plan, run

SHORT = [
    "drop-before", "drop-after", "duplicate", "reorder", "cut-request", "cut-response", "kill-web", "kill-postgres",
    "clock", "reload",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.database
async def test_a_short_run_loses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    came = await run(
        Plan(candidates=20, minutes=0.3, seed=3, kinds=SHORT, browsers=0, think=1.0, pause=4.0, impatient=0.4)
    )
    with capsys.disabled():
        said = show(came, KINDS)
    assert all(said["injected"][kind] for kind in SHORT), "each fault happened"
    assert set(said["lost"].values()) == {0}, came.verdict.losses
    assert (said["submitted"], said["answers_acknowledged"]) == (20, said["answers_typed"])
    assert came.good
