"""Attacks on the pages of several attempts: hostile titles and names, the other language, a table for spreadsheets."""

from collections.abc import Callable

import httpx
import pytest

from exam_api.certificates import tasks
from exam_api.installation import Installation, Workshop
from tests.exam_api.certificates.conftest import EXAM, RIGHT, WRONG, Hall, HandIn
from tests.exam_api.reviews.conftest import Release
from tests.exam_api.reviews.test_several import again, allow, begin
from tests.factories import open_sitting, person, published_exam

HOSTILE = "<img src=x onerror=alert(1)>\"'`&amp;{{7*7}}{%x%}\u202etxt.exe\u2066</title></script>"
NAME = "=HYPERLINK(\"//x\")<b onclick='x'>Ada"
HTML = {"Accept": "text/html"}
GERMAN = HTML | {"Accept-Language": "de"}


@pytest.fixture
async def hall(installation: Installation, new_client: Callable[[], httpx.AsyncClient]) -> Hall:
    """A sitting of an exam whose author hates us."""
    instructor = await person(new_client(), installation, "author", "instructor", name=NAME)
    quoted = HOSTILE.replace("\\", "\\\\").replace('"', '\\"')
    version = await published_exam(instructor, EXAM.replace("title: Knots, first part", f'title: "{quoted}"'))
    made = Hall((await open_sitting(instructor, version=version))["id"], instructor)
    await allow(made, title=HOSTILE, attempts=3, counts="average", delay_minutes=0)
    return made


def check(answer: httpx.Response, where: str) -> None:
    assert answer.status_code == 200, (where, answer.status_code)
    page = answer.text
    for wrong in ("<img src=x", "<b onclick", "{%x%}</title>", "\u202etxt.exe\u2066</", "49{%"):
        assert wrong not in page, (where, wrong)


async def test_hostile_words_stay_words_on_every_page_of_several_attempts(
    hall: Hall, hand_in: HandIn, release: Release, workshop: Workshop
) -> None:
    first = await hand_in(WRONG, name=NAME)
    candidate, staff, sitting = first.person.client, hall.instructor.client, hall.id

    async def look() -> None:
        for path in ("/home", "/my/exams", f"/attempts/{first.attempt}/submitted", f"/attempts/{first.attempt}/result"):
            check(await candidate.get(path, headers=HTML, follow_redirects=True), path)
        check(await candidate.get(f"/sittings/{sitting}/start", headers=HTML, follow_redirects=True), "door")
        staffs = ["", "/results", "/live", "/time", "/release", "/grading", "/findings"]
        for path in [f"/sittings/{sitting}{each}" for each in staffs] + ["/reviews", f"/reviews/{first.attempt}"]:
            check(await staff.get(path, headers=HTML), path)

    await look()
    device = await begin(hall, first, 2)
    check(await candidate.get(f"/attempts/{device.attempt}/room", headers=HTML), "room")
    await look()
    await device.submit()
    second = await again(hall, workshop, first, 3, RIGHT)
    await release()
    await tasks.issue_if_earned(workshop, second.payload)
    await look()
    table = (await staff.get(f"/sittings/{sitting}/results.csv")).text
    assert not any(line.startswith(("=", '"=')) for line in table.splitlines()[1:]), "a formula for a spreadsheet"


async def test_titles_without_end_are_refused_by_name(hall: Hall) -> None:
    client, path = hall.instructor.client, f"/api/sittings/{hall.id}"
    row = (await client.get(path)).json()
    body = {name: row[name] for name in ("opens_at", "closes_at", "minutes")}
    for title in ("x" * 10_000, "\u200b", " \t ", "a\0b"):
        refused = await client.put(path, json=body | {"title": title})
        assert refused.status_code in {200, 422}
        assert refused.status_code == 422 or title == "\u200b"
    source = EXAM.replace("title: Knots, first part", f"title: {'x' * 10_000}")
    assert (await client.post("/api/exams", json={"source": source})).status_code == 422


async def test_the_pages_of_several_attempts_speak_german(
    hall: Hall, hand_in: HandIn, release: Release, workshop: Workshop
) -> None:
    first = await hand_in(WRONG)
    client, staff = first.person.client, hall.instructor.client
    said = ""
    for path in (f"/sittings/{hall.id}/start", f"/attempts/{first.attempt}/submitted", "/my/exams"):
        said += (await client.get(path, headers=GERMAN)).text
    said += (await staff.get(f"/sittings/{hall.id}", headers=GERMAN)).text
    await again(hall, workshop, first, 2, RIGHT)
    await release()
    said += (await client.get(f"/attempts/{first.attempt}/result", headers=GERMAN)).text
    said += (await staff.get(f"/sittings/{hall.id}/results", headers=GERMAN)).text
    said += (await staff.get(f"/reviews/{first.attempt}", headers=GERMAN)).text
    for english in (
        "Your attempts",
        "attempts used",
        "Several attempts",
        "Try again",
        "What counts",
        "attempt 1",
        "The average",
    ):
        assert english not in said, english
    for german in ("Ihre Versuche", "Versuchen"):
        assert german in said, german
    form = {"version": "x", "number": "9"}
    refused = await client.post(f"/sittings/{hall.id}/start", data=form, headers=GERMAN)
    assert "Your result is released" not in refused.text
