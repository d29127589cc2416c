"""What a test needs to exist already, made as the platform makes it. Add your own; change nobody else's."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx

from exam_api.accounts.schemas import AccountIn, CodeOut, Role
from exam_api.accounts.service import people
from exam_api.db.session import transaction
from exam_api.installation import Installation
from tests.software_authenticator import SoftwareAuthenticator


@dataclass(frozen=True)
class Person:
    """Somebody with an account and a passkey, signed in through `client`."""

    id: UUID
    email: str
    name: str
    authenticator: SoftwareAuthenticator
    client: httpx.AsyncClient


async def person(
    client: httpx.AsyncClient,
    installation: Installation,
    *roles: Role | str,
    name: str = "Ada Lovelace",
    email: str | None = None,
    now: datetime | None = None,
) -> Person:
    """Make an account (a candidate, unless roles are named), use its code, add a passkey; `client` is then signed in.

    Pass `now` when the test has moved its clock by days: the code lives for 72 hours from then.
    """
    code = await account(installation, *roles, name=name, email=email, now=now)
    authenticator = SoftwareAuthenticator(installation.rp_id, installation.origin, os.urandom)
    (await client.post("/api/activate", json={"code": code.code})).raise_for_status()
    await add_passkey(client, authenticator)
    return Person(code.id, code.email, name, authenticator, client)


async def account(
    installation: Installation,
    *roles: Role | str,
    name: str = "Ada Lovelace",
    email: str | None = None,
    now: datetime | None = None,
) -> CodeOut:
    """An account that nobody has entered yet, and its activation code."""
    body = AccountIn(
        email=email or f"{uuid4().hex}@example.org",
        name=name,
        roles=[Role(role) for role in roles] or [Role.candidate],
    )
    async with transaction(installation.sessions) as session:
        return await people.create(session, installation, body, None, now or datetime.now(UTC), os.urandom)


async def add_passkey(client: httpx.AsyncClient, authenticator: SoftwareAuthenticator) -> UUID:
    """Register a passkey for whoever is signed in; its id."""
    asked = (await client.post("/api/me/passkeys/options")).raise_for_status().json()
    body = {"id": asked["id"], "credential": authenticator.create(asked["publicKey"]), "label": "Test device"}
    return UUID((await client.post("/api/me/passkeys", json=body)).raise_for_status().json()["id"])


async def sign_in(client: httpx.AsyncClient, authenticator: SoftwareAuthenticator) -> httpx.Response:
    """Sign in with a passkey; the answer, whatever it says."""
    asked = (await client.post("/api/sign-in/passkey/options")).raise_for_status().json()
    credential = authenticator.get(asked["publicKey"])
    return await client.post("/api/sign-in/passkey", json={"id": asked["id"], "credential": credential})


# --- exams ---
EXAMPLE_EXAM = Path(__file__).parent.parent / "grading" / "examples" / "exam.yaml"


def without_references(source: str) -> str:
    """The exam without its reference solutions: nothing to try, so it is published at once."""
    return re.sub(r"^    reference:\n(?:      .*\n|\n)+", "", source, flags=re.MULTILINE)


async def published_exam(instructor: Person, source: str | None = None) -> dict[str, Any]:
    """Publish an exam (the example, unless a file is given) as an instructor; its version as JSON, with `exam_id`."""
    source = source or without_references(EXAMPLE_EXAM.read_text(encoding="utf-8"))
    saved = (await instructor.client.post("/api/exams", json={"source": source})).raise_for_status().json()
    answer = await instructor.client.post(f"/api/exams/{saved['id']}/publish", json={"untried": True})
    assert answer.status_code == 200, "a reference solution waits for a worker"
    return answer.json()


async def open_sitting(
    instructor: Person,
    candidates: Sequence[Person] = (),
    *,
    version: dict[str, Any] | None = None,
    now: datetime | None = None,
    minutes: int = 60,
    hours: int = 3,
    extra: int = 0,
) -> dict[str, Any]:
    """A sitting that opened a minute ago, with these candidates on its roster; the API's answer as JSON."""
    version = version or await published_exam(instructor)
    opens = (now or datetime.now(UTC)) - timedelta(minutes=1)
    body = {
        "version_id": version["id"],
        "title": "Morning sitting",
        "opens_at": opens.isoformat(),
        "closes_at": (opens + timedelta(hours=hours)).isoformat(),
        "minutes": minutes,
        "roster": [{"email": person.email, "extra_minutes": extra} for person in candidates],
    }
    return (await instructor.client.post("/api/sittings", json=body)).raise_for_status().json()
