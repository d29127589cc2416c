"""Who let which app in, what it did for them, and who sent it away: the ledger says it."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from exam_api.db.models.ledger import LedgerLine
from exam_api.db.session import transaction
from exam_api.installation import Installation
from tests.exam_api.badges.apps import connect
from tests.factories import Person, person


@pytest.fixture
async def ada(new_client: Callable[[], httpx.AsyncClient], installation: Installation) -> Person:
    return await person(new_client(), installation)


async def told(installation: Installation, whose: Person) -> list[tuple[str, dict[str, Any], bool]]:
    """What the ledger says about apps in somebody's chain, and whether it names them as the one who did it."""
    async with transaction(installation.sessions) as session:
        query = select(LedgerLine).where(LedgerLine.stream == whose.id).order_by(LedgerLine.seq)
        lines = (await session.scalars(query)).all()
    return [
        (line.tag.removeprefix("account:"), line.data, line.actor_id == whose.id)
        for line in lines
        if line.tag.startswith(("account:app", "account:badge"))
    ]


async def test_letting_in_what_it_does_and_sending_away(
    ada: Person, new_client: Callable[[], httpx.AsyncClient], installation: Installation
) -> None:
    app = await connect(ada.client, new_client)
    written = await new_client().put(
        "/ims/ob/v3p0/profile", json={"description": "Splices ropes."}, headers=app.headers
    )
    assert written.status_code == 200, written.text
    page = (await ada.client.get("/me/apps")).text
    path = page.split('action="')[1:]
    end = next(each.partition('"')[0] for each in path if each.partition('"')[0].endswith("/end"))
    token = page.split('name="csrf_token" value="')[1].partition('"')[0]
    assert (await ada.client.post(end, data={"csrf_token": token})).status_code == 303
    let_in, profile, away = await told(installation, ada)
    assert (let_in[0], let_in[2]) == ("app:let-in", True)
    assert let_in[1]["app_id"] == app.api.client_id
    assert any(each.endswith("credential.readonly") for each in let_in[1]["scopes"])
    assert (profile[0], profile[1]["fields"]) == ("badge-profile", ["description"])
    assert (away[0], away[1]["app_id"]) == ("app:sent-away", app.api.client_id)


async def test_a_token_that_comes_twice_is_told(
    ada: Person, new_client: Callable[[], httpx.AsyncClient], installation: Installation
) -> None:
    app = await connect(ada.client, new_client)
    form = {"grant_type": "refresh_token", "refresh_token": app.token["refresh_token"]}
    secret = httpx.BasicAuth(app.api.client_id, app.api.client_secret)
    assert (await new_client().post("/oauth/token", data=form, auth=secret)).status_code == 200
    assert (await new_client().post("/oauth/token", data=form, auth=secret)).status_code == 400
    assert (await told(installation, ada))[-1] == (
        "app:tokens-ended",
        {"user_id": str(ada.id), "app_id": app.api.client_id, "why": "shown twice"},
        False,
    )
