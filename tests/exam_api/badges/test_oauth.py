"""An app is registered, let in, refused, ended: by a real client, and by ones that cheat."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select, text

from exam_api.badges.schemas import OFFLINE, PROFILE, READ, WRITE
from exam_api.db.models.badges import AppToken, ConnectedApp
from exam_api.db.session import transaction
from exam_api.installation import Installation
from tests.conftest import Clock
from tests.exam_api.badges.apps import HOST, REDIRECT, VERIFIER, ask, connect, decide, hidden, oauth_client, register
from tests.factories import Person, person

New = Callable[[], httpx.AsyncClient]
PATH = "/ims/ob/v3p0/profile"


@pytest.fixture
async def ada(new_client: New, installation: Installation, clock: Clock) -> Person:
    return await person(new_client(), installation)


async def test_a_real_client_connects_reads_refreshes_and_gives_back(ada: Person, new_client: New) -> None:
    app = await connect(ada.client, new_client)
    assert (app.token["token_type"], app.token["expires_in"]) == ("Bearer", 900)
    profile = await app.api.get(PATH)
    assert (profile.json()["name"], profile.json()["email"]) == (ada.name, ada.email)
    first = app.token["refresh_token"]
    fresh = await app.api.refresh_token("/oauth/token", refresh_token=first)
    assert fresh["access_token"] != app.token["access_token"]
    assert fresh["refresh_token"] != first
    assert (await app.api.get(PATH)).status_code == 200
    answer = await app.api.revoke_token("/oauth/revoke", token=fresh["refresh_token"])
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert (await new_client().get(PATH, headers=app.headers)).status_code == 401
    refused = await new_client().get(PATH, headers={"authorization": f"Bearer {fresh['access_token']}"})
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')


async def test_discovery_leads_to_everything(client: httpx.AsyncClient) -> None:
    answer = await client.get("/ims/ob/v3p0/discovery")
    found = answer.json()
    scheme = found["components"]["securitySchemes"]["OAuth2ACG"]
    flow = scheme["flows"]["authorizationCode"]
    assert found["openapi"].startswith("3.0")
    assert found["info"]["termsOfService"].startswith("http")
    assert found["info"]["x-imssf-privacyPolicyUrl"].startswith("http")
    assert set(found["paths"]) == {"/credentials", "/profile"}
    assert (await client.post(urlsplit(scheme["x-imssf-registrationUrl"]).path, json={})).status_code == 400
    assert (await client.post(urlsplit(flow["tokenUrl"]).path)).status_code == 401
    assert (await client.get(urlsplit(flow["authorizationUrl"]).path)).status_code == 422
    assert READ in flow["scopes"]
    assert answer.headers["cache-control"] == "public, max-age=3600"


async def test_registration_tells_back_what_was_kept(client: httpx.AsyncClient, installation: Installation) -> None:
    app = await register(
        client, scope=f"{READ} {WRITE} something_else", extra="not kept", contacts=["help@portfolio.example"]
    )
    assert (app["scope"], app["contacts"], "extra" in app) == (f"{READ} {WRITE}", ["help@portfolio.example"], False)
    assert (app["client_secret_expires_at"], app["token_endpoint_auth_method"]) == (0, "client_secret_basic")
    async with transaction(installation.sessions) as session:
        row = await session.get_one(ConnectedApp, UUID(app["client_id"]))
        assert app["client_secret"] not in f"{row.secret_hash} {row.registration}"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_name": ""}, "invalid_client_metadata"),
        ({"client_name": "Line\nbreak"}, "invalid_client_metadata"),
        ({"client_name": 7}, "invalid_client_metadata"),
        ({"software_id": None}, "invalid_client_metadata"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": REDIRECT}, "invalid_redirect_uri"),
        ({"redirect_uris": [f"{REDIRECT}/{n}" for n in range(6)]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://portfolio.example/connected"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": [f"{REDIRECT}#part"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://us@portfolio.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://portfolio.example:99999/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://thief.example\\.portfolio.example/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://thief%2Eexample/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://portfolio.example;sandbox/"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://elsewhere.example/"]}, "invalid_client_metadata"),
        ({"policy_uri": "http://portfolio.example/privacy"}, "invalid_client_metadata"),
        ({"tos_uri": None}, "invalid_client_metadata"),
        ({"grant_types": ["client_credentials"]}, "invalid_client_metadata"),
        ({"response_types": ["token"]}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "none"}, "invalid_client_metadata"),
        ({"scope": "openid"}, "invalid_client_metadata"),
        ({"contacts": "me"}, "invalid_client_metadata"),
        ({"contacts": ["me\0"]}, "invalid_client_metadata"),
        ({"software_version": "1\0"}, "invalid_client_metadata"),
    ],
)
async def test_registrations_that_are_refused(client: httpx.AsyncClient, changes: dict[str, Any], error: str) -> None:
    from tests.exam_api.badges.apps import REGISTRATION

    answer = await client.post("/oauth/register", json={**REGISTRATION, **changes})
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.json()["error_description"]


async def test_registering_is_slowed_down_and_the_unused_are_forgotten(
    client: httpx.AsyncClient, new_client: New, installation: Installation, clock: Clock, ada: Person
) -> None:
    kept = await connect(ada.client, new_client)
    for _ in range(19):
        await register(client)
    from tests.exam_api.badges.apps import REGISTRATION

    assert (await client.post("/oauth/register", json=REGISTRATION)).status_code == 429
    clock.moment += timedelta(days=31)
    await register(client)
    async with transaction(installation.sessions) as session:
        names = {str(row.id) for row in await session.scalars(select(ConnectedApp))}
    assert len(names) == 2
    assert kept.api.client_id in names


async def test_the_page_says_who_asks_for_what(ada: Person, new_client: New) -> None:
    oauth = oauth_client(new_client, await register(new_client(), client_name="<b>Portfolio</b>"), f"{READ} {OFFLINE}")
    page = await ask(ada.client, oauth)
    assert page.status_code == 200
    assert "&lt;b&gt;Portfolio" in page.text
    assert "portfolio.example" in page.text
    assert "see your certificates" in page.text
    assert "see your name and your e-mail address" not in page.text
    assert f"form-action 'self' {HOST};" in page.headers["content-security-policy"]
    assert (page.headers["referrer-policy"], page.headers["cache-control"]) == ("same-origin", "no-store")
    assert (await decide(ada.client, page, "refuse"))["error"] == "access_denied"


async def test_signing_in_comes_first_and_leads_back(client: httpx.AsyncClient, new_client: New) -> None:
    answer = await ask(client, oauth_client(new_client, await register(new_client())))
    assert answer.status_code == 303
    back = parse_qs(urlsplit(answer.headers["location"]).query)["next"][0]
    assert back.startswith("/oauth/authorize?")
    assert "code_challenge=" in back
    assert (await client.get(answer.headers["location"])).status_code == 200


async def test_who_is_not_signed_in_is_not_sent_on(client: httpx.AsyncClient, new_client: New) -> None:
    answer = await ask(client, oauth_client(new_client, await register(new_client())), scope="nothing")
    assert answer.headers["location"].startswith("/sign-in?"), "anybody can register an address"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "nobody"},
        {"client_id": "0b2a4c3e-7f1d-4a51-9b1c-2d8f5e6a7b80"},
        {"redirect_uri": f"{REDIRECT}/"},
        {"redirect_uri": "https://thief.example/"},
        {"redirect_uri": None},
    ],
)
async def test_nobody_is_sent_where_the_app_did_not_register(
    ada: Person, new_client: New, changes: dict[str, Any]
) -> None:
    oauth = oauth_client(new_client, await register(new_client()))
    answer = await ask(ada.client, oauth, **changes)
    assert (answer.status_code, "location" in answer.headers) == (422, False)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": f"{READ} {PROFILE}"}, "invalid_scope"),
    ],
)
async def test_what_the_app_is_told_at_its_own_address(
    ada: Person, new_client: New, changes: dict[str, Any], error: str
) -> None:
    oauth = oauth_client(new_client, await register(new_client(), scope=READ), READ)
    answer = await ask(ada.client, oauth, **changes)
    assert answer.headers["location"].startswith(f"{REDIRECT}?error={error}&")
    assert "state=s-1" in answer.headers["location"]


async def test_a_forged_decision_changes_nothing(ada: Person, new_client: New) -> None:
    page = await ask(ada.client, oauth_client(new_client, await register(new_client())))
    fields = {**hidden(page.text), "decision": "allow"}
    without = {name: value for name, value in fields.items() if name != "csrf_token"}
    assert (await ada.client.post("/oauth/authorize", data=without)).status_code == 403
    assert (await new_client().post("/oauth/authorize", data=fields)).status_code == 403
    thief = {**fields, "redirect_uri": "https://thief.example/"}
    assert (await ada.client.post("/oauth/authorize", data=thief)).status_code == 422
    assert "No app is connected" in (await ada.client.get("/me/apps")).text


async def test_a_code_is_good_once_and_its_second_use_ends_the_tokens(ada: Person, new_client: New) -> None:
    oauth = oauth_client(new_client, await register(new_client()))
    back = await decide(ada.client, await ask(ada.client, oauth))
    form = {
        "grant_type": "authorization_code",
        "code": back["code"],
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }
    pair = (oauth.client_id, oauth.client_secret)
    first = await new_client().post("/oauth/token", data=form, auth=pair)
    assert first.status_code == 200
    token = {"authorization": f"Bearer {first.json()['access_token']}"}
    assert (await new_client().get(PATH, headers=token)).status_code == 200
    again = await new_client().post("/oauth/token", data=form, auth=pair)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert (await new_client().get(PATH, headers=token)).status_code == 401


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": None}, "invalid_grant"),
        ({"code_verifier": "another-verifier-of-more-than-forty-three-chars"}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_grant"),
        ({"redirect_uri": f"{HOST}/elsewhere"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"code": "invented"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "unsupported_grant_type"),
    ],
)
async def test_codes_that_give_no_token(ada: Person, new_client: New, changes: dict[str, Any], error: str) -> None:
    oauth = oauth_client(new_client, await register(new_client()))
    back = await decide(ada.client, await ask(ada.client, oauth))
    form = {
        "grant_type": "authorization_code",
        "code": back["code"],
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }
    sent = {name: value for name, value in {**form, **changes}.items() if value is not None}
    answer = await new_client().post("/oauth/token", data=sent, auth=(oauth.client_id, oauth.client_secret))
    assert (answer.status_code, answer.json()["error"]) == (400, error)


async def test_another_app_cannot_use_a_code_or_a_token(ada: Person, new_client: New) -> None:
    mine = oauth_client(new_client, await register(new_client()))
    other = await register(new_client())
    pair = (other["client_id"], other["client_secret"])
    back = await decide(ada.client, await ask(ada.client, mine))
    form = {
        "grant_type": "authorization_code",
        "code": back["code"],
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }
    assert (await new_client().post("/oauth/token", data=form, auth=pair)).json()["error"] == "invalid_grant"
    token = await mine.fetch_token("/oauth/token", code=back["code"], code_verifier=VERIFIER)  # it was not used up
    form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
    assert (await new_client().post("/oauth/token", data=form, auth=pair)).json()["error"] == "invalid_grant"
    assert (
        await new_client().post("/oauth/revoke", data={"token": token["access_token"]}, auth=pair)
    ).status_code == 200
    assert (await mine.get(PATH)).status_code == 200


async def test_the_app_has_to_show_its_secret(ada: Person, new_client: New) -> None:
    app = await connect(ada.client, new_client)
    form = {"grant_type": "refresh_token", "refresh_token": app.token["refresh_token"]}
    for header in ({}, {"authorization": "Basic !!"}, {"authorization": "Bearer x"}):
        answer = await new_client().post("/oauth/token", data=form, headers=header)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic")
    for pair in ((app.api.client_id, "wrong"), ("nobody", app.api.client_secret)):
        assert (await new_client().post("/oauth/token", data=form, auth=pair)).status_code == 401
        assert (await new_client().post("/oauth/revoke", data={"token": "x"}, auth=pair)).status_code == 401
    own = (app.api.client_id, app.api.client_secret)
    assert (await new_client().post("/oauth/revoke", data={}, auth=own)).json()["error"] == "invalid_request"
    twice = "grant_type=refresh_token&grant_type=password"
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert (await new_client().post("/oauth/token", content=twice, headers=kind, auth=own)).status_code == 400


async def test_codes_and_tokens_become_old(ada: Person, new_client: New, clock: Clock) -> None:
    oauth = oauth_client(new_client, await register(new_client()))
    back = await decide(ada.client, await ask(ada.client, oauth))
    clock.moment += timedelta(seconds=60)
    form = {
        "grant_type": "authorization_code",
        "code": back["code"],
        "redirect_uri": REDIRECT,
        "code_verifier": VERIFIER,
    }
    pair = (oauth.client_id, oauth.client_secret)
    assert (await new_client().post("/oauth/token", data=form, auth=pair)).json()["error"] == "invalid_grant"
    app = await connect(ada.client, new_client)
    clock.moment += timedelta(minutes=15)
    assert (await new_client().get(PATH, headers=app.headers)).status_code == 401
    form = {"grant_type": "refresh_token", "refresh_token": app.token["refresh_token"]}
    clock.moment += timedelta(days=90)
    pair = (app.api.client_id, app.api.client_secret)
    assert (await new_client().post("/oauth/token", data=form, auth=pair)).json()["error"] == "invalid_grant"


async def test_a_refresh_token_is_good_once_and_can_only_become_less(ada: Person, new_client: New) -> None:
    app = await connect(ada.client, new_client, f"{READ} {PROFILE} {OFFLINE}")
    pair = (app.api.client_id, app.api.client_secret)
    form = {"grant_type": "refresh_token", "refresh_token": app.token["refresh_token"]}
    more = await new_client().post("/oauth/token", data={**form, "scope": f"{READ} {WRITE}"}, auth=pair)
    assert more.json()["error"] == "invalid_scope"
    less = (await new_client().post("/oauth/token", data={**form, "scope": READ}, auth=pair)).json()
    assert (less["scope"], "refresh_token" in less) == (READ, False)
    headers = {"authorization": f"Bearer {less['access_token']}"}
    refused = await new_client().get(PATH, headers=headers)
    assert (refused.status_code, f'scope="{PROFILE}"' in refused.headers["www-authenticate"]) == (403, True)
    again = await new_client().post("/oauth/token", data=form, auth=pair)
    assert again.json()["error"] == "invalid_grant"
    assert (await new_client().get("/ims/ob/v3p0/credentials", headers=headers)).status_code == 401


async def test_without_offline_access_there_is_no_refresh_token(ada: Person, new_client: New) -> None:
    assert "refresh_token" not in (await connect(ada.client, new_client, READ)).token


async def test_the_person_ends_it(ada: Person, new_client: New, installation: Installation) -> None:
    app = await connect(ada.client, new_client)
    page = (await ada.client.get("/me/apps")).text
    assert "portfolio.example" in page
    action = page.split('action="/me/apps/')[1].split('"')[0]
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    bob = await person(new_client(), installation, name="Bob")
    theirs = (await bob.client.get("/me")).text.split('name="csrf_token" value="')[1].split('"')[0]
    assert (await bob.client.post(f"/me/apps/{action}", data={"csrf_token": theirs})).status_code == 404
    assert (await app.api.get(PATH)).status_code == 200
    assert (await ada.client.post(f"/me/apps/{action}", data={"csrf_token": token})).status_code == 303
    assert (await new_client().get(PATH, headers=app.headers)).status_code == 401
    pair, form = (app.api.client_id, app.api.client_secret), {"grant_type": "refresh_token"}
    answer = await new_client().post(
        "/oauth/token", data={**form, "refresh_token": app.token["refresh_token"]}, auth=pair
    )
    assert answer.json()["error"] == "invalid_grant"
    assert "No app is connected" in (await ada.client.get("/me/apps?done=ended")).text


async def test_agreeing_to_less_makes_old_tokens_less(ada: Person, new_client: New) -> None:
    app = await connect(ada.client, new_client)
    app.api.scope = READ
    back = await decide(ada.client, await ask(ada.client, app.api))
    assert back["code"]
    assert (await new_client().get(PATH, headers=app.headers)).status_code == 403
    assert (await new_client().get("/ims/ob/v3p0/credentials", headers=app.headers)).status_code == 200


async def test_a_closed_account_lets_nobody_in(ada: Person, new_client: New, installation: Installation) -> None:
    app = await connect(ada.client, new_client)
    async with transaction(installation.sessions) as session:
        await session.execute(text("UPDATE users SET disabled_at = now()"))
    assert (await new_client().get(PATH, headers=app.headers)).status_code == 401
    form = {"grant_type": "refresh_token", "refresh_token": app.token["refresh_token"]}
    secret = httpx.BasicAuth(app.api.client_id, app.api.client_secret)
    answer = await new_client().post("/oauth/token", data=form, auth=secret)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


async def test_no_secret_stands_in_the_database(ada: Person, new_client: New, installation: Installation) -> None:
    app = await connect(ada.client, new_client)
    async with transaction(installation.sessions) as session:
        rows = "".join(f"{row.token_hash!r}{row.scopes}" for row in await session.scalars(select(AppToken)))
    assert app.token["access_token"] not in rows
    assert app.token["refresh_token"] not in rows
