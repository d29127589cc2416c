"""The servers that stand beside a larger installation (Redis, nginx, PgBouncer), for the tests that run behind them.

They are not installed: an installed package starts a service. Debian's packages are fetched and unpacked into the cache, and
a small script for each program tells it where its libraries lie. A machine that has the program already keeps its own.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

PACKAGES: Mapping[str, str] = {"redis-server": "redis-server", "nginx": "nginx-light", "pgbouncer": "pgbouncer"}
CACHE = Path(".cache/servers")
USUAL = (
    "/usr/local/sbin:/usr/sbin:/sbin"  # where servers lie, and where the path of somebody who is not root does not look
)
START = """#!/bin/sh
LD_LIBRARY_PATH="{libraries}${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}" exec "{program}" "$@"
"""


class ServersMissing(Exception):
    """Not all of these servers could be had; the tests that need one say so and are left out."""


def find_server(root: Path, name: str) -> str | None:
    """Where this program is: the machine's own, or the one in the cache."""
    path = f"{os.environ.get('PATH', os.defpath)}:{USUAL}:{root / CACHE / 'bin'}"
    return shutil.which(name, path=path)


def ensure_servers(root: Path, say: Callable[[str], None]) -> None:
    """Fetch and unpack what is missing. Raises `ServersMissing`."""
    missing = [name for name in PACKAGES if find_server(root, name) is None]
    if not missing:
        return
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise ServersMissing(f"Install {', '.join(missing)} with this system's package manager to run every test.")
    say(f"fetching {', '.join(missing)}")
    folder = root / CACHE
    fetched = folder / "packages"
    (fetched / "partial").mkdir(parents=True, exist_ok=True)
    # Only looks at what is installed, and writes into our own folder: neither a lock nor an administrator is needed.
    apt = ["apt-get", "-qq", "-y", "-o", "Debug::NoLocking=1", "-o", f"Dir::Cache::archives={fetched}"]
    apt += ["-o", "APT::Sandbox::User=", "--no-install-recommends", "--download-only", "install"]
    wanted = [*apt, *(PACKAGES[name] for name in missing)]
    try:
        _run(wanted)
    except ServersMissing:
        if os.geteuid():
            raise
        _run(["apt-get", "-qq", "update"])  # a fresh machine knows no packages, or old ones
        _run(wanted)
    for package in sorted(fetched.glob("*.deb")):
        _run(["dpkg-deb", "-x", str(package), str(folder / "tree")])
    shutil.rmtree(fetched)
    for name in missing:
        _write_start(folder, name)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise ServersMissing(f"{command[0]}: {(done.stderr or done.stdout).strip()[-400:]}")


def _write_start(folder: Path, name: str) -> None:
    """A script that starts the program with the libraries beside it."""
    tree = (folder / "tree").resolve()
    program = next((found for part in ("usr/bin", "usr/sbin") if (found := tree / part / name).exists()), None)
    if program is None:
        raise ServersMissing(f"The package {PACKAGES[name]} holds no program {name}.")
    libraries = ":".join(str(each) for each in sorted(tree.glob("usr/lib/*-linux-*")) if each.is_dir())
    start = folder / "bin" / name
    start.parent.mkdir(exist_ok=True)
    start.write_text(START.format(libraries=libraries, program=program))
    start.chmod(0o755)
