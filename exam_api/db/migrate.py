"""Bring a database to today's schema: ours by Alembic, the job queue's by PgQueuer."""

from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from pgqueuer import Queries
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

HERE = Path(__file__).parent / "migrations"


def alembic_config(connection: Connection) -> Config:
    """Alembic bound to an open connection; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("file_template", "%%(year)d-%%(month).2d-%%(day).2d_%%(slug)s")
    config.attributes["connection"] = connection
    return config


async def migrate(engine: AsyncEngine) -> None:
    """Idempotent: a second run changes nothing."""
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), "head"))
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    raw = await asyncpg.connect(url)
    try:
        queue = Queries.from_asyncpg_connection(raw)
        if await queue.schema_is_installed():
            await queue.upgrade()
        else:
            await queue.install()
    finally:
        await raw.close()
