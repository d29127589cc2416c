"""Rules of entry: a password, networks, the course's lessons, a link; each refuses in words, and lets in who fits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from exam_api.installation import Installation
from loadtests.device import Device
from tests.exam_api.exams.test_pages import send
from tests.exam_api.sitting import EXAM, Sitting
from tests.factories import Person, person


async def _rules(sitting: Sitting, **body: Any) -> httpx.Response:
    return await sitting.instructor.client.put(f"/api/sittings/{sitting.id}/entry", json=body)


async def _come(sitting: Sitting, who: Person, **body: Any) -> httpx.Response:
    return await who.client.post(f"/api/sittings/{sitting.id}/attempts", json=body or None)


@pytest.fixture
async def ada(enrolled: Callable[..., Any]) -> Person:
    someone: Person = await enrolled()
    return someone


async def test_without_rules_the_roster_is_enough(sitting: Sitting, ada: Person) -> None:
    shown = (await sitting.instructor.client.get(f"/api/sittings/{sitting.id}/entry")).json()
    assert shown == {"has_password": False, "networks": [], "lessons": False, "link": None}
    assert (await _come(sitting, ada)).status_code == 200


async def test_a_password_is_asked_once_and_never_shown(sitting: Sitting, ada: Person) -> None:
    assert (await _rules(sitting, password="Blue Heron 7")).json()["has_password"] is True
    refused = [(await _come(sitting, ada, **body)).json()["code"] for body in ({}, {"password": "blue heron 7"})]
    assert refused == ["exam-password-needed", "exam-password-wrong"]
    assert (await _come(sitting, ada, password="Blue Heron 7")).status_code == 200
    assert (await _come(sitting, ada)).status_code == 200  # inside is inside
    assert (await _rules(sitting)).json()["has_password"] is True  # None keeps it
    assert (await _rules(sitting, password="")).json()["has_password"] is False


async def test_guessing_the_password_is_slowed_down_by_person(
    sitting: Sitting, ada: Person, enrolled: Callable[..., Any]
) -> None:
    await _rules(sitting, password="Blue Heron 7")
    codes = [(await _come(sitting, ada, password=f"guess {n}")).status_code for n in range(11)]
    assert codes == [409] * 10 + [429]
    assert (await _come(sitting, ada, password="Blue Heron 7")).status_code == 429
    assert (await _come(sitting, await enrolled(), password="Blue Heron 7")).status_code == 200


async def test_only_certain_networks(sitting: Sitting, ada: Person) -> None:
    assert (await _rules(sitting, networks=["192.0.2.0/24", "2001:db8::/32"])).status_code == 200
    refused = await _come(sitting, ada)
    assert (refused.status_code, refused.json()["code"]) == (403, "network-refused")
    assert "127.0.0.1" in refused.json()["detail"]
    assert (await _rules(sitting, networks=["127.0.0.1/8"])).json()["networks"] == ["127.0.0.0/8"]
    assert (await _come(sitting, ada)).status_code == 200


@pytest.mark.parametrize("network", ["", "here", "1.2.3", "10.0.0.0/99", "::ffff:::"])
async def test_what_is_no_network_is_named(sitting: Sitting, network: str) -> None:
    refused = await _rules(sitting, networks=["10.0.0.1", network])
    assert refused.status_code == 422
    assert refused.json()["problems"][0]["where"] == ["body", "networks", "1"]


async def test_lessons_can_only_be_asked_where_there_are_some(sitting: Sitting) -> None:
    refused = await _rules(sitting, lessons=True)
    assert (refused.status_code, refused.json()["problems"][0]["message"]) == (422, "This exam belongs to no course.")


async def test_every_lesson_of_the_course_first(
    sitting: Sitting, installation: Installation, new_client: Callable[[], httpx.AsyncClient]
) -> None:
    lead, ada = sitting.instructor.client, await person(new_client(), installation)
    files = {
        "course.yaml": "slug: small\ntitle: Small\nsummary: One lesson.\nlanguage: en\nmodules:\n  - id: m\n    title: M\n"
        "    lessons:\n      - {id: one, title: One, minutes: 5, objectives: [to read]}\n",
        "lessons/one.md": "Read this.\n",
    }
    made = await lead.post("/api/courses", json={"files": files})
    assert made.status_code in {200, 201}, made.text
    slug = "small"
    exam = (await lead.post("/api/exams", json={"source": EXAM, "course": slug})).raise_for_status().json()
    (await lead.post(f"/api/exams/{exam['id']}/publish")).raise_for_status()
    window = (await lead.get(f"/api/sittings/{sitting.id}")).json()
    body = {name: window[name] for name in ("opens_at", "closes_at", "minutes")}
    planned = await lead.post(
        "/api/sittings", json={**body, "title": "After", "exam_id": exam["id"], "roster": [{"email": ada.email}]}
    )
    after = Sitting(planned.raise_for_status().json()["id"], sitting.instructor)
    assert (await _rules(after, lessons=True)).status_code == 200
    (await lead.post(f"/api/courses/{slug}/enrolments", json={"emails": [ada.email]})).raise_for_status()
    refused = await _come(after, ada)
    assert (refused.status_code, refused.json()["code"]) == (409, "lessons-missing")
    assert "One" in refused.json()["detail"]
    (await ada.client.post(f"/api/courses/{slug}/lessons/one/done")).raise_for_status()
    assert (await _come(after, ada)).status_code == 200


async def test_whoever_has_the_link_may_join_until_it_is_switched_off(
    sitting: Sitting, installation: Installation, new_client: Callable[[], httpx.AsyncClient]
) -> None:
    stranger = await person(new_client(), installation)
    assert (await _come(sitting, stranger)).status_code == 404
    link = (await _rules(sitting, link=True)).json()["link"]
    assert (await _rules(sitting, link=True)).json()["link"] == link  # the same link stays
    code = link.rsplit("/", 1)[1]
    for _ in range(2):
        assert (await stranger.client.post(f"/api/join/{code}")).json() == {"sitting_id": sitting.id}
    assert (await _come(sitting, stranger)).status_code == 200
    await _rules(sitting, link=False)
    late = await person(new_client(), installation)
    assert (await late.client.post(f"/api/join/{code}")).status_code == 404
    assert (await late.client.post(f"/api/join/{'x' * 24}")).status_code == 404


async def test_rules_are_for_those_who_lead(sitting: Sitting, ada: Person) -> None:
    for method in ("GET", "PUT"):
        answer = await ada.client.request(method, f"/api/sittings/{sitting.id}/entry", json={})
        assert answer.status_code == 403


async def test_the_network_is_asked_again_at_the_start(sitting: Sitting, ada: Person) -> None:
    opened = (await _come(sitting, ada)).raise_for_status().json()
    terms = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
    (await ada.client.post(f"/api/attempts/{opened['id']}/consent", json=terms)).raise_for_status()
    await _rules(sitting, networks=["192.0.2.0/24"])
    device = Device(ada.client, opened["id"])
    refused = await device.send("POST", f"/api/attempts/{opened['id']}/start/options", bare=True)
    assert (refused.status_code, refused.json()["code"]) == (403, "network-refused")


async def test_the_pages_say_the_same(sitting: Sitting, ada: Person) -> None:
    lead, path = sitting.instructor.client, f"/sittings/{sitting.id}"
    form = {"password_wanted": "yes", "password": "Blue Heron 7", "networks": "here", "lessons": "", "link": "yes"}
    wrong = await send(lead, f"{path}/entry", f"{path}/entry", form)
    assert wrong.status_code == 422
    assert "here is no network" in wrong.text
    saved = await send(lead, f"{path}/entry", f"{path}/entry", {**form, "networks": ""})
    assert saved.status_code == 303
    page = await lead.get(f"{path}/entry")
    assert "Blue Heron" not in page.text
    assert "/join/" in page.text
    door = await ada.client.get(f"{path}/start")
    assert "Password of this exam" in door.text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"password_wanted": "yes", "password": ""}, "Write the password"),
        ({"password_wanted": "yes", "password": "   "}, "Write the password"),
        ({"password_wanted": "", "password": "Blue Heron 7"}, "Tick the box"),
        ({"networks": "not a network"}, "not a network is no network"),
    ],
)
async def test_the_page_says_what_does_not_fit_together(sitting: Sitting, form: dict[str, str], said: str) -> None:
    lead, path = sitting.instructor.client, f"/sittings/{sitting.id}/entry"
    wrong = await send(lead, path, path, {"password_wanted": "", "networks": "", "lessons": "", "link": "", **form})
    assert wrong.status_code == 422
    assert said in wrong.text
    assert not (await lead.get(f"/api/sittings/{sitting.id}/entry")).json()["has_password"]
