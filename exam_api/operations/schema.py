"""The live schema as text, for docs/schema.sql and the test that compares the two."""

import os
import re
import subprocess

from exam_api.operations.postgres import EmbeddedPostgres


def dump_schema(server: EmbeddedPostgres, database: str = "postgres") -> str:
    """`pg_dump --schema-only` without what changes from run to run and without the job queue's own tables."""
    url = server.url.replace("/postgres?", f"/{database}?")
    command = [str(server.bin_path / "pg_dump"), "--schema-only", "--no-owner", "--no-privileges", "--dbname", url]
    command += ["--exclude-table=pgqueuer*", "--exclude-table=alembic_version"]
    dump = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, "PGOPTIONS": ""}
    ).stdout
    # pg_dump puts each thing under a heading of its own, so a heading is where to cut.
    things = [_plain(thing) for thing in re.split(r"^--\n-- Name: .*\n--$", dump, flags=re.MULTILINE)[1:]]
    return "\n\n".join(thing for thing in things if thing and "pgqueuer" not in thing) + "\n"


def _plain(thing: str) -> str:
    """A statement without the comments, settings and commands around it, which name versions and chance."""
    lines = [line for line in thing.splitlines() if not line.startswith(("--", "SET ", "SELECT ", "\\"))]
    return "\n".join(lines).strip()
