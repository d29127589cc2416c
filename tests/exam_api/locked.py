"""Safe Exam Browser as a server meets it: it opens a settings file and shows the hashes that its documentation describes.

The hashes are computed here a second time, from the file that was served, so that a mistake of ours is no secret between us.
"""

from __future__ import annotations

import base64
import hashlib
import plistlib
from dataclasses import dataclass
from typing import Any

import httpx

from loadtests.device import Device
from tests.exam_api.sitting import EXAM

LOCKED = EXAM.replace("items:", "proctoring: {browser: locked-down}\nitems:", 1)


def _json(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f'"{key}":{_json(value[key])}' for key in sorted(value, key=str.lower)) + "}"
    if isinstance(value, list):
        return f"[{','.join(map(_json, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return f'"{base64.b64encode(value).decode() if isinstance(value, bytes) else value}"'


@dataclass
class Seb:
    """One client with one settings file. `build` stands for its program: it makes the Browser Exam Key."""

    origin: str
    settings: dict[str, Any]
    build: str = "a build"

    @classmethod
    async def open(cls, client: httpx.AsyncClient, origin: str, sitting: str) -> Seb:
        answer = (await client.get(f"/sittings/{sitting}/settings.seb")).raise_for_status()
        return cls(origin, plistlib.loads(answer.content))

    @property
    def config_key(self) -> str:
        return hashlib.sha256(_json(self.settings).encode()).hexdigest()

    @property
    def exam_key(self) -> str:
        return hashlib.sha256(f"{self.build}{self.config_key}".encode()).hexdigest()

    def shows(self, path: str) -> tuple[str, str]:
        """Both hashes for an address of the platform."""
        url = self.origin + path
        config, exam = (hashlib.sha256((url + key).encode()).hexdigest() for key in (self.config_key, self.exam_key))
        return config, exam


async def new_check(client: httpx.AsyncClient, attempt: str) -> str:
    """From the page that stands in place of the exam."""
    answer = await client.get(f"/attempts/{attempt}/browser", headers={"Accept": "text/html"})
    return str(answer.headers["location"]).partition("?check=")[2]


async def send(
    device: Device, check: str, said: dict[str, Any] | None = None, headers: dict[str, str] | None = None
) -> httpx.Response:
    path = f"/api/attempts/{device.attempt}/browser-checks?check={check}"
    body = {"check": check, "page": "browser", "client": "a test", **(said or {})}
    return await device.send("POST", path, body, bare=True, said=headers or {})


async def ask_check(device: Device) -> str:
    """A fresh check, whatever the browser has proven: what every answer hands out."""
    return str((await send(device, "0.x")).raise_for_status().json()["check"])


async def prove(device: Device, seb: Seb, *, by: str = "page") -> str:
    """Show it by the page's own hashes, or by the headers of the request; how it ended."""
    check = await ask_check(device)
    if by == "page":
        config, exam = seb.shows(f"/attempts/{device.attempt}/browser?check={check}")
        answer = await send(device, check, {"config_key": config, "exam_key": exam})
    else:
        config, exam = seb.shows(f"/api/attempts/{device.attempt}/browser-checks?check={check}")
        shown = {"X-SafeExamBrowser-ConfigKeyHash": config, "X-SafeExamBrowser-RequestHash": exam}
        answer = await send(device, check, headers=shown)
    return str(answer.raise_for_status().json()["state"])
