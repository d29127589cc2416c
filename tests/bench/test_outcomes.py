"""What the benchmarks make of what the platform said."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench import flag_delay, twente
from bench.scoring import missed
from bench.twente import Outcome
from loadtests.compositions.people import Cast
from loadtests.compositions.sitting import Sat
from loadtests.compositions.twente import Part, parts

PARTS = parts(Cast())
BEGAN = datetime(2027, 3, 1, 10, tzinfo=UTC)


def outcomes(found: int, wrong: int) -> list[Outcome]:
    """The thirty, of whom the first `found` cheats and the first `wrong` others wait for a decision."""
    flag = {"rule": "absence", "severity": "medium"}
    made, left = [], {"cheats": found, "others": wrong}
    for part in PARTS:
        group = "cheats" if part.role == "cheats" else "others"
        flagged = left[group] > 0
        left[group] -= flagged
        made.append(Outcome(part, (flag,) if flagged else (), "decision" if flagged else "clearing"))
    return made


@pytest.mark.parametrize(("found", "wrong", "reached"), [(6, 0, True), (5, 2, True), (4, 0, False), (6, 3, False)])
def test_five_of_six_must_be_found_and_at_most_two_others_flagged(found: int, wrong: int, reached: bool) -> None:
    assert missed(twente.targets(outcomes(found, wrong))) is not reached


def test_the_matrix_counts_everybody_once_by_what_the_queue_says() -> None:
    rows = twente.matrix(outcomes(5, 1)).splitlines()[2:]
    assert rows == ["| cheat | 6 | 5 | 1 | 5 |", "| act nervous | 5 | 1 | 4 | 1 |", "| work | 19 | 0 | 19 | 0 |"]


def test_details_name_everybody_who_was_told_something_and_nobody_who_only_worked() -> None:
    text = twente.details(outcomes(6, 0))
    assert all(part.what in text for part in PARTS if part.role != "honest")
    assert "| honest |" not in text


def test_the_result_goes_between_the_marks_and_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = tmp_path / "proctoring.md"
    document.write_text(f"before\n{twente.MARKS[0]}\nold\n{twente.MARKS[1]}\nafter\n")
    monkeypatch.setattr(twente, "DOCUMENT", document)
    twente.into_document("new")
    assert document.read_text() == f"before\n{twente.MARKS[0]}\nnew\n{twente.MARKS[1]}\nafter\n"
    document.write_text("no marks")
    twente.into_document("new")
    assert document.read_text() == "no marks"


def sat() -> Sat:
    (script,) = flag_delay.scripts(Cast(), 1, 60)
    return Sat(script, "a", BEGAN, 60, 6, ())


def test_a_delay_runs_from_the_picture_that_completes_the_rule() -> None:
    found = flag_delay.incidents([sat()])
    assert len(found) == 2
    first, second = (each.complete_at for each in found)
    seen = {"a": [(first - 2, first + 1.5), (second - 2, second + 2.5)]}
    assert flag_delay.delays(found, seen) == pytest.approx([1.5, 2.5])


def test_a_flag_of_another_time_or_person_belongs_to_no_incident() -> None:
    found = flag_delay.incidents([sat()])
    early = found[0].complete_at - 30
    assert (
        flag_delay.delays(found, {"a": [(early, early + 3)], "b": [(found[0].complete_at, found[0].complete_at)]}) == []
    )


def test_the_two_incidents_of_a_script_stay_apart() -> None:
    for script in flag_delay.scripts(Cast(), 20, 90):
        one, two = script.spans("second_person")
        assert one.end + 5 < two.start
        assert two.end < script.seconds


def test_a_part_names_its_script() -> None:
    part = PARTS[0]
    assert isinstance(part, Part)
    assert part.what in part.script.name
