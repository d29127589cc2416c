"""Before the clock runs: an exam, an open sitting, and candidates with accounts, passkeys, sessions and consent."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import httpx
import yaml
from cryptography.hazmat.primitives.asymmetric import ec

from loadtests.authenticator import Credential, SoftwareAuthenticator
from loadtests.people import Person
from loadtests.recipes import exam

AT_ONCE = 8  # people prepared at the same time: no more than keep two web processes busy
ROSTER = 500  # rows of one request


@dataclass(frozen=True)
class Entrant:
    """A candidate at the door: signed in, with an attempt that waits for its start. Secrets of a test only."""

    attempt: str
    cookies: dict[str, str]
    passkey: str
    credential: str
    handle: str

    @classmethod
    def of(cls, person: Person, attempt: str) -> Self:
        credential = person.authenticator.credentials[0]
        secret = credential.key.private_numbers().private_value.to_bytes(32, "big")
        cookies = dict(person.client.cookies.items())
        return cls(attempt, cookies, _text(secret), _text(credential.id), _text(credential.user_handle))

    def authenticator(self, url: str) -> SoftwareAuthenticator:
        """The device with the passkey, for the one statement that it signs."""
        made = SoftwareAuthenticator(host_of(url), url, os.urandom)
        key = ec.derive_private_key(int.from_bytes(_bytes(self.passkey), "big"), ec.SECP256R1())
        made.credentials.append(Credential(_bytes(self.credential), made.rp_id, _bytes(self.handle), key, sign_count=1))
        return made


def host_of(url: str) -> str:
    """The relying party's id: the host without the port."""
    return url.split("://", 1)[1].split("/", 1)[0].rsplit(":", 1)[0]


async def instructor(url: str, sign_ins: Path | None, code: str | None) -> Person:
    """By an activation code (a platform of our own), or as the demonstration's instructor."""
    person = Person(url)
    if code is not None:
        await person.enter(code)
        return person
    account = _sign_in(sign_ins)
    person.email = account["email"]
    await person.sign_in_with_password(account["password"], account["secret"])
    return person


def _sign_in(file: Path | None) -> dict[str, str]:
    if file is None or not file.exists():
        raise FileNotFoundError(f"{file}: no sign-ins; `make run` leaves them in var/demo, or leave --url out")
    return dict(json.loads(file.read_text())["instructor"])


async def sitting(staff: Person, users: int, title: str) -> tuple[str, list[str]]:
    """Publish the recipe's exam and open a sitting for so many: its id and the activation codes."""
    source = yaml.safe_dump(exam(), sort_keys=False, allow_unicode=True)
    made = await staff.call("POST", "/api/exams", {"source": source})
    await staff.call("POST", f"/api/exams/{made['id']}/publish")
    now = datetime.now(UTC)
    run = f"{now:%y%m%d%H%M%S}"
    body = {
        "exam_id": made["id"],
        "title": f"{title} {run}",
        "opens_at": (now - timedelta(minutes=1)).isoformat(),
        "closes_at": (now + timedelta(hours=6)).isoformat(),
        "minutes": 180,
        "roster": [],
    }
    opened = await staff.call("POST", "/api/sittings", body)
    codes: list[str] = []
    for first in range(0, users, ROSTER):
        rows = [
            {"email": f"load{n}.{run}@example.org", "name": f"Load {n}"}
            for n in range(first, min(first + ROSTER, users))
        ]
        added = await staff.call("POST", f"/api/sittings/{opened['id']}/roster", {"rows": rows})
        codes += [row["activation_code"] for row in added]
    return opened["id"], codes


async def entrants(url: str, sitting_id: str, codes: list[str]) -> list[Entrant]:
    """Every candidate through the door, a few at a time; nobody has started yet."""
    limits, ready = asyncio.Semaphore(AT_ONCE), 0
    # One client's certificates are every client's: loading them costs more than all five requests.
    context = httpx.create_ssl_context()

    async def enter(code: str) -> Entrant:
        nonlocal ready
        async with limits:
            person = Person(url)
            person.client = httpx.AsyncClient(base_url=url, headers={"Origin": url}, timeout=60, verify=context)
            async with person.client:
                await person.enter(code)
                opened = await person.call("POST", f"/api/sittings/{sitting_id}/attempts")
                terms = {"version": opened["consent"]["version"], "terms": opened["consent"]["terms"]}
                await person.call("POST", f"/api/attempts/{opened['id']}/consent", terms)
            ready += 1
            if ready % 100 == 0:
                print(f"  {ready} of {len(codes)} candidates are at the door", flush=True)
            return Entrant.of(person, opened["id"])

    return await asyncio.gather(*(enter(code) for code in codes))


def write_secret(path: Path, value: Any) -> None:
    """A file that only its owner may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(value, file)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text)


__all__ = ["Entrant", "entrants", "host_of", "instructor", "sitting", "write_secret"]
