"""Two changes of one account at the same moment: the second waits for the first, and neither waits for ever."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.accounts.queries import people
from exam_api.accounts.service import sessions
from exam_api.db import ledger
from exam_api.events import ProfileChanged, WayInAdded
from exam_api.installation import Installation
from tests.exam_api.meanwhile import meanwhile
from tests.factories import person

New = Callable[[], httpx.AsyncClient]


async def test_signing_out_everywhere_while_a_password_is_set(new_client: New, installation: Installation) -> None:
    ada, now, done = await person(new_client(), installation), datetime.now(UTC), list[httpx.Response]()

    async def keep(session: AsyncSession) -> None:
        await people.lock_user(session, ada.id)
        await ledger.append(session, WayInAdded(ada.id, "password"), now, ada.id)

    async with meanwhile(installation, keep, ada.client.delete("/api/me/sessions"), done) as session:
        await sessions.end_all(session, ada.id, now, but=None, by=ada.id)
    assert done[0].is_success, done[0].text


async def test_switching_an_account_off_while_it_is_changed(new_client: New, installation: Installation) -> None:
    operator = await person(new_client(), installation, "operator")
    ada, done = await person(new_client(), installation), list[httpx.Response]()
    other = operator.client.put(f"/api/accounts/{ada.id}/state", json={"active": False})
    async with meanwhile(installation, lambda session: people.lock_user(session, ada.id), other, done) as session:
        await ledger.append(session, ProfileChanged(ada.id, ["locale"]), datetime.now(UTC), ada.id)
    assert done[0].is_success, done[0].text


async def test_two_imports_of_the_same_people_in_another_order(new_client: New, installation: Installation) -> None:
    operator, done = await person(new_client(), installation, "operator"), list[httpx.Response]()
    rows = [{"name": f"Some {name}", "email": f"{name}@example.org"} for name in ("zoe", "ada")]
    other = operator.client.post("/api/accounts/import", json={"rows": rows})

    async def ada(session: AsyncSession) -> None:
        await people.add_users(session, [("ada@example.org", "Some ada")], ["candidate"])

    async with meanwhile(installation, ada, other, done) as session:
        await people.add_users(session, [("zoe@example.org", "Some zoe")], ["candidate"])
    assert [row["status"] for row in done[0].raise_for_status().json()["rows"]] == ["known", "known"]
