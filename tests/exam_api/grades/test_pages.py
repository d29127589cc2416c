"""The marking room, the results and the candidate's own result, as people see them."""

import csv
import io
import re
from collections.abc import Callable
from uuid import UUID

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exam_api.db.models.accounts import User
from exam_api.db.session import transaction
from exam_api.grades.service.sheets import RISKY, safe
from exam_api.installation import Installation, Workshop
from tests.exam_api.grades.conftest import ANSWERS, HandIn, Room, grade
from tests.exam_api.grades.test_api import release
from tests.factories import person

HTML = {"accept": "text/html"}


async def page(client: httpx.AsyncClient, path: str, status: int = 200) -> str:
    answer = await client.get(path, headers=HTML)
    assert answer.status_code == status, answer.text
    return answer.text


def form_of(text: str) -> dict[str, str]:
    """The fields of the marking form, as a browser would send them back."""
    form = text[text.index('class="form"') :]
    fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form))
    points = re.search(r'name="points"[^>]*value="([^"]*)"', form)
    reason = re.search(r'<textarea[^>]*name="reason"[^>]*>\n([^<]*)</textarea>', form)
    return {**fields, "points": points[1] if points else "", "reason": reason[1] if reason else ""}


async def test_marking_one_answer_after_another(
    hand_in: HandIn, room: Room, workshop: Workshop, installation: Installation
) -> None:
    client, path = room.instructor.client, f"/sittings/{room.id}/grading"
    assert "Nothing to mark yet" in await page(client, "/grading")
    assert "Nothing waits for you here" in await page(client, path)
    scripts = [await hand_in(name=name) for name in ("Zoe Zimmer", "Abel Aman")]
    for script in scripts:
        await grade(workshop, script)
    assert "Mark 2" in await page(client, "/marking")
    first = await page(client, path)
    assert "1 of 2" in first
    assert "Names its parts" in first
    assert "roots, a trunk" in first
    assert "Zimmer" not in first
    assert "Aman" not in first
    assert "2 of 2" in await page(client, f"{path}?skip=1")
    form = form_of(first)
    for wrong, said in (
        ({"points": "5"}, "has 4 points"),
        ({"points": "x"}, "as a number"),
        ({"reason": " "}, "reason"),
    ):
        refused = await client.post(path, data={**form, "points": "3", "reason": "Good.", **wrong}, headers=HTML)
        assert refused.status_code == 422
        assert said in refused.text
    forged = await client.post(path, data={**form, "csrf_token": "x", "points": "3", "reason": "Good."})
    assert forged.status_code == 403
    sent = {**form, "points": "3,5", "reason": "Good, but one sentence is hard to read."}
    kept = await client.post(path, data=sent, headers=HTML)
    assert kept.status_code == 303
    assert "2 of 2" in await page(client, kept.headers["location"])
    again = await client.post(path, data=sent, headers=HTML)
    assert again.status_code == 409
    assert "meanwhile" in again.text
    await client.post(path, data={**form_of(await page(client, path)), "points": "4", "reason": "Very good."})
    assert "Nothing waits for you here" in await page(client, path)


async def test_a_proposal_is_confirmed_with_one_key(hand_in: HandIn, room: Room, workshop: Workshop) -> None:
    """A model that finds every text the same: close to a model answer, so a person must confirm."""
    from dataclasses import replace

    import numpy as np

    def embed(texts: object) -> np.ndarray:
        rows = np.zeros((len(texts), 2), np.float32)  # type: ignore[arg-type]  # a sequence of texts
        rows[:, 0] = 1
        rows[1] = (0, 1)  # but for the question
        return rows

    script = await hand_in({"why": {"text": "so that it keeps what it drank"}})
    await grade(replace(workshop, embed=embed), script)
    path = f"/sittings/{room.id}/grading"
    text = await page(room.instructor.client, path)
    assert "The program proposes 2 of 2" in text
    assert "because the tree saves water" in text
    form = form_of(text)
    assert form["points"] == "2"
    assert form["reason"]
    assert "A person will confirm" not in form["reason"]
    for wrong in ("abc", "5"):
        refused = await room.instructor.client.post(path, data={**form, "points": wrong}, headers=HTML)
        assert refused.status_code == 422
        assert "The program proposes 2 of 2" in refused.text
        assert form_of(refused.text)["points"] == wrong
    assert (await room.instructor.client.post(path, data=form)).status_code == 303
    found = (await room.instructor.client.get(f"{script.path}/grades")).json()
    why = found["grades"][2]
    assert (why["state"], why["points"], why["grader"]) == ("final", 2, "person")
    assert why["evidence"]["confirmed"] is True


async def test_results_and_their_file(
    hand_in: HandIn, room: Room, bare: Workshop, installation: Installation, new_client: Callable[[], httpx.AsyncClient]
) -> None:
    script = await hand_in(name='=HYPERLINK("http://evil.example","Ann")')
    await grade(bare, script)
    path = f"/sittings/{room.id}/results"
    text = await page(room.instructor.client, path)
    assert "HYPERLINK" in text
    assert "not complete" in text
    assert "5 of 13" in text
    file = await room.instructor.client.get(f"{path}.csv")
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    head, row = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    found = dict(zip(head, row, strict=True))
    assert found["name"].startswith("'=HYPERLINK")
    assert (found["points"], found["of"], found["complete"], found["waiting"]) == ("5.0", "13.0", "False", "2")
    assert (found["pick"], found["program"]) == ("1.0", ""), "what could not be graded is empty, not zero"
    for ending in ("", ".csv"):
        assert (await script.person.client.get(path + ending)).status_code == 403
        assert (await new_client().get(path + ending)).status_code == 401


@settings(max_examples=50, deadline=None)
@given(text=st.text(max_size=20))
def test_no_cell_is_a_formula(text: str) -> None:
    cell = safe(text)
    assert not cell.lstrip(" ").startswith(RISKY)
    assert cell in (text, f"'{text}")


async def test_the_candidate_sees_the_result_after_release(
    hand_in: HandIn,
    workshop: Workshop,
    installation: Installation,
    new_client: Callable[[], httpx.AsyncClient],
) -> None:
    script = await hand_in({**ANSWERS, "essay": {"text": ""}, "program": {"source": "print(5)"}})
    await grade(workshop, script)
    path = f"/attempts/{script.attempt}/result"
    early = await page(script.person.client, path)
    assert "not released yet" in early
    assert "Correct" not in early
    await release(installation, script)
    text = await page(script.person.client, path)
    assert "Passed" in text
    assert "9 of 13" in text
    assert "No answer was given." in text
    stranger = await person(new_client(), installation)
    await page(stranger.client, path, 404)
    assert (await new_client().get(path, headers=HTML)).status_code == 303


@pytest.mark.parametrize("locale", ["de"])
async def test_pages_speak_german(
    hand_in: HandIn, room: Room, workshop: Workshop, installation: Installation, locale: str
) -> None:
    script = await hand_in()
    await grade(workshop, script)
    async with transaction(installation.sessions) as session:
        (await session.get_one(User, UUID(str(room.instructor.id)))).locale = locale
    for path in ("/grading", f"/sittings/{room.id}/grading", f"/sittings/{room.id}/results"):
        assert '<html lang="de"' in await page(room.instructor.client, path)
