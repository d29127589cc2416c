"""What must never be in the repository: a machine's paths, a package index's address, an unpinned package."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.architecture.repository import ROOT, name_of, tracked

LOCKS = [ROOT / "requirements.txt", ROOT / "requirements-dev.txt"]
# Written in pieces, so that this file does not hold what it looks for.
HOSTS = re.compile(
    "|".join(["py" + r"pi\.org", "pythonhosted" + r"\.org", "npm" + r"js\.(org|com)", "yarn" + r"pkg\.com"])
)
PLACES = re.compile(r"(?<![\w.~-])/(" + "|".join(["wor" + "k", "roo" + "t", "far" + "m", "hom" + "e"]) + r")/[\w.-]")
# The jail's own working folder has that name: inside a container, the same on every machine.
JAIL = ("sandbox/", "tests/sandbox/")
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".html",
    ".js",
    ".css",
    ".c",
    ".h",
    ".sh",
    ".yaml",
    ".yml",
    ".json",
    ".sql",
    ".txt",
    ".po",
    ".svg",
    ".mako",
    "",
}


def _text_files() -> list[tuple[str, str]]:
    return [
        (name_of(path), path.read_text(encoding="utf-8"))
        for path in tracked()
        if path.suffix in TEXT and not path.name.startswith(".DS")
    ]


def test_no_path_of_a_machine() -> None:
    found = [
        f"{name}: {match.group()}"
        for name, text in _text_files()
        if not name.startswith(JAIL) and (match := PLACES.search(text))
    ]
    assert not found


def test_no_package_index_is_named() -> None:
    assert not [f"{name}: {match.group()}" for name, text in _text_files() if (match := HOSTS.search(text))]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_lock_pins_by_hash_and_holds_no_address(lock: object) -> None:
    text = (ROOT / str(lock)).read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    assert "--extra-index" not in text
    for block in re.split(r"\n(?=\S)", text.strip()):
        if not block.startswith("#"):
            assert "==" in block.split("\n", 1)[0], block[:80]
            assert "--hash=sha256:" in block, block[:80]


def _name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=;! ]", requirement, maxsplit=1)[0]).lower()


def _locked(index: int) -> set[str]:
    return {_name(line) for line in LOCKS[index].read_text(encoding="utf-8").splitlines() if re.match(r"\w", line)}


def test_lock_knows_every_requirement() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {_name(each) for each in project["dependencies"]}
    assert needed - _locked(0) == set()
    development = {_name(each) for each in project["optional-dependencies"]["dev"]}
    assert (needed | development) - _locked(1) == set()


def test_npm_lock_holds_no_address() -> None:
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text(encoding="utf-8")
