"""`invigil`: the operator's command line."""

import argparse
import asyncio
import logging
import os
import sys

from exam_api.db.migrate import migrate
from exam_api.db.session import open_engine
from exam_api.operations.postgres import EmbeddedPostgres
from exam_api.operations.supervisor import Supervisor
from exam_api.settings import Settings


def up(settings: Settings) -> None:
    """Start PostgreSQL (embedded, unless a URL is given), migrate, run web and worker, look after them."""
    postgres = None
    if settings.database_url is None:
        postgres = EmbeddedPostgres(settings.state_dir / "postgres")
        postgres.ensure()
    url = settings.database_url or (postgres.url if postgres else "")
    asyncio.run(_migrate(url))
    env = {**os.environ, "INVIGIL_DATABASE_URL": url, "INVIGIL_STATE_DIR": str(settings.state_dir.resolve())}
    Supervisor(settings.state_dir, env, host=settings.host, port=settings.port, web_workers=settings.web_workers).run(
        postgres
    )


def work(_: Settings) -> None:
    """Run one worker process."""
    from exam_api import worker

    worker.main()


def migrate_now(settings: Settings) -> None:
    """Bring the database to today's schema."""
    asyncio.run(_migrate(settings.database_url or _embedded(settings).url))


async def _migrate(url: str) -> None:
    engine = open_engine(url)
    try:
        await migrate(engine)
    finally:
        await engine.dispose()


def _embedded(settings: Settings) -> EmbeddedPostgres:
    postgres = EmbeddedPostgres(settings.state_dir / "postgres")
    postgres.ensure()
    return postgres


COMMANDS = {"up": up, "work": work, "migrate": migrate_now}


def main() -> None:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="invigil", description="Run and look after an Invigil installation.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, function in COMMANDS.items():
        commands.add_parser(name, help=(function.__doc__ or "").strip())
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    COMMANDS[chosen.command](Settings())


if __name__ == "__main__":
    main()
