"""Every problem of a list is found before anything is given: what stops a row, and what a person only has to look at."""

from datetime import date

import pytest

from exam_api.certificates.service import preflight, tables
from exam_api.certificates.service.preflight import Found
from exam_api.errors import Invalid

TODAY = date(2027, 3, 12)
HEAD = "name;email;date;result;consent;achievement\n"
GOOD = "Ada Lovelace;ada@example.org;2027-03-01;87,5 %;yes;Rope work"


def look(*rows: str, head: str = HEAD) -> Found:
    return preflight.read((head + "\n".join(rows)).encode(), "Rope Work", TODAY)


def said(found: Found) -> list[tuple[int, str, bool]]:
    return [(each.line, each.text, each.stops) for each in found.problems]


def test_a_good_row_has_no_problem() -> None:
    found = look(GOOD, "Zoë von Ampère;zoe@example.org;1.3.2027;;ja;", "山田 太郎;y@example.org;;100;X;")
    assert said(found) == []
    assert [entry.result for entry in found.good] == ["87.5", None, "100"]
    assert [entry.earned_on for entry in found.good] == [date(2027, 3, 1), date(2027, 3, 1), None]


@pytest.mark.parametrize(
    ("row", "text", "stops"),
    [
        (";a@example.org;;;yes;", preflight.NO_NAME, True),
        ("123;a@example.org;;;yes;", preflight.NO_NAME, True),
        ("undefined undefined;a@example.org;;;yes;", preflight.PLACEHOLDER, True),
        ("N/A;a@example.org;;;yes;", preflight.PLACEHOLDER, True),
        ("Vorname Nachname;a@example.org;;;yes;", preflight.PLACEHOLDER, True),
        ("A\u202eda;a@example.org;;;yes;", preflight.NO_NAME, True),
        ("Ada\x07;a@example.org;;;yes;", preflight.NO_NAME, True),
        (f"{'Ada ' * 31};a@example.org;;;yes;", preflight.TOO_LONG, True),
        (f"{'Ada ' * 20};a@example.org;;;yes;", preflight.SMALL_LETTERS, False),
        ("\u0410da Lovelace;a@example.org;;;yes;", preflight.MIXED, False),
        ("ADA BYRON;a@example.org;;;yes;", preflight.SHOUTED, False),
        ("ada byron;a@example.org;;;yes;", preflight.SHOUTED, False),
        ("A. L.;a@example.org;;;yes;", preflight.INITIALS, False),
        ("Ada;nobody;;;yes;", preflight.BAD_MAIL, True),
        ("Ada;;;;yes;", preflight.BAD_MAIL, True),
        ("Ada;a@example.org;soon;;yes;", preflight.NO_DATE, True),
        ("Ada;a@example.org;2027-02-30;;yes;", preflight.NO_DATE, True),
        ("Ada;a@example.org;2027-03-13;;yes;", preflight.FUTURE, True),
        ("Ada;a@example.org;;101;yes;", preflight.NO_RESULT, True),
        ("Ada;a@example.org;;-1;yes;", preflight.NO_RESULT, True),
        ("Ada;a@example.org;;;;", preflight.NO_CONSENT, True),
        ("Ada;a@example.org;;;no;", preflight.NO_CONSENT, True),
        ("Ada;a@example.org;;;yes;Knots", preflight.OTHER, True),
    ],
)
def test_each_problem_is_said(row: str, text: str, stops: bool) -> None:
    found = look(GOOD, row)
    assert said(found) == [(3, text, stops)]
    assert (found.stops, len(found.good)) == ((1, 1) if stops else (0, 2))


def test_one_person_twice_and_two_of_one_name() -> None:
    found = look(GOOD, GOOD, "ADA  Lovelace;other@example.org;;;yes;")
    assert (3, preflight.TWICE, True) in said(found)
    assert (4, preflight.NAMED_TWICE, False) in said(found)
    assert [entry.line for entry in found.good] == [2, 4]


def test_all_problems_of_a_row_at_once() -> None:
    assert len(said(look(";x;never;many;;Knots"))) == 6


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"name;email\nAda;a@example.org", preflight.NO_COLUMN.format(name="consent")),
        (b"Ada;a@example.org;yes", preflight.NO_COLUMN.format(name="name")),
        (b"name;email;consent\n", tables.EMPTY),
        (b"", tables.EMPTY),
        (b"name;email;consent\n" + b"a;b;c\n" * 10_001, tables.TOO_MANY.format(most="10,000")),
    ],
)
def test_what_is_no_list(content: bytes, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        preflight.read(content, "Rope Work", TODAY)
    assert str(refused.value) == text
