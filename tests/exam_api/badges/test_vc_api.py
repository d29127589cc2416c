"""The VC-API over HTTP: what it signs, verifies, revokes, and what it refuses, with the standard's name for why."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import text

from credentials.keys.did import did_key, did_key_method, resolve_did_key
from credentials.keys.ed25519 import SigningKey
from credentials.linked_data.contexts import VC
from credentials.revocation.status import StatusList
from credentials.vcdm import problems
from credentials.vcdm.check import check
from credentials.vcdm.proofs import Expected, sign
from exam_api.db.session import transaction
from exam_api.installation import Installation, open_vc_api
from exam_api.keyring import KeyFileUnsafe
from tests.credentials.samples import NOW

SOMEBODY = SigningKey.generate(b"a key of somebody else's making.")
ENTRY = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
PATHS = ["/credentials/issue", "/credentials/verify", "/presentations/verify", "/credentials/status"]


def credential(**parts: Any) -> dict[str, Any]:
    return {"@context": [VC], "type": ["VerifiableCredential"], "credentialSubject": {"id": "did:example:a"}, **parts}


async def issue(program: httpx.AsyncClient, document: Any, **options: Any) -> httpx.Response:
    return await program.post("/vc-api/credentials/issue", json={"credential": document, "options": options})


async def verify(program: httpx.AsyncClient, document: Any, **options: Any) -> httpx.Response:
    return await program.post("/vc-api/credentials/verify", json={"verifiableCredential": document, "options": options})


async def test_the_same_id_at_once_has_one_place_and_no_other_number_is_one(
    program: httpx.AsyncClient, installation: Installation
) -> None:
    named = credential(id="urn:example:twice")
    answers = await asyncio.gather(*(issue(program, named, credentialStatus=ENTRY) for _ in range(2)))
    assert [each.status_code for each in answers] == [201, 201]
    first, second = (each.json()["verifiableCredential"]["credentialStatus"] for each in answers)
    assert first == second
    far = {**first, "statusListIndex": "9999999999999999"}
    found = await verify(
        program, (await issue(program, credential(credentialStatus=far))).json()["verifiableCredential"]
    )
    assert (found.status_code, found.json()["type"]) == (400, problems.STATUS)


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
async def test_issue_and_verify(program: httpx.AsyncClient, installation: Installation, suite: str) -> None:
    told = (await program.get("/vc-api")).json()
    answer = await issue(program, credential(name="Boat licence"), cryptosuite=suite)
    made = answer.json()["verifiableCredential"]
    assert (answer.status_code, made["issuer"], made["proof"]["cryptosuite"]) == (201, told["issuer"], suite)
    assert check(made, resolve_did_key, NOW).verified
    found = await verify(program, made, checks=["proof"])
    assert (found.status_code, found.json()["verified"], found.json()["errors"]) == (200, True, [])
    made["name"] = "Captain's licence"
    found = await verify(program, made)
    assert (found.status_code, found.json()["verified"]) == (400, False)
    assert found.json()["type"] == problems.CRYPTOGRAPHIC
    assert found.headers["content-type"] == "application/problem+json"


async def test_the_key_is_never_the_institutions(program: httpx.AsyncClient, installation: Installation) -> None:
    told = (await program.get("/vc-api")).json()["issuer"]
    assert told not in {did_key(installation.keyring.issuer.public), installation.issuer_did}
    for name in (installation.issuer_did, did_key(installation.keyring.issuer.public), {"id": "https://example.org"}):
        answer = await issue(program, credential(issuer=name))
        assert (answer.status_code, answer.json()["type"]) == (400, problems.MALFORMED)


async def test_a_status_is_given_changed_and_published(program: httpx.AsyncClient, client: httpx.AsyncClient) -> None:
    made = (await issue(program, credential(id="urn:uuid:1"), credentialStatus=ENTRY)).json()["verifiableCredential"]
    again = (await issue(program, credential(id="urn:uuid:1"), credentialStatus=ENTRY)).json()["verifiableCredential"]
    other = (await issue(program, credential(), credentialStatus=ENTRY)).json()["verifiableCredential"]
    assert made["credentialStatus"] == again["credentialStatus"] != other["credentialStatus"]
    assert other["id"].startswith("urn:uuid:")
    assert (await verify(program, made)).json()["checks"] == ["model", "proof", "dates", "status"]
    change = {"credentialId": "urn:uuid:1", "credentialStatus": ENTRY}
    assert (await program.post("/vc-api/credentials/status", json=change)).status_code == 200
    assert (await verify(program, made)).json()["errors"][0]["type"] == problems.STATUS
    assert (await verify(program, other)).json()["verified"]
    listed = await client.get(urlsplit(made["credentialStatus"]["statusListCredential"]).path)
    assert listed.headers["content-type"] == "application/vc+json"
    assert check(listed.json(), resolve_did_key, NOW).verified
    bits = StatusList.decode(listed.json()["credentialSubject"]["encodedList"])
    assert bits.get(int(made["credentialStatus"]["statusListIndex"]))
    assert not bits.get(int(other["credentialStatus"]["statusListIndex"]))
    assert (await program.post("/vc-api/credentials/status", json={**change, "status": False})).status_code == 200
    assert (await verify(program, made)).json()["verified"]


async def test_anothers_credential_verifies_and_what_was_not_looked_at_is_said(program: httpx.AsyncClient) -> None:
    entry = {**ENTRY, "statusListIndex": "7", "statusListCredential": "https://school.example/status/1"}
    document = credential(issuer=did_key(SOMEBODY.public), credentialStatus=entry)
    found = (await verify(program, sign(document, SOMEBODY, did_key_method(SOMEBODY.public), NOW))).json()
    assert (found["verified"], found["warnings"][0]["type"]) == (True, problems.STATUS)


async def test_a_presentation(program: httpx.AsyncClient) -> None:
    inside = (await issue(program, credential())).json()["verifiableCredential"]
    document = {"@context": [VC], "type": ["VerifiablePresentation"], "verifiableCredential": [inside]}
    expected = Expected("authentication", "u-17", "reader.example")
    shown = sign(document, SOMEBODY, did_key_method(SOMEBODY.public), NOW, expected=expected)

    async def ask(**options: Any) -> httpx.Response:
        body = {"verifiablePresentation": shown, "options": options}
        return await program.post("/vc-api/presentations/verify", json=body)

    assert (await ask(challenge="u-17", domain="reader.example")).status_code == 200
    assert (await ask(challenge="u-18", domain="reader.example")).json()["type"] == problems.CHALLENGE
    assert (await ask(challenge="u-17", domain="other.example")).json()["type"] == problems.DOMAIN
    assert (await ask(challenge=17)).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"credential": "text"},
        {"credential": credential(), "options": []},
        {"credential": credential(), "options": {"mandatoryPointers": ["/issuer"]}},
        {"credential": credential(), "options": {"cryptosuite": "ecdsa-sd-2023"}},
        {"credential": credential(), "options": {"credentialStatus": {"type": "Other"}}},
        {"credential": credential(), "options": {"credentialStatus": {**ENTRY, "statusPurpose": "message"}}},
        {"credential": credential(proof={}), "options": {}},
        {"credential": credential(type=["Thing"]), "options": {}},
        {"credential": credential(bonus="1"), "options": {}},
    ],
)
async def test_what_is_not_issued(program: httpx.AsyncClient, body: dict[str, Any]) -> None:
    answer = await program.post("/vc-api/credentials/issue", json=body)
    assert (answer.status_code, answer.json()["status"]) == (400, 400)
    assert answer.json()["detail"] == answer.json()["errors"][0]["detail"] != ""


async def test_bodies_that_are_none(program: httpx.AsyncClient) -> None:
    for body in (
        b"",
        b"{",
        b"[]",
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b"[" * 100_000,
        b'{"a": "' + b"x" * 600_000 + b'"}',
    ):
        for path in PATHS:
            answer = await program.post(f"/vc-api{path}", content=body)
            assert (answer.status_code, answer.json()["type"]) == (400, problems.PARSING)
    answer = await verify(program, {"type": "Thing"}, checks=["fashion"])
    assert answer.status_code == 400
    unknown = {"credentialId": "urn:uuid:9", "credentialStatus": ENTRY}
    assert (await program.post("/vc-api/credentials/status", json=unknown)).status_code == 404
    assert (await program.post("/vc-api/credentials/status", json={**unknown, "status": "1"})).status_code == 400
    assert (await program.get("/vc-api/status/2")).status_code == 404


@pytest.mark.parametrize("path", PATHS)
async def test_nobody_without_the_token(client: httpx.AsyncClient, path: str) -> None:
    for header in ({}, {"authorization": "Bearer nothing"}, {"authorization": "Basic dTpw"}):
        answer = await client.post(f"/vc-api{path}", json={}, headers=header)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_the_token_is_long_and_its_owners(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("short\n", "utf-8")
    file.chmod(0o600)
    with pytest.raises(ValueError, match="32 characters"):
        open_vc_api(file)
    file.write_text("x" * 32, "utf-8")
    assert open_vc_api(file) is not None
    file.chmod(0o640)
    with pytest.raises(KeyFileUnsafe):
        open_vc_api(file)
    assert open_vc_api(None) is None


async def test_a_credential_in_a_token(program: httpx.AsyncClient) -> None:
    sent = credential(id="urn:uuid:3")
    answer = await issue(program, sent, mediaType="application/vc+jwt", credentialStatus=ENTRY)
    made = answer.json()["verifiableCredential"]
    assert (answer.status_code, made["type"]) == (201, "EnvelopedVerifiableCredential")
    assert (await verify(program, made)).json()["checks"][-1] == "status"
    change = {"credentialId": "urn:uuid:3", "credentialStatus": ENTRY}
    assert (await program.post("/vc-api/credentials/status", json=change)).status_code == 200
    assert (await verify(program, made)).json()["type"] == problems.STATUS
    made["id"] = made["id"][:-4] + "AAAA"
    assert (await verify(program, made)).json()["type"] == problems.CRYPTOGRAPHIC
    assert (await issue(program, credential(), mediaType="application/pdf")).status_code == 400


@pytest.mark.parametrize("text", ["\0", "a\0b", "\u0007"])
async def test_texts_that_no_database_keeps(program: httpx.AsyncClient, text: str) -> None:
    for document in (credential(id=f"urn:x:{text}"), credential(name=text), credential(issuer=text)):
        assert (await issue(program, document, credentialStatus=ENTRY)).status_code == 400
        assert (await verify(program, document)).status_code == 400
    change = {"credentialId": text, "credentialStatus": ENTRY}
    assert (await program.post("/vc-api/credentials/status", json=change)).status_code == 400


async def test_a_program_that_runs_wild_is_slowed_down(program: httpx.AsyncClient, installation: Installation) -> None:
    body: dict[str, Any] = {"verifiableCredential": {}}
    assert (await program.post("/vc-api/credentials/verify", json=body)).status_code == 400
    async with transaction(installation.sessions) as session:
        await session.execute(text("UPDATE throttles SET tries = 6000"))
    answer = await program.post("/vc-api/credentials/verify", json=body)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
