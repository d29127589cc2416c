"""Courses: importing a folder, enrolling, and going on from lesson to lesson."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from courses.folder import read_folder
from exam_api.db.models.ledger import LedgerLine
from exam_api.errors import CourseFilesWrong
from exam_api.installation import Installation
from exam_api.learning.service import folder
from tests.factories import EXAMPLE_EXAM, Person, person

HTML = {"Accept": "text/html"}
FILES = read_folder(Path(__file__).parents[3] / "courses" / "examples" / "data-literacy")
SMALL = {
    "course.yaml": (
        "slug: small\ntitle: Small\nsummary: Two lessons.\nmodules:\n  - id: one\n    title: One\n    lessons:\n"
        "      - {id: first, title: First, minutes: 5}\n      - {id: second, title: Second, minutes: 5, after: [first]}\n"
        "exams:\n  - {slug: final, title: Final}\n"
    ),
    "lessons/first.md": "A **bold** start 🎓.\n",
    "lessons/second.md": "The end.\n",
}


@pytest.fixture
async def staff(client: httpx.AsyncClient, installation: Installation) -> Person:
    return await person(client, installation, "author", "instructor", name="Grace Hopper")


@pytest.fixture
async def learner(new_client: Callable[[], httpx.AsyncClient], installation: Installation) -> Person:
    return await person(new_client(), installation, name="Ada")


async def enrolled(staff: Person, learner: Person, files: dict[str, str] = SMALL) -> None:
    (await staff.client.post("/api/courses", json={"files": files})).raise_for_status()
    slug = "small" if files is SMALL else "data-literacy"
    body = {"emails": [learner.email.upper(), "nobody@example.org", learner.email]}
    rows = (await staff.client.post(f"/api/courses/{slug}/enrolments", json=body)).raise_for_status().json()
    assert [row["status"] for row in rows] == ["enrolled", "unknown"]


async def token(client: httpx.AsyncClient, address: str) -> str:
    page = (await client.get(address, headers=HTML)).text
    return page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]


async def test_a_folder_is_imported_updated_and_comes_out_as_it_went_in(staff: Person) -> None:
    first = await staff.client.post("/api/courses", json={"files": FILES})
    assert first.json() == {"slug": "data-literacy", "title": "Data literacy", "revision": 1, "changed": True}
    again = (await staff.client.post("/api/courses", json={"files": FILES})).json()
    assert (again["revision"], again["changed"]) == (1, False)
    name = "lessons/mean-and-median.md"
    changed = (
        await staff.client.post("/api/courses", json={"files": FILES | {name: FILES[name] + "\nMore.\n"}})
    ).json()
    assert changed["revision"] == 2
    assert (
        "More."
        in (await staff.client.get("/api/courses/data-literacy/lessons/mean-and-median")).json()["body_markdown"]
    )
    exported = await staff.client.get("/courses/data-literacy/export.zip")
    assert folder.unpack([("course.zip", exported.content)])[name].endswith("More.\n")
    assert (await staff.client.get("/api/courses/data-literacy/files")).json()["files"].keys() == FILES.keys()


@pytest.mark.parametrize(
    ("name", "right", "wrong", "file", "line"),
    [
        ("course.yaml", "title: Small", "titel: Small", "course.yaml", 2),
        ("course.yaml", "after: [first]", "after: [third]", "course.yaml", 9),
        ("course.yaml", "minutes: 5}", "minutes: long}", "course.yaml", 8),
        ("course.yaml", "slug: small", 'slug: "small', "course.yaml", 1),
        ("lessons/second.md", "The end.", "The end.\n\n<script>alert(1)</script>", "lessons/second.md", 3),
        ("lessons/second.md", "The end.", "One\n\nThe \x00 end.", "lessons/second.md", 3),
        ("lessons/second.md", "The end.\n", "", "lessons/second.md", 1),
    ],
)
async def test_a_mistake_names_file_and_line_and_nothing_is_kept(
    staff: Person, name: str, right: str, wrong: str, file: str, line: int
) -> None:
    files = {**SMALL, name: SMALL[name].replace(right, wrong, 1)}
    answer = await staff.client.post("/api/courses", json={"files": files})
    assert (answer.status_code, answer.json()["code"]) == (422, "course-files-wrong")
    assert (file, line) in {(each["file"], each["line"]) for each in answer.json()["problems"]}
    assert (await staff.client.get("/api/courses")).json() == []


@pytest.mark.parametrize("name", ["../x.md", "/x.md", "a/../b.md", ".hidden.md", "a\\b.md", "a\x00.md", "a//b.md"])
async def test_a_file_name_that_leaves_its_folder_is_refused(staff: Person, name: str) -> None:
    assert (await staff.client.post("/api/courses", json={"files": {**SMALL, name: "x"}})).status_code == 422


async def test_lessons_open_in_order_and_are_done_once(
    staff: Person, learner: Person, installation: Installation
) -> None:
    await enrolled(staff, learner)
    address = "/api/courses/small"
    course = (await learner.client.get(address)).json()
    assert [lesson["state"] for lesson in course["modules"][0]["lessons"]] == ["open", "locked"]
    assert course["exams"] == [{"slug": "final", "title": "Final", "open": False, "missing": ["First", "Second"]}]
    early = await learner.client.post(f"{address}/lessons/second/done")
    assert (early.status_code, early.json()["code"]) == (409, "lesson-locked")
    assert (await learner.client.get(f"{address}/lessons/second")).status_code == 409
    done = (await learner.client.post(f"{address}/lessons/first/done")).json()
    assert done == {"percent": 50, "next": {"kind": "lesson", "id": "second", "title": "Second"}}
    assert (await learner.client.post(f"{address}/lessons/first/done")).json() == done
    last = (await learner.client.post(f"{address}/lessons/second/done")).json()
    assert (last["percent"], last["next"]["kind"]) == (100, "exam")
    assert (await learner.client.get(address)).json()["exams"][0]["open"]
    assert (await learner.client.post(f"{address}/lessons/third/done")).status_code == 404
    async with installation.sessions() as session:
        lines = list(await session.scalars(select(LedgerLine).where(LedgerLine.tag == "course:lesson-done")))
    assert [line.data["lesson"] for line in lines] == ["first", "second"]


async def test_an_exam_can_belong_to_the_course(staff: Person, learner: Person) -> None:
    await enrolled(staff, learner)
    body = {"source": EXAMPLE_EXAM.read_text(encoding="utf-8"), "course": "small"}
    saved = (await staff.client.post("/api/exams", json=body)).raise_for_status().json()
    assert (await staff.client.get(f"/api/exams/{saved['id']}")).json()["course"] == "small"


@pytest.mark.parametrize(
    ("roles", "reads", "exports", "enrols", "imports"),
    [
        (["candidate"], 404, 403, 403, 403),
        (["invigilator"], 404, 403, 403, 403),
        (["author"], 200, 200, 403, 200),
        (["instructor"], 200, 200, 200, 403),
        (None, 401, 401, 401, 401),
    ],
)
async def test_who_may_touch_a_course(
    staff: Person,
    installation: Installation,
    new_client: Callable[[], httpx.AsyncClient],
    roles: list[str] | None,
    reads: int,
    exports: int,
    enrols: int,
    imports: int,
) -> None:
    (await staff.client.post("/api/courses", json={"files": SMALL})).raise_for_status()
    other = new_client()
    if roles:
        await person(other, installation, *roles)
    assert (await other.get("/api/courses/small")).status_code == reads
    assert (await other.get("/api/courses/small/lessons/first")).status_code == reads
    assert (await other.get("/api/courses/small/files")).status_code == exports
    assert (await other.post("/api/courses/small/enrolments", json={"emails": ["x@example.org"]})).status_code == enrols
    assert (await other.post("/api/courses", json={"files": SMALL})).status_code == imports
    # Only who is enrolled makes progress; staff read without leaving tracks.
    assert (await other.post("/api/courses/small/lessons/first/done")).status_code == (401 if roles is None else 404)


# --- pages ---


async def test_a_learner_goes_through_a_course_without_javascript(staff: Person, learner: Person) -> None:
    await enrolled(staff, learner)
    home = (await learner.client.get("/home", headers=HTML)).text
    assert 'href="/courses/small/first"' in home
    assert 'href="/courses/small"' in (await learner.client.get("/courses", headers=HTML)).text
    first = (await learner.client.get("/courses/small/first", headers=HTML)).text
    assert "<strong>bold</strong> start 🎓" in first
    locked = (await learner.client.get("/courses/small/second", headers=HTML)).text
    assert "The end." not in locked
    assert "This lesson opens when these are done: First" in locked
    for lesson, goes_to in (("first", "/courses/small/second"), ("second", "/courses/small")):
        form = {"csrf_token": await token(learner.client, f"/courses/small/{lesson}")}
        went = await learner.client.post(f"/courses/small/{lesson}", data=form, headers=HTML)
        assert (went.status_code, went.headers["location"]) == (303, goes_to)
    assert "Every lesson it asks for is done" in (await learner.client.get("/courses/small", headers=HTML)).text
    assert (await learner.client.get("/learn", headers=HTML)).headers["location"] == "/courses"


async def test_a_lesson_runs_nothing_that_its_author_slipped_in(staff: Person, learner: Person) -> None:
    sneaky = "[a](javascript:alert(1)) [b](https://example.org)\n\n`<script>` and &lt;b&gt;\n"
    await enrolled(staff, learner)
    files = {**SMALL, "lessons/first.md": sneaky}
    (await staff.client.post("/api/courses", json={"files": files})).raise_for_status()
    page = (await learner.client.get("/courses/small/first", headers=HTML)).text
    article = page.split("<article", 1)[1].split("</article>", 1)[0]
    assert "<script" not in article
    assert 'href="javascript' not in article
    assert 'rel="noopener noreferrer"' in article
    assert "&lt;script&gt;" in article


async def test_staff_import_a_zip_and_enrol_in_the_page(staff: Person, learner: Person) -> None:
    form = {"csrf_token": await token(staff.client, "/courses")}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in SMALL.items():
            archive.writestr(f"my-course/{name}", text)
        archive.writestr("my-course/.git/config", "x")
    upload = {"files": ("course.zip", buffer.getvalue(), "application/zip")}
    made = await staff.client.post("/courses", data=form, files=upload, headers=HTML)
    assert (made.status_code, made.headers["location"]) == (303, "/courses/small")
    emails = {**form, "emails": f"{learner.email}, nobody@example.org nonsense"}
    page = (await staff.client.post("/courses/small/enrolments", data=emails, headers=HTML)).text
    assert f"{learner.email}: enrolled" in page
    assert "nobody@example.org: has no account yet" in page
    assert "is no e-mail address" in page
    broken = [("files", ("f/course.yaml", b"slug: x\n")), ("files", ("f/lessons/a.md", b"caf\xe9"))]
    refused = await staff.client.post("/courses", data=form, files=broken, headers=HTML)
    assert refused.status_code == 422
    assert "This is not UTF-8 text" in refused.text
    own = {"csrf_token": await token(learner.client, "/courses")}
    assert (await learner.client.post("/courses", data=own, files=upload, headers=HTML)).status_code == 403


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("course.yaml", b"\0" * 50_000_000)
    return buffer.getvalue()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a zip", bomb()])
def test_a_zip_that_is_none_or_unfolds_too_far_is_refused(content: bytes) -> None:
    with pytest.raises(CourseFilesWrong):
        folder.unpack([("course.zip", content)])


def test_names_with_one_folder_above_lose_it(tmp_path: Path) -> None:
    uploads: list[tuple[str, bytes]] = [
        ("top/course.yaml", b"a"),
        ("top/lessons/a.md", b"\xef\xbb\xbfb\r\n"),
        ("top/p.png", b"\x89"),
    ]
    files: dict[str, Any] = folder.unpack(uploads)
    assert files == {"course.yaml": "a", "lessons/a.md": "b\n", "p.png": ""}
