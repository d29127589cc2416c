"""Apps read a person's certificates, put others here, and read and write the profile; nobody reads anybody else's."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from credentials.foreign import proving as foreign
from credentials.verification.trust import Trust
from exam_api.badges.schemas import MAX_HELD, PROFILE, READ, UPDATE, WRITE
from exam_api.badges.service import hosting
from exam_api.installation import Installation
from tests.conftest import Clock
from tests.credentials.other_issuers import AT, badge, claims_of, compact, jwk, signed, token
from tests.exam_api.badges.apps import Connection, connect
from tests.exam_api.certificates.conftest import Award
from tests.factories import Person, person

New = Callable[[], httpx.AsyncClient]
CREDENTIALS, PROFILE_PATH = "/ims/ob/v3p0/credentials", "/ims/ob/v3p0/profile"
JSON, JWS = {"content-type": "application/json"}, {"content-type": "text/plain"}


@pytest.fixture
async def ada(new_client: New, installation: Installation) -> Person:
    return await person(new_client(), installation)


@pytest.fixture
async def portfolio(ada: Person, new_client: New) -> Connection:
    return await connect(ada.client, new_client)


def elsewhere(number: int = 1, **changes: Any) -> bytes:
    return json.dumps(signed(badge(id=f"https://college.example/badges/{number}", **changes))).encode()


async def put(app: Connection, content: bytes | str, headers: dict[str, str] = JSON) -> httpx.Response:
    return await app.api.post(CREDENTIALS, content=content, headers=headers)


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    said = answer.json()
    assert (said["imsx_codeMajor"], said["imsx_severity"]) == ("failure", "error")
    return (
        answer.status_code,
        said["imsx_codeMinor"]["imsx_codeMinorField"][0]["imsx_codeMinorFieldValue"],
        said["imsx_description"],
    )


async def test_ones_own_certificates_are_read_as_they_were_issued(award: Award, new_client: New) -> None:
    made = await award(name="Ada <Ampère>")
    app = await connect(made["script"].person.client, new_client, READ)
    answer = await app.api.get(CREDENTIALS)
    (document,) = answer.json()["credential"]
    assert answer.json()["compactJwsString"] == []
    assert document == (await new_client().get(f"/c/{made['id']}.json")).json()["credential"]
    assert answer.headers["x-total-count"] == "1"
    assert 'rel="first"' in answer.headers["link"]
    assert 'rel="next"' not in answer.headers["link"]
    assert (await put(app, elsewhere())).status_code == 403


async def test_what_is_put_here_comes_back_byte_for_byte(portfolio: Connection, ada: Person) -> None:
    content, compact = elsewhere(), token("ES256")
    first = await put(portfolio, content)
    assert (first.status_code, first.content, first.headers["content-type"]) == (201, content, "application/json")
    second = await put(portfolio, compact, JWS)
    assert (second.status_code, second.text) == (201, compact)
    assert second.headers["content-type"].startswith("text/plain")
    assert (await put(portfolio, content)).status_code == 200
    found = (await portfolio.api.get(CREDENTIALS)).json()
    assert (found["credential"], found["compactJwsString"]) == ([json.loads(content)], [compact])
    for each in (*(json.dumps(one).encode() for one in found["credential"]), compact.encode()):
        assert foreign.verify(each, Trust(), AT)[0].signature.outcome == "proven"
    page = (await ada.client.get("/me/apps")).text
    assert "Rings and Ideals" in page
    assert "Distant College" in page


async def test_one_and_the_same_by_issuer_and_id_and_the_newer_stays(portfolio: Connection) -> None:
    old = elsewhere(7, validFrom="2026-01-01T00:00:00Z")
    new = elsewhere(7, validFrom="2026-02-01T00:00:00Z")
    escaped = json.dumps(
        signed(badge(id="https://college.example/badges/%37"))
    ).encode()  # the same after unescaping; newer
    assert [(await put(portfolio, each)).status_code for each in (old, new, old)] == [201, 200, 200]
    assert (await portfolio.api.get(CREDENTIALS)).json()["credential"] == [json.loads(new)]
    assert (await put(portfolio, escaped)).status_code == 200
    assert (await portfolio.api.get(CREDENTIALS)).json()["credential"] == [json.loads(escaped)]


async def test_pages(portfolio: Connection, clock: Clock) -> None:
    for number in range(5):
        clock.moment += timedelta(seconds=1)
        assert (await put(portfolio, elsewhere(number))).status_code == 201
    between = (clock.moment - timedelta(seconds=1, milliseconds=500)).isoformat()
    seen: list[str] = []
    address: str | None = f"{CREDENTIALS}?limit=2"
    while address is not None:
        answer = await portfolio.api.get(address)
        assert answer.headers["x-total-count"] == "5"
        links = {rel: target for target, rel in re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers["link"])}
        assert {"first", "last"} <= set(links)
        seen += [each["id"].rpartition("/")[2] for each in answer.json()["credential"]]
        address = None if "next" not in links else links["next"].removeprefix("http://localhost:8000")
    assert seen == ["4", "3", "2", "1", "0"]
    assert parse_qs(urlsplit(links["last"]).query)["offset"] == ["4"]
    assert parse_qs(urlsplit(links["prev"]).query)["offset"] == ["2"]
    recent = await portfolio.api.get(CREDENTIALS, params={"since": between})
    assert [each["id"].rpartition("/")[2] for each in recent.json()["credential"]] == ["4", "3"]
    assert (await portfolio.api.get(CREDENTIALS, params={"offset": 99})).json() == {
        "credential": [],
        "compactJwsString": [],
    }


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "many"},
        {"offset": "-1"},
        {"since": "yesterday"},
        {"since": "2027-01-01T00:00:00"},
    ],
)
async def test_pages_that_are_none(portfolio: Connection, query: dict[str, str]) -> None:
    status, code, said = refusal(await portfolio.api.get(CREDENTIALS, params=query))
    assert (status, code, bool(said)) == (400, "invaliddata", True)


@pytest.mark.parametrize(
    ("content", "headers", "reason"),
    [
        (b"", JSON, "JSON"),
        (b"[]", JSON, "object"),
        (b'{"format": "invigil-certificate/1", "credential": {}}', JSON, "not a credential"),
        (elsewhere().replace(b"Emmy", b"Anna"), JSON, "not proven"),
        (
            elsewhere(issuer="did:web:college.example"),
            JSON,
            "not proven",
        ),
        (json.dumps(badge()).encode(), JSON, "not proven"),
        (token().encode(), JSON, "Content-Type"),
        (elsewhere(), JWS, "Content-Type"),
        (token()[:-4].encode(), JWS, "not proven"),
        (elsewhere(), {"content-type": "image/png"}, "application/json"),
        (
            json.dumps(signed({name: value for name, value in badge().items() if name != "id"})).encode(),
            JSON,
            "its own id",
        ),
    ],
    ids=[
        "nothing",
        "a list",
        "a file with one in it",
        "changed",
        "a key that is not at hand",
        "unsigned",
        "a token as JSON",
        "JSON as a token",
        "a cut token",
        "a picture",
        "without an id",
    ],
)
async def test_what_is_not_kept(portfolio: Connection, content: bytes, headers: dict[str, str], reason: str) -> None:
    status, code, said = refusal(await put(portfolio, content, headers))
    assert (status, code) == (400, "invaliddata")
    assert reason in said
    assert (await portfolio.api.get(CREDENTIALS)).headers["x-total-count"] == "0"


async def test_there_is_room_for_so_many_and_so_large(portfolio: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    large = b'{"a": "' + b"x" * 300_000 + b'"}'
    assert refusal(await put(portfolio, large))[0] == 413
    monkeypatch.setattr(hosting, "MAX_HELD", 1)
    assert (await put(portfolio, elsewhere(1))).status_code == 201
    status, _, said = refusal(await put(portfolio, elsewhere(2)))
    assert (status, "room for 1" in said) == (409, True)
    assert (await put(portfolio, elsewhere(1))).status_code == 200
    assert MAX_HELD > 1


async def test_what_is_from_here_is_not_kept_twice_and_not_for_others(
    award: Award, new_client: New, portfolio: Connection
) -> None:
    made = await award()
    document = (await new_client().get(f"/c/{made['id']}.json")).json()["credential"]
    own = await connect(made["script"].person.client, new_client)
    assert (await put(own, json.dumps(document))).status_code == 200
    assert (await own.api.get(CREDENTIALS)).headers["x-total-count"] == "1"
    assert "belongs to somebody else" in refusal(await put(portfolio, json.dumps(document)))[2]


async def test_nobody_reads_anybody_elses(
    portfolio: Connection, new_client: New, installation: Installation, ada: Person
) -> None:
    await put(portfolio, elsewhere())
    bob = await person(new_client(), installation, name="Bob")
    other = await connect(bob.client, new_client)
    assert (await other.api.get(CREDENTIALS)).json()["credential"] == []
    assert (await other.api.get(PROFILE_PATH)).json()["name"] == "Bob"
    page = (await ada.client.get("/me/apps")).text
    action = page.split('action="/me/apps/certificates/')[1].split('"')[0]
    theirs = (await bob.client.get("/me")).text.split('name="csrf_token" value="')[1].split('"')[0]
    assert (await bob.client.post(f"/me/apps/certificates/{action}", data={"csrf_token": theirs})).status_code == 404
    mine = page.split('name="csrf_token" value="')[1].split('"')[0]
    assert (await ada.client.post(f"/me/apps/certificates/{action}", data={"csrf_token": mine})).status_code == 303
    assert (await portfolio.api.get(CREDENTIALS)).json()["credential"] == []
    assert "is removed" in (await ada.client.get("/me/apps?done=removed")).text


async def test_the_profile_is_the_accounts_with_what_an_app_writes_beside_it(
    portfolio: Connection, ada: Person
) -> None:
    before = (await portfolio.api.get(PROFILE_PATH)).json()
    assert (before["id"], before["name"], before["email"]) == (f"urn:uuid:{ada.id}", ada.name, ada.email)
    sent = {
        **before,
        "name": "Somebody Else",
        "phone": "111-222",
        "url": "https://ada.example",
        "image": {"id": "https://ada.example/me.png", "type": "Image"},
    }
    answer = (await portfolio.api.put(PROFILE_PATH, json=sent)).json()
    assert answer == {**sent, "name": ada.name} == (await portfolio.api.get(PROFILE_PATH)).json()
    assert (await portfolio.api.put(PROFILE_PATH, json=before)).json() == before


@pytest.mark.parametrize(
    "more",
    [
        {"official": "yes"},
        {"url": "javascript:alert(1)"},
        {"phone": 7},
        {"phone": "1\0"},
        {"description": " "},
        {"image": {"id": "data:,x"}},
        {"image": {"id": "https://a.example", "more": 1}},
        {"description": "x" * 2_001},
    ],
)
async def test_profiles_that_are_refused(portfolio: Connection, more: dict[str, Any]) -> None:
    before = (await portfolio.api.get(PROFILE_PATH)).json()
    status, code, _ = refusal(await portfolio.api.put(PROFILE_PATH, json={**before, **more}))
    assert (status, code) == (400, "invaliddata")
    assert refusal(await portfolio.api.put(PROFILE_PATH, content=b"{", headers=JSON))[0] == 400
    assert (await portfolio.api.get(PROFILE_PATH)).json() == before


@pytest.mark.parametrize(
    ("scope", "open_to"), [(READ, "GET /c"), (WRITE, "POST /c"), (PROFILE, "GET /p"), (UPDATE, "PUT /p")]
)
async def test_each_scope_opens_one_thing(ada: Person, new_client: New, scope: str, open_to: str) -> None:
    app = await connect(ada.client, new_client, scope)
    answers = {
        "GET /c": await app.api.get(CREDENTIALS),
        "POST /c": await put(app, elsewhere()),
        "GET /p": await app.api.get(PROFILE_PATH),
        "PUT /p": await app.api.put(PROFILE_PATH, json={}),
    }
    assert {name for name, answer in answers.items() if answer.status_code < 300} == {open_to}
    for name, answer in answers.items():
        if name != open_to:
            assert refusal(answer)[:2] == (403, "forbidden")


async def test_nobody_without_a_token(client: httpx.AsyncClient) -> None:
    for headers in (
        {},
        {"authorization": "Bearer nothing"},
        {"authorization": "Basic dTpw"},
        {"authorization": "Bearer "},
    ):
        for answer in (
            await client.get(CREDENTIALS, headers=headers),
            await client.post(CREDENTIALS, headers=headers, json={}),
            await client.get(PROFILE_PATH, headers=headers),
            await client.put(PROFILE_PATH, headers=headers, json={}),
        ):
            assert refusal(answer)[:2] == (401, "unauthorisedrequest")
            assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


async def test_the_answer_in_their_words_comes_after_the_rollback(portfolio: Connection, ada: Person) -> None:
    """When an app was last used is written down with each request; a refused one leaves no trace at all."""
    assert refusal(await put(portfolio, b"{}"))[0] == 400
    assert "not yet" in (await ada.client.get("/me/apps")).text
    assert (await portfolio.api.get(PROFILE_PATH)).status_code == 200
    assert "not yet" not in (await ada.client.get("/me/apps")).text


async def test_a_token_with_texts_that_no_database_keeps(portfolio: Connection, ada: Person) -> None:
    inside = badge("https://college.example/issuers/7", "1.1")
    inside["issuer"]["name"] = "Col\0lege"
    inside["credentialSubject"]["achievement"]["name"] = "Ri\0ngs"
    sent = compact({"alg": "ES256", "typ": "JWT", "jwk": jwk("ES256")}, claims_of(inside))
    assert (await put(portfolio, sent, JWS)).status_code == 201
    page = (await ada.client.get("/me/apps")).text
    assert "Rings" in page
    assert "College" in page
    inside["id"] += "\0"
    sent = compact({"alg": "ES256", "typ": "JWT", "jwk": jwk("ES256")}, claims_of(inside))
    assert refusal(await put(portfolio, sent, JWS))[:2] == (400, "invaliddata")
