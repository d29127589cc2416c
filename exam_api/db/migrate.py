"""Bring a database to today's schema: ours by Alembic, the job queue's by PgQueuer."""

import asyncio
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from pgqueuer import Queries
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

HERE = Path(__file__).parent / "migrations"
TURN = 0x1419161C  # names the advisory lock: one migration at a time
LOCK_WAIT = "5s"  # longer, and everybody else would queue behind us
TRIES = 6
LOCK_NOT_AVAILABLE = "55P03"


class MigrationBlocked(Exception):
    """Something else holds tables that the migration must change. Look for long transactions or a backup, then start again."""


def alembic_config(connection: Connection) -> Config:
    """Alembic bound to an open connection; there is no alembic.ini."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("file_template", "%%(year)d-%%(month).2d-%%(day).2d_%%(slug)s")
    config.attributes["connection"] = connection
    return config


async def migrate(engine: AsyncEngine) -> None:
    """Idempotent: a second run changes nothing. May be killed at any time and run again. Raises `MigrationBlocked`."""
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    raw = await asyncpg.connect(url)
    try:
        await raw.execute("SELECT pg_advisory_lock($1)", TURN)
        await _patiently(engine)
        queue = Queries.from_asyncpg_connection(raw)
        if await queue.schema_is_installed():
            await queue.upgrade()
        else:
            await queue.install()
    finally:
        await raw.close()


async def _patiently(engine: AsyncEngine) -> None:
    """A lock that is held for a moment must not keep the platform down."""
    for last in [False] * (TRIES - 1) + [True]:
        try:
            await _upgrade(engine)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            if last:
                raise MigrationBlocked(str(MigrationBlocked.__doc__)) from error
            await asyncio.sleep(1)
        else:
            return


async def _upgrade(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        # If this process is killed, the server notices within a second instead of holding the locks to the end.
        await connection.execute(text("SET LOCAL client_connection_check_interval = '1s'"))
        await connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'"))
        await connection.run_sync(lambda sync: command.upgrade(alembic_config(sync), "head"))
