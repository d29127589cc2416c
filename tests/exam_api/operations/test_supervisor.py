"""Whatever stands in the way of a process, the supervisor stays and tries again."""

import ctypes
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from exam_api.cli import _migrate_patiently
from exam_api.operations.postgres import EmbeddedPostgres
from exam_api.operations.supervisor import Child, Supervisor

SET_CHILD_SUBREAPER = 36


@pytest.fixture
def first_process() -> Iterator[None]:
    """Orphans become ours, as they do in a container whose first process is the platform."""
    prctl = ctypes.CDLL(None).prctl
    prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    yield
    prctl(SET_CHILD_SUBREAPER, 0, 0, 0, 0)


@pytest.fixture
def server(first_process: None) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL of this test's own, to be broken."""
    with tempfile.TemporaryDirectory(prefix="invigil-broken-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        server.ensure()
        yield server
        server.stop()


def _sleeper(folder: Path, log: Path) -> Supervisor:
    supervisor = Supervisor(folder, os.environ, web_workers=0)
    supervisor.children = [Child("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"], log, os.environ)]
    return supervisor


@pytest.mark.slow
@pytest.mark.database
def test_postgres_that_cannot_start_is_tried_until_it_can(server: EmbeddedPostgres, tmp_path: Path) -> None:
    supervisor = _sleeper(tmp_path, tmp_path / "log")
    version = server._server.pgdata / "PG_VERSION"
    kept = version.read_text()
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    version.rename(version.with_suffix(".away"))  # as on a disk that gives nothing back
    try:
        for _ in range(6):
            supervisor.look_after(server)
            time.sleep(0.2)
        assert supervisor.failed >= 1
        assert supervisor.children[0].process is not None, "what needs no database runs all the same"
        version.with_suffix(".away").rename(version)
        assert version.read_text() == kept
        until = time.monotonic() + 20
        while supervisor.failed and time.monotonic() < until:
            supervisor.look_after(server)
            time.sleep(0.2)
        assert supervisor.failed == 0
        assert server.pid() not in {None, pid}
    finally:
        supervisor.stop(None)


def test_a_disk_that_takes_no_files_stops_no_process(tmp_path: Path) -> None:
    (tmp_path / "processes.part").mkdir()  # a folder stands where the file should be: every write fails
    supervisor = _sleeper(tmp_path, tmp_path / "logs" / "no" / "such" / "folder")
    try:
        supervisor.look_after(None)
        process = supervisor.children[0].process
        assert process is not None
        assert process.poll() is None
        (tmp_path / "processes.part").rmdir()
        supervisor.look_after(None)
        assert (tmp_path / "processes").read_text() == f"sleeper {process.pid}\n"
    finally:
        supervisor.stop(None)


@pytest.mark.parametrize(("workers", "names"), [(0, []), (1, ["worker"]), (3, ["worker", "worker-2", "worker-3"])])
def test_a_machine_has_as_many_workers_as_it_is_told(workers: int, names: list[str], tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path, os.environ, web_workers=1, workers=workers)
    assert [child.name for child in supervisor.children] == ["web-1", *names]


@pytest.mark.slow
@pytest.mark.database
def test_a_database_that_dies_before_the_migration_is_started_again(server: EmbeddedPostgres) -> None:
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.3)
    _migrate_patiently(server.url, server)
    assert server.pid() != pid
