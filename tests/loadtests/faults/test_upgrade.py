"""The next version is the same source with one migration more."""

from __future__ import annotations

from pathlib import Path

from loadtests.faults.upgrade import NextVersion
from loadtests.platform import ROOT


def test_each_migration_follows_the_one_before(tmp_path: Path) -> None:
    version = NextVersion.of(ROOT, tmp_path / "next")
    assert [version.add_migration(), version.add_migration()] == ["faults_1", "faults_2"]
    files = sorted((version.folder / "exam_api" / "db" / "migrations" / "versions").glob("*faults*"))
    assert 'down_revision = "faults_1"' in files[1].read_text()
    assert (version.folder / "grading").is_symlink()
