"""Activation, sessions, the own account."""

import os
import re
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from exam_api.accounts.service.codes import new_code, read_code
from exam_api.accounts.service.profile import device_name
from exam_api.accounts.tasks import sweep
from exam_api.db.models.accounts import ActivationCode, Challenge, LoginSession, Throttle
from exam_api.db.session import transaction
from exam_api.installation import Installation, Workshop
from tests.conftest import Clock
from tests.factories import account, add_passkey, person, sign_in
from tests.software_authenticator import SoftwareAuthenticator

NewClient = Callable[[], httpx.AsyncClient]


async def test_a_code_works_once_and_opens_nothing_but_the_set_up(
    client: httpx.AsyncClient, new_client: NewClient, installation: Installation
) -> None:
    code = await account(installation, "operator", "candidate")
    assert re.fullmatch(r"http://localhost:8000/activate#([0-9A-Z]{5}-){4}[0-9A-Z]{5}", code.link)
    said = await client.post("/api/activate", json={"code": code.code})
    assert (said.status_code, said.json()["roles"], said.json()["method"]) == (200, [], "activation")
    for method, path in (
        ("GET", "/api/me"),
        ("GET", "/api/me/data"),
        ("GET", "/api/me/sessions"),
        ("GET", "/api/accounts"),
        ("POST", "/api/accounts/search"),
    ):
        refused = await client.request(method, path, json={} if method == "POST" else None)
        assert (refused.status_code, refused.json()["code"]) == (403, "set-up-first"), path
    short = client.cookies["invigil"]
    await person_adds_a_passkey(client, installation)
    assert client.cookies["invigil"] != short, "a new token with the new rights"
    assert (await client.get("/api/me")).json()["roles"] == ["candidate", "operator"]
    async with new_client() as other:
        other.cookies.set("invigil", short)
        assert (await other.post("/api/me/passkeys/options")).status_code == 401
        assert (await other.post("/api/activate", json={"code": code.code})).status_code == 410


async def person_adds_a_passkey(client: httpx.AsyncClient, installation: Installation) -> None:
    await add_passkey(client, SoftwareAuthenticator(installation.rp_id, installation.origin, os.urandom))


async def test_a_code_ends_with_time_and_with_the_next_one(
    client: httpx.AsyncClient, new_client: NewClient, installation: Installation, clock: Clock
) -> None:
    await person(client, installation, "instructor", now=clock.moment)
    pupil = await account(installation, now=clock.moment)
    second = (await client.post(f"/api/accounts/{pupil.id}/code")).json()
    async with new_client() as fresh:
        assert (await fresh.post("/api/activate", json={"code": pupil.code})).status_code == 410
        clock.moment += timedelta(hours=72)
        assert (await fresh.post("/api/activate", json={"code": second["code"]})).status_code == 410


async def test_recovery_signs_every_other_device_out(
    client: httpx.AsyncClient, new_client: NewClient, installation: Installation
) -> None:
    async with new_client() as lost, new_client() as found:
        pupil = await person(lost, installation)
        await person(client, installation, "instructor")
        code = (await client.post(f"/api/accounts/{pupil.id}/code")).json()["code"]
        assert (await found.post("/api/activate", json={"code": code})).status_code == 200
        assert (await lost.get("/api/me")).status_code == 401
        await person_adds_a_passkey(found, installation)
        assert len((await found.get("/api/me/ways-in")).json()["passkeys"]) == 2


async def test_a_session_ends_when_idle_when_old_and_when_told(
    client: httpx.AsyncClient, new_client: NewClient, installation: Installation, clock: Clock
) -> None:
    ada = await person(client, installation, now=clock.moment)
    for _ in range(3):
        clock.moment += timedelta(hours=7)
        assert (await client.get("/api/me")).status_code == 200
    clock.moment += timedelta(hours=3)
    assert (await client.get("/api/me")).status_code == 401, "24 hours, however busy"
    await sign_in(client, ada.authenticator)
    clock.moment += timedelta(hours=8)
    assert (await client.get("/api/me")).status_code == 401, "8 hours without a request"
    await sign_in(client, ada.authenticator)
    token = client.cookies["invigil"]
    assert (await client.post("/api/sign-out")).status_code == 204
    assert "invigil" not in client.cookies
    async with new_client() as thief:
        thief.cookies.set("invigil", token)
        assert (await thief.get("/api/me")).status_code == 401


async def test_being_seen_is_written_once_a_minute(
    client: httpx.AsyncClient, installation: Installation, clock: Clock
) -> None:
    await person(client, installation, now=clock.moment)

    async def seen() -> str:
        return str((await client.get("/api/me/sessions")).json()[0]["seen_at"])

    first = await seen()
    clock.moment += timedelta(seconds=59)
    assert await seen() == first
    clock.moment += timedelta(seconds=1)
    await client.get("/api/me")
    assert await seen() > first


async def test_devices_are_listed_and_signed_out_by_their_owner_only(
    client: httpx.AsyncClient, new_client: NewClient, installation: Installation
) -> None:
    ada = await person(client, installation)
    async with new_client() as phone, new_client() as stranger:
        phone.headers["User-Agent"] = "Phone\x1f" + "x" * 400
        await sign_in(phone, ada.authenticator)
        await person(stranger, installation)
        listed = (await client.get("/api/me/sessions")).json()
        assert len(listed) == 2
        [other] = [each for each in listed if not each["current"]]
        assert len(other["user_agent"]) == 300
        assert (await stranger.delete(f"/api/me/sessions/{other['id']}")).status_code == 404
        assert (await phone.get("/api/me")).status_code == 200
        assert (await client.delete(f"/api/me/sessions/{other['id']}")).status_code == 204
        assert (await client.delete(f"/api/me/sessions/{other['id']}")).status_code == 404
        assert (await phone.get("/api/me")).status_code == 401
        await sign_in(phone, ada.authenticator)
        assert (await client.delete("/api/me/sessions")).status_code == 204
        assert (await phone.get("/api/me")).status_code == 401
        assert (await client.get("/api/me")).status_code == 200


async def test_a_new_sign_in_replaces_the_old_session_of_the_same_browser(
    client: httpx.AsyncClient, new_client: NewClient, installation: Installation
) -> None:
    ada = await person(client, installation)
    old = client.cookies["invigil"]
    await sign_in(client, ada.authenticator)
    assert client.cookies["invigil"] != old
    async with new_client() as thief:
        thief.cookies.set("invigil", old)
        assert (await thief.get("/api/me")).status_code == 401
    async with transaction(installation.sessions) as session:
        hashes = (await session.scalars(select(LoginSession.token_hash))).all()
    assert not {old, client.cookies["invigil"]} & set(hashes)


async def test_my_data_is_all_that_the_account_holds_and_no_secret(
    client: httpx.AsyncClient, installation: Installation
) -> None:
    ada = await person(client, installation)
    said = await client.get("/api/me/data")
    data = said.json()
    assert "attachment" in said.headers["content-disposition"]
    assert data["account"]["email"] == ada.email
    assert [line["what"] for line in data["ledger"]][:2] == ["account:created", "account:signed-in"]
    assert len(data["ways_in"]["passkeys"]) == 1
    assert len(data["sessions"]) == 2
    assert data["consents"] == []
    assert client.cookies["invigil"] not in said.text
    assert "public_key" not in said.text


@pytest.mark.parametrize("body", [{"name": "", "locale": None}, {"name": "A", "locale": "xx"}, {"name": "A"}])
async def test_a_profile_that_cannot_be_is_refused(
    client: httpx.AsyncClient, installation: Installation, body: dict[str, object]
) -> None:
    await person(client, installation)
    assert (await client.put("/api/me", json=body)).status_code == 422


async def test_the_sweep_forgets_what_has_run_out(
    client: httpx.AsyncClient, installation: Installation, clock: Clock
) -> None:
    await person(client, installation, now=clock.moment)
    await client.post("/api/sign-in/passkey/options")

    async def kept() -> list[int]:
        async with transaction(installation.sessions) as session:
            tables = (Challenge, Throttle, LoginSession, ActivationCode)
            return [len((await session.scalars(select(table))).all()) for table in tables]

    workshop = Workshop(installation, clock, bytes, None, None, None)
    await sweep(workshop, {})
    before = await kept()
    assert all(before)
    clock.moment += timedelta(hours=2)
    await sweep(workshop, {})
    assert await kept() == [0, 0, *before[2:]]
    clock.moment += timedelta(days=95)
    await sweep(workshop, {})
    assert await kept() == [0, 0, 0, 0]


@given(st.binary(min_size=16, max_size=16))
def test_a_code_is_read_as_it_was_meant(chance: bytes) -> None:
    code = new_code(lambda _: chance)
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert read_code(typed) == read_code(code) == code.replace("-", "")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Linux"),
        ("python-httpx/0.28", "python-httpx/0.28"),
        ("", ""),
    ],
)
def test_a_device_has_a_short_name(said: str, name: str) -> None:
    assert device_name(said) == name
