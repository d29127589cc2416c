"""Tables that people send: CSV as spreadsheets write it, with the encodings and separators that they really use."""

import codecs
import csv
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from exam_api.errors import Invalid
from exam_api.web.i18n import _

MAX_BYTES = 2**20
MAX_CELL = 2_000  # characters
EMPTY = _("This table is empty. Choose a file with at least one row.")
TOO_LARGE = _("The table is larger than {size} MB. Divide it into several files.")
SPREADSHEET = _("This is a spreadsheet's own file. Save it as CSV (in Excel: CSV UTF-8) and choose that file.")
UNREADABLE = _("This is no text in UTF-8 or UTF-16, so names in it cannot be read. Save it as CSV UTF-8.")
BROKEN = _("Line {line} cannot be read: a quotation mark is not closed, or a cell is far too long.")
TOO_MANY = _("The table has more than {most} rows. Divide it into several files.")
SEPARATORS = "\t;,"  # as likely as each other; the first line decides
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class Line:
    """A row that is not empty, and the number of its (last) line in the file, counted from 1."""

    number: int
    cells: Sequence[str]

    def cell(self, column: int | None) -> str:
        """The text of a cell; a missing one is empty."""
        return self.cells[column].strip() if column is not None and column < len(self.cells) else ""


def read(content: bytes, most: int, max_bytes: int = MAX_BYTES) -> list[Line]:
    """The rows of a table of at most `most` rows and a head. Raises `Invalid` with a sentence that says what to do."""
    if not content.strip():
        raise Invalid(EMPTY)
    if len(content) > max_bytes:
        raise Invalid(TOO_LARGE.format(size=max_bytes // 2**20))
    text = _decoded(content)
    first, _gap, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:  # Excel's own hint
        separator, text = first.strip()[4], f"\n{rest}"
    else:
        separator = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    lines: list[Line] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append(Line(reader.line_num, cells))
            if any(len(cell) > MAX_CELL for cell in cells):
                raise Invalid(BROKEN.format(line=reader.line_num))
            if len(lines) > most + 1:
                raise Invalid(TOO_MANY.format(most=f"{most:,}"))
    except csv.Error as error:
        raise Invalid(BROKEN.format(line=max(1, reader.line_num))) from error
    if not lines:
        raise Invalid(EMPTY)
    return lines


def _decoded(content: bytes) -> str:
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Invalid(SPREADSHEET)
    mark, encoding = next(((mark, name) for mark, name in _MARKS if content.startswith(mark)), (b"", "utf-8"))
    try:
        text = content.removeprefix(mark).decode(encoding)
    except UnicodeDecodeError as error:
        raise Invalid(UNREADABLE) from error
    if "\x00" in text:
        raise Invalid(UNREADABLE)
    return text


def _separator(text: str) -> str:
    """What parts the cells of the first line that says anything, outside quotation marks."""
    line = next((each for each in text.splitlines() if each.strip()), "")
    outside = "".join(line.split('"')[::2])
    return max(SEPARATORS, key=outside.count) if any(mark in outside for mark in SEPARATORS) else ","


def column(head: Line, names: Sequence[str]) -> int | None:
    """The column whose head is one of these names."""
    wanted = {folded(name) for name in names}
    return next((at for at, cell in enumerate(head.cells) if folded(cell) in wanted), None)


def folded(text: str) -> str:
    """What two spellings of one name have in common: NFKC, no difference of case, single spaces. Accents still count.

    Characters that are not seen (a soft hyphen, a mark of direction) do not count.
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    seen = "".join(letter for letter in plain if unicodedata.category(letter) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", seen).split())
