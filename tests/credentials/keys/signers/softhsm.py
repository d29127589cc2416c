"""A token of SoftHSM for tests, where it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so")
MODULE = next((path for path in MODULES if Path(path).exists()), None)
needs_token = pytest.mark.skipif(
    MODULE is None or shutil.which("softhsm2-util") is None, reason="no SoftHSM here; Debian: apt-get install softhsm2"
)
PIN = "5678-and-nobody-knows"
CASES = "tests.credentials.keys.signers.with_token"


@dataclass(frozen=True)
class Token:
    """A fresh token; `address` is that of its key `issuer`."""

    folder: Path
    address: str
    env: dict[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A Python process that sees this token."""
        command = [sys.executable, *arguments]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, check=False, timeout=120)

    def holds(self, case: str) -> None:
        """One of the cases, in a process of its own."""
        done = self.run("-m", CASES, case, self.address, str(self.folder))
        assert (done.returncode, done.stdout) == (0, "kept\n"), done.stderr[-3000:]


def new_token(folder: Path) -> Token:
    """A token with the keys of `with_token.make`."""
    (folder / "tokens").mkdir()
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
    name = f"exams-{folder.name[-12:]}"
    made = Token(
        folder,
        f"pkcs11:token={name};object=issuer;type=private?module-path={MODULE}",
        {**os.environ, "SOFTHSM2_CONF": str(settings)},
    )
    util = shutil.which("softhsm2-util")
    assert util is not None
    arguments = ["--init-token", "--free", "--label", name, "--so-pin", "12345678", "--pin", PIN]
    subprocess.run([util, *arguments], check=True, capture_output=True, env=made.env)
    made.holds("make")
    return made
