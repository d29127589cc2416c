"""The pages of programmes and maps, as people use them: without JavaScript."""

import re
from typing import Any

import httpx

from exam_api.installation import Installation
from tests.exam_api.certificates.conftest import Hall
from tests.exam_api.pathways.conftest import Earn, Follow, rule
from tests.exam_api.pathways.test_skills import MAP
from tests.factories import person

HTML = {"accept": "text/html"}


async def page(client: httpx.AsyncClient, path: str, status_code: int = 200) -> str:
    answer = await client.get(path, headers=HTML)
    assert answer.status_code == status_code, answer.text
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=\"", answer.text)
    return answer.text


async def send(client: httpx.AsyncClient, form: str, path: str, **fields: Any) -> httpx.Response:
    token = re.search(r'name="csrf_token" value="([^"]+)"', await page(client, form))
    assert token
    files = fields.pop("files", None)
    return await client.post(path, data={"csrf_token": token[1], **fields}, files=files, headers=HTML)


async def test_a_programme_from_the_form_to_a_certificate(
    hall: Hall, exam: str, earn: Earn, follow: Follow, client: httpx.AsyncClient
) -> None:
    staff = hall.instructor.client
    assert "No programmes yet" in await page(client, "/programmes")
    assert f"exam: {exam}" in await page(staff, "/programmes/new"), "the line to copy"
    wrong = await send(
        staff, "/programmes/new", "/programmes/new", slug="ropes", source=rule(exam).replace("all_of", "al_of")
    )
    assert wrong.status_code == 422
    assert "did you mean" in wrong.text
    assert "Rope Master" in wrong.text, "what was typed stays"
    nameless = await send(staff, "/programmes/new", "/programmes/new", slug="Not a name", source=rule(exam))
    assert nameless.status_code == 422
    script = await earn()
    looked = await send(staff, "/programmes/new", "/programmes/new", slug="ropes", source=rule(exam), action="preview")
    assert "1 of 1 person with certificates meets this rule now." in looked.text
    assert "Knots, Foundation" in looked.text
    await page(client, "/programmes/ropes", 404)
    saved = await send(staff, "/programmes/new", "/programmes/new", slug="ropes", source=rule(exam))
    assert saved.headers["location"].startswith("/programmes/ropes/edit")
    assert "not open yet" in await page(staff, "/programmes")
    await page(client, "/programmes/ropes", 404)
    assert (await send(staff, "/programmes/ropes", "/programmes/ropes/open", number="1")).status_code == 303
    public = await page(client, "/programmes/ropes")
    for words in ("All of these", "One of these", "at level 2 or higher", "What it earns", "Rope Master"):
        assert words in public, words
    assert "there" not in re.findall(r"badge--ok.*?<span>(.*?)</span>", public), "a stranger's progress is nobody's"
    german = (await client.get("/programmes/ropes", headers={**HTML, "accept-language": "de"})).text
    for words in ("Alle von diesen", "auf Stufe 2 oder höher", "3 Jahre", "bleibt es, und ein Mensch sieht es sich an"):
        assert words in german, words
    before = await page(script.person.client, "/my/programmes")
    assert "met" in before
    await follow()
    mine = await page(script.person.client, "/programmes/ropes")
    assert "You have this certificate" in mine
    assert "Rope Master" in await page(client, "/programmes/ropes/1")
    assert (await send(staff, "/programmes/ropes", "/programmes/ropes/close")).status_code == 303
    assert "This programme is closed" in await page(client, "/programmes/ropes/1")


async def test_two_people_do_not_overwrite_each_other(hall: Hall, exam: str) -> None:
    staff = hall.instructor.client
    await send(staff, "/programmes/new", "/programmes/new", slug="ropes", source=rule(exam))
    first = await send(
        staff, "/programmes/ropes/edit", "/programmes/ropes/edit", source=rule(exam, follows="true"), number=1
    )
    assert first.status_code == 303
    late = await send(
        staff, "/programmes/ropes/edit", "/programmes/ropes/edit", source=rule(exam) + "# late\n", number=1
    )
    assert late.status_code == 409
    assert "# late" in late.text


async def test_no_version_is_opened_that_nobody_looked_at(hall: Hall, exam: str, client: httpx.AsyncClient) -> None:
    staff = hall.instructor.client
    await send(staff, "/programmes/new", "/programmes/new", slug="ropes", source=rule(exam))
    seen = re.search(r'name="number" value="(\d+)"', await page(staff, "/programmes/ropes"))
    source = {"source": f"{rule(exam)}# easier\n", "number": 1}
    (await staff.put("/api/programmes/ropes", json=source)).raise_for_status()
    late = await send(staff, "/programmes/ropes", "/programmes/ropes/open", number=seen[1] if seen else "1")
    assert late.status_code == 409
    await page(client, "/programmes/ropes", 404)
    assert (await send(staff, "/programmes/ropes", "/programmes/ropes/open", number="2")).status_code == 303


async def test_a_notice_is_settled_with_a_reason(hall: Hall, exam: str, earn: Earn, follow: Follow) -> None:
    staff = hall.instructor.client
    await send(staff, "/programmes/new", "/programmes/new", slug="ropes", source=rule(exam))
    await send(staff, "/programmes/ropes", "/programmes/ropes/open", number="1")
    script = await earn()
    await follow()
    mine = (await script.person.client.get("/api/me/certificates")).json()
    part = next(each for each in mine if each["name"] != "Rope Master")
    (await staff.post(f"/api/certificates/{part['id']}/revoke", json={"reason": "By mistake."})).raise_for_status()
    await follow()
    assert "1 certificate no longer meets its rule" in await page(staff, "/programmes")
    waiting = await page(staff, "/programmes/notices")
    assert "a part was revoked" in waiting
    action = re.search(r'action="(/programmes/notices/[^"]+)"', waiting)
    assert action
    assert (await send(staff, "/programmes/notices", action[1], words=" ")).status_code == 422
    assert (await send(staff, "/programmes/notices", action[1], words="It stands.")).status_code == 303
    assert "Nothing to look at" in await page(staff, "/programmes/notices")
    await page(script.person.client, "/programmes/notices", 403)
    assert "revoked" in await page(script.person.client, "/my/programmes")


async def test_a_map_is_drawn_and_told_in_words(
    hall: Hall, earn: Earn, new_client: Any, installation: Installation
) -> None:
    staff = hall.instructor.client
    file = {"file": ("ropes.yaml", MAP.encode(), "application/yaml")}
    saved = await send(staff, "/skills/new", "/skills/new", source="", slug="", files=file)
    assert saved.headers["location"] == "/skills/ropes", saved.text
    covered = await page(staff, "/skills/ropes")
    for words in (
        "5 skills; 2 without a proof.",
        "questions: 1",
        "nothing proves it",
        '<a href="#skill-joining">',
    ):
        assert words in covered, words
    assert covered.count("<path") >= 4
    german = (await staff.get("/skills/ropes", headers={**HTML, "accept-language": "de"})).text
    for words in ("5 Fähigkeiten; 2 ohne Nachweis.", "Fragen: 1", "nichts weist sie nach"):
        assert words in german, words
    wrong = await send(
        staff, "/skills/ropes/edit", "/skills/ropes/edit", source=MAP.replace("[splicing]", "[rigging]"), number=1
    )
    assert wrong.status_code == 422
    assert "names itself" in wrong.text
    script = await earn()
    own = await page(script.person.client, "/my/skills/ropes")
    for words in ("level 2: Does", "Knots, Foundation", "its parts are proven", "Splices"):
        assert words in own, words
    await page(script.person.client, "/skills/ropes", 403)
    nobody = await person(new_client(), installation)
    assert "Nothing yet" in await page(nobody.client, "/my/skills/ropes")
    await page(nobody.client, "/my/skills/nowhere", 404)
    assert "Ropes" in await page(nobody.client, "/skills")
