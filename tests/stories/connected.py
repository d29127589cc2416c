"""An app that a person has let in, with a certificate from elsewhere that it has put here; and one that asks."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

from httpx import BasicAuth

from exam_api.badges.schemas import OFFLINE, PROFILE, READ, WRITE
from loadtests.people import Person
from tests.credentials.other_issuers import badge, signed

HOST = "https://portfolio.example"
VERIFIER = "a-verifier-of-more-than-forty-three-characters-0"
CHALLENGE = "cf7NRNkXUG0qUfDnsU5bcGlN47SgxczNiq6Zl1ySWoM"
ASKED = (
    f"response_type=code&redirect_uri={HOST}/connected&code_challenge={CHALLENGE}&code_challenge_method=S256&state=1"
)
QUERY = f"?{ASKED}&client_id={{app}}&scope={READ}%20{PROFILE}%20{WRITE}%20{OFFLINE}"


async def make(person: Person) -> dict[str, str]:
    """The client_id of the app that is let in."""
    app = await person.call("POST", "/oauth/register", registration())
    page = await person.client.get(f"/oauth/authorize{QUERY.format(app=app['client_id'])}")
    form = page.text[page.text.index('action="/oauth/authorize"') :].split("</form>")[0]
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    sent = await person.client.post("/oauth/authorize", data={name: unescape(each) for name, each in fields.items()})
    code = parse_qs(urlsplit(sent.headers["location"]).query)["code"][0]
    told = {"grant_type": "authorization_code", "code": code, "redirect_uri": f"{HOST}/connected"}
    secret = BasicAuth(app["client_id"], app["client_secret"])
    answer = await person.client.post("/oauth/token", data={**told, "code_verifier": VERIFIER}, auth=secret)
    headers = {"Authorization": f"Bearer {answer.raise_for_status().json()['access_token']}"}
    put = await person.client.post("/ims/ob/v3p0/credentials", json=signed(badge()), headers=headers)
    put.raise_for_status()
    return {"app": str(app["client_id"])}


def registration() -> dict[str, object]:
    """What the app says of itself."""
    pages = {f"{name}_uri": f"{HOST}/{name}" for name in ("client", "logo", "tos", "policy")}
    return {
        "client_name": "Portfolio of the Distant College",
        **pages,
        "software_id": "portfolio",
        "software_version": "1",
        "redirect_uris": [f"{HOST}/connected"],
        "scope": f"{READ} {WRITE} {PROFILE} {OFFLINE}",
    }
