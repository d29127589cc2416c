"""What is not looked for is said; what a camera calls itself is looked at once and not kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from exam_api.db.session import transaction
from exam_api.exams.service.checklist import checklist
from exam_api.installation import Installation
from exam_api.monitoring import queries, service
from grading.exam import Exam, Proctoring
from tests.exam_api.sitting import Sit, Sitting


def exam(**asked: object) -> Exam:
    return Exam("t", "", 30, 50, (), Proctoring(**asked))  # type: ignore[arg-type]


def test_nobody_takes_silence_for_a_clean_exam(installation: Installation, tmp_path: Path) -> None:
    bare = replace(installation, models_dir=tmp_path)
    assert service.off(installation, exam()) == service.off(bare, exam()) == ()
    blind = " ".join(service.off(bare, exam(camera=True)))
    assert "Phones" in blind
    assert "sound" not in blind
    assert "Nobody listens" in " ".join(service.off(bare, exam(microphone=True)))
    assert "lacks what they need" in " ".join(service.off(bare, exam(camera=True, watching="device")))
    alive = exam(camera=True, sign_of_life=True)
    assert "everybody starts without it" in " ".join(service.off(bare, alive))
    assert "sign of life" not in " ".join(service.off(installation, alive))
    here = service.off(installation, exam(camera=True, watching="device"))
    assert "the few pictures that are sent" in " ".join(here)


def test_an_author_hears_of_a_start_that_nobody_can_look_at(installation: Installation, tmp_path: Path) -> None:
    bare = replace(installation, models_dir=tmp_path)
    said = [
        [point.tone for point in checklist(one, looks_at_life=here.looks_at_life) if "sign of life" in point.text]
        for one in (exam(camera=True, sign_of_life=True), exam(camera=True))
        for here in (bare, installation)
    ]
    assert said == [["attention"], [], [], []]


@pytest.mark.parametrize(
    ("label", "kinds"), [("OBS Virtual Camera", ["camera_virtual"]), ("Integrated Camera (04f2:b6d0)", []), ("", [])]
)
async def test_a_cameras_name_is_judged_here_and_not_kept(
    sit: Sit, installation: Installation, label: str, kinds: list[str]
) -> None:
    sitter = await sit()
    event = {"n": 1, "kind": "camera_named", "at": datetime.now(UTC).isoformat(), "label": label}
    sent = await sitter.device.send("POST", sitter.path("/events"), {"events": [event]})
    assert (sent.status_code, sent.json()) == (202, {"kept": len(kinds)})
    async with transaction(installation.sessions) as session:
        kept = await queries.browser_signals(session, UUID(sitter.attempt))
    assert [each.kind for each in kept] == kinds
    assert all(label not in str(each.detail) for each in kept)


async def test_the_live_view_says_what_is_off(sitting: Sitting, installation: Installation) -> None:
    page = await sitting.instructor.client.get(f"/sittings/{sitting.id}/live")
    assert page.status_code == 200
    assert "What is not looked for in this exam" not in page.text  # it has no camera: nothing is missing


class TestWatched:
    """An exam whose candidates' computers look."""

    @pytest.fixture
    def exam_source(self, exam_source: str) -> str:
        return exam_source + "proctoring: {camera: true, watching: device}\n"

    async def test_the_live_view_says_so(self, sitting: Sitting) -> None:
        page = await sitting.instructor.client.get(f"/sittings/{sitting.id}/live")
        assert "What is not looked for in this exam" in page.text
        assert "the few pictures that are sent" in page.text
