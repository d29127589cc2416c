"""The application as a whole: it starts, refuses in one shape, and keeps its headers."""

import httpx


async def test_an_unknown_address_is_a_problem_for_programs(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not-found"


async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/nothing")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["permissions-policy"].startswith("camera=()")


async def test_a_change_asked_for_by_another_site_is_refused(client: httpx.AsyncClient) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert (await client.post("/api/nothing", headers=headers)).status_code == 403
    assert (await client.post("/api/nothing", headers={"Origin": "http://localhost:8000"})).status_code != 403


async def test_a_refusal_is_said_in_the_language_of_the_page_that_asked(client: httpx.AsyncClient) -> None:
    english = (await client.get("/api/nothing")).json()
    assert english["title"] == "There is nothing here, or it is not yours to see."
    wanted = "Hier ist nichts, oder es ist nicht für Sie bestimmt."
    for asked in ({"Accept-Language": "de-AT,de;q=0.9"}, {"Cookie": "lang=de", "Accept-Language": "en"}):
        german = (await client.get("/api/nothing", headers=asked)).json()
        assert german == english | {"title": wanted, "detail": wanted}
    assert (await client.get("/api/nothing", headers={"Accept-Language": "fr"})).json() == english


async def test_what_is_wrong_with_a_body_is_said_in_german_too(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/sign-in/password", headers={"Accept-Language": "de"}, json={})
    assert answer.status_code == 422
    assert answer.json()["problems"][0] == {"where": ["body", "email"], "message": "Diese Angabe fehlt"}
    assert answer.json()["title"] == "Ein Teil des Gesendeten lässt sich nicht verwenden."
