"""A simulated person: a browser's cookies, a passkey, and perhaps a password with an authenticator app."""

from __future__ import annotations

import asyncio
import os
import ssl
from dataclasses import dataclass, field
from typing import Any

import httpx
import pyotp

from loadtests.authenticator import SoftwareAuthenticator

BUSY = {429, 502, 503}
TRUST = ssl.create_default_context()  # made once: reading all authorities takes longer than several requests


class StoryStopped(Exception):
    """The platform answered something that the story cannot go on from."""


@dataclass
class Person:
    """Somebody at a browser. Requests that meet a restart are tried again, as a browser's user would."""

    url: str
    email: str = ""
    name: str = ""
    trust: ssl.SSLContext = TRUST
    client: httpx.AsyncClient = field(init=False)
    authenticator: SoftwareAuthenticator = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.AsyncClient(base_url=self.url, headers={"Origin": self.url}, timeout=60, verify=self.trust)
        host = self.url.split("://", 1)[1].split("/", 1)[0].rsplit(":", 1)[0]
        self.authenticator = SoftwareAuthenticator(host, self.url, os.urandom)

    async def call(self, method: str, path: str, body: Any = None, *, content: bytes | None = None) -> Any:
        """The JSON answer of a request. Raises `StoryStopped` with what the platform said."""
        kind = {"Content-Type": "image/jpeg"} if content is not None else None
        for pause in (0.5, 1, 2, 4, 0):
            try:
                answer = await self.client.request(method, path, json=body, content=content, headers=kind)
            except httpx.TransportError as error:
                if not pause:
                    raise StoryStopped(f"{method} {path}: {type(error).__name__}") from error
            else:
                if answer.status_code not in BUSY or not pause:
                    break
            await asyncio.sleep(pause)
        if answer.is_error:
            raise StoryStopped(f"{method} {path} → {answer.status_code}: {answer.text[:500]}")
        return answer.json() if answer.content else None

    async def enter(self, code: str) -> None:
        """Use an activation code and add a passkey."""
        await self.call("POST", "/api/activate", {"code": code})
        asked = await self.call("POST", "/api/me/passkeys/options")
        credential = self.authenticator.create(asked["publicKey"])
        await self.call("POST", "/api/me/passkeys", {"id": asked["id"], "credential": credential, "label": "Story"})

    async def sign_in(self) -> None:
        """Sign in with the passkey."""
        asked = await self.call("POST", "/api/sign-in/passkey/options")
        credential = self.authenticator.get(asked["publicKey"])
        await self.call("POST", "/api/sign-in/passkey", {"id": asked["id"], "credential": credential})

    async def set_password(self, password: str) -> str:
        """Add the fallback: a password and an authenticator app; the app's secret."""
        offer = await self.call("POST", "/api/me/password/options")
        code = pyotp.TOTP(offer["secret"]).now()
        await self.call("PUT", "/api/me/password", {"sealed": offer["sealed"], "password": password, "code": code})
        return str(offer["secret"])

    async def sign_in_with_password(self, password: str, secret: str) -> None:
        """Sign in with the fallback. A code works once, so a second sign-in may have to wait for the next."""
        for last in (False, False, True):
            code = pyotp.TOTP(secret).now()
            body = {"email": self.email, "password": password, "code": code}
            answer = await self.client.post("/api/sign-in/password", json=body)
            if answer.is_success:
                return
            if last:
                raise StoryStopped(f"{self.email} cannot sign in: {answer.text[:300]}")
            await asyncio.sleep(16)
