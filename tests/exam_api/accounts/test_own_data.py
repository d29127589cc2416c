"""The export of one's own data: no table with rows about a person is forgotten, and no row about another person is in it."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import text

from exam_api.accounts.queries import own
from exam_api.db import models
from exam_api.db.base import Base
from exam_api.db.session import transaction
from exam_api.installation import Installation
from tests.exam_api.badges.apps import connect
from tests.exam_api.certificates.conftest import Award, award, hand_in, release, workshop
from tests.exam_api.upkeep.conftest import hall, registrar
from tests.exam_api.upkeep.test_renewing import note
from tests.factories import Person, person

__all__ = ["award", "hall", "hand_in", "registrar", "release", "workshop"]


def personal() -> set[str]:
    """Every table that leads to a person by foreign keys, columns that say who did something in office left out."""
    for each in pkgutil.iter_modules(models.__path__):
        importlib.import_module(f"{models.__name__}.{each.name}")
    found = {"users"}
    while True:
        more = {
            table.name
            for table in Base.metadata.tables.values()
            for key in table.foreign_keys
            if key.column.table.name in found and key.parent.name not in own.IN_OFFICE
        }
        if more <= found:
            return found
        found |= more


def test_every_table_that_leads_to_a_person_is_given_or_has_a_reason() -> None:
    given = {each.__tablename__ for each in own.KEPT}
    assert personal() - given - set(own.ELSEWHERE) == set(), "put it into KEPT, or say in ELSEWHERE why not"
    assert not given & set(own.ELSEWHERE)
    tables = set(Base.metadata.tables)
    assert set(own.ELSEWHERE) <= tables
    assert all(len(reason) > 20 for reason in own.ELSEWHERE.values())
    for model, kept in own.KEPT.items():
        assert kept.without <= set(Base.metadata.tables[model.__tablename__].c.keys())
    columns = {key.parent.name for table in Base.metadata.tables.values() for key in table.foreign_keys}
    assert columns >= own.IN_OFFICE


async def test_it_holds_everything_about_a_person_and_nothing_about_another(
    award: Award, registrar: Person, new_client: Callable[[], httpx.AsyncClient], installation: Installation
) -> None:
    made = await award()
    ada: Person = made["script"].person
    other = await award("Bob Bystander")
    bob: Person = other["script"].person
    for each, whose in ((made, ada), (other, bob)):
        activity = (await note(each)).raise_for_status().json()
        answer = {"accepted": False, "words": "No confirmation was there."}
        path = f"/api/activities/{activity['id']}/decide"
        (await registrar.client.post(path, json=answer)).raise_for_status()
        wish = {"name": f"{whose.name} King", "note": "Married.", "linked": False}
        (await whose.client.post("/api/me/names", json=wish)).raise_for_status()
        await connect(whose.client, new_client)
        async with transaction(installation.sessions) as session:
            await session.execute(
                text(
                    "WITH b AS (INSERT INTO certificate_batches (id, title, terms, digest, made_by, made_at) VALUES"
                    " (gen_random_uuid(), :title, '{}', '', :by, now()) RETURNING id)"
                    " INSERT INTO certificate_batch_rows (batch_id, number, holder_id, name)"
                    " SELECT id, 1, :whose, :name FROM b"
                ),
                {"title": f"List of {whose.name}", "by": registrar.id, "whose": whose.id, "name": whose.name},
            )
    suspended = {"code": "under-review", "reason": "A note came in."}
    (await registrar.client.post(f"/api/certificates/{made['id']}/suspend", json=suspended)).raise_for_status()

    got = (await ada.client.get("/api/me/data")).raise_for_status()
    tables: dict[str, list[dict[str, Any]]] = got.json()["tables"]
    assert set(tables) == {each.__tablename__ for each in own.KEPT}
    (certificate,) = tables["certificates"]
    assert (certificate["id"], certificate["suspended_reason"]) == (made["id"], "A note came in.")
    assert certificate["document"]["name"] == "Knots, Foundation"
    (activity,) = tables["credit_activities"]
    assert (activity["credits"], activity["words"]) == (12.5, "No confirmation was there.")
    (wished,) = tables["name_changes"]
    assert wished["name"] == "Cora Candidate King"
    (app,), (consent,) = tables["connected_apps"], tables["app_consents"]
    assert (app["name"], consent["app_id"]) == ("Portfolio", app["id"])
    (row,), (batch,) = tables["certificate_batch_rows"], tables["certificate_batches"]
    assert (row["name"], batch["title"]) == ("Cora Candidate", "List of Cora Candidate")
    assert [each["id"] for each in tables["attempts"]] == [made["script"].attempt]
    for foreign in (other["id"], str(bob.id), "Bystander", bob.email, "secret_hash"):
        assert foreign not in got.text

    (await ada.client.post(f"/api/certificates/{made['id']}/erase")).raise_for_status()
    data = (await ada.client.get("/api/me/data")).json()
    (certificate,) = data["tables"]["certificates"]
    assert certificate["document"] == {}
    assert UUID(certificate["erasure"]["certificate"]) == UUID(made["id"])
    assert data["skills"] == []


async def test_a_stranger_gets_nothing(client: httpx.AsyncClient, installation: Installation) -> None:
    assert (await client.get("/api/me/data")).status_code == 401
    await person(client, installation)
    assert not any((await client.get("/api/me/data")).json()["tables"].values())
