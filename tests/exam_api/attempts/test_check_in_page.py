"""The check-in asks for what is judged, and for nothing else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from tests.exam_api.sitting import EXAM, Sitting
from tests.factories import Person


@pytest.fixture
def exam_source() -> str:
    return EXAM + "proctoring: {camera: true}\n"


@pytest.mark.parametrize(("agreed", "asked"), [([], True), (["tics"], True), (["no_gaze"], False)])
async def test_where_gaze_is_not_judged_nobody_is_asked_to_look_at_points(
    sitting: Sitting, enrolled: Callable[..., Awaitable[Person]], agreed: list[str], asked: bool
) -> None:
    someone = await enrolled()
    address = f"/api/sittings/{sitting.id}/roster/{someone.id}/accommodations"
    (await sitting.instructor.client.put(address, json={"accommodations": agreed})).raise_for_status()
    opened = (await someone.client.post(f"/api/sittings/{sitting.id}/attempts")).raise_for_status().json()
    consent = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
    (await someone.client.post(f"/api/attempts/{opened['id']}/consent", json=consent)).raise_for_status()
    page = await someone.client.get(f"/attempts/{opened['id']}/check-in")
    assert page.status_code == 200
    assert ("calibration-section" in page.text) == asked
