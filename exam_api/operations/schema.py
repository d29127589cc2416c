"""The live schema as text, for docs/schema.sql and the test that compares the two."""

import os
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
    kept = [line for line in dump.splitlines() if line and not line.startswith(("--", "SET ", "SELECT ", "\\"))]
    ours = "\n".join(kept)
    return "\n".join(block for block in ours.split("\n\n") if "pgqueuer" not in block) + "\n"
