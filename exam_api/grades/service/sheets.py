"""A sitting's results as a table for a spreadsheet."""

import csv
import io
from collections.abc import Iterable

from exam_api.grades.service.standing import Row
from grading.exam import Exam

# A spreadsheet runs a cell that starts with one of these (OWASP, "CSV Injection"); the last four are their full-width forms.
RISKY = tuple("=+-@\t\r\n＝＋－＠")
AFTER = ("attempts", "percent taken off for lateness")
HEAD = ("name", "e-mail", "state", "submitted at", "points", "of", "percent", "passed", "complete", "waiting", *AFTER)


def safe(cell: object) -> str:
    """The cell as text that no spreadsheet takes for a formula: an apostrophe goes first where it could."""
    text = "" if cell is None else str(cell)
    risky = isinstance(cell, str) and text.lstrip(" ").startswith(RISKY)
    return f"'{text}" if risky else text


def as_csv(exam: Exam, rows: Iterable[Row]) -> str:
    """One line per person; one column per question after the sums. Empty where there is no grade, which is not zero."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([safe(name) for name in (*HEAD, *(item.id for item in exam.items))])
    for row in rows:
        writer.writerow([safe(cell) for cell in (*_sums(row), *_points(exam, row))])
    return "\ufeff" + file.getvalue()  # the mark by which spreadsheets know UTF-8


def _sums(row: Row) -> tuple[object, ...]:
    attempt, result = row.attempt, row.result
    sums = (result.points, result.max_points, result.percent, result.passed, result.complete) if result else (None,) * 5
    return (
        row.person.name,
        row.person.email,
        row.state or "not started",
        attempt.submitted_at.isoformat() if attempt and attempt.submitted_at else None,
        *sums,
        row.for_people + row.for_us if result else None,
        row.attempts,
        result.off_percent if result else None,
    )


def _points(exam: Exam, row: Row) -> list[object]:
    return [row.grades[item.id].points if item.id in row.grades else None for item in exam.items]
