"""Found by name: with consent alone, by the exact name alone, at once gone when the holder withdraws it."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx

from exam_api.accounts.queries import records
from exam_api.certificates import queries
from exam_api.certificates.service import finding, holding
from exam_api.db.session import transaction
from exam_api.installation import Installation
from tests.exam_api.certificates.conftest import Award, Hall
from tests.exam_api.certificates.test_public import HTML, NOBODY, page


def token_in(text: str, action: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', text[text.index(f'action="{action}"') :])
    assert found
    return found[1]


async def look_for(client: httpx.AsyncClient, name: str, status: int = 200) -> str:
    token = token_in(await page(client, "/verify/person"), "/verify/person")
    answer = await client.post("/verify/person", data={"csrf_token": token, "name": name}, headers=HTML)
    assert answer.status_code == status, answer.text
    return answer.text


async def choose(holder: httpx.AsyncClient, made: dict[str, Any], wish: str) -> httpx.Response:
    action = f"/certificates/{made['id']}/found"
    token = token_in(await page(holder, f"/certificates/{made['id']}"), action)
    return await holder.post(action, data={"csrf_token": token, "wish": wish}, headers=HTML)


async def test_found_only_while_the_holder_wants_it(
    award: Award, client: httpx.AsyncClient, installation: Installation
) -> None:
    made = await award(name="Zoë  von Ampère")
    holder = made["script"].person.client
    link = f'href="/c/{made["id"]}"'
    assert "Nothing is found" in await look_for(client, "Zoë von Ampère"), "off by default"
    async with transaction(installation.sessions) as session:
        row = await queries.lock_row(session, UUID(made["id"]))
        await finding.agree(session, row, made["script"].person.id, datetime.now(UTC))
        second = asyncio.create_task(choose(holder, made, "yes"))
        await asyncio.sleep(0.3)  # by then it waits for us
    assert (await second).status_code == 303, "twice at once is once"
    assert (await choose(holder, made, "yes")).status_code == 303, "twice changes nothing"
    for name in ("Zoë von Ampère", "  ZOE\u0308 VON   AMPÈRE"):
        assert link in await look_for(client, name)
    for name in ("Zoe von Ampere", "Zoë", "Zoë von", "Ampère", "%", "Zo_ von Ampère"):
        assert link not in await look_for(client, name, 422 if name == "%" else 200)
    assert (await choose(holder, made, "no")).status_code == 303
    assert "Nothing is found" in await look_for(client, "Zoë von Ampère")
    async with transaction(installation.sessions) as session:
        lines = await records.list_lines(session, None, None, 100)
    said = [line.tag for line in reversed(lines) if str(line.stream) == made["id"]]
    assert said == ["certificate:issued", "certificate:listed", "certificate:unlisted"]


async def test_a_revoked_one_is_not_found_and_cannot_be(award: Award, hall: Hall, client: httpx.AsyncClient) -> None:
    made = await award(name="Eve Found")
    holder = made["script"].person.client
    await choose(holder, made, "yes")
    await hall.instructor.client.post(f"/api/certificates/{made['id']}/revoke", json={"reason": "A mistake."})
    assert "Nothing is found" in await look_for(client, "Eve Found")
    assert (await choose(holder, made, "no")).status_code == 303, "what is revoked can still be withdrawn"
    assert (await choose(holder, made, "yes")).status_code == 409


async def test_only_the_holder_may(award: Award, hall: Hall, client: httpx.AsyncClient) -> None:
    made = await award()
    for someone in (hall.instructor.client, client):
        answer = await someone.get(f"/certificates/{made['id']}", headers=HTML)
        assert answer.status_code in {303, 404}
    token = token_in(await page(client, "/verify/person"), "/verify/person")
    stranger = await client.post(
        f"/certificates/{made['id']}/found", data={"csrf_token": token, "wish": "yes"}, headers=HTML
    )
    assert stranger.status_code in {303, 401}
    assert "Nothing is found" in await look_for(client, "Cora Candidate")


async def test_names_cannot_be_tried_one_after_the_other(client: httpx.AsyncClient) -> None:
    assert "at least two letters" in await look_for(client, "a", 422)
    for number in range(29):
        await look_for(client, f"Name Number{number}")
    assert "Too many tries" in await look_for(client, "Another Name", 429)
    assert (await client.get("/verify/person?name=Ada+Lovelace", headers=HTML)).status_code == 200
    assert "Ada" not in (await client.get("/verify/person?name=Ada+Lovelace", headers=HTML)).text


async def test_the_holders_page_offers_everything(
    award: Award, client: httpx.AsyncClient, new_client: Callable[[], Any]
) -> None:
    made = await award(name='Ada "Countess" <Lovelace>')
    holder = made["script"].person.client
    text = await page(holder, f"/certificates/{made['id']}")
    for kind in ("json", "pdf", "html", "png", "svg", "zip"):
        assert f'href="/c/{made["id"]}.{kind}"' in text, kind
        assert (await client.get(f"/c/{made['id']}.{kind}")).status_code == 200, kind
    linkedin = re.search(r'href="(https://www\.linkedin\.com/profile/add\?[^"]+)"', text)
    assert linkedin
    asked = httpx.URL(linkedin[1].replace("&amp;", "&")).params
    assert asked["name"] == "Knots, Foundation"
    assert asked["certUrl"] == made["url"]
    assert asked["certId"] == made["id"]
    assert asked["startTask"] == "CERTIFICATION_NAME"
    assert int(asked["expirationYear"]) == int(asked["issueYear"]) + 2
    assert "&lt;img src=&#34;" + made["url"] + ".svg" in text
    assert "Ada &#34;Countess&#34; &lt;Lovelace&gt;" in text
    assert "is not recorded" in text
    assert (await new_client().get(f"/certificates/{NOBODY}", headers=HTML)).headers["location"].startswith("/sign-in")


async def test_another_page_may_show_the_seal(award: Award, client: httpx.AsyncClient) -> None:
    made = await award()
    text = await page(client, f"/c/{made['id']}")
    assert f'<meta property="og:image" content="{made["url"]}.png">' in text
    found = re.search(r'type="application/json\+oembed" href="([^"]+)"', text)
    assert found
    said = (await client.get(found[1].replace("&amp;", "&"))).raise_for_status().json()
    assert (said["type"], said["version"], said["url"]) == ("photo", "1.0", f"{made['url']}.png")
    assert "Cora" not in str(said), "the seal names nobody"
    for url in ("https://else.example/c/x", made["url"][:-1] + "x", f"http://localhost:8000/c/{NOBODY}", ""):
        assert (await client.get("/api/oembed", params={"url": url})).status_code == 404
    assert (await client.get("/api/oembed", params={"url": made["url"], "format": "xml"})).status_code == 422


async def test_linkedin_gets_the_institutions_page_where_there_is_one(award: Award, installation: Installation) -> None:
    made = await award()
    async with transaction(installation.sessions) as session:
        (row,) = (await queries.some_certificates(session, {UUID(made["id"])})).values()
    for number, wanted in ((None, ("Invigil Demonstration Institute", None)), (4711, (None, "4711"))):
        params = httpx.URL(holding.linkedin(replace(installation, linkedin_organization=number), row)).params
        assert (params.get("organizationName"), params.get("organizationId")) == wanted
