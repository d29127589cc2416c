"""docs/schema.sql is the database that the migrations make, and the models know every part of it."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from exam_api.db import models
from exam_api.db.base import Base
from exam_api.db.session import open_engine
from exam_api.operations.postgres import EmbeddedPostgres
from exam_api.operations.schema import dump_schema
from tests.architecture.repository import ROOT
from tests.conftest import TEMPLATE, with_database

pytestmark = pytest.mark.database
SCHEMA = ROOT / "docs" / "schema.sql"


def test_schema_file_is_the_live_schema(template: EmbeddedPostgres) -> None:
    live = dump_schema(template, TEMPLATE)
    assert SCHEMA.read_text(encoding="utf-8") == live, "run `make schema`, look at docs/schema.sql, commit it"


async def test_models_and_migrations_agree(template: EmbeddedPostgres) -> None:
    assert models is not None  # imported for its tables
    engine = open_engine(with_database(template.url, TEMPLATE), size=1)
    try:
        async with engine.connect() as connection:
            assert not await connection.run_sync(_differences)
    finally:
        await engine.dispose()


def _differences(connection: Connection) -> list[object]:
    """What a new migration would change. The queue's tables are PgQueuer's own."""

    def ours(_: object, name: str | None, kind: str, *__: object) -> bool:
        return not (kind == "table" and (name or "").startswith(("pgqueuer", "alembic")))

    context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
    return list(compare_metadata(context, Base.metadata))
