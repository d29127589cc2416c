"""What people try who mean no good: too much, too slow, malformed. Every refusal is small, quick and in our own shape."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from starlette.types import Message, Receive, Scope, Send

from exam_api.installation import Installation
from exam_api.settings import Settings
from exam_api.web.limits import USUAL, BodyLimits
from loadtests.device import b64u
from tests.exam_api.sitting import Sit, Sitter, Sitting
from tests.factories import Person, person


async def _pieces(count: int, size: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"a" * size


@pytest.mark.parametrize("path", ["/api/sign-in/password", "/sign-in", "/api/verify", "/api/accounts", "/me"])
@pytest.mark.parametrize("announced", [True, False])
async def test_a_huge_body_is_refused_before_it_is_kept(client: httpx.AsyncClient, path: str, announced: bool) -> None:
    kind = "application/json" if path.startswith("/api") else "application/x-www-form-urlencoded"
    body = b"a" * (USUAL + 1) if announced else _pieces(20, 2**20)
    answer = await client.post(path, content=body, headers={"content-type": kind})
    assert answer.status_code in {413, 422}
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-security-policy"]


async def test_a_body_that_never_ends_is_given_up(recwarn: pytest.WarningsRecorder) -> None:
    async def reads(_: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["more_body"]:
            pass

    async def trickle() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"a", "more_body": True}

    async def unheard(_: Message) -> None: ...

    scope = {"type": "http", "path": "/api/me", "headers": []}
    with pytest.raises(Exception, match="408"):
        await BodyLimits(reads, patience=0.1)(scope, trickle, unheard)


async def test_photos_that_crawl_in_hold_no_database_connection(
    sitting: Sitting, enrolled: Callable[..., Any], installation: Installation
) -> None:
    someone: Person = await enrolled()
    opened = (await someone.client.post(f"/api/sittings/{sitting.id}/attempts")).raise_for_status().json()
    arrived = asyncio.Event()

    async def crawling() -> AsyncIterator[bytes]:
        yield b"\xff\xd8"
        await arrived.wait()
        yield b"\xff\xd9"

    path = f"/api/attempts/{opened['id']}/reference"
    uploads = [asyncio.create_task(someone.client.put(path, content=crawling())) for _ in range(30)]
    await asyncio.sleep(0.2)
    began = time.monotonic()
    assert (await someone.client.get("/api/me")).status_code == 200
    assert time.monotonic() - began < 3
    arrived.set()
    assert {each.status_code for each in await asyncio.gather(*uploads)} == {409}  # no consent yet


def _proof(sitter: Sitter, path: str, **claims: Any) -> str:
    """A well-signed proof that says something strange."""
    device = sitter.device
    said = {
        "jti": secrets.token_urlsafe(16),
        "htm": "GET",
        "htu": f"http://localhost:8000{path}",
        "iat": int(time.time()),
        "nonce": device.nonce,
        **claims,
    }
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": device.jwk()}
    signed = ".".join(b64u(json.dumps(part).encode()) for part in (header, said))
    r, s = decode_dss_signature(device.key.sign(signed.encode(), ec.ECDSA(SHA256())))
    return f"{signed}.{b64u(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


@pytest.mark.parametrize(
    "strange",
    [
        {"iat": 10**400},
        {"iat": -(10**400)},
        {"iat": float("nan")},
        {"jti": "\0" * 20},
        {"jti": "\ud800" * 20},
        {"nonce": "\ud800"},
        {"nonce": []},
    ],
    ids=repr,
)
async def test_a_proof_with_strange_claims_is_not_proven(sit: Sit, strange: dict[str, Any]) -> None:
    sitter = await sit()
    path = sitter.path("/clock")
    headers = {"DPoP": _proof(sitter, path, **strange), "Authorization": f"DPoP {sitter.device.token}"}
    assert (await sitter.person.client.get(path, headers=headers)).status_code == 401


async def test_an_instructor_may_send_what_is_large_but_usual(
    client: httpx.AsyncClient, installation: Installation
) -> None:
    author = await person(client, installation, "author")
    answer = await author.client.post("/api/exams/check", json={"source": "# " + "a" * 1_000_000})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "name", ["Ada\u202eecalevoL", "\u2066Ada\u2069", "\u200b\u200b", "---", "Ada\0", "Ada\r\nX: y"]
)
async def test_a_name_cannot_read_as_another_or_as_nothing(
    client: httpx.AsyncClient, installation: Installation, name: str
) -> None:
    someone = await person(client, installation)
    assert (await someone.client.put("/api/me", json={"name": name, "locale": None})).status_code == 422


@pytest.mark.parametrize("name", ["Ñandú Ωmega", "李小龙", "می‌خواهم", "D'Arcy-O’Neil 3rd"])
async def test_names_of_every_script_are_taken(
    client: httpx.AsyncClient, installation: Installation, name: str
) -> None:
    someone = await person(client, installation, "author")
    assert (await someone.client.put("/api/me", json={"name": name, "locale": None})).status_code == 204


async def test_who_sits_exams_does_not_choose_the_name_on_certificates(
    client: httpx.AsyncClient, installation: Installation
) -> None:
    someone = await person(client, installation, "candidate", "instructor")
    answer = await someone.client.put("/api/me", json={"name": "Somebody Else", "locale": "de"})
    assert answer.status_code == 403
    me = (await someone.client.get("/api/me")).json()
    assert (me["name"], me["locale"]) == (someone.name, None)
    same = {"name": someone.name, "locale": "de"}
    assert (await someone.client.put("/api/me", json=same)).status_code == 204
    page = (await someone.client.get("/me", headers={"accept": "text/html"})).text
    assert re.search(r'<input[^>]* name="name"[^>]* readonly', page)
    assert 'href="/my/name"' in page


async def test_a_store_that_takes_nothing_is_said_in_words(
    sitting: Sitting, enrolled: Callable[..., Any], settings: Settings
) -> None:
    someone: Person = await enrolled()
    opened = (await someone.client.post(f"/api/sittings/{sitting.id}/attempts")).raise_for_status().json()
    terms = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
    (await someone.client.post(f"/api/attempts/{opened['id']}/consent", json=terms)).raise_for_status()
    (settings.state_dir / "blobs" / "references").write_text("a file where a folder should be, as a full disk fails")
    path = f"/api/attempts/{opened['id']}/reference"
    answer = await someone.client.put(path, content=b"\xff\xd8\xff\xd9")
    assert (answer.status_code, answer.json()["code"]) == (503, "store-down")
    assert (await someone.client.get(path)).json()["state"] == "none"
