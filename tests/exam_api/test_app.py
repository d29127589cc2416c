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
