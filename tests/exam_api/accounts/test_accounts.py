"""Accounts, for those who look after them: who may make, see and change which; a list of people; the ledger."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from exam_api.accounts.schemas import plain_email
from exam_api.accounts.service import ledger_check
from exam_api.db.session import transaction
from exam_api.installation import Installation
from tests.factories import account, person, sign_in

NewClient = Callable[[], httpx.AsyncClient]
NEW = {"email": "new@example.org", "name": "Nia New", "roles": ["candidate"]}


@pytest.mark.parametrize(
    ("who", "candidate", "author"),
    [("operator", 201, 201), ("instructor", 201, 403), ("author", 403, 403), ("candidate", 403, 403), ("", 401, 401)],
)
async def test_who_may_make_whom(
    client: httpx.AsyncClient, installation: Installation, who: str, candidate: int, author: int
) -> None:
    if who:
        await person(client, installation, who)
    assert (await client.post("/api/accounts", json=NEW)).status_code == candidate
    other = NEW | {"email": "other@example.org", "roles": ["candidate", "author"]}
    assert (await client.post("/api/accounts", json=other)).status_code == author
    rows = {"rows": [{"email": "row@example.org", "name": "Row"}]}
    assert (await client.post("/api/accounts/import", json=rows)).status_code == (
        200 if candidate == 201 else candidate
    )


async def test_an_instructor_sees_candidates_and_no_account_that_could_do_more(
    client: httpx.AsyncClient, new_client: NewClient, installation: Installation
) -> None:
    await person(client, installation, "instructor")
    pupil = await account(installation, "candidate", name="Pia Pupil")
    boss = await account(installation, "operator", name="Bo Boss")
    both = await account(installation, "candidate", "author", name="Ann Both")
    listed = (await client.get("/api/accounts")).json()
    assert [each["name"] for each in listed["accounts"]] == ["Pia Pupil"]
    found = await client.post("/api/accounts/search", json={"text": "BO"})
    assert found.json()["total"] == 0
    assert (await client.post(f"/api/accounts/{pupil.id}/code")).status_code == 201
    for stranger in (boss.id, both.id, uuid4()):
        refused = await client.post(f"/api/accounts/{stranger}/code")
        assert (refused.status_code, refused.json()["code"]) == (404, "not-found"), "it would be a way to become them"
    assert (await client.put(f"/api/accounts/{pupil.id}/roles", json={"roles": ["operator"]})).status_code == 403
    assert (await client.put(f"/api/accounts/{pupil.id}/state", json={"active": False})).status_code == 403
    async with new_client() as chief:
        await person(chief, installation, "operator", name="Cleo Chief")
        names = [each["name"] for each in (await chief.get("/api/accounts")).json()["accounts"]]
        assert names == ["Ada Lovelace", "Ann Both", "Bo Boss", "Cleo Chief", "Pia Pupil"]
        waiting = (await chief.get("/api/accounts", params={"state": "waiting", "role": "candidate"})).json()
        assert [each["name"] for each in waiting["accounts"]] == ["Ann Both", "Pia Pupil"]
        looked = await chief.post("/api/accounts/search", json={"text": "pupil pi"})
        assert [each["email"] for each in looked.json()["accounts"]] == [pupil.email]
        assert (await chief.post("/api/accounts/search", json={"text": "%_"})).json()["total"] == 0


async def test_an_account_switched_off_is_out_at_once_and_can_come_back(
    client: httpx.AsyncClient, new_client: NewClient, installation: Installation
) -> None:
    await person(client, installation, "operator")
    async with new_client() as other:
        ada = await person(other, installation)
        path = f"/api/accounts/{ada.id}/state"
        assert (await client.put(path, json={"active": False})).status_code == 204
        assert (await other.get("/api/me")).status_code == 401
        assert (await sign_in(other, ada.authenticator)).status_code == 401
        code = (await client.post(f"/api/accounts/{ada.id}/code")).json()["code"]
        assert (await other.post("/api/activate", json={"code": code})).status_code == 410
        assert (await client.put(path, json={"active": True})).status_code == 204
        assert (await sign_in(other, ada.authenticator)).status_code == 200


async def test_roles_count_from_the_next_request_on_and_an_operator_stays(
    client: httpx.AsyncClient, new_client: NewClient, installation: Installation
) -> None:
    me = await person(client, installation, "operator")
    async with new_client() as other:
        ada = await person(other, installation)
        assert (await other.get("/api/accounts")).status_code == 403
        roles = f"/api/accounts/{ada.id}/roles"
        assert (await client.put(roles, json={"roles": ["operator", "candidate"]})).status_code == 204
        assert (await other.get("/api/accounts")).status_code == 200
        # Two operators take the role from each other at the same moment: one of them keeps it.
        taken = await asyncio.gather(
            client.put(roles, json={"roles": ["candidate"]}),
            other.put(f"/api/accounts/{me.id}/roles", json={"roles": ["candidate"]}),
        )
    assert sorted(each.status_code for each in taken) in ([204, 403], [204, 409])


async def test_the_last_operator_stays(client: httpx.AsyncClient, installation: Installation) -> None:
    me = await person(client, installation, "operator")
    refused = await client.put(f"/api/accounts/{me.id}/roles", json={"roles": ["author"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "last-operator")
    assert (await client.put(f"/api/accounts/{me.id}/state", json={"active": False})).status_code == 409


async def test_one_mailbox_one_account(client: httpx.AsyncClient, installation: Installation) -> None:
    await person(client, installation, "operator")
    for email in ("Zoë.Ü@Exämple.ORG", "zoë.ü@exämple.org", " Zoe\u0308.U\u0308@xn--exmple-cua.org"):
        said = await client.post("/api/accounts", json=NEW | {"email": email})
        assert said.status_code in {201, 409}
        assert said.status_code == 201 or said.json()["code"] == "email-taken"
    total = (await client.post("/api/accounts/search", json={"text": "zoë"})).json()
    assert [each["email"] for each in total["accounts"]] == ["zoë.ü@exämple.org"]


@pytest.mark.parametrize(
    "change",
    [
        {"email": "no-at"},
        {"email": "a@b"},
        {"email": "a\x00@example.org"},
        {"email": "a" * 250 + "@example.org"},
        {"name": ""},
        {"name": "   "},
        {"name": "x\x00y"},
        {"name": "x" * 121},
        {"roles": []},
        {"roles": ["king"]},
        {"more": 1},
    ],
)
async def test_what_cannot_be_an_account_is_refused_in_words(
    client: httpx.AsyncClient, installation: Installation, change: dict[str, object]
) -> None:
    await person(client, installation, "operator")
    said = await client.post("/api/accounts", json=NEW | change)
    assert said.status_code == 422
    assert said.json()["problems"]


async def test_many_at_once_loses_nobody(client: httpx.AsyncClient, installation: Installation) -> None:
    await person(client, installation, "instructor")
    known = await account(installation, email="known@example.org", name="Kim Known")
    rows = [
        {"email": "a@example.org", "name": "Ada"},
        {"email": "KNOWN@example.org", "name": "Other Name"},
        {"email": "nonsense", "name": "X"},
        {"email": "A@Example.org ", "name": "Ada again"},
        {"email": "b@example.org", "name": " \x00"},
        {"email": "c@example.org", "name": "Cy"},
    ]
    said = (await client.post("/api/accounts/import", json={"rows": rows})).json()
    assert [row["status"] for row in said["rows"]] == ["created", "known", "wrong", "repeated", "wrong", "created"]
    assert [row["row"] for row in said["rows"]] == [1, 2, 3, 4, 5, 6]
    assert said["created"] == 2
    assert said["rows"][1]["id"] == str(known.id)
    assert said["rows"][1]["code"] is None
    assert said["rows"][3]["id"] == said["rows"][0]["id"]
    assert said["rows"][2]["problem"]
    client.cookies.clear()
    assert (await client.post("/api/activate", json={"code": said["rows"][5]["code"]})).json()["name"] == "Cy"


@pytest.mark.slow
async def test_two_thousand_at_once(client: httpx.AsyncClient, installation: Installation) -> None:
    await person(client, installation, "operator")
    rows = [{"email": f"p{number}@example.org", "name": f"Person {number}"} for number in range(2000)]
    said = (await client.post("/api/accounts/import", json={"rows": rows}, timeout=60)).json()
    assert said["created"] == 2000
    assert len({row["code"] for row in said["rows"]}) == 2000
    assert (await client.post("/api/accounts/import", json={"rows": [*rows, rows[0]]})).status_code == 422


async def test_the_ledger_says_who_made_whom_and_notices_a_forged_line(
    client: httpx.AsyncClient, installation: Installation
) -> None:
    me = await person(client, installation, "operator")
    made = (await client.post("/api/accounts", json=NEW)).json()
    async with transaction(installation.sessions) as session:
        whole = await ledger_check.check(session)
        cut = await ledger_check.check(session, most=2)
    assert (whole.broken, whole.complete, whole.streams) == ((), True, 2)
    assert (cut.lines, cut.broken, cut.complete) == (2, (), False)
    async with transaction(installation.sessions) as session:
        await session.execute(
            text("UPDATE ledger SET actor_id = gen_random_uuid() WHERE stream = :id"), {"id": made["id"]}
        )
    async with transaction(installation.sessions) as session:
        [broken] = (await ledger_check.check(session)).broken
    assert (str(broken.stream), broken.seq) == (made["id"], 1)
    assert str(me.id) != made["id"]


@given(st.emails())
def test_one_spelling_stays_one_spelling(email: str) -> None:
    try:
        plain = plain_email(email)
    except ValueError:
        return
    assert plain_email(plain) == plain
    assert plain_email(plain.upper() if plain.isascii() else plain) == plain
