"""The command line and the report say the same in text, JSON and picture."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from integrity.__main__ import main
from integrity.errors import UnreadableAnswers
from integrity.reading import read_cohort
from integrity.report import as_text, make_report
from tests.integrity.worlds import cohort_of, honest_answers, with_copier


def csv_of(answers: np.ndarray) -> str:
    heading = "person," + ",".join(f"q{at}" for at in range(answers.shape[1]))
    return "\n".join([heading, *(f"p{at}," + ",".join("abcd"[code] for code in row) for at, row in enumerate(answers))])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    answers, _ = with_copier(np.random.default_rng(5), 30, 16, 1)
    (tmp_path / "responses.csv").write_text(csv_of(answers), encoding="utf-8")
    (tmp_path / "key.csv").write_text("item,answer\n" + "\n".join(f"q{at},a" for at in range(16)), encoding="utf-8")
    return tmp_path


def test_text_json_and_picture(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["report", str(folder / "responses.csv"), "--key", str(folder / "key.csv")]
    assert main([*arguments, "--picture", str(folder / "out.svg")]) == 0
    text = capsys.readouterr().out
    assert main([*arguments, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    pair = data["findings"][0]["people"]
    assert f"{pair[0]} and {pair[1]} gave" in text
    assert "a person decides" in text
    picture = ET.parse(folder / "out.svg").getroot()
    description = picture.find("{http://www.w3.org/2000/svg}desc")
    assert description is not None
    assert description.text == data["text_alternative"]
    assert f"{pair[0]} and {pair[1]}" in data["text_alternative"]


def test_without_a_key_it_says_what_stands_in(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", str(folder / "responses.csv"), "--json"]) == 0
    finding = json.loads(capsys.readouterr().out)["findings"][0]
    assert any("stands in for the key" in assumption for assumption in finding["assumptions"])


def test_a_quiet_cohort_is_reported_as_quiet() -> None:
    report = make_report(cohort_of(honest_answers(np.random.default_rng(1), 30, 12)))
    assert report.findings == ()
    assert "None of 435 pairs" in as_text(report)
    ET.fromstring(report.picture)


def test_names_cannot_break_the_picture() -> None:
    answers, (first, second) = with_copier(np.random.default_rng(5), 30, 16, 1)
    rows = {f"<b>&{one}": {f"q{at}": "abcd"[code] for at, code in enumerate(row)} for one, row in enumerate(answers)}
    key = {f"q{at}": "a" for at in range(16)}
    report = make_report(type(cohort_of(answers)).of(rows, key, options=dict.fromkeys(key, 4)))
    assert report.findings[0].people == (f"<b>&{first}", f"<b>&{second}")
    ET.fromstring(report.picture)


@pytest.mark.parametrize(
    ("answers", "key", "words"),
    [
        ("", None, "empty"),
        ("p,a,a\nx,1,2", None, "each by another name"),
        ("p,a,b\nx,1", None, "Row 2 has 2 cells"),
        ("p,a,b\nx,1,2\nx,1,2", None, "named once"),
        ("p,a,b\nx,1,2", "item,answer\nc,1", "no column"),
        ("p,a,b\nx,1,2", "a,b,c\n1,2", "two columns"),
        ("p,a,b\nx,1,2", "a,1\na,2", "once"),
    ],
)
def test_a_bad_table_is_refused_in_words(answers: str, key: str | None, words: str) -> None:
    with pytest.raises(UnreadableAnswers, match=words):
        read_cohort(answers, key)


def test_the_key_may_stand_in_one_row_and_times_are_read() -> None:
    answers = honest_answers(np.random.default_rng(1), 12, 6)
    text = csv_of(answers)
    lines = text.splitlines()
    clock = "\n".join([lines[0], *(line.split(",")[0] + ",5,6,7,8,9," for line in lines[1:])])
    cohort = read_cohort("\ufeff" + text, "q0,q1,q2,q3,q4,q5\na,a,a,a,a,a", clock)
    assert (cohort.right == (answers == 0)).all()
    assert cohort.seconds is not None
    assert cohort.seconds[0, 0] == 5
    assert np.isnan(cohort.seconds[:, 5]).all()
    with pytest.raises(UnreadableAnswers, match="no number"):
        read_cohort(text, None, clock.replace("7", "fast"))


def test_too_small_and_missing_files_end_with_one_sentence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = folder / "small.csv"
    small.write_text("p,a,b\nx,1,2\n", encoding="utf-8")
    assert main(["report", str(small)]) == 1
    assert "1 of at least 10 people, 2 of at least 5 items" in capsys.readouterr().err
    assert main(["report", str(folder / "absent.csv")]) == 1
    assert "absent.csv" in capsys.readouterr().err
