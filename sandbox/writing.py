"""A report is asked for before a long run: whether it can be written is asked before, too."""

from __future__ import annotations

import os
from pathlib import Path


def check(path: Path | None) -> None:
    """Raises `OSError` where no file can be written at `path`. Leaves what is there as it is."""
    if path is None:
        return
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; name a file in it")
    folder = path.parent
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is no folder, so {path.name} cannot be written there")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise PermissionError(f"{path} cannot be written")
