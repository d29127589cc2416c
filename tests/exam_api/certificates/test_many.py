"""A table of certificates at once: each row has its own answer, nothing is fetched, nothing can run in a spreadsheet."""

import csv
import io
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from exam_api.certificates.service import many
from exam_api.installation import Installation
from tests.exam_api.certificates.conftest import Award, Hall
from tests.exam_api.certificates.test_public import HTML, NOBODY, page

CSV = {"content-type": "text/csv"}


async def send(client: httpx.AsyncClient, table: str, **headers: str) -> dict[str, Any]:
    answer = await client.post("/api/verify/many", content=table.encode(), headers={**CSV, **headers})
    return answer.raise_for_status().json()


async def test_each_row_has_its_own_answer(award: Award, hall: Hall, client: httpx.AsyncClient) -> None:
    one, two = await award(name="Zoë Ampère"), await award(name="=cmd|' /C calc'!A0")
    (await hall.instructor.client.post(f"/api/certificates/{two['id']}/revoke", json={"reason": "A mistake."}))
    table = (
        "Name;Adresse;Titel\r\n"
        f"ZOE\u0308 AMPÈRE;{one['url']};Knots, Foundation\r\n"
        f"Somebody Else;{one['id'].upper()};Knots, Advanced\r\n"
        f";{two['url']}?n=1;\r\n"
        f";{NOBODY};\r\n"
        ";https://else.example/c/0b7c9d5e-3c1a-4d8e-9f21-6a54c2f7b310;\r\n"
        ";=HYPERLINK(1);\r\n"
    )
    found = await send(client, table)
    said = [(row["row"], row["outcome"], row["name_matches"], row["achievement_matches"]) for row in found["rows"]]
    assert said == [
        (2, "proven", True, True),
        (3, "proven", False, False),
        (4, "revoked", None, None),
        (5, "unknown", None, None),
        (6, "other issuer", None, None),
        (7, "unreadable", None, None),
    ]
    assert found["counts"] == {"proven": 2, "revoked": 1, "unknown": 1, "other issuer": 1, "unreadable": 1}
    assert found["rows"][0]["status_as_of"]
    assert found["rows"][0]["log_index"] is not None
    assert len(found["proves_not"]) == 4

    answer = await client.post(
        "/api/verify/many", content=table.encode("utf-16"), headers={**CSV, "accept": "text/csv"}
    )
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["outcome"] for row in rows] == [each[1] for each in said]
    assert rows[2]["recipient"].startswith("'=cmd")
    assert rows[5]["asked"] == "'=HYPERLINK(1)"


async def test_rows_as_json_and_one_address(award: Award, client: httpx.AsyncClient) -> None:
    made = await award()
    body = {"rows": [{"address": made["url"], "name": "cora  candidate"}, {"address": NOBODY}]}
    found = (await client.post("/api/verify/many", json=body)).raise_for_status().json()
    assert [(row["row"], row["outcome"], row["name_matches"]) for row in found["rows"]] == [
        (1, "proven", True),
        (2, "unknown", None),
    ]
    one = (await client.post("/api/verify", json={"address": made["id"]})).raise_for_status().json()
    assert (one["outcome"], one["recipient"]) == ("proven", "Cora Candidate")
    report = (await client.get(f"/api/certificates/{made['id']}/report")).raise_for_status().json()
    assert (report["verdict"], report["log"]["outcome"], report["status"]["outcome"]) == ("proven", "proven", "valid")
    assert (await client.get(f"/api/certificates/{NOBODY}/report")).status_code == 404


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (b"", "text/csv", "empty"),
        (b"address\n", "text/csv", "empty"),
        (b"colour,size\nred,9\n", "text/csv", "No column"),
        (b"address\n" + b"x\n" * 1_001, "text/csv", "1,000"),
        (b"x" * (2**20 + 1), "text/csv", "1 MB"),
        (b'{"rows": []}', "application/json", "at most 1,000 rows"),
        (b'{"rows": [{"address": "a", "password": "b"}]}', "application/json", "at most 1,000 rows"),
        (b"[", "application/json", "at most 1,000 rows"),
    ],
)
async def test_what_is_refused(client: httpx.AsyncClient, content: bytes, kind: str, said: str) -> None:
    answer = await client.post("/api/verify/many", content=content, headers={"content-type": kind})
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


async def test_a_flood_is_slowed_down(client: httpx.AsyncClient) -> None:
    for _ in range(20):
        await send(client, f"address\n{NOBODY}\n")
    answer = await client.post("/api/verify/many", content=f"address\n{NOBODY}\n", headers=CSV)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


async def test_the_page_works_without_scripts(award: Award, client: httpx.AsyncClient) -> None:
    made = await award(name="Ada <Ampère>")
    token = re.search(
        r'name="csrf_token" value="([^"]+)"', (await page(client, "/verify/many")).partition("multipart")[2]
    )
    assert token
    sent = {"csrf_token": token[1], "rows": f"{made['url']}\tAda <Ampère>\n{NOBODY}"}
    answer = await client.post("/verify/many", data=sent, headers=HTML)
    assert answer.status_code == 200, answer.text
    assert "Ada &lt;Ampère&gt;" in answer.text
    assert "name as expected" in answer.text
    assert "not known here" in answer.text
    assert 'href="data:text/csv;base64,' in answer.text
    assert not re.search(r"<script(?![^>]*\ssrc=)", answer.text)
    file = {"table": ("t.csv", f"sep=;\nNummer;Name\n{made['id']};x".encode("utf-16"), "text/csv")}
    other = await client.post("/verify/many", data={"csrf_token": token[1]}, files=file, headers=HTML)
    assert "another name" in other.text
    empty = await client.post("/verify/many", data={"csrf_token": token[1]}, headers=HTML)
    assert (empty.status_code, "Paste some rows" in empty.text) == (422, True)
    assert (await client.post("/verify/many", data={"rows": "x"}, headers=HTML)).status_code == 403


async def test_a_printed_code_is_an_address_too(
    award: Award, client: httpx.AsyncClient, installation: Installation
) -> None:
    made = await award()
    found = await send(client, f"{made['url']}?n=1&h={'A' * 43}\n")
    assert found["rows"][0]["outcome"] == "proven"


def test_no_column_is_guessed_where_there_is_none() -> None:
    number = str(uuid4())
    assert [asked.name for _, asked in many.read_table(f"x,{number},Ada,Knots\n".encode())] == ["Ada"]
    ((line, asked),) = many.read_table(f"who,where\nAda,{number}\n".encode())
    assert (line, asked.address, asked.name) == (2, number, None)
