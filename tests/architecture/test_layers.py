"""Who may import, commit, ask the time, write SQL: each has one place."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.architecture.repository import APP, CORES, ROOT, calls, name_of, python_files

COMMITS = {"exam_api/db/session.py", "exam_api/db/migrate.py"}
CLOCKS = {"exam_api/web/deps.py", "exam_api/web/context.py", "exam_api/worker.py", "exam_api/cli.py"}
# It names a temporary file beside the cache, never a result.
CHANCE = {"grading/embedding.py"}
# The ledger owns its one table: it is SQL for every feature, below all of them.
SQL = {"exam_api/db/evidence.py", "exam_api/db/ledger.py"}


def _calls_elsewhere(is_meant: Callable[[str], bool], paths: list[Path], allowed: set[str]) -> list[str]:
    return [
        f"{name_of(path)}:{line}: {name}"
        for path in paths
        if name_of(path) not in allowed
        for line, name in calls(path)
        if is_meant(name)
    ]


def test_import_contracts_are_kept() -> None:
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_one_place_commits() -> None:
    """A request is one transaction; a second commit inside it would let half of a change through."""
    meant = (".commit", ".begin", ".rollback")
    assert not _calls_elsewhere(lambda name: name.endswith(meant), python_files("exam_api"), COMMITS)


def test_one_clock_per_process() -> None:
    """Below the composition roots time is an argument, so that a test can hold the clock."""
    meant = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time")
    found = _calls_elsewhere(lambda name: name.endswith(meant), python_files("exam_api"), CLOCKS)
    cores = [path for path in python_files(*CORES) if path.name != "__main__.py"]
    assert not found + _calls_elsewhere(lambda name: name.endswith(meant), cores, set())


def test_cores_take_chance_as_an_argument() -> None:
    meant = ("os.urandom", "uuid4", "token_bytes", "token_hex", "token_urlsafe", "os.getenv", "os.environ.get")
    cores = [path for path in python_files(*CORES) if path.name != "__main__.py"]
    assert not _calls_elsewhere(lambda name: name.endswith(meant), cores, CHANCE)


def test_sql_lives_in_queries() -> None:
    elsewhere = [
        path for path in python_files("exam_api") if "queries" not in path.relative_to(APP).with_suffix("").parts
    ]
    assert not _calls_elsewhere(lambda name: name in {"select", "insert", "update", "delete"}, elsewhere, SQL)
