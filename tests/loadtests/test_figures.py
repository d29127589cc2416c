"""From Locust's lines to figures and a page: counted, ordered, and honest about what failed."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from grading import read_exam
from grading.exam import public
from grading.item import check_response
from loadtests.charts import lines
from loadtests.figures import percentile, summary
from loadtests.recipes import answer, exam, pages
from loadtests.report import write

CONDITIONS: dict[str, Any] = {
    "recipe": "udelar",
    "users": 2,
    "hurry": 10.0,
    "ramp": 18.0,
    "machine": "a <machine>",
    "at": "2026-11-22T20:00:00+00:00",
    "web_workers": 2,
    "locust_processes": 1,
    "prepared_in": 3.0,
}


def cpu(at: float, web: float) -> dict[str, float]:
    return {"at": at, "web": web, "worker": 0.0, "postgres": 0.0, "locust": 0.0, "machine": 2 * web, "stolen": 0.0}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What two Locust processes leave: two saves that worked, one that failed, one before the word was given."""
    (tmp_path / "go").write_text("1000.0")
    (tmp_path / "requests-0.csv").write_text("999.0,start: statement,5.0,\n1001.0,save,10.0,\n1007.0,save,30.0,\n")
    (tmp_path / "requests-1.csv").write_text("1002.5,save,20.0,503 away\n")
    (tmp_path / "people-0.csv").write_text("1008.0,0,done,2\n1009.0,1,stopped: NotKept,0\n")
    return tmp_path


def test_the_figures_count_what_happened_after_the_word(folder: Path) -> None:
    found = summary(folder, CONDITIONS, [cpu(999, 4), cpu(1008, 5.8)])
    (save,) = found["steps"]
    assert (save["name"], save["count"], save["p50"], save["worst"], save["errors"]) == ("save", 3, 20.0, 30.0, 1)
    assert found["said"] == {"save: 503 away": 1}
    assert found["failed"] == 1
    assert found["people"] == {"through": 1, "saves_proven": 2, "last_after": 9.0, "stopped": {"stopped: NotKept": 1}}
    assert found["cpu"]["share"]["web"] == pytest.approx(0.2)
    assert found["cpu"]["share"]["others"] == pytest.approx(0.2)
    assert found["series"]["steps"]["save"]["per_second"] == [0.4, 0.2]


def test_the_page_shows_the_scaling_and_escapes_what_it_was_told(folder: Path) -> None:
    found = summary(folder, CONDITIONS, [cpu(1000, 4), cpu(1005, 5), cpu(1010, 6)])
    for users in (2, 4):
        place = folder / str(users)
        place.mkdir()
        (place / "result.json").write_text(json.dumps({**found, "users": users}))
    page = write(folder).read_text()
    assert "the same rate as 40 candidates" in page
    assert "a &lt;machine&gt;" in page
    assert "<svg" in page
    assert "http" not in page.replace("1000", "")


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"no result\.json"):
        write(tmp_path)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 3.0), (0.99, 4.0), (0.0, 1.0)])
def test_percentile(share: float, expected: float) -> None:
    assert percentile([1.0, 2.0, 3.0, 4.0], share) == expected
    assert percentile([], share) == 0.0


def test_an_empty_chart_is_no_chart() -> None:
    assert lines("nothing", [1.0, 2.0], {"a": [None, None]}, unit="ms", x_unit="s") == ""


def test_the_recipe_is_the_published_one() -> None:
    read = read_exam(exam())
    assert Counter(item.kind for item in read.items) == {"choice": 14, "match": 1, "short": 1}
    assert [len(getattr(item, "options", ())) for item in read.items].count(2) == 2
    assert [len(page) for page in pages(exam()["items"])] == [2] * 8


def test_every_question_gets_an_answer_that_the_exam_accepts() -> None:
    read = read_exam(exam())
    rng = random.Random(1)
    for shown in public(read)["items"]:
        check_response(read.item(shown["id"]), answer(shown, rng))
