"""What the architecture tests look at: the tracked files and the Python trees among them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
APP = ROOT / "exam_api"
CORES = ("courses", "grading", "integrity", "credentials", "lockdown", "proctor", "sandbox")


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that git tracks or would track, and that is there."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(path for line in listed.splitlines() if (path := ROOT / line).is_file())


def name_of(path: Path) -> str:
    """The path as a person writes it."""
    return path.relative_to(ROOT).as_posix()


def python_files(*folders: str) -> list[Path]:
    """Python files under these folders of the repository (all of them without one)."""
    return [
        path
        for path in tracked()
        if path.suffix == ".py" and (not folders or name_of(path).split("/", 1)[0] in folders)
    ]


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of each call in a file (`datetime.now`, `session.commit`); unnamed targets are `?`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield node.lineno, _dotted(node.func)


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return f"{_dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else "?"
