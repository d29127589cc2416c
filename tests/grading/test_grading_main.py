"""The command line: a person checks a file and grades answers with no server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from grading.__main__ import main
from tests.grading.samples import CHOICE, NUMERIC, ROOT

EXAMPLES = ROOT / "grading" / "examples"


def test_check_the_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(EXAMPLES / "exam.yaml")]) == 0
    assert "24 items, 71 points. The file is in order." in capsys.readouterr().out


def test_check_names_the_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "exam.yaml"
    file.write_text(
        yaml.safe_dump({"title": "T", "duration_minutes": 1, "pass_percent": 1, "items": [{**CHOICE, "corect": "a"}]})
    )
    assert main(["check", str(file)]) == 1
    assert "items[0].corect: unknown key 'corect'; did you mean 'correct'?" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["a: [", "- 1", "\ttitle: x"])
def test_check_explains_a_file_that_is_no_exam(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "exam.yaml").write_text(text)
    assert main(["check", str(tmp_path / "exam.yaml")]) == 1
    assert capsys.readouterr().err


def test_score_the_example(capsys: pytest.CaptureFixture[str]) -> None:
    files = ["--exam", str(EXAMPLES / "exam.yaml"), "--responses", str(EXAMPLES / "responses.jsonl")]
    assert main(["score", *files]) == 0
    out = capsys.readouterr().out
    assert "The language model is not installed" in out
    assert "a person or a sandbox is still needed" in out


def test_score_lines_that_hold_their_items(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [{"item": CHOICE, "response": {"choice": ["b"]}}, {"item": NUMERIC, "response": {"text": "9,81"}}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)))
    assert main(["score", str(tmp_path / "a.jsonl")]) == 0
    assert "8 of 8 points, 100.0 %: complete." in capsys.readouterr().out


@pytest.mark.parametrize("line", ["[]", "{", '{"item": 3}', ""])
def test_score_refuses_what_it_cannot_read(line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.jsonl").write_text(line)
    assert main(["score", str(tmp_path / "a.jsonl")]) == 1
    assert capsys.readouterr().err


def test_score_refuses_answers_to_unknown_items(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "nowhere", "response": null}')
    assert main(["score", "--exam", str(EXAMPLES / "exam.yaml"), "--responses", str(tmp_path / "a.jsonl")]) == 1
    assert "no item 'nowhere'" in capsys.readouterr().err
    assert main(["check", str(tmp_path / "absent.yaml")]) == 1
    assert "no such file" in capsys.readouterr().err
