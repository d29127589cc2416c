"""Parts of a measurement that are kept until the code or the settings change."""

from __future__ import annotations

from pathlib import Path

from bench.kept import Kept, state


def test_what_is_kept_is_found_again_and_nothing_else(tmp_path: Path) -> None:
    kept = Kept("accuracy", "one", tmp_path)
    assert kept.find("light") is None
    kept.keep("light", {"targets": [], "parts": ["a table"]})
    assert Kept("accuracy", "one", tmp_path).find("light") == {"targets": [], "parts": ["a table"]}
    assert kept.find("speech") is None
    assert Kept("twente", "one", tmp_path).find("light") is None


def test_what_other_code_measured_is_measured_again(tmp_path: Path) -> None:
    Kept("accuracy", "one", tmp_path).keep("light", 1)
    assert Kept("accuracy", "two", tmp_path).find("light") is None
    Kept("accuracy", "two", tmp_path).keep("light", 2)
    assert Kept("accuracy", "one", tmp_path).find("light") is None


def test_a_file_that_is_cut_off_is_as_good_as_none(tmp_path: Path) -> None:
    kept = Kept("accuracy", "one", tmp_path)
    kept.keep("light", {"parts": ["a table"]})
    file = tmp_path / "accuracy" / "light.json"
    file.write_text(file.read_text()[:-3])
    assert kept.find("light") is None


def test_the_state_changes_with_code_and_settings_only(tmp_path: Path) -> None:
    code = tmp_path / "bench" / "a.py"
    code.parent.mkdir()
    code.write_text("A = 1\n")

    def now(*settings: object) -> str:
        return state(*settings, code=("bench",), root=tmp_path)

    before = now(True)
    assert now(True) == before
    assert now(False) != before
    (tmp_path / "bench" / "notes.txt").write_text("not code")
    assert now(True) == before
    code.write_text("A = 2\n")
    assert now(True) != before
