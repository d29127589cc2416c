"""A sheet of paper against the log: the code, the letters below it, and what a forged one leads to."""

import base64
from io import BytesIO
from typing import Any

import httpx
import pytest
from pypdf import PdfReader

from exam_api.certificates import queries
from exam_api.certificates.service import paper
from exam_api.certificates.service.paper import Printed, find_printed
from exam_api.db.session import transaction
from exam_api.installation import Installation
from tests.exam_api.certificates.conftest import Award
from tests.exam_api.certificates.test_public import HTML, page


async def printed(installation: Installation, made: dict[str, Any]) -> tuple[str, str, int]:
    async with transaction(installation.sessions) as session:
        (row,) = (await queries.some_certificates(session, {made["id"]})).values()
        return paper.code(installation, row), paper.letters(row), row.log_index


async def test_the_code_leads_to_the_certificate_and_says_that_it_is_its(
    award: Award, client: httpx.AsyncClient, installation: Installation
) -> None:
    made = await award()
    code, letters, index = await printed(installation, made)
    assert code.startswith(made["url"])
    path = code.removeprefix(installation.origin)
    assert "belongs to it" in await page(client, path)
    sheet = await page(client, f"/c/{made['id']}/print")
    assert letters in sheet
    assert f"Entry {index} of the public log" in sheet
    asked = await client.get("/verify", params={"address": f"  {code} "}, headers=HTML)
    assert (asked.status_code, asked.headers["location"]) == (303, path)
    assert "Printed code" not in await page(client, f"/c/{made['id']}")


async def test_a_code_put_together_from_two_sheets_is_seen(
    award: Award, client: httpx.AsyncClient, installation: Installation
) -> None:
    one, other = await award(), await award(name="Eve")
    code, _, _ = await printed(installation, other)
    for query in (code.partition("?")[2], "n=1&h=" + "A" * 43, "n=x&h=y", "n=1"):
        text = await page(client, f"/c/{one['id']}?{query}")
        assert "of another one" in text
        assert "Genuine and valid" in text, "the page itself stays true"


async def test_the_letters_alone_tell_what_the_log_holds_and_nobodys_name(
    award: Award, client: httpx.AsyncClient, installation: Installation
) -> None:
    made = await award()
    _, letters, index = await printed(installation, made)

    async def ask(text: str) -> str:
        answer = await client.get("/verify", params={"address": text}, headers=HTML)
        assert answer.status_code == 200
        assert "Cora" not in answer.text
        assert made["id"] not in answer.text, "hashes are public: they must not lead to people"
        return answer.text

    assert "begins as the sheet says" in await ask(f"Entry {index}: {letters.upper()}")
    assert "another hash" in await ask(f"{index} {'0' * 16}")
    assert "no such entry" in await ask(f"99999 {letters}")
    first = (await client.get("/log/entries?start=0&end=1")).json()["leaves"][0]
    assert "no certificate" in await ask(f"0 {base64.b64decode(first).hex()[:16]}")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("12 3f2a 9c01 77b0 12de", Printed(12, bytes.fromhex("3f2a9c0177b012de"))),
        (
            "Entry 12 of the public log, hash begins with 3f2a 9c01 77b0 12de",
            Printed(12, bytes.fromhex("3f2a9c0177b012de")),
        ),
        ("12: 3F2A9C0177B012DE", Printed(12, bytes.fromhex("3f2a9c0177b012de"))),
        ("12 3f2a 9c01", None),
        ("3f2a 9c01 77b0 12de", None),
        ("https://x.example/c/1?n=7&h=" + "A" * 43, Printed(7, bytes(32))),
        ("?n=7&h=" + "A" * 42, None),
        ("?n=7&h=" + "A" * 44, None),
        ("", None),
        ("x" * 500, None),
        ("1" * 500, None),
        ("1 " + "ab " * 160, None),
    ],
)
def test_what_is_read_from_a_sheet(text: str, found: Printed | None) -> None:
    assert find_printed(text) == found


async def test_the_pdf_carries_the_code(award: Award, client: httpx.AsyncClient, installation: Installation) -> None:
    made = await award()
    code, letters, _ = await printed(installation, made)
    sheet = PdfReader(BytesIO((await client.get(f"/c/{made['id']}.pdf")).content)).pages[0]
    assert letters in (sheet.extract_text() or "")
    annotations: Any = sheet["/Annots"]
    links = [each.get_object()["/A"]["/URI"] for each in annotations]
    assert links == [code]


def test_a_text_of_five_hundred_digits_is_answered_at_once() -> None:
    assert find_printed("1" * 480 + "?n=&h=") is None
