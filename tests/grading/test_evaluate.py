"""The yardstick itself: counted by hand on a few answers, and held against the grader on our own."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest
import yaml

from grading.__main__ import main
from grading.evaluate import Judged, fooled, judge, measure
from tests.grading.samples import ROOT, bag_of_words, load_model, model_folder

QUESTION = {
    "question": "Why is it dark?",
    "references": [{"text": "The gap stops the current."}, {"text": "No current flows."}],
    "answers": [{"text": "no current flows", "label": "correct"}, {"text": "bananas", "label": "incorrect"}],
}


def test_counted_by_hand() -> None:
    found = measure(
        [
            Judged(accepted=True, confidence=0.95, certain=True, right=True),
            Judged(accepted=True, confidence=0.85, certain=True, right=False),
            Judged(accepted=False, confidence=0.65, certain=False, right=False),
            Judged(accepted=False, confidence=0.55, certain=False, right=False),
        ]
    )
    assert (found.answers, found.accuracy, found.certain, found.certain_accuracy) == (4, 0.75, 0.5, 0.5)
    assert found.macro_f1 == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert found.calibration_error == pytest.approx((0.05 + 0.85 + 0.35 + 0.45) / 4)
    assert found.at_coverage[0.4] == 1


def test_nothing_certain_is_no_number() -> None:
    found = measure([Judged(accepted=True, confidence=0.5, certain=False, right=True)])
    assert math.isnan(found.certain_accuracy)
    with pytest.raises(ValueError, match="no answers"):
        measure([])


def test_judge_compares_with_all_references() -> None:
    first, second = judge([QUESTION], bag_of_words)
    assert first == Judged(accepted=True, confidence=1.0, certain=True, right=True)
    assert not second.accepted


@pytest.mark.slow
def test_no_fake_of_our_own_questions_gets_points_without_a_person() -> None:
    entries = yaml.safe_load((ROOT / "grading" / "calibration" / "answers.yaml").read_text(encoding="utf-8"))
    questions = [{**entry, "references": [{"text": text} for text in entry["answers"]]} for entry in entries]
    shares = fooled(questions, load_model(), random.Random(7))
    assert shares.pop("reference itself (control)") == 1
    assert set(shares.values()) == {0}


@pytest.mark.slow
def test_measure_prints_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(QUESTION))
    assert main(["measure", str(tmp_path / "a.jsonl"), "--models", str(model_folder())]) == 0
    out = capsys.readouterr().out
    assert "calibration_error" in out
    assert "gibberish" in out
