"""CSV as spreadsheets write it: encodings, separators, quotation marks, and what is refused with a sentence."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_api.certificates.service import tables
from exam_api.errors import Invalid

ROWS = [["address", "name"], ["one", "Zoë, 山田"], ["two", 'a "b"; c']]


def written(delimiter: str, rows: list[list[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_form_of_one_table_reads_the_same(encoding: str, delimiter: str) -> None:
    lines = tables.read(written(delimiter, ROWS).encode(encoding), 10)
    assert [list(line.cells) for line in lines] == ROWS
    assert [line.number for line in lines] == [1, 2, 3]


def test_excels_hint_and_empty_rows() -> None:
    lines = tables.read(b"sep=;\r\n\r\naddress;name, first\r\n;\r\none;A\r\n", 10)
    assert [(line.number, line.cell(0), line.cell(1)) for line in lines] == [
        (3, "address", "name, first"),
        (5, "one", "A"),
    ]
    assert lines[1].cell(7) == ""
    assert lines[1].cell(None) == ""


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", tables.EMPTY),
        (b" \r\n ; \n", tables.EMPTY),
        (b"PK\x03\x04rest of a workbook", tables.SPREADSHEET),
        ("address,name\none,Zo\xeb".encode("cp1252"), tables.UNREADABLE),
        (b"a\x00b,c", tables.UNREADABLE),
        (b'address\n"never closed', tables.BROKEN.format(line=2)),
        (b"address\n" + b"x" * (tables.MAX_CELL + 1), tables.BROKEN.format(line=2)),
        (b"a\nb\nc\nd\ne\n", tables.TOO_MANY.format(most="3")),
        (b"x" * (tables.MAX_BYTES + 1), tables.TOO_LARGE.format(size=1)),
    ],
)
def test_what_cannot_be_read_says_what_to_do(content: bytes, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        tables.read(content, 3)
    assert str(refused.value) == said


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=10), st.sampled_from(",;\t"))
def test_what_was_written_is_read(rows: list[list[str]], delimiter: str) -> None:
    rows = [["a", "b"], *rows]  # the first line shows the separator
    lines = tables.read(written(delimiter, rows).encode(), 20)
    assert [list(line.cells) for line in lines] == [row for row in rows if any(cell.strip() for cell in row)]


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert tables.folded(tables.folded(text)) == tables.folded(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ada  Lovelace ", "ADA LOVELACE", True),
        ("Zoe\u0308", "Zoë", True),
        ("Stra\u00dfe", "STRASSE", True),
        ("Ａｄａ", "ada", True),
        ("Ada\u200b Love\u00adlace", "Ada Lovelace", True),
        ("Zoë", "Zoe", False),
        ("Аda", "Ada", False),
    ],
)
def test_what_is_one_name(one: str, other: str, same: bool) -> None:
    assert (tables.folded(one) == tables.folded(other)) is same
