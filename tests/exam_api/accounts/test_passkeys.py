"""Passkeys: they let their owner in, and every way of not proving it is refused without a change."""

import base64
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from exam_api.accounts import service
from exam_api.accounts.queries import people
from exam_api.accounts.service import passkeys
from exam_api.db.models.accounts import Passkey
from exam_api.db.session import transaction
from exam_api.errors import PasskeyNeeded, PasskeyRefused
from exam_api.installation import Installation
from tests.conftest import Clock
from tests.factories import Person, account, add_passkey, person, sign_in
from tests.software_authenticator import SoftwareAuthenticator

NewClient = Callable[[], httpx.AsyncClient]


async def ask(client: httpx.AsyncClient) -> dict[str, Any]:
    asked: dict[str, Any] = (await client.post("/api/sign-in/passkey/options")).raise_for_status().json()
    return asked


async def answer(client: httpx.AsyncClient, asked: dict[str, Any], credential: dict[str, Any]) -> httpx.Response:
    return await client.post("/api/sign-in/passkey", json={"id": asked["id"], "credential": credential})


async def test_the_owner_comes_in_with_one_answer(
    client: httpx.AsyncClient, new_client: NewClient, installation: Installation
) -> None:
    ada = await person(client, installation, "author", "candidate", name="Ada")
    async with new_client() as fresh:
        asked = await ask(fresh)
        assert asked["publicKey"]["userVerification"] == "required"
        assert asked["publicKey"]["rpId"] == "localhost"
        assert not asked["publicKey"].get("allowCredentials"), "a discoverable passkey: nobody types a name"
        said = await answer(fresh, asked, ada.authenticator.get(asked["publicKey"]))
        assert said.status_code == 200
        me = (await fresh.get("/api/me")).json()
        assert me == said.json()
        assert (me["id"], me["roles"], me["method"]) == (str(ada.id), ["candidate", "author"], "passkey")
        cookie = said.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "secure" not in cookie, "plain http on localhost; over https the cookie is __Host- and secure"


async def test_what_the_authenticator_says_of_itself_is_kept(
    client: httpx.AsyncClient, installation: Installation
) -> None:
    ada = await person(client, installation)
    ada.authenticator.backed_up = True
    await sign_in(client, ada.authenticator)
    async with transaction(installation.sessions) as session:
        kept = (await session.scalars(select(Passkey))).one()
    assert (kept.sign_count, kept.backed_up) == (1, True)
    assert kept.last_used_at is not None


def misbehave(person: Person, how: str) -> None:
    device = person.authenticator
    match how:
        case "another origin":
            device.origin = "https://localhost:8000"
        case "a site that looks alike":
            device.origin = "http://localhost.evil.example:8000"
        case "nobody verified":
            device.user_verified = False
        case "the counter went back":
            device.credentials[0].sign_count = -1
        case "another owner's name":
            device.credentials[0].user_handle = uuid4().bytes
        case "another key":
            device.credentials[0].key = SoftwareAuthenticatorKey()


def SoftwareAuthenticatorKey() -> Any:  # noqa: N802  (makes a key as the authenticator would)
    device = SoftwareAuthenticator("localhost", "http://localhost:8000", os.urandom)
    device.create({"rp": {"id": "localhost"}, "user": {"id": "AA"}, "challenge": "AA"})
    return device.credentials[0].key


@pytest.mark.parametrize(
    "how",
    [
        "another origin",
        "a site that looks alike",
        "nobody verified",
        "the counter went back",
        "another owner's name",
        "another key",
    ],
)
async def test_a_passkey_that_misbehaves_is_refused(
    client: httpx.AsyncClient, new_client: NewClient, installation: Installation, how: str
) -> None:
    ada = await person(client, installation)
    assert (await sign_in(client, ada.authenticator)).status_code == 200
    misbehave(ada, how)
    async with new_client() as fresh:
        said = await sign_in(fresh, ada.authenticator)
        assert (said.status_code, said.json()["code"]) == (401, "passkey-refused")
        assert (await fresh.get("/api/me")).status_code == 401


async def test_a_challenge_is_used_once_and_by_its_own_answer(
    client: httpx.AsyncClient, new_client: NewClient, installation: Installation, clock: Clock
) -> None:
    ada = await person(client, installation, now=clock.moment)
    async with new_client() as fresh:
        asked, other = await ask(fresh), await ask(fresh)
        credential = ada.authenticator.get(asked["publicKey"])
        assert (await answer(fresh, other, credential)).status_code == 401, "an answer to another question"
        repeat = ada.authenticator.get(other["publicKey"])
        assert (await answer(fresh, other, repeat)).status_code == 401, "a question answered wrongly is used up"
        assert (await answer(fresh, asked, credential)).status_code == 200
        assert (await answer(fresh, asked, credential)).status_code == 401, "replayed"
        late = await ask(fresh)
        clock.moment += timedelta(minutes=5, seconds=1)
        assert (await answer(fresh, late, ada.authenticator.get(late["publicKey"]))).status_code == 401, "too late"
        assert (await answer(fresh, {"id": str(uuid4())}, credential)).status_code == 401, "never asked"


async def test_a_foreign_passkey_opens_nothing(client: httpx.AsyncClient, installation: Installation) -> None:
    stranger = SoftwareAuthenticator(installation.rp_id, installation.origin, os.urandom)
    stranger.create({"rp": {"id": "localhost"}, "user": {"id": "AA"}, "challenge": "AA"})
    assert (await sign_in(client, stranger)).status_code == 401


@pytest.mark.parametrize("how", ["another origin", "nobody verified", "somebody else's question", "asked twice"])
async def test_a_registration_that_does_not_fit_adds_nothing(
    client: httpx.AsyncClient, new_client: NewClient, installation: Installation, how: str
) -> None:
    await person(client, installation)
    device = SoftwareAuthenticator(installation.rp_id, installation.origin, os.urandom)
    asked = (await client.post("/api/me/passkeys/options")).json()
    if how == "another origin":
        device.origin = "https://evil.example"
    if how == "nobody verified":
        device.user_verified = False
    body = {"id": asked["id"], "credential": device.create(asked["publicKey"])}
    if how == "asked twice":
        assert (await client.post("/api/me/passkeys", json=body)).status_code == 201
    async with new_client() as other:
        await person(other, installation)
        sender = other if how == "somebody else's question" else client
        before = (await sender.get("/api/me/ways-in")).json()
        assert (await sender.post("/api/me/passkeys", json=body)).status_code == 401
        assert (await sender.get("/api/me/ways-in")).json() == before


async def test_the_last_way_in_stays(
    client: httpx.AsyncClient, new_client: NewClient, installation: Installation
) -> None:
    ada = await person(client, installation)
    [first] = (await client.get("/api/me/ways-in")).json()["passkeys"]
    refused = await client.delete(f"/api/me/passkeys/{first['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "last-way-in")
    second = SoftwareAuthenticator(installation.rp_id, installation.origin, os.urandom)
    await add_passkey(client, second)
    async with new_client() as stranger:
        await person(stranger, installation)
        assert (await stranger.delete(f"/api/me/passkeys/{first['id']}")).status_code == 404
    assert (await client.delete(f"/api/me/passkeys/{first['id']}")).status_code == 204
    assert (await sign_in(client, ada.authenticator)).status_code == 401
    assert (await sign_in(client, second)).status_code == 200


async def test_changing_ways_in_needs_a_recent_sign_in(
    client: httpx.AsyncClient, installation: Installation, clock: Clock
) -> None:
    ada = await person(client, installation, now=clock.moment)
    [first] = (await client.get("/api/me/ways-in")).json()["passkeys"]
    clock.moment += timedelta(minutes=10, seconds=1)
    for method, path in (
        ("POST", "/api/me/passkeys/options"),
        ("POST", "/api/me/password/options"),
        ("DELETE", "/api/me/password"),
        ("DELETE", f"/api/me/passkeys/{first['id']}"),
    ):
        refused = await client.request(method, path)
        assert (refused.status_code, refused.json()["code"]) == (403, "sign-in-again")
    page = await client.get("/me/security", headers={"Accept": "text/html"})
    assert "/sign-in?again=true" in page.text
    assert (await client.get("/me/password")).headers["location"].startswith("/sign-in?again=true")
    assert (await sign_in(client, ada.authenticator)).status_code == 200
    assert (await client.post("/api/me/passkeys/options")).status_code == 200


async def test_a_statement_is_signed_by_its_own_account_once(
    client: httpx.AsyncClient, new_client: NewClient, installation: Installation, clock: Clock
) -> None:
    ada = await person(client, installation, now=clock.moment)
    async with new_client() as other:
        eve = await person(other, installation, now=clock.moment)
    lonely = await account(installation)
    challenge = os.urandom(32)

    async def asking(whose: Any) -> service.Asked:
        async with transaction(installation.sessions) as session:
            return await service.ask_passkey(
                session,
                installation,
                kind="start",
                user_id=whose,
                challenge=challenge,
                context={"attempt": "1"},
                expires_at=clock.moment + timedelta(minutes=5),
            )

    async def proving(
        asked: service.Asked, credential: dict[str, Any], whose: Any, kind: str = "start"
    ) -> dict[str, Any]:
        async with transaction(installation.sessions) as session:
            return await service.prove_passkey(
                session,
                installation,
                kind=kind,
                user_id=whose,
                challenge_id=asked.id,
                credential=credential,
                now=clock.moment,
            )

    with pytest.raises(PasskeyNeeded):
        await asking(lonely.id)
    asked = await asking(ada.id)
    [allowed] = asked.options["allowCredentials"]
    credential = ada.authenticator.get(asked.options)
    assert allowed["id"] == credential["id"]
    for whose, kind in ((eve.id, "start"), (ada.id, "hand-over")):
        with pytest.raises(PasskeyRefused):
            await proving(asked, credential, whose, kind)
    not_hers = eve.authenticator.get(asked.options | {"allowCredentials": []})
    with pytest.raises(PasskeyRefused):
        await proving(asked, not_hers, ada.id)
    assert await proving(asked, credential, ada.id) == {"attempt": "1"}
    with pytest.raises(PasskeyRefused):
        await proving(asked, ada.authenticator.get(asked.options), ada.id)
    # What was signed for an exam never signs anybody in.
    again = await asking(ada.id)
    stolen = ada.authenticator.get(again.options)
    assert (await answer(client, {"id": str(again.id)}, stolen)).status_code == 401


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


junk = st.one_of(
    st.none(),
    st.integers(),
    st.text(max_size=20),
    st.binary(max_size=90).map(text),
    st.just([]),
    st.builds(lambda kind, more: text(json.dumps({"type": kind, "challenge": more}).encode()), st.text(), st.text()),
)


changes = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "id",
                "rawId",
                "type",
                "authenticatorAttachment",
                "response",
                "clientDataJSON",
                "authenticatorData",
                "signature",
                "userHandle",
                "attestationObject",
                "transports",
            ]
        ),
        junk,
    ),
    min_size=1,
    max_size=3,
)


def broken(credential: dict[str, Any], how: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = credential | {"response": dict(credential["response"])}
    for name, value in how:
        part = made["response"] if name in credential["response"] and isinstance(made["response"], dict) else made
        part[name] = value
    return made


def same(credential: dict[str, Any], made: dict[str, Any]) -> bool:
    """Whether what was changed is what nobody reads."""
    unread = {"authenticatorAttachment", "transports"}
    plain = [
        {name: part for name, part in each.items() if name not in unread and name != "response"}
        | {name: part for name, part in each["response"].items() if name not in unread}
        for each in (credential, made)
        if isinstance(each["response"], dict)
    ]
    return len(plain) == 2 and plain[0].items() <= plain[1].items()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(how=changes)
async def test_a_broken_answer_is_refused_and_never_a_fault_of_ours(
    client: httpx.AsyncClient, installation: Installation, how: list[tuple[str, Any]]
) -> None:
    now = datetime.now(UTC)
    device = SoftwareAuthenticator(installation.rp_id, installation.origin, os.urandom)
    code = await account(installation)
    async with transaction(installation.sessions) as session:
        user = await people.find_user(session, code.id)
        assert user is not None
        asked = await passkeys.registration_options(session, installation, user.id, now, os.urandom)
        made = device.create(asked.publicKey)
        if not same(made, wrong := broken(made, how)):
            with pytest.raises(PasskeyRefused):
                await passkeys.register(session, installation, user, asked.id, wrong, "x", now)
            asked = await passkeys.registration_options(session, installation, user.id, now, os.urandom)
            device.credentials.clear()
            made = device.create(asked.publicKey)
        await passkeys.register(session, installation, user, asked.id, made, "x", now)
        challenge = os.urandom(32)
        signed = device.get({"rpId": "localhost", "challenge": text(challenge)})
        # The owner's name may be left out: then the credential alone says whose it is (section 7.2, step 6).
        wrong = broken(signed, [each for each in how if each != ("userHandle", None)])
        if not same(signed, wrong):
            with pytest.raises(PasskeyRefused):
                await passkeys.verify(session, installation, challenge, wrong, now)
        await passkeys.verify(session, installation, challenge, signed, now)
