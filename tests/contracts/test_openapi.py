"""Every documented operation keeps its word: no crash, only documented answers, each of the documented shape.

Schemathesis invents requests from the OpenAPI document, right ones and wrong ones, and sends them to the real application
on a real PostgreSQL, as nobody, as a candidate, as an instructor and as an operator. Half of the addresses name things
that exist, so that the invented bodies reach the code behind the door.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from exam_api.accounts.queries import people
from exam_api.accounts.schemas import Visitor
from exam_api.accounts.service import sessions
from exam_api.app import build
from exam_api.db.session import open_engine, transaction
from exam_api.installation import Installation, open_installation
from exam_api.operations.postgres import EmbeddedPostgres
from exam_api.settings import Settings
from loadtests.device import Device
from tests.conftest import TEMPLATE, _Started, with_database
from tests.exam_api.sitting import EXAM
from tests.factories import Person, open_sitting, person, published_exam

pytestmark = [pytest.mark.slow, pytest.mark.database]

# Right and wrong requests together, for each operation and actor; a night can afford more than a coffee break.
EXAMPLES = int(os.environ.get("INVIGIL_TEST_EXAMPLES", "4"))
COURSE = Path(__file__).parents[2] / "courses" / "examples" / "data-literacy"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@schemathesis.serializer("video/webm", "video/mp4")
def _video(_context: Any, value: Any) -> bytes:
    """Bytes go out as they are; whatever else was invented, as text."""
    plain = getattr(value, "data", value)
    return plain if isinstance(plain, bytes) else str(plain).encode()


@dataclass(frozen=True)
class World:
    """An application with something in it: who can sign in, ids that exist by their parameter's name, a running attempt."""

    app: FastAPI
    settings: Settings
    actors: dict[str, UUID]
    exists: dict[str, str]
    device: Device


@pytest.fixture(scope="module")
def world(template: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    name = f"test_{uuid4().hex}"
    asyncio.run(_execute(template.url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY"))
    folder = tmp_path_factory.mktemp("contracts")
    chosen = Settings(state_dir=folder, database_url=with_database(template.url, name))
    yield asyncio.run(_furnish(chosen))
    asyncio.run(_execute(template.url, f"DROP DATABASE {name} WITH (FORCE)"))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


def _installation(chosen: Settings) -> Installation:
    return open_installation(chosen, open_engine(chosen.database_url or "", size=1))


async def _furnish(chosen: Settings) -> World:
    """People, a course, an exam, a sitting and a running attempt, made through the API in a loop of their own."""
    here = _installation(chosen)
    app = build(chosen)
    async with app.router.lifespan_context(app) as state:
        app.state.lifespan_state = state
        started: Any = _Started(app)
        transport = httpx.ASGITransport(app=started)

        def client() -> httpx.AsyncClient:
            return httpx.AsyncClient(transport=transport, base_url=chosen.public_url)

        candidate = await person(client(), here)
        instructor = await person(client(), here, "author", "instructor", "invigilator", name="Ina Structor")
        operator = await person(client(), here, "operator", name="Otto Perator")
        somebody = await person(client(), here, name="Grace Hopper")
        texts = {path.relative_to(COURSE).as_posix(): path.read_text("utf-8") for path in COURSE.rglob("*.*")}
        (await instructor.client.post("/api/courses", json={"files": texts})).raise_for_status()
        learners = {"emails": [candidate.email, somebody.email]}
        (await instructor.client.post(f"/api/courses/{COURSE.name}/enrolments", json=learners)).raise_for_status()
        version = await published_exam(instructor, EXAM)
        sitting = await open_sitting(instructor, [candidate, somebody], version=version)
        device = await _start(candidate, sitting["id"])
    await here.sessions.kw["bind"].dispose()
    actors: dict[str, Person] = {"candidate": candidate, "instructor": instructor, "operator": operator}
    exists = {
        "user_id": str(somebody.id),
        "email": somebody.email,
        "exam_id": version["exam_id"],
        "version_id": version["id"],
        "number": "1",
        "sitting_id": sitting["id"],
        "attempt_id": device.attempt,
        "item": version["definition"]["items"][0]["id"],
        "slug": COURSE.name,
        "lesson": "mean-and-median",
    }
    return World(build(chosen), chosen, {role: each.id for role, each in actors.items()}, exists, device)


async def _start(candidate: Person, sitting: str) -> Device:
    """Come to the door, consent, start."""
    opened = (await candidate.client.post(f"/api/sittings/{sitting}/attempts")).raise_for_status().json()
    consent = {name: opened["consent"][name] for name in ("version", "terms")}
    (await candidate.client.post(f"/api/attempts/{opened['id']}/consent", json=consent)).raise_for_status()
    device = Device(candidate.client, opened["id"])
    await device.sign("start", candidate.authenticator)
    await device.open_paper()
    return device


async def _cookie(chosen: Settings, user_id: UUID) -> str:
    """A new session of this person; an operation before may have ended the last one."""
    here = _installation(chosen)
    async with transaction(here.sessions) as session:
        user = await people.find_user(session, user_id)
        assert user is not None
        opened = await sessions.open_session(
            session, user, "passkey", Visitor("", "", None), datetime.now(UTC), os.urandom
        )
    await here.sessions.kw["bind"].dispose()
    return opened.token


def _try(operation: Any, send: Callable[[Any, dict[str, bytes]], None], exists: dict[str, str]) -> None:
    """Send right and wrong requests of one operation; half of them to things that exist."""
    cases = st.one_of(operation.as_strategy(GenerationMode.POSITIVE), operation.as_strategy(GenerationMode.NEGATIVE))

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, known=st.booleans(), spoilt=st.sampled_from(["", "", "\0", "\ud800"]))
    def run(case: Any, known: bool, spoilt: str) -> None:
        if known:
            for part in (case.path_parameters, case.body):
                if isinstance(part, dict):
                    part.update({name: exists[name] for name in part if name in exists})
        spoil = spoilt and isinstance(case.body, dict | list)
        # Schemathesis cannot count with half a character, so it does not get to see this body, only the answer.
        send(case, {"data": json.dumps(_spoil(case.body, spoilt)).encode()} if spoil else {})

    run()


def _proven(device: Device, case: Any) -> dict[str, str]:
    """What the candidate's own device would add to a request about its attempt."""
    path = str(case.formatted_path)
    if not path.startswith(f"/api/attempts/{device.attempt}/"):
        return {}
    bare = any(step in path for step in ("/start", "/token", "/hand-over"))
    token = None if bare else device.token
    proof = {"DPoP": device.proof(case.method.upper(), path, token)}
    return proof if token is None else {**proof, "Authorization": f"DPoP {token}"}


def _spoil(body: Any, end: str) -> Any:
    """Texts of a body with an end that JSON can carry and PostgreSQL cannot keep: NUL, or half a character."""
    if isinstance(body, dict):
        return {name: _spoil(value, end) for name, value in body.items()}
    if isinstance(body, list):
        return [_spoil(value, end) for value in body]
    return body + end if isinstance(body, str) else body


@pytest.mark.parametrize("actor", ["nobody", "candidate", "instructor", "operator"])
def test_every_operation_answers_as_documented(world: World, actor: str) -> None:
    load_all_checks()
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", world.app)
    broken: list[str] = []
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        cookies = (
            {"invigil": asyncio.run(_cookie(world.settings, world.actors[actor]))} if actor in world.actors else {}
        )

        def send(case: Any, instead: dict[str, bytes], cookies: dict[str, str] = cookies) -> None:
            headers = _proven(world.device, case) if actor == "candidate" else {}
            if instead:
                headers["Content-Type"] = "application/json"
            case.call_and_validate(checks=CHECKS, cookies=cookies, headers=headers, **instead)

        try:
            _try(operation, send, world.exists)
        except (Failure, FailureGroup) as failure:
            broken.append(f"{operation.label} as {actor}: {failure}")
    assert not broken, "\n\n".join(broken)
