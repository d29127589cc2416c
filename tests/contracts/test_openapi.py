"""Every documented operation keeps its word: no crash, only documented answers, each of the documented shape.

Schemathesis invents requests from the OpenAPI document, right ones and wrong ones, and sends them to the real application
on a real PostgreSQL, as nobody, as a candidate, as an instructor and as an operator. Half of the addresses name things
that exist, so that the invented bodies reach the code behind the door.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
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
from exam_api.db.session import open_engine, open_sessions, transaction
from exam_api.installation import Installation, open_blobs
from exam_api.keyring import open_keyring
from exam_api.operations.postgres import EmbeddedPostgres
from exam_api.settings import Settings
from tests.conftest import TEMPLATE, _Started, with_database
from tests.factories import Person, open_sitting, person, published_exam

pytestmark = [pytest.mark.slow, pytest.mark.database]

# Right and wrong requests together, for each operation and actor; a night can afford more than a coffee break.
EXAMPLES = int(os.environ.get("INVIGIL_TEST_EXAMPLES", "5"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@dataclass(frozen=True)
class World:
    """An application with something in it: who can sign in, and ids that exist, by the name of a path parameter."""

    app: FastAPI
    settings: Settings
    actors: dict[str, UUID]
    exists: dict[str, str]


@pytest.fixture(scope="module")
def world(template: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    name = f"test_{uuid4().hex}"
    asyncio.run(_execute(template.url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY"))
    folder = tmp_path_factory.mktemp("contracts")
    chosen = Settings(state_dir=folder, database_url=with_database(template.url, name))
    actors, exists = asyncio.run(_furnish(chosen))
    yield World(build(chosen), chosen, actors, exists)
    asyncio.run(_execute(template.url, f"DROP DATABASE {name} WITH (FORCE)"))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


def _installation(chosen: Settings) -> Installation:
    return Installation(
        sessions=open_sessions(open_engine(chosen.database_url or "", size=1)),
        blobs=open_blobs(None, chosen.state_dir / "blobs"),
        keyring=open_keyring(chosen.key_file, os.urandom),
        public_url=chosen.public_url,
        rp_id=chosen.host_name,
        secure_cookies=False,
        issuer_name=chosen.issuer_name,
        frame_retention_days=30,
    )


async def _furnish(chosen: Settings) -> tuple[dict[str, UUID], dict[str, str]]:
    """People, an exam, a sitting and an attempt, made through the API in a loop of their own."""
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
        version = await published_exam(instructor)
        sitting = await open_sitting(instructor, [candidate, somebody], version=version)
        attempt = (await candidate.client.post(f"/api/sittings/{sitting['id']}/attempts")).raise_for_status().json()
    await here.sessions.kw["bind"].dispose()
    actors: dict[str, Person] = {"candidate": candidate, "instructor": instructor, "operator": operator}
    exists = {
        "user_id": str(somebody.id),
        "exam_id": version["exam_id"],
        "number": "1",
        "sitting_id": sitting["id"],
        "attempt_id": attempt["id"],
        "item": version["definition"]["items"][0]["id"],
    }
    return {role: each.id for role, each in actors.items()}, exists


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


def _try(operation: Any, send: Callable[[Any], None], exists: dict[str, str]) -> None:
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
    @given(case=cases, known=st.booleans())
    def run(case: Any, known: bool) -> None:
        if known:
            case.path_parameters.update({name: exists[name] for name in case.path_parameters if name in exists})
        send(case)

    run()


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

        def send(case: Any, cookies: dict[str, str] = cookies) -> None:
            case.call_and_validate(checks=CHECKS, cookies=cookies)

        try:
            _try(operation, send, world.exists)
        except (Failure, FailureGroup) as failure:
            broken.append(f"{operation.label} as {actor}: {failure}")
    assert not broken, "\n\n".join(broken)
