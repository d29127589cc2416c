"""Everything a fresh machine needs, in order, each step only when it is missing. Standard library only.

`python3 -m deploy.bootstrap run` prepares what `make run` needs, `… test` also what the tests need. Every step is
idempotent and may be interrupted: it leaves a stamp only when it is done. A failure is one sentence with the fix.
"""

from __future__ import annotations

import ctypes.util
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STATE = ROOT / "var"
FOUND = ROOT / ".cache" / "setup.json"
BEGAN = time.monotonic()
# What our wheels link to and a bare machine lacks: MediaPipe draws with EGL, OpenCV's window parts want GL and glib.
LIBRARIES = {"EGL": "libegl1", "GLESv2": "libgles2", "GL": "libgl1", "glib-2.0": "libglib2.0-0"}
DEVELOPMENT = {"atomic": "libatomic1"}  # the driver of the browser tests
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class SetupFailed(Exception):
    """A step failed; the message says what to do."""


def say(text: str) -> None:
    """One line of progress with the time since the start."""
    print(f"{time.monotonic() - BEGAN:6.1f} s  {text}", flush=True)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Say that a step runs, and how long it took."""
    say(f"{name} …")
    began = time.monotonic()
    yield
    say(f"{name}: done in {time.monotonic() - began:.1f} s")


def command(arguments: list[str], advice: str, **options: object) -> None:
    """Run a program; on failure show the end of what it said and the advice. Raises `SetupFailed`."""
    done = subprocess.run(arguments, check=False, capture_output=True, text=True, cwd=ROOT, **options)  # type: ignore[call-overload]  # options are subprocess.run's own
    if done.returncode:
        raise SetupFailed(f"{(done.stdout + done.stderr)[-1500:]}\n{arguments[0]} failed. {advice}")


def environment(*, development: bool) -> None:
    """The virtual environment with exactly what the lock names."""
    lock = ROOT / ("requirements-dev.txt" if development else "requirements.txt")
    wanted = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    full = hashlib.sha256((ROOT / "requirements-dev.txt").read_bytes() + sys.version.encode()).hexdigest()
    stamp = VENV / "invigil-lock"
    if stamp.is_file() and stamp.read_text() in {wanted, full}:
        return
    with step("Python packages (the lock, checked by hash)"):
        if not PYTHON.exists():
            command(
                [sys.executable, "-m", "venv", str(VENV)],
                "Install Python's venv module (Debian: apt-get install python3-venv).",
            )
        command(
            [str(PYTHON), "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "-r", str(lock)],
            "Check that the package index answers (pip config list) and run the same command again; what is downloaded stays.",
        )
        (
            VENV / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages" / "invigil.pth"
        ).write_text(f"{ROOT}\n")
        stamp.write_text(wanted)


def system_packages(*, development: bool) -> None:
    """Shared libraries (and, for tests, a browser) from the distribution."""
    needed = LIBRARIES | (DEVELOPMENT if development else {})
    missing = [package for library, package in needed.items() if not ctypes.util.find_library(library)]
    if development and not any(shutil.which(name) for name in BROWSERS):
        missing.append("chromium")
    if not missing:
        return
    advice = f"As an administrator, run: apt-get install --no-install-recommends {' '.join(missing)}"
    if os.geteuid() or not shutil.which("apt-get"):
        raise SetupFailed(f"Some system libraries are missing. {advice}")
    with step(f"System packages ({', '.join(missing)})"):
        quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        command(["apt-get", "update", "-qq"], "Check the package sources in /etc/apt.", **quiet)
        command(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], advice, **quiet)


def sandbox() -> dict[str, str]:
    """An engine that answers and the first runner images; without one, the reason, and code items wait."""
    from deploy.engine import ensure_engine
    from deploy.runner_image import ImageFailed, ensure_images

    engine = ensure_engine(STATE / "docker", lambda text: say(f"sandbox: {text}"))
    if engine.docker_host is None:
        for sentence in engine.advice:
            say(f"sandbox: {sentence}")
        say("sandbox: the platform starts without it; code items wait until an engine answers")
        return {}
    try:
        ensure_images(engine.docker_host, say=lambda text: say(f"sandbox: {text}"))
    except ImageFailed as error:
        say(f"sandbox: {error}")
    return {"INVIGIL_DOCKER_HOST": engine.docker_host}


def models() -> None:
    """The model files of the manifest; what cannot be had switches its part off, and says so."""
    from deploy.models import ensure_models

    ensure_models(ROOT, say=lambda text: say(f"models: {text}"))


def servers() -> None:
    """What the tests of a larger installation run behind. Without them those tests are left out, and say so."""
    from deploy.servers import ServersMissing, ensure_servers

    try:
        ensure_servers(ROOT, say=lambda text: say(f"servers: {text}"))
    except ServersMissing as error:
        say(f"servers: {error}")


def assets(*, development: bool) -> None:
    """Typeface and browser-side test tools, from npm."""
    from deploy.assets import ensure_assets

    if ensure_assets(ROOT, PYTHON, development=development):
        say("web assets: fetched")


def prepare(*, development: bool) -> dict[str, str]:
    """All steps. The sandbox images take longest, so they are made beside the rest once the package manager is free."""
    system_packages(development=development)
    if development:
        servers()
    found: dict[str, str] = {}
    failed: list[BaseException] = []

    def beside() -> None:
        try:
            found.update(sandbox())
        except Exception as error:  # noqa: BLE001  (told below, in the main thread)
            failed.append(error)

    thread = threading.Thread(target=beside)
    thread.start()
    try:
        environment(development=development)
        models()
        assets(development=development)
    finally:
        thread.join()
    if failed:
        say(f"sandbox: {failed[0]}")
        say("sandbox: the platform starts without it; code items wait until an engine answers")
    FOUND.parent.mkdir(exist_ok=True)
    FOUND.write_text(json.dumps(found))
    return found


def main() -> int:
    """`run` or `test`, then the command after `--`, in the prepared environment."""
    if sys.version_info < (3, 11):  # noqa: UP036  (this is the very file that an older Python meets first)
        print("Invigil needs Python 3.11 or newer.", file=sys.stderr)
        return 2
    what, _, follow = sys.argv[1], sys.argv[2:3], sys.argv[3:]
    try:
        found = prepare(development=what == "test")
    except (SetupFailed, OSError, subprocess.SubprocessError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    say("set-up complete")
    if follow:
        os.execve(follow[0], follow, {**os.environ, **found})
    return 0


if __name__ == "__main__":
    sys.exit(main())
