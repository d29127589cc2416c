"""What the documents say can be done, can be done: links lead somewhere, commands exist, examples run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT, name_of, tracked

DOCUMENTS = [path for path in tracked() if path.suffix == ".md" and name_of(path).count("/") <= 2]
OURS = [path for path in DOCUMENTS if "/" not in name_of(path) or name_of(path).startswith("docs/")]
TARGETS = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
# A block under this mark runs as it stands, in the repository; what follows `# →` must be printed.
EXAMPLE = re.compile(r"<!-- runs -->\n```(sh|python)\n(.*?)```", re.DOTALL)
EXAMPLES = [
    pytest.param(path, *found, id=f"{name_of(path)}-{number}")
    for path in OURS
    for number, found in enumerate(EXAMPLE.findall(path.read_text(encoding="utf-8")), start=1)
]


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert not [link for link in local if not (path.parent / link).exists()]


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_files_that_are_named_exist(path: Path) -> None:
    """`exam_api/db/session.py` in running text is a promise as well."""
    if path.name == "CHANGELOG.md":
        return  # history may name what is gone
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]*)`", path.read_text(encoding="utf-8"))
    known = [name for name in named if name.split("/", 1)[0] in {each.name for each in ROOT.iterdir()}]
    kept_out = (".cache/", "var/", "shots/", ".venv/", "node_modules/")
    assert not [name for name in known if not name.startswith(kept_out) and not (ROOT / name).exists()]


@pytest.mark.parametrize("path", OURS, ids=name_of)
def test_make_commands_exist(path: Path) -> None:
    named = set(re.findall(r"(?:`|^\s*)make ([a-z]+)", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= set(TARGETS)


@pytest.mark.parametrize(("path", "language", "source"), EXAMPLES)
def test_example_runs(path: Path, language: str, source: str) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = ["/bin/sh", "-ec", source] if language == "sh" else [sys.executable, "-c", source]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    for promised in re.findall(r"# → (.*)", source):
        assert promised in done.stdout, done.stdout


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 4
