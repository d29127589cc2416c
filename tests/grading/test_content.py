"""A file is what its name says, or it is refused: no program, no page, no picture that fills a marker's memory."""

from __future__ import annotations

import io
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from grading.attachment import MEDIA_TYPES
from grading.content import Content
from grading.errors import ResponseError

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
ZIP_BOMB = b"PK\x03\x04" + b"\0" * 200
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\x82\x84webm" + b"\0" * 40


def picture(kind: str, size: tuple[int, int] = (40, 30)) -> bytes:
    pixels = np.random.default_rng(3).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind)
    return out.getvalue()


def huge_png(side: int) -> bytes:
    """A few bytes that unfold into a picture of side times side."""
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", side, side) + b"\x08\0\0\0\0" + b"IEND\xaeB`\x82"


def packed(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


DOCX = packed(word__document_xml=b"<w/>")
GOOD = {
    "pdf": PDF,
    "png": picture("PNG"),
    "jpg": picture("JPEG"),
    "docx": DOCX,
    "odt": packed(mimetype=MEDIA_TYPES["odt"].encode(), content_xml=b"<x/>"),
    "txt": "Grüße".encode(),
    "csv": b"a;b\r\n1;2",
    "py": b"#!/usr/bin/env python3\nprint(1)\n",
    "webm": WEBM,
    "ogg": b"OggS\0\x02" + b"\0" * 40,
    "m4a": b"\0\0\0\x1cftypM4A " + b"\0" * 40,
}


def look(content: bytes, ending: str, part: int = 1_000) -> None:
    file = Content(ending)
    for at in range(0, len(content), part):
        file.feed(content[at : at + part])
    file.check()


@pytest.mark.parametrize("ending", GOOD)
def test_good_files_pass(ending: str) -> None:
    for part in (1, 7, 1 << 20):
        look(GOOD[ending], ending, part)


@pytest.mark.parametrize("ending", [*GOOD, "xlsx", "java", "md"])
@pytest.mark.parametrize("other", [*GOOD, "exe", "elf", "html", "zip"])
def test_nothing_passes_under_another_name(ending: str, other: str) -> None:
    more = {"exe": b"MZ\x90\0", "elf": b"\x7fELF\x02", "html": b"<html><script>alert(1)</script>", "zip": ZIP_BOMB}
    content, texts = {**GOOD, **more}[other], {"txt", "csv", "py", "java", "md"}
    same = ending == other or (ending in texts and b"\0" not in content and other not in {"exe", "elf"})
    if same or {ending, other} == {"png"}:
        look(content, ending)
        return
    with pytest.raises(ResponseError):
        look(content, ending)


@pytest.mark.parametrize(
    ("content", "ending", "words"),
    [
        (b"", "txt", "empty"),
        (b"MZ\x90", "txt", "a program"),
        (b"\x7fELF", "pdf", "a program"),
        (packed(word__document_xml=b"<w/>", word__vbaProject_bin=b"x"), "docx", "a program"),
        (huge_png(30_000), "png", "megapixels"),
        (huge_png(12_000), "png", "megapixels"),
        (huge_png(0), "png", "no size"),
        (PDF[:-7], "pdf", "its end is missing"),
        (picture("PNG")[:-20], "png", "its end is missing"),
        (DOCX[:-25], "docx", "its end is missing"),
        (b"a\0b", "csv", "does not hold"),
    ],
)
def test_refusals(content: bytes, ending: str, words: str) -> None:
    with pytest.raises(ResponseError, match=words):
        look(content, ending)


def test_text_in_two_bytes_says_so() -> None:
    look("Grüße".encode("utf-16"), "csv")


@given(content=st.binary(max_size=200), ending=st.sampled_from(sorted(MEDIA_TYPES)), part=st.integers(1, 50))
def test_any_bytes_are_refused_or_accepted_however_they_come(content: bytes, ending: str, part: int) -> None:
    outcomes = []
    for size in (part, 1_000):
        try:
            look(content, ending, size)
            outcomes.append("")
        except ResponseError as error:
            outcomes.append(str(error))
    assert outcomes[0] == outcomes[1]
