"""A certificate on paper: one page drawn from what was signed, with a code to check it by and its files attached.

The same certificate gives the same bytes. The attachments are what proves; the page is for people.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Any

import segno
from pypdf import Configuration, PdfReader, PdfWriter, apply_configuration
from pypdf.errors import LimitReachedError, PyPdfError
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from credentials.errors import Malformed
from credentials.issuance.certificate import Summary

MAGIC = b"%PDF-"
MAX_BYTES = 16 * 1024 * 1024
_MAX_ATTACHMENT = 1024 * 1024
_MAX_ATTACHMENTS = 20
# What one stream may hold and unpack to. Whoever writes certificates uses one filter, and no LZW, which is slow to read.
_LIMITS = Configuration(
    maximum_declared_stream_length=_MAX_ATTACHMENT,
    zlib_maximum_output_length=_MAX_ATTACHMENT,
    run_length_maximum_output_length=_MAX_ATTACHMENT,
    lzw_maximum_output_length=64 * 1024,
    brotli_maximum_output_length=64 * 1024,
    stream_filters_maximum_length=1,
    jbig2dec_binary=None,
    disable_legacy_handling=True,
)
_PLAIN, _BOLD, _EAST = "Invigil-Sans", "Invigil-Sans-Bold", "STSong-Light"
_INK, _FAINT, _LINE = HexColor(0x1A1A1A), HexColor(0x555555), HexColor(0x2F4B7C)
_NUMBER = re.compile(r"\d{1,9}\.\d{1,9}", re.ASCII)
_WIDTH, _HEIGHT = landscape(A4)
_MARGIN = 56.0


@dataclass(frozen=True)
class Words:
    """What stands on the page around the facts, in the reader's language."""

    heading: str = "Certificate"
    given_to: str = "This certificate is awarded to"
    for_what: str = "for"
    issued: str = "Issued"
    expires: str = "Valid until"
    never: str = "no end"
    check: str = (
        "Check it: scan the code, or drop this file on the page that it opens. The signed certificate is attached."
    )
    fingerprint: str = "Entry in the public log begins with"
    skills: str = "Skills"
    decimal: str = "."  # between a number's whole and its parts

    def number(self, text: str) -> str:
        """A value in this language where it is a number in digits, else the text itself."""
        return text.replace(".", self.decimal) if _NUMBER.fullmatch(text) else text


@dataclass(frozen=True)
class Sheet:
    """One page. `address` is where it can be checked; `fingerprint` the first characters of its hash in the public log,
    so that paper can be compared with the log; the dates are written out by the caller.
    """

    summary: Summary
    address: str
    fingerprint: str
    issued: str
    expires: str | None
    parts: tuple[tuple[str, float], ...] = ()  # sections and their percents: bars
    skills: tuple[str, ...] = ()
    mark: str = ""  # a word across a page that proves nothing, such as "Draft"; it then has no code and names no entry


def draw(sheet: Sheet, attachments: Mapping[str, bytes], words: Words | None = None) -> bytes:
    """The PDF file; `attachments` maps file names to contents, the credential and its bundle."""
    _load_fonts()
    said = words or Words()
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(_WIDTH, _HEIGHT), invariant=1, lang="en")
    canvas.setTitle(f"{said.heading}: {sheet.summary.title}")
    canvas.setAuthor(sheet.summary.issuer)
    _page(canvas, sheet, said)
    canvas.showPage()
    canvas.save()
    writer = PdfWriter(clone_from=io.BytesIO(buffer.getvalue()))
    for name, data in attachments.items():
        writer.add_attachment(name, data)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def extract(document: bytes) -> dict[str, bytes]:
    """The files attached to a PDF, by name. Raises Malformed for what is no PDF, or carries two files of one name."""
    if not document.startswith(MAGIC) or len(document) > MAX_BYTES:
        raise Malformed(f"this is not a PDF file of at most {MAX_BYTES // 1024 // 1024} MB")
    try:
        with apply_configuration(_LIMITS):
            return _attachments(PdfReader(io.BytesIO(document), strict=False))
    except LimitReachedError as reason:
        raise Malformed("the PDF unpacks to more than a certificate ever has") from reason
    # A damaged PDF fails in whatever place its damage is met; each of these comes from reading, none from us.
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError) as reason:
        raise Malformed("the PDF file is damaged") from reason


def _attachments(reader: PdfReader) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for number, each in enumerate(reader.attachment_list):
        if number >= _MAX_ATTACHMENTS:
            raise Malformed(f"the PDF carries more than {_MAX_ATTACHMENTS} files")
        if each.name in found:
            raise Malformed(f"the PDF carries two files called {each.name[:60]!r}")
        data = each.content
        if len(data) > _MAX_ATTACHMENT:
            raise Malformed(f"a file in the PDF is larger than {_MAX_ATTACHMENT // 1024 // 1024} MB")
        found[each.name] = data
    return found


def _page(canvas: Canvas, sheet: Sheet, words: Words) -> None:
    found = sheet.summary
    canvas.setStrokeColor(_LINE)
    canvas.setLineWidth(1.5)
    canvas.rect(28, 28, _WIDTH - 56, _HEIGHT - 56)
    write = _Column(canvas, _HEIGHT - 96)
    write.line(words.heading.upper(), 14, _LINE, bold=True, after=34)
    write.line(words.given_to, 11, _FAINT, after=30)
    write.line(found.recipient, 30, _INK, bold=True, after=34)
    write.line(words.for_what, 11, _FAINT, after=28)
    write.line(found.title, 22, _INK, bold=True, after=30)
    drawn = {name for name, _ in sheet.parts}
    for name, value in [each for each in found.results if each[0] not in drawn][:4]:
        write.line(f"{name}: {words.number(value)}", 11, _INK, after=17)
    _bars(canvas, sheet.parts, write.y, words)
    if sheet.skills:
        text = f"{words.skills}: {' · '.join(sheet.skills)}"
        _Column(canvas, 172).line(text, 9, _INK, after=12)
    low = _Column(canvas, 132)
    low.line(found.issuer, 12, _INK, bold=True, after=17)
    low.line(f"{words.issued}: {sheet.issued}", 10, _INK, after=14)
    low.line(f"{words.expires}: {sheet.expires or words.never}", 10, _INK, after=14)
    if sheet.mark:
        _across(canvas, sheet.mark)
        return
    low.line(f"{words.fingerprint} {sheet.fingerprint}", 8, _FAINT, after=11)
    low.line(words.check, 8, _FAINT, after=11)
    low.line(sheet.address.partition("?")[0], 8, _FAINT, after=11)
    _code(canvas, sheet.address, _WIDTH - _MARGIN - 108, 52, 108)


def _across(canvas: Canvas, mark: str) -> None:
    """A word over the whole page, through which the page still reads."""
    canvas.saveState()
    canvas.translate(_WIDTH / 2, _HEIGHT / 2)
    canvas.rotate(28)
    canvas.setFillColor(_LINE, alpha=0.18)
    canvas.setFont(_font(mark, bold=True), 150)
    canvas.drawCentredString(0, -50, mark.upper())
    canvas.restoreState()


@dataclass
class _Column:
    """Lines from the top down; a long one is broken, and a very long one made smaller."""

    canvas: Canvas
    y: float

    def line(self, text: str, size: float, colour: Color, *, bold: bool = False, after: float) -> None:
        width = _WIDTH - 2 * _MARGIN - (130 if self.y < 150 else 0)
        font = _font(text, bold=bold)
        parts = simpleSplit(text, font, size, width)
        while len(parts) > 2 and size > 7:
            size -= 1
            parts = simpleSplit(text, font, size, width)
        self.canvas.setFillColor(colour)
        self.canvas.setFont(font, size)
        for number, part in enumerate(parts[:3]):
            self.canvas.drawString(_MARGIN, self.y - number * size * 1.2, part)
        self.y -= after + (len(parts[:3]) - 1) * size * 1.2


def _bars(canvas: Canvas, parts: tuple[tuple[str, float], ...], top: float, words: Words) -> None:
    """Sections in up to three columns of bars; as many as fit above the skills, and the rest is in the attached file."""
    rows = max(int((top - 186) // 17), 1)
    for at, (name, percent) in enumerate(parts[: 3 * rows]):
        left, y = _MARGIN + at // rows * 245, top - at % rows * 17
        font = _font(name, bold=False)
        short = name if pdfmetrics.stringWidth(name, font, 9) <= 105 else simpleSplit(name, font, 9, 98)[0] + " …"
        canvas.setFillColor(_INK)
        canvas.setFont(font, 9)
        canvas.drawString(left, y, short)
        canvas.setLineWidth(0.5)
        canvas.rect(left + 112, y - 1, 80, 8, fill=0)
        canvas.setFillColor(_LINE)
        canvas.rect(left + 112, y - 1, 0.8 * percent, 8, stroke=0, fill=1)
        canvas.setFillColor(_INK)
        canvas.setFont(_PLAIN, 9)
        canvas.drawRightString(left + 228, y, words.number(f"{percent:g}") + " %")


def _code(canvas: Canvas, address: str, left: float, bottom: float, side: float) -> None:
    """The QR code, each dark field as a square: sharp at any size."""
    rows = list(segno.make(address, error="m", micro=False).matrix_iter(border=2))
    step = side / len(rows)
    canvas.setFillColor(_INK)
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            if dark:
                canvas.rect(left + across * step, bottom + side - (down + 1) * step, step, step, stroke=0, fill=1)
    canvas.linkURL(address, (left, bottom, left + side, bottom + side), relative=0)


@lru_cache(maxsize=1)
def _load_fonts() -> Callable[[str], bool]:
    """Register the fonts once; the answer says whether the plain one can draw a text."""
    folder = files("matplotlib") / "mpl-data/fonts/ttf"
    for name, file in ((_PLAIN, "DejaVuSans.ttf"), (_BOLD, "DejaVuSans-Bold.ttf")):
        with as_file(folder / file) as path:
            pdfmetrics.registerFont(TTFont(name, str(path)))
    pdfmetrics.registerFont(UnicodeCIDFont(_EAST))
    face: Any = pdfmetrics.getFont(_PLAIN).face
    known = frozenset(face.charToGlyph)
    return lambda text: all(ord(letter) in known for letter in text)


def _font(text: str, *, bold: bool) -> str:
    """Readers of PDF bring East Asian letters themselves; our own font has the alphabets of Europe and the Near East."""
    if not _load_fonts()(text):
        return _EAST
    return _BOLD if bold else _PLAIN
