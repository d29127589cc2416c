"""Whether a file holds what its name says. Its bytes pass by once; only the beginning and the end are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from grading.attachment import MEDIA_TYPES
from grading.errors import ResponseError

KEPT = 256 * 1024  # bytes of the beginning, and of the end: the directory of a large office file is at its end
MAX_SIDE, MAX_MEGAPIXELS = 20_000, 80  # a picture that is small as a file can fill a marker's memory when it is drawn
PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xfe\xed\xfa",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"L\0\0\0\x01",
)
PNG = b"\x89PNG\r\n\x1a\n"
# The JPEG markers that carry the size of the picture: SOF0 to SOF15 without DHT, JPG and DAC.
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
OFFICE = {"docx": b"word/document.xml", "xlsx": b"xl/workbook.", "pptx": b"ppt/presentation.xml"}
OPEN_OFFICE = ("odt", "ods", "odp")


class Content:
    """`feed` it a file from its first byte to its last, then `check`."""

    def __init__(self, ending: str) -> None:
        self.ending = ending
        self.size = 0
        self.head = bytearray()
        self.tail = bytearray()
        self.has_nul = False

    def feed(self, part: bytes) -> None:
        self.size += len(part)
        if len(self.head) < KEPT:
            self.head += part[: KEPT - len(self.head)]
        self.tail += part[-KEPT:]
        del self.tail[:-KEPT]
        self.has_nul = self.has_nul or b"\0" in part

    def check(self) -> None:
        """Raise `ResponseError` where the file is a program, or is not what its ending says."""
        if not self.size:
            raise ResponseError("the file is empty")
        if self.head.startswith(PROGRAMS):
            raise ResponseError("the file is a program; programs are not accepted")
        if not CHECKS.get(self.ending, _is_text)(self):
            raise ResponseError(f"the file does not hold what its ending {self.ending!r} says, or its end is missing")


def _is_text(file: Content) -> bool:
    """Any text: what its letters mean is not for us to guess. Two bytes for each letter only with a mark that says so."""
    return not file.has_nul or file.head.startswith((b"\xff\xfe", b"\xfe\xff"))


def _is_pdf(file: Content) -> bool:
    return file.head.startswith(b"%PDF-") and b"%%EOF" in file.tail


def _is_png(file: Content) -> bool:
    if not file.head.startswith(PNG) or file.head[12:16] != b"IHDR" or b"IEND" not in file.tail[-4096:]:
        return False
    _check_size(int.from_bytes(file.head[16:20]), int.from_bytes(file.head[20:24]))
    return True


def _is_jpeg(file: Content) -> bool:
    """Goes from one segment to the next until the one that names the size."""
    if not file.head.startswith(b"\xff\xd8\xff") or b"\xff\xd9" not in file.tail[-65_536:]:
        return False
    at = 2
    while at + 9 <= len(file.head) and file.head[at] == 0xFF:
        marker = file.head[at + 1]
        if marker in FRAMES:
            _check_size(int.from_bytes(file.head[at + 7 : at + 9]), int.from_bytes(file.head[at + 5 : at + 7]))
            return True
        at += 1 if marker == 0xFF else 2 + int.from_bytes(file.head[at + 2 : at + 4])
    return False


def _check_size(width: int, height: int) -> None:
    if not 0 < width <= MAX_SIDE or not 0 < height <= MAX_SIDE or width * height > MAX_MEGAPIXELS * 10**6:
        raise ResponseError(f"the picture has no size, or more than {MAX_MEGAPIXELS} megapixels")


def _is_office(file: Content) -> bool:
    """A ZIP whose directory names the main part, and no macros."""
    if not file.head.startswith(b"PK\x03\x04") or OFFICE[file.ending] not in file.tail:
        return False
    if b"vbaProject.bin" in file.tail:
        raise ResponseError("the file is a program; programs are not accepted")
    return b"PK\x05\x06" in file.tail


def _is_open_office(file: Content) -> bool:
    """A ZIP whose first entry, not compressed, says what it is."""
    says = b"mimetype" + MEDIA_TYPES[file.ending].encode()
    return file.head.startswith(b"PK\x03\x04") and file.head[30 : 30 + len(says)] == says and b"PK\x05\x06" in file.tail


def _is_webm(file: Content) -> bool:
    return file.head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in file.head[:128]


def _is_ogg(file: Content) -> bool:
    return file.head.startswith(b"OggS")


def _is_mp4(file: Content) -> bool:
    return file.head[4:8] == b"ftyp"


# Every other ending is text.
CHECKS: Mapping[str, Callable[[Content], bool]] = {
    "pdf": _is_pdf,
    "png": _is_png,
    "jpg": _is_jpeg,
    "jpeg": _is_jpeg,
    **dict.fromkeys(OFFICE, _is_office),
    **dict.fromkeys(OPEN_OFFICE, _is_open_office),
    "webm": _is_webm,
    "ogg": _is_ogg,
    "mp4": _is_mp4,
    "m4a": _is_mp4,
}
