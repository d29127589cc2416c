"""`make run`: start the platform, have the story told over HTTP, and stay up for a person to look around."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

PATIENCE = 60.0  # seconds for the web to answer
STAFF = {
    "instructor": ("Ina Structor", ["author", "instructor", "invigilator"]),
    "operator": ("Otto Perator", ["operator"]),
}


class PlatformDidNotStart(Exception):
    """The platform did not answer in time. Its logs are in the state folder under logs/."""


def wait_until_up(url: str) -> None:
    """Return when the web answers. Raises `PlatformDidNotStart`."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/api/health", timeout=2) as answer:  # noqa: S310  (our own address)
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise PlatformDidNotStart(url)


def staff_file(folder: Path, make: Callable[[str, str, list[str]], str]) -> Path:
    """The demonstration's accounts, made once; `make` returns an activation code. Readable by its owner only."""
    file = folder / "staff.json"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        accounts = {}
        for role, (name, roles) in STAFF.items():
            email = f"{role}.{secrets.token_hex(2)}@demo.example.org"
            accounts[role] = {"email": email, "name": name, "code": make(email, name, roles)}
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump(accounts, out)
    return file


def tell(url: str, staff: Path, folder: Path, *, again: bool) -> int:
    """Run the story as a client of its own; its exit code."""
    command = [sys.executable, "-m", "loadtests.demo", "--url", url, "--staff", str(staff), "--out", str(folder)]
    return subprocess.run([*command, *(["--again"] if again else [])], check=False).returncode


def stay(url: str, platform: subprocess.Popen[bytes]) -> None:
    """Until Ctrl-C."""
    print(f"\nThe platform is up at {url} (Ctrl-C stops it; `make code` shows the sign-in codes).", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: platform.terminate())
    try:
        platform.wait()
    except KeyboardInterrupt:
        stop(platform)


def stop(platform: subprocess.Popen[bytes]) -> None:
    """End the platform in good order."""
    platform.terminate()
    platform.wait(60)
