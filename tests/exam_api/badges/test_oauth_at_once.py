"""Two things at one moment: neither is a failure, and neither leaves more open than either alone."""

import asyncio
from collections.abc import Callable
from os import urandom
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.badges import queries
from exam_api.badges.service import authorizing, tokens
from exam_api.db.models.badges import ConnectedApp
from exam_api.db.session import transaction
from exam_api.installation import Installation
from tests.conftest import Clock
from tests.exam_api.badges.apps import ask, connect, decide, hidden, oauth_client, register
from tests.exam_api.meanwhile import meanwhile
from tests.factories import Person, person

New = Callable[[], httpx.AsyncClient]
PATH = "/ims/ob/v3p0/profile"


@pytest.fixture
async def ada(new_client: New, installation: Installation, clock: Clock) -> Person:
    return await person(new_client(), installation)


async def test_yes_twice_at_once_is_one_yes(
    ada: Person, new_client: New, installation: Installation, clock: Clock
) -> None:
    page = await ask(ada.client, oauth_client(new_client, await register(new_client())))
    fields = hidden(page.text)
    async with transaction(installation.sessions) as session:
        asked = await authorizing.read(session, installation, fields)
        await authorizing.allow(session, installation, asked, ada.id, clock(), urandom)
        second = asyncio.create_task(decide(ada.client, page))
        await asyncio.sleep(0.3)  # by then it waits for us
    assert (await second)["code"]
    assert (await ada.client.get("/me/apps")).text.count("/end") == 1


async def test_what_is_given_back_during_a_refresh_ends_too(
    ada: Person, new_client: New, installation: Installation, clock: Clock
) -> None:
    app = await connect(ada.client, new_client)
    form = {"grant_type": "refresh_token", "refresh_token": app.token["refresh_token"]}
    secret = httpx.BasicAuth(app.api.client_id, app.api.client_secret)
    async with transaction(installation.sessions) as session:
        row = await session.get_one(ConnectedApp, UUID(app.api.client_id))
        new = await tokens.exchange(session, row, form, clock(), urandom)
        back = {"token": app.token["refresh_token"]}
        given_back = asyncio.create_task(new_client().post("/oauth/revoke", data=back, auth=secret))
        await asyncio.sleep(0.3)  # by then it waits for us
    assert (await given_back).status_code == 200
    headers = {"authorization": f"Bearer {new['access_token']}"}
    assert (await new_client().get(PATH, headers=headers)).status_code == 401


async def test_tokens_are_forgotten_while_their_consent_ends(
    ada: Person, new_client: New, installation: Installation, clock: Clock
) -> None:
    app = await connect(ada.client, new_client)
    secret = httpx.BasicAuth(app.api.client_id, app.api.client_secret)
    async with transaction(installation.sessions) as session:  # one of its tokens has been over for days
        consent = await session.scalar(text("SELECT consent_id FROM app_tokens LIMIT 1"))
        await session.execute(
            text("UPDATE app_tokens SET expires_at = now() - interval '3 days' WHERE kind = 'access'"),
        )
    form = {"grant_type": "refresh_token", "refresh_token": app.token["refresh_token"]}
    done: list[httpx.Response] = []

    async def hold(session: AsyncSession) -> None:
        await session.execute(text("SELECT FROM app_consents FOR UPDATE"))

    other = new_client().post("/oauth/token", data=form, auth=secret)
    async with meanwhile(installation, hold, other, done) as session:
        await queries.end_tokens(session, consent, clock())
    assert done[0].status_code == 400, "its consent's tokens were ended"


async def test_an_app_works_while_it_is_let_in_again(ada: Person, new_client: New, installation: Installation) -> None:
    """What an app writes notes that its consent was used, and then holds the person."""
    app = await connect(ada.client, new_client)
    page = await ask(ada.client, app.api)
    done: list[dict[str, str]] = []

    async def use(session: AsyncSession) -> None:
        await session.execute(text("UPDATE app_consents SET used_at = now()"))

    async with meanwhile(installation, use, decide(ada.client, page), done) as session:
        await queries.lock_person(session, ada.id)
    assert done[0]["code"]
