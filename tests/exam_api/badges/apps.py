"""A real OAuth client (Authlib) that connects to the platform as an app would, with a person who says yes or no."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from exam_api.badges.schemas import OFFLINE, PROFILE, READ, UPDATE, WRITE

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Authlib says at its import that one of its own modules will move
    from authlib.integrations.httpx_client import AsyncOAuth2Client

# Authlib brings its own choice of HTTP library: httpx, or the one that follows it.
_HTTP = import_module(
    next(each.__module__.split(".")[0] for each in AsyncOAuth2Client.__mro__ if each.__name__ == "AsyncClient")
)
HOST = "https://portfolio.example"
REDIRECT = f"{HOST}/connected"
EVERYTHING = f"{READ} {WRITE} {PROFILE} {UPDATE} {OFFLINE}"
VERIFIER = "a-verifier-of-more-than-forty-three-characters-0"
REGISTRATION: dict[str, Any] = {
    "client_name": "Portfolio",
    "client_uri": HOST,
    "logo_uri": f"{HOST}/logo.png",
    "tos_uri": f"{HOST}/terms",
    "policy_uri": f"{HOST}/privacy",
    "software_id": "c88b6ed8-269e-448e-99be-7e2ff47167d1",
    "software_version": "1.0",
    "redirect_uris": [REDIRECT],
    "grant_types": ["authorization_code", "refresh_token"],
    "scope": EVERYTHING,
}


@dataclass
class Connection:
    """An app that is let in: `api` sends its token along."""

    api: AsyncOAuth2Client
    token: dict[str, Any]

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token['access_token']}"}


async def register(client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post("/oauth/register", json={**REGISTRATION, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()


def oauth_client(
    new_client: Callable[[], httpx.AsyncClient], app: dict[str, Any], scope: str = EVERYTHING
) -> AsyncOAuth2Client:
    platform: Any = new_client()._transport
    return AsyncOAuth2Client(
        app["client_id"],
        app["client_secret"],
        token_endpoint_auth_method="client_secret_basic",
        scope=scope,
        redirect_uri=REDIRECT,
        code_challenge_method="S256",
        transport=_HTTP.ASGITransport(app=platform.app),
        base_url="http://localhost:8000",
    )


def hidden(page: str) -> dict[str, str]:
    """The fields of the first form for a decision on the page."""
    form = next(part for part in page.split("<form")[1:] if 'action="/oauth/authorize"' in part)
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in pairs}


async def ask(person: httpx.AsyncClient, oauth: AsyncOAuth2Client, **changes: str | None) -> httpx.Response:
    """What the person's browser shows when the app sends it to us."""
    address, _ = oauth.create_authorization_url("/oauth/authorize", state="s-1", code_verifier=VERIFIER)
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    told = {name: value for name, value in {**query, **changes}.items() if value is not None}
    return await person.get("/oauth/authorize", params=told)


async def decide(person: httpx.AsyncClient, page: httpx.Response, decision: str = "allow") -> dict[str, str]:
    """What the app reads in the address that the browser comes back to."""
    answer = await person.post("/oauth/authorize", data={**hidden(page.text), "decision": decision})
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(f"{REDIRECT}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


async def connect(
    person: httpx.AsyncClient, new_client: Callable[[], httpx.AsyncClient], scope: str = EVERYTHING
) -> Connection:
    """All steps: registration, consent, code, token."""
    oauth = oauth_client(new_client, await register(new_client()), scope)
    back = await decide(person, await ask(person, oauth))
    assert (back["state"], back["iss"]) == ("s-1", "http://localhost:8000")
    token = await oauth.fetch_token("/oauth/token", code=back["code"], code_verifier=VERIFIER)
    return Connection(oauth, dict(token))
