"""Other issuers' files at our door: what they prove is told, whose key it is stays open, and nothing is fetched."""

import json
from typing import Any

import httpx
import pytest

from tests.credentials.other_issuers import badge, record, signed, token
from tests.exam_api.certificates.test_public import upload

SUITES = ["eddsa-rdfc-2022", "eddsa-jcs-2022"]


def as_file(document: Any) -> bytes:
    return document.encode() if isinstance(document, str) else json.dumps(document).encode()


@pytest.mark.parametrize("suite", SUITES)
async def test_another_issuers_badge_is_told_apart_from_ours(client: httpx.AsyncClient, suite: str) -> None:
    content = as_file(signed(badge(), suite))
    report = (await client.post("/api/verify", content=content)).raise_for_status().json()
    assert (report["verdict"], report["ours"], report["signature"]["pinned"]) == ("proven", False, False)
    assert report["form"] == f"embedded proof, {suite}"
    text = (await upload(client, content)).text
    for said in (
        "we do not know its issuer",
        "verdict--attention",
        "Rings and Ideals",
        "Emmy Noether",
        "nobody was asked",
    ):
        assert said in text, said
    assert "Genuine and valid" not in text


async def test_a_token_and_a_record(client: httpx.AsyncClient) -> None:
    signed_token = (await client.post("/api/verify", content=as_file(token()))).raise_for_status().json()
    assert (signed_token["verdict"], signed_token["certificate"]["title"]) == ("proven", "Rings and Ideals")
    content = as_file(signed(record(signed(badge())), SUITES[0]))
    found = (await client.post("/api/verify", content=content)).raise_for_status().json()
    assert found["certificate"]["held"]
    assert "What the record holds" in (await upload(client, content)).text


async def test_a_changed_word_shows_nothing_of_it(client: httpx.AsyncClient) -> None:
    document = signed(badge(), SUITES[0])
    document["validFrom"] = "2001-01-01T00:00:00Z"
    text = (await upload(client, as_file(document))).text
    assert "verdict--problem" in text
    assert "Emmy Noether" not in text
