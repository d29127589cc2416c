"""Parts of a long measurement that are done: a run that breaks off goes on where it was, as long as the code is the same."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".cache" / "bench"
CODE = ("proctor", "loadtests", "bench")  # what a measured figure depends on


def state(*settings: object, code: tuple[str, ...] = CODE, root: Path = ROOT) -> str:
    """A name for this very code (packages below `root`) and these settings."""
    told = hashlib.sha256(repr(settings).encode())
    for package in code:
        for file in sorted((root / package).rglob("*.py")):
            told.update(f"{file.relative_to(root)}\n".encode() + file.read_bytes())
    return told.hexdigest()[:16]


@dataclass(frozen=True)
class Kept:
    """Results by the name of their part, as JSON in one file each; those of another `state` are not there."""

    name: str
    state: str
    folder: Path = FOLDER

    def find(self, part: str) -> Any | None:
        """What was measured, None where it was not (or is not readable: then it is measured again)."""
        try:
            held = json.loads(self._file(part).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return held["found"] if held.get("state") == self.state else None

    def keep(self, part: str, found: Any) -> None:
        """Written beside and renamed, so that a run that is killed leaves the old file or the new one."""
        file = self._file(part)
        file.parent.mkdir(parents=True, exist_ok=True)
        written = file.with_suffix(".part")
        written.write_text(json.dumps({"state": self.state, "found": found}), "utf-8")
        written.replace(file)

    def _file(self, part: str) -> Path:
        return self.folder / self.name / f"{part}.json"
