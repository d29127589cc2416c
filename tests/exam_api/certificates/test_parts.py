"""A certificate of an exam with sections and skills: what it tells of them, on the page, in the file, on paper."""

import io
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from pypdf import PdfReader

from credentials.achievement.content import sections_in, skills_in
from exam_api.attempts.queries import find_place
from exam_api.certificates import tasks
from exam_api.certificates.service.issuing import still_holds
from exam_api.db.models.certificates import Certificate
from exam_api.db.session import transaction
from exam_api.grades.service import standing
from exam_api.installation import Installation, Workshop
from tests.exam_api.certificates.conftest import EXAM, Award, Hall, HandIn
from tests.exam_api.certificates.test_public import upload
from tests.factories import open_sitting, person, published_exam

WITH_SECTIONS = (
    EXAM.replace(
        "  valid_years: 2\n",
        """  valid_years: 2
  kind: micro-credential
  skills:
    - {id: joining, name: Joins ropes, url: "https://case.example/CFItems/1", framework: Knots, code: K.1, level: 2}
    - {id: counting, name: Counts ends, url: "http://data.europa.eu/esco/skill/2", type: ESCO}
sections:
  - {id: tying, title: Tying, items: [pick]}
  - {id: numbers, title: Numbers, items: [number], skills: [counting]}
""",
    )
    .replace("    title: Pick one\n", "    title: Pick one\n    skills: [joining]\n")
    .replace("pass_percent: 60", "pass_percent: 50")
)
HALF: dict[str, dict[str, Any]] = {"pick": {"choice": ["a"]}, "number": {"text": "3"}}


@pytest.fixture
async def hall(installation: Installation, new_client: Callable[[], httpx.AsyncClient]) -> Hall:
    instructor = await person(new_client(), installation, "author", "instructor", name="Ina")
    version = await published_exam(instructor, WITH_SECTIONS)
    return Hall((await open_sitting(instructor, version=version))["id"], instructor)


async def test_sections_and_skills_stand_in_it(
    hand_in: HandIn, release: Callable[[], Awaitable[Any]], workshop: Workshop, client: httpx.AsyncClient
) -> None:
    script = await hand_in(HALF)
    await release()
    await tasks.issue_if_earned(workshop, script.payload)
    (mine,) = (await script.person.client.get("/api/me/certificates")).json()
    credential = (await client.get(f"/c/{mine['id']}.json")).json()["credential"]
    assert sections_in(credential) == (("Tying", 100), ("Numbers", 0))
    assert [each.name for each in skills_in(credential)] == ["Joins ropes", "Counts ends"]
    achievement = credential["credentialSubject"]["achievement"]
    assert achievement["achievementType"] == "MicroCredential"
    assert [each["targetType"] for each in achievement["alignment"]] == ["CFItem", "ext:ESCO"]
    assert achievement["alignment"][0]["targetDescription"] == "Level 2"
    described = {each["name"]: each for each in achievement["resultDescription"]}
    assert described["Tying"]["alignment"][0]["targetName"] == "Joins ropes", "by its items"
    assert described["Numbers"]["alignment"][0]["targetName"] == "Counts ends", "as its author says"
    report = (await client.get(f"/api/certificates/{mine['id']}")).json()
    assert report["verdict"] == "proven"
    page = (await client.get(f"/c/{mine['id']}")).text
    for words in ("By section", "Tying", "100 %", 'href="https://case.example/CFItems/1"', "Level 2"):
        assert words in page, words
    pdf = (await client.get(f"/c/{mine['id']}.pdf")).content
    assert "Skills: Joins ropes · Counts ends" in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    async with transaction(workshop.here.sessions) as session:
        row = await session.get_one(Certificate, UUID(mine["id"]))
        place = await find_place(session, UUID(script.attempt))
        assert place is not None
        now = await standing.of_person(session, workshop.here, place.sitting, place.attempt.candidate_id)
        assert still_holds(row, now)


async def test_what_is_not_proven_shows_no_skill(award: Award, client: httpx.AsyncClient) -> None:
    made = await award()
    bundle = (await client.get(f"/c/{made['id']}.json")).json()
    assert "Joins ropes" in (await upload(client, json.dumps(bundle).encode())).text
    bundle["credential"]["credentialSubject"]["result"][1]["value"] = "99"
    assert "Joins ropes" not in (await upload(client, json.dumps(bundle).encode())).text
