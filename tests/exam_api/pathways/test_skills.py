"""Maps of skills: written in versions, brought from elsewhere, compared with the exams and with one's own certificates."""

import json
from typing import Any

import httpx
import pytest

from exam_api.installation import Installation
from tests.credentials.achievement.test_frameworks import PACKAGE
from tests.exam_api.certificates.conftest import Hall
from tests.exam_api.pathways.conftest import Earn
from tests.factories import person

MAP = """title: Ropes
url: https://case.example/CFDocuments/1
levels:
  - {level: 1, name: Knows}
  - {level: 2, name: Does, statement: Does it alone.}
skills:
  - {id: rope-work, name: Rope work, url: https://case.example/CFItems/0}
  - {id: joining, name: Joins ropes, url: https://case.example/CFItems/1, part_of: [rope-work]}
  - id: counting
    name: Counts ends
    url: http://data.europa.eu/esco/skill/2
    type: ESCO
    part_of: [rope-work]
  - id: splicing
    name: Splices
    url: https://case.example/CFItems/3
    requires: [{skill: joining, level: 2}]
  - {id: rigging, name: Rigs a ship, url: https://case.example/CFItems/4, requires: [splicing]}
"""


async def put(hall: Hall, source: str, number: int = 0, slug: str = "ropes") -> httpx.Response:
    return await hall.instructor.client.put(f"/api/skills/{slug}", json={"source": source, "number": number})


async def test_what_the_exams_prove_and_what_nothing_proves(hall: Hall) -> None:
    (await put(hall, MAP)).raise_for_status()
    found = (await hall.instructor.client.get("/api/skills/ropes")).raise_for_status().json()
    skills = {each["id"]: each for each in found["skills"]}
    assert found["gaps"] == ["splicing", "rigging"]
    (proof,) = skills["joining"]["proofs"]
    assert (proof["items"], proof["sections"], proof["level"]) == (["pick"], ["Tying"], 2)
    assert skills["joining"]["items"] == 1
    assert skills["counting"]["proofs"][0]["sections"] == ["Numbers"]
    assert not skills["rope-work"]["gap"], "its parts are proven"
    assert skills["splicing"]["requires"] == ["joining@2"]


async def test_ones_own_map_counts_valid_certificates_alone(hall: Hall, earn: Earn) -> None:
    (await put(hall, MAP)).raise_for_status()
    script = await earn()
    address = "/api/me/skills/ropes"
    found = (await script.person.client.get(address)).raise_for_status().json()
    proven = {each["id"]: each for each in found["proven"]}
    assert {name: each["level"] for name, each in proven.items()} == {"joining": 2, "counting": 1, "rope-work": 1}
    assert proven["joining"]["certificates"][0]["name"] == "Knots, Foundation"
    assert proven["rope-work"]["certificates"] == []
    assert [(each["id"], each["level_name"]) for each in found["next"]] == [("counting", "Does"), ("splicing", "Knows")]
    assert found["missing"] == ["splicing", "rigging"]
    (mine,) = (await script.person.client.get("/api/me/certificates")).json()
    body = {"reason": "By mistake."}
    (await hall.instructor.client.post(f"/api/certificates/{mine['id']}/revoke", json=body)).raise_for_status()
    found = (await script.person.client.get(address)).json()
    assert found["proven"] == []
    assert [each["id"] for each in found["next"]] == ["joining", "counting"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("part_of: [rope-work]}", "part_of: [rop-work]}"), "no skill of this name"),
        (("requires: [splicing]", "requires: [rigging]"), "names itself"),
        (("level: 2}]\n", "level: 3}]\n"), "its levels are 1, 2"),
        (
            (
                "name: Rope work, url: https://case.example/CFItems/0",
                "name: W, url: https://c.example/0, part_of: [joining]",
            ),
            "leads back to itself",
        ),
        (("url: https://case.example/CFItems/4", "url: CFItems/4"), "full address"),
        (("url: https://case.example/CFItems/4", "url: https://case.example/CFItems/3"), "two skills have the address"),
        (("type: ESCO", "type: ESKO"), "did you mean 'ESCO'"),
        (("{level: 2, name: Does", "{level: 0, name: Does"), "from 1 to 9"),
        (("skills:\n", "skils:\n"), "did you mean 'skills'"),
    ],
)
async def test_what_is_no_map_is_refused_in_words(hall: Hall, change: tuple[str, str], said: str) -> None:
    answer = await put(hall, MAP.replace(*change))
    assert answer.status_code == 422, answer.text
    assert said in answer.text
    assert (await hall.instructor.client.get("/api/skills/ropes")).status_code == 404


async def test_a_map_from_a_case_package_and_from_a_table(hall: Hall) -> None:
    client = hall.instructor.client
    answer = await client.post("/api/skills/import?name=x.json", content=json.dumps(PACKAGE).encode())
    assert answer.json() == {"slug": "data-literacy", "number": 1, "title": "Data Literacy"}
    found = (await client.get("/api/skills/data-literacy")).json()
    assert [each["id"] for each in found["skills"]] == ["dl-1", "dl-1-a", "dl-1-2"]
    table = b"name,url,requires\nCharts,https://x.example/1,averages\nAverages,https://x.example/2,\n"
    answer = await client.post("/api/skills/import?name=My table.csv", content=table)
    assert answer.json()["slug"] == "my-table"
    answer = await client.post("/api/skills/import?name=ropes.yaml", content=MAP.encode())
    assert answer.json()["slug"] == "ropes"
    assert (await client.post("/api/skills/import?name=ropes.yaml", content=MAP.encode())).status_code == 409
    for content in (b"\xff\xfe\x00", b"{", b'{"CFItems": []}', b"name,url\nA\n", b""):
        assert (await client.post("/api/skills/import", content=content)).status_code == 422, content


async def test_versions_and_who_may_write(hall: Hall, new_client: Any, installation: Installation) -> None:
    assert (await put(hall, MAP)).json()["number"] == 1
    assert (await put(hall, MAP)).status_code == 409
    assert (await put(hall, MAP.replace("title: Ropes", "title: Knots"), 1)).json()["number"] == 2
    someone = await person(new_client(), installation)
    assert [each["title"] for each in (await someone.client.get("/api/skills")).json()] == ["Knots"]
    assert (await someone.client.get("/api/skills/ropes")).status_code == 403
    assert (await someone.client.put("/api/skills/ropes", json={"source": MAP, "number": 2})).status_code == 403
    assert (await new_client().get("/api/skills")).status_code == 401
