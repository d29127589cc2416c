"""The pages of accounts: they render for who may see them, and a form without its token changes nothing."""

import re
import time
from collections.abc import Callable

import httpx
import pyotp
import pytest

from exam_api.accounts.pages.people import read_rows
from exam_api.accounts.pages.sign_in import own_path
from exam_api.installation import Installation
from tests.factories import account, person

INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)|\son[a-z]+=|\sstyle=|javascript:", re.IGNORECASE)
HTML = {"Accept": "text/html"}


def token(page: httpx.Response) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text[:500]
    return found[1]


async def send(client: httpx.AsyncClient, shown: str, to: str, **fields: str | list[str]) -> httpx.Response:
    """Fill the form on `shown` and send it."""
    page = await client.get(shown, headers=HTML)
    return await client.post(to, data={"csrf_token": token(page), **fields}, headers=HTML)


@pytest.mark.parametrize("path", ["/sign-in", "/activate", "/recover", "/help"])
async def test_the_doors_open_for_nobody(client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(path, headers=HTML)
    assert page.status_code == 200
    assert not INLINE_SCRIPT.search(page.text)


PAGES = {
    "/me": (200, 200, 200),
    "/me/security": (200, 200, 200),
    "/me/password": (200, 200, 200),
    "/me/data": (200, 200, 200),
    "/sign-out": (200, 200, 200),
    "/operator/accounts": (403, 200, 200),
    "/operator/accounts?role=candidate&state=active&page=1": (403, 200, 200),
    "/operator/accounts?role=&state=all": (403, 200, 200),
    "/operator/accounts/new": (403, 200, 200),
    "/operator/accounts/import": (403, 200, 200),
    "/operator/ledger": (403, 403, 200),
    "/operator/ledger?tag=account:created&before=5": (403, 403, 200),
    "/operator/health": (403, 403, 200),
}


@pytest.mark.parametrize("language", ["en", "de"])
async def test_each_page_shows_to_whom_it_is_for(
    new_client: Callable[[], httpx.AsyncClient], installation: Installation, language: str
) -> None:
    headers = HTML | {"Accept-Language": language}
    for column, role in enumerate(("candidate", "instructor", "operator")):
        async with new_client() as client:
            await person(client, installation, role, name="<b>Zoë</b>")
            for path, statuses in PAGES.items():
                page = await client.get(path, headers=headers)
                assert page.status_code == statuses[column], (role, path, page.text[:600])
                assert not INLINE_SCRIPT.search(page.text)
                assert "<b>Zoë" not in page.text
    async with new_client() as nobody:
        for path in PAGES:
            page = await nobody.get(path, headers=headers)
            assert page.status_code == 303
            assert page.headers["location"].startswith("/sign-in")


async def test_the_start_leads_each_person_on(client: httpx.AsyncClient, installation: Installation) -> None:
    assert (await client.get("/")).headers["location"] == "/sign-in"
    code = await account(installation)
    answer = await send(client, "/activate", "/activate", code=code.code.lower().replace("-", " "))
    assert (answer.status_code, answer.headers["location"]) == (303, "/welcome")
    assert (await client.get("/")).headers["location"] == "/activate"
    assert (await client.get("/welcome")).status_code == 200
    assert (await client.get("/me", headers=HTML)).status_code == 403


async def test_a_wrong_code_is_said_beside_its_field(client: httpx.AsyncClient) -> None:
    answer = await send(client, "/activate", "/activate", code="WRONG")
    assert answer.status_code == 410
    assert 'id="code-error"' in answer.text


async def test_a_form_without_its_token_changes_nothing(client: httpx.AsyncClient, installation: Installation) -> None:
    await person(client, installation, "author")
    for fields in ({}, {"csrf_token": "no"}):
        answer = await client.post("/me", data={"name": "Mallory", **fields}, headers=HTML)
        assert answer.status_code == 403
    assert (await client.get("/api/me")).json()["name"] == "Ada Lovelace"
    answer = await send(client, "/me", "/me", name="  Ada   King ", locale="de")
    assert answer.headers["location"] == "/me?done=profile"
    assert (await client.get("/api/me")).json() | {"name": "Ada King", "locale": "de"} == (
        await client.get("/api/me")
    ).json()
    assert "Profil" in (await client.get("/me?done=profile", headers=HTML)).text


async def test_a_sign_in_form_belongs_to_one_browser(
    client: httpx.AsyncClient, new_client: Callable[[], httpx.AsyncClient]
) -> None:
    stolen = token(await client.get("/sign-in", headers=HTML))
    async with new_client() as other:
        await other.get("/sign-in")
        answer = await other.post("/sign-in", data={"csrf_token": stolen, "email": "a@example.org"}, headers=HTML)
    assert answer.status_code == 403


async def test_password_by_page(client: httpx.AsyncClient, installation: Installation) -> None:
    code = await account(installation, email="ada@example.org")
    await send(client, "/activate", "/activate", code=code.code)
    page = await client.get("/me/password", headers=HTML)
    sealed = re.search(r'name="sealed" value="([^"]+)"', page.text)
    secret = re.search(r"<dd>([A-Z2-7]{32})</dd>", page.text)
    assert sealed
    assert secret
    assert "<svg" in page.text
    fields = {"csrf_token": token(page), "sealed": sealed[1], "new_password": "four brown words here"}
    wrong = await client.post("/me/password", data=fields | {"code": "12"}, headers=HTML)
    assert wrong.status_code == 422
    assert secret[1] in wrong.text, "the same key stays, so that nobody has to scan twice"
    digits = pyotp.TOTP(secret[1]).at(int(time.time()))
    done = await client.post("/me/password", data=fields | {"code": digits}, headers=HTML)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert (await client.get("/api/me")).json()["method"] == "password"

    out = await send(client, "/me", "/sign-out")
    assert out.headers["location"] == "/sign-in?done=true"
    refused = await send(
        client, "/sign-in", "/sign-in", email="ada@example.org", password="four brown words here", code=digits
    )
    assert refused.status_code == 401, "that code was used for the set-up"
    later = pyotp.TOTP(secret[1]).at(int(time.time()) + 30)
    entered = await send(
        client,
        "/sign-in",
        "/sign-in",
        email="ada@example.org",
        password="four brown words here",
        code=later,
        next="//evil.example",
    )
    assert (entered.status_code, entered.headers["location"]) == (303, "/")


async def test_an_operator_makes_and_looks_after_an_account(
    client: httpx.AsyncClient, installation: Installation
) -> None:
    await person(client, installation, "operator")
    empty = await send(client, "/operator/accounts/new", "/operator/accounts/new", email="x", name="")
    assert empty.status_code == 422
    made = await send(
        client,
        "/operator/accounts/new",
        "/operator/accounts/new",
        email="new@example.org",
        name="Nia New",
        roles=["candidate", "author"],
    )
    assert made.status_code == 201
    assert "/activate#" in made.text
    twice = await send(
        client, "/operator/accounts/new", "/operator/accounts/new", email="NEW@example.org", name="Nia", roles="author"
    )
    assert twice.status_code == 422
    found = await send(client, "/operator/accounts", "/operator/accounts/search", text="nia")
    link = re.search(r"/operator/accounts/([0-9a-f-]{36})", found.text)
    assert link
    one = link[0]
    assert (await send(client, one, one + "/roles", roles="candidate")).headers["location"] == one + "?done=true"
    assert (await send(client, one, one + "/roles")).status_code == 422
    assert (await send(client, one, one + "/state", active="false")).status_code == 303
    assert "Switched off" in (await client.get(one + "?done=true", headers=HTML)).text
    again = await send(client, one, one + "/code")
    assert again.status_code == 201
    checked = await send(client, "/operator/ledger", "/operator/ledger/check")
    assert "Every chain holds" in checked.text


async def test_a_list_is_read_as_a_spreadsheet_copies_it(client: httpx.AsyncClient, installation: Installation) -> None:
    await person(client, installation, "instructor")
    text = "a@example.org\tAda\nb@example.org\tBea Brown\n\nnonsense\tX\na@example.org\tAgain\n"
    answer = await send(client, "/operator/accounts/import", "/operator/accounts/import", text=text)
    assert answer.status_code == 200
    assert answer.text.count("badge--ok") == 2
    assert answer.text.count("badge--problem") == 1
    assert (await send(client, "/operator/accounts/import", "/operator/accounts/import", text=" ")).status_code == 422


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a@b.cd, Ada", [("a@b.cd", "Ada")]),
        ("a@b.cd;Ada, Countess", [("a@b.cd", "Ada, Countess")]),
        ('a@b.cd,"Lovelace, Ada"', [("a@b.cd", "Lovelace, Ada")]),
        ("a@b.cd\tAda\r\n\r\nb@b.cd\tBea", [("a@b.cd", "Ada"), ("b@b.cd", "Bea")]),
        ("", []),
    ],
)
def test_read_rows(text: str, rows: list[tuple[str, str]]) -> None:
    assert [(row.email, row.name) for row in read_rows(text)] == rows


@pytest.mark.parametrize("address", ["//evil.example", "/\\evil.example", "https://evil.example", "", "me", "/a\nb"])
def test_no_link_leads_away_from_this_site(address: str) -> None:
    assert own_path(address) == "/"
    assert own_path("/me/security?x=1") == "/me/security?x=1"
