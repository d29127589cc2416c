"""The exam pages as a browser without JavaScript uses them: follow what the page offers, send what its forms hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import httpx
import pytest

from exam_api.installation import Installation
from grading.kinds import KINDS
from tests.factories import EXAMPLE_EXAM, Person, open_sitting, person, published_exam, without_references

HTML = {"Accept": "text/html"}
EXAMPLE = without_references(EXAMPLE_EXAM.read_text(encoding="utf-8"))


class Forms(HTMLParser):
    """The forms of a page, each with its action and the values a browser would send."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._area: str | None = None
        self._select: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self.forms.append((given.get("action") or "", {}))
        elif not self.forms:
            return
        elif tag == "input" and name and (given.get("type") not in {"checkbox", "radio"} or "checked" in given):
            self.forms[-1][1][name] = given.get("value") or ""
        elif tag == "textarea" and name:
            self._area = name
            self.forms[-1][1][name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in given or self._select not in self.forms[-1][1]):
            self.forms[-1][1][self._select] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1][1][self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            # HTML drops one line end at the start of a textarea.
            fields = self.forms[-1][1]
            fields[self._area] = fields[self._area].removeprefix("\n")
            self._area = None
        self._select = None if tag == "select" else self._select

    def to(self, action: str) -> dict[str, str]:
        return next(values for address, values in self.forms if address == action)


async def get(client: httpx.AsyncClient, address: str, status: int = 200) -> str:
    answer = await client.get(address, headers=HTML)
    assert answer.status_code == status, answer.text[:2000]
    return answer.text


async def send(
    client: httpx.AsyncClient, page: str, action: str, changes: dict[str, str] | None = None
) -> httpx.Response:
    """Send the form of a page that leads to `action`, with some fields changed."""
    values = Forms(await get(client, page)).to(action)
    return await client.post(action, data={**values, **(changes or {})}, headers=HTML)


@pytest.fixture
async def instructor(client: httpx.AsyncClient, installation: Installation) -> Person:
    return await person(client, installation, "author", "instructor", name="Grace Hopper")


@pytest.fixture
async def exam(instructor: Person) -> str:
    saved = await instructor.client.post("/api/exams", json={"source": EXAMPLE})
    return f"/exams/{saved.json()['id']}"


async def test_an_exam_begins_with_a_title_and_gets_each_kind_of_question(instructor: Person) -> None:
    made = await send(
        instructor.client, "/exams/new", "/exams/new", {"title": "Maß & <Zahl> 🎓", "minutes": "45", "source": ""}
    )
    assert made.status_code == 303
    address = made.headers["location"].split("?")[0]
    assert "Maß &amp; &lt;Zahl&gt; 🎓" in await get(instructor.client, address)
    for kind in KINDS:
        values = Forms(await get(instructor.client, address)).to(f"{address}/items")
        form = {"csrf_token": values["csrf_token"], "revision": values["revision"], "action": "add", "kind": kind}
        added = await instructor.client.post(f"{address}/items", data=form, headers=HTML)
        item = added.headers["location"].split("?")[0]
        saved = await send(instructor.client, item, item, {"title": f"About {kind}", "action": "save"})
        assert saved.status_code == 303, saved.text
        assert f"About {kind}" in await get(instructor.client, f"{address}/preview")
    assert "· 1 point ·" in (await get(instructor.client, address)).replace("\n", "")
    source = (await instructor.client.get(f"/api{address}")).json()["source"]
    titles = [line for line in source.splitlines() if "title: About" in line]
    assert titles == [f"    title: About {kind}" for kind in KINDS]


async def test_every_question_of_the_example_survives_its_own_form(instructor: Person, exam: str) -> None:
    before = (await instructor.client.post(f"/api{exam}/publish")).json()
    listed = (await instructor.client.post("/api/exams/check", json={"source": EXAMPLE})).json()["outline"]["items"]
    for item in listed:
        address = f"{exam}/items/{item['id']}"
        assert (await send(instructor.client, address, address, {"action": "save"})).status_code == 303
    assert (await send(instructor.client, exam, f"{exam}/settings")).status_code == 303
    assert (await instructor.client.post(f"/api{exam}/publish")).json() == before


async def test_a_wrong_field_is_named_and_nothing_typed_is_lost(instructor: Person, exam: str) -> None:
    address = f"{exam}/items/outlier"
    answer = await send(instructor.client, address, address, {"points": "many", "title": "Half done", "action": "save"})
    assert answer.status_code == 422
    assert 'href="#points"' in answer.text
    assert 'value="Half done"' in answer.text
    assert "must be a number" in answer.text
    assert "Half done" not in (await instructor.client.get(f"/api{exam}")).json()["source"]


async def test_more_rows_and_a_look_keep_what_is_typed_and_save_nothing(instructor: Person, exam: str) -> None:
    address = f"{exam}/items/outlier"
    before = Forms(await get(instructor.client, address)).to(address)
    for action in ("more:option", "preview"):
        answer = await send(instructor.client, address, address, {"title": "Typed", "action": action})
        assert answer.status_code == 200
        after = Forms(answer.text).to(address)
        assert after["title"] == "Typed"
        if action == "more:option":
            assert len(after) > len(before)
    assert "Typed" not in (await instructor.client.get(f"/api{exam}")).json()["source"]


async def test_the_live_preview_shows_a_question_and_never_its_key(instructor: Person, exam: str) -> None:
    address = f"{exam}/items/outlier"
    values = Forms(await get(instructor.client, address)).to(address)
    script = "<script>alert(1)</script> **bold** [x](javascript:alert(1)) <img src=x onerror=alert(1)>"
    shown = await instructor.client.post(f"{address}/preview", data={**values, "prompt": script}, headers=HTML)
    assert "<strong>bold</strong>" in shown.text
    assert "<script" not in shown.text
    assert "<img" not in shown.text
    assert 'href="javascript' not in shown.text
    assert "checked" not in shown.text


async def test_questions_move_and_leave(instructor: Person, exam: str) -> None:
    async def order() -> list[str]:
        source = (await instructor.client.get(f"/api{exam}")).json()["source"]
        checked = (await instructor.client.post("/api/exams/check", json={"source": source})).json()
        return [item["id"] for item in checked["outline"]["items"]]

    first, second, *rest = await order()
    assert (await send(instructor.client, exam, f"{exam}/items", {"action": f"down:{first}"})).status_code == 303
    assert await order() == [second, first, *rest]
    assert (await send(instructor.client, exam, f"{exam}/items", {"action": f"up:{second}"})).status_code == 303
    assert await order() == [second, first, *rest]
    assert (await send(instructor.client, exam, f"{exam}/items", {"action": f"delete:{second}"})).status_code == 303
    assert await order() == [first, *rest]
    for name in rest:
        await send(instructor.client, exam, f"{exam}/items", {"action": f"delete:{name}"})
    last = await send(instructor.client, exam, f"{exam}/items", {"action": f"delete:{first}"})
    assert last.status_code == 409
    assert "at least one question" in last.text
    assert (await send(instructor.client, exam, f"{exam}/items", {"action": "delete:nothing"})).status_code == 404


async def test_two_people_in_one_exam_do_not_overwrite_each_other(instructor: Person, exam: str) -> None:
    address = f"{exam}/items/outlier"
    stale = Forms(await get(instructor.client, address)).to(address)
    text = Forms(await get(instructor.client, f"{exam}/text")).to(f"{exam}/text")
    settings = Forms(await get(instructor.client, exam)).to(f"{exam}/settings")
    await send(instructor.client, address, address, {"title": "Theirs", "action": "save"})
    for action, form in ((address, {**stale, "title": "Mine"}), (f"{exam}/settings", {**settings, "title": "Mine"})):
        answer = await instructor.client.post(action, data=form, headers=HTML)
        assert answer.status_code == 409
        assert "Somebody else changed this exam" in answer.text
        assert 'value="Mine"' in answer.text
    answer = await instructor.client.post(f"{exam}/text", data={**text, "source": EXAMPLE + "# mine\n"}, headers=HTML)
    assert answer.status_code == 409
    assert "# mine" in answer.text
    assert "Theirs" in (await instructor.client.get(f"/api{exam}")).json()["source"]


async def test_the_text_shows_problems_by_line_and_is_saved_once_they_are_gone(instructor: Person, exam: str) -> None:
    broken = EXAMPLE.replace("pass_percent: 60", "pass_percent: 600")
    answer = await send(instructor.client, f"{exam}/text", f"{exam}/text", {"source": broken})
    assert answer.status_code == 422
    line = EXAMPLE[: EXAMPLE.index("pass_percent")].count("\n") + 1
    assert f'data-go-to-line="{line}"' in answer.text
    assert "pass_percent: 600" in answer.text
    # A browser sends a textarea with CRLF; the file keeps the ends it had.
    fine = await send(instructor.client, f"{exam}/text", f"{exam}/text", {"source": EXAMPLE.replace("\n", "\r\n")})
    assert fine.status_code == 303
    downloaded = await instructor.client.get(f"{exam}/file")
    assert downloaded.text == EXAMPLE
    assert "attachment" in downloaded.headers["content-disposition"]


async def test_publishing_shows_the_checklist_the_json_and_its_digest(instructor: Person, exam: str) -> None:
    page = await get(instructor.client, f"{exam}/publish")
    assert "points in all" in page
    published = await send(instructor.client, f"{exam}/publish", f"{exam}/publish", {"untried": "yes"})
    version = await get(instructor.client, published.headers["location"])
    stored = (await instructor.client.get(f"/api{exam}/versions/1")).json()
    assert stored["digest"] in version
    assert "The digest fits" in version
    assert "&#34;duration_minutes&#34;: 60" in version
    again = await get(instructor.client, f"{exam}/publish")
    assert "This draft is published as version 1" in again
    assert (await instructor.client.get(f"{exam}/versions/1/file")).text == EXAMPLE


async def test_a_form_without_its_token_changes_nothing(instructor: Person, exam: str) -> None:
    text = Forms(await get(instructor.client, f"{exam}/text")).to(f"{exam}/text")
    text.pop("csrf_token")
    answer = await instructor.client.post(f"{exam}/text", data=text, headers=HTML)
    assert answer.status_code == 403


@pytest.mark.parametrize(("role", "status"), [("author", 404), ("candidate", 403), (None, 303)])
async def test_strangers_see_no_exam(
    instructor: Person,
    exam: str,
    installation: Installation,
    new_client: Callable[[], httpx.AsyncClient],
    role: str | None,
    status: int,
) -> None:
    other = new_client()
    if role:
        await person(other, installation, role)
    for address in (
        exam,
        f"{exam}/text",
        f"{exam}/items/outlier",
        f"{exam}/preview",
        f"{exam}/publish",
        f"{exam}/file",
    ):
        assert (await other.get(address, headers=HTML)).status_code == status


# --- sittings ---


async def test_a_sitting_is_planned_with_a_pasted_list_and_its_codes_are_shown_once(instructor: Person) -> None:
    version = await published_exam(instructor)
    opens = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    form = {
        "title": "Monday",
        "exam_id": version["exam_id"],
        "opens_at": f"{opens:%Y-%m-%dT%H:%M}",
        "closes_at": f"{opens + timedelta(hours=3):%Y-%m-%dT%H:%M}",
        "minutes": "60",
        "people": "ada@example.org, Ada Lovelace, 15\n\nMary Shelley <mary@example.org>\nno address\nada@example.org",
    }
    wrong = await send(instructor.client, "/sittings/new", "/sittings/new", form)
    assert wrong.status_code == 422
    assert "Line 4" in wrong.text
    assert "Line 5" in wrong.text
    assert (await instructor.client.get("/api/sittings")).json() == []

    right = {**form, "people": "\n".join(form["people"].splitlines()[:3])}
    planned = await send(instructor.client, "/sittings/new", "/sittings/new", right)
    assert planned.status_code == 201
    assert "Ada Lovelace" in planned.text
    [sitting] = (await instructor.client.get("/api/sittings")).json()
    assert (sitting["people"], sitting["minutes"]) == (2, 60)
    assert datetime.fromisoformat(sitting["opens_at"]) == opens.replace(second=0)
    page = await get(instructor.client, f"/sittings/{sitting['id']}")
    assert "Activation code" not in page
    for name in ("results", "live", "findings"):
        assert f"/sittings/{sitting['id']}/{name}" in page


async def test_a_roster_changes_without_javascript(instructor: Person) -> None:
    sitting = await open_sitting(instructor)
    address = f"/sittings/{sitting['id']}"
    pasted = await send(instructor.client, address, f"{address}/roster", {"people": "ada@example.org;5\nnobody"})
    assert pasted.status_code == 422
    assert "Line 2" in pasted.text
    assert Forms(pasted.text).to(f"{address}/roster")["people"].strip() == "nobody"
    [entry] = (await instructor.client.get(f"/api{address}")).json()["roster"]
    row = f"{address}/roster/{entry['user_id']}"
    assert (await send(instructor.client, address, row, {"extra": "30"})).status_code == 303
    assert (await instructor.client.get(f"/api{address}")).json()["roster"][0]["extra_minutes"] == 30
    assert (await send(instructor.client, address, row, {"extra": "-1"})).status_code == 422
    assert (await send(instructor.client, address, row, {"action": "remove"})).status_code == 303
    assert (await instructor.client.get(f"/api{address}")).json()["roster"] == []


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("closes_at", "2020-01-01T00:00", "must close after it opens"),
        ("opens_at", "soon", "Give a date and a time."),
        ("minutes", "0", "The least that is possible here is 1."),
        ("minutes", "1000", "shorter than the time each person gets"),
        ("title", " ", "Write something here."),
    ],
)
async def test_a_window_that_nobody_means_is_refused_beside_its_field(
    instructor: Person, field: str, value: str, said: str
) -> None:
    address = f"/sittings/{(await open_sitting(instructor))['id']}"
    answer = await send(instructor.client, address, address, {field: value})
    assert answer.status_code == 422
    assert said in answer.text


# --- home ---


async def test_home_shows_each_what_is_theirs(
    instructor: Person, installation: Installation, new_client: Callable[[], httpx.AsyncClient]
) -> None:
    ada = await person(new_client(), installation, name="Ada")
    bob = await person(new_client(), installation, name="Bob")
    watcher = await person(new_client(), installation, "invigilator", name="Watcher")
    sitting = await open_sitting(instructor, [ada])
    assert f"/sittings/{sitting['id']}/start" in await get(ada.client, "/home")
    assert f"/sittings/{sitting['id']}/start" in await get(ada.client, "/my/exams")
    assert sitting["id"] not in await get(bob.client, "/home")
    assert "Nothing is due" in await get(bob.client, "/home")
    assert "No exams yet" in await get(bob.client, "/my/exams")
    staff = await get(instructor.client, "/home")
    assert f"/sittings/{sitting['id']}" in staff
    assert "/exams/new" in staff
    watching = await get(watcher.client, "/home")
    assert f"/sittings/{sitting['id']}" in watching
    assert "/exams/new" not in watching
    page = await get(watcher.client, f"/sittings/{sitting['id']}")
    assert "extra_minutes" not in page
    assert (await new_client().get("/home", headers=HTML)).status_code == 303


async def test_right_to_left_text_gets_its_direction_from_itself(instructor: Person) -> None:
    source = EXAMPLE.replace("One very long commute", "سؤال عن المتوسط 📊")
    saved = (await instructor.client.post("/api/exams", json={"source": source})).json()
    page = await get(instructor.client, f"/exams/{saved['id']}/preview")
    assert '<h3 class="candidate__title" dir="auto">سؤال عن المتوسط 📊</h3>' in page


async def test_whoever_is_pasted_again_without_a_number_keeps_their_time(instructor: Person) -> None:
    sitting = await open_sitting(instructor)
    address = f"/sittings/{sitting['id']}"
    for people in ("ada@example.org, Ada, 10", "ada@example.org\nben@example.org, Ben"):
        pasted = await send(instructor.client, address, f"{address}/roster", {"people": people})
        assert pasted.status_code == 200
    assert "Ben" in pasted.text
    roster = (await instructor.client.get(f"/api{address}")).json()["roster"]
    assert {row["email"]: row["extra_minutes"] for row in roster} == {"ada@example.org": 10, "ben@example.org": 0}


async def test_a_form_sent_twice_plans_one_sitting(instructor: Person) -> None:
    version = await published_exam(instructor)
    opens = datetime.now(UTC) + timedelta(days=1)
    form = {
        **Forms(await get(instructor.client, "/sittings/new")).to("/sittings/new"),
        "title": "Monday",
        "exam_id": version["exam_id"],
        "opens_at": f"{opens:%Y-%m-%dT%H:%M}",
        "closes_at": f"{opens + timedelta(hours=3):%Y-%m-%dT%H:%M}",
        "minutes": "60",
        "people": "ada@example.org, Ada",
    }
    sent = [await instructor.client.post("/sittings/new", data=form, headers=HTML) for _ in range(2)]
    assert [each.status_code for each in sent] == [201, 303]
    [sitting] = (await instructor.client.get("/api/sittings")).json()
    assert sent[1].headers["location"] == f"/sittings/{sitting['id']}"
    past = {**form, "plan": "", "opens_at": "2001-01-01T10:00", "closes_at": "2001-01-01T12:00"}
    refused = await instructor.client.post("/sittings/new", data=past, headers=HTML)
    assert refused.status_code == 422
    assert "over already" in refused.text


async def test_who_was_slower_sees_theirs_in_a_new_tab_and_loses_nothing(instructor: Person, exam: str) -> None:
    listed = (await instructor.client.post("/api/exams/check", json={"source": EXAMPLE})).json()["outline"]["items"]
    item = f"{exam}/items/{listed[0]['id']}"
    places = ((exam, f"{exam}/settings", "title"), (item, item, "title"), (f"{exam}/text", f"{exam}/text", "source"))
    forms = [Forms(await get(instructor.client, page)).to(action) for page, action, _field in places]
    assert (await send(instructor.client, exam, f"{exam}/settings", {"title": "Theirs"})).status_code == 303
    for (page, action, field), values in zip(places, forms, strict=True):
        mine = {**values, "action": "save", field: ("# Mine\n" if field == "source" else "Mine: ") + values[field]}
        for _again in range(2):  # nor does a second click write over theirs
            refused = await instructor.client.post(action, data=mine, headers=HTML)
            assert refused.status_code == 409, page
            assert f'<a href="{page}" target="_blank"' in refused.text
            assert not any(said in refused.text for said in ("reload", 'id="title-error"'))
            shown = Forms(refused.text).to(action)
            assert (shown[field], shown["revision"]) == (mine[field], mine["revision"])
    assert "Theirs" in await get(instructor.client, exam)
