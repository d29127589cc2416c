"""Certificates inside pictures: what is put in comes out, and what could mislead a reader is refused."""

from __future__ import annotations

import json
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.errors import Malformed
from credentials.forms import png, svg
from tests.credentials.samples import issued


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


HEADER = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
PIXELS = chunk(b"IDAT", zlib.compress(b"\0\0"))
END = chunk(b"IEND", b"")
PICTURE = png.MAGIC + HEADER + PIXELS + END
DRAWING = (
    b'<?xml version="1.0"?>\n<!-- a > b --><svg xmlns="http://www.w3.org/2000/svg" a="1 > 0"\n><circle r="4"/></svg>'
)


def itxt(text: bytes, keyword: bytes = png.KEYWORD) -> bytes:
    return chunk(b"iTXt", keyword + b"\0\0\0\0\0" + text)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_goes_into_a_png_comes_out(text: str) -> None:
    assert png.extract(png.bake(PICTURE, text)) == text


json_values = st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.sampled_from(["]]>", "a]]>b", "<x>&amp;"]))


@given(json_values)
def test_what_goes_into_an_svg_comes_out(value: dict[str, str]) -> None:
    text = json.dumps(value)
    assert json.loads(svg.extract(svg.bake(DRAWING, text))) == value


def test_a_whole_certificate_and_a_token_in_both() -> None:
    for text in (json.dumps(issued(), ensure_ascii=False), "eyJh.eyJi.c-_~"):
        assert png.extract(png.bake(PICTURE, text)) == text
        assert svg.extract(svg.bake(DRAWING, text)) == text
        assert svg.extract(svg.bake(b'<svg xmlns="http://www.w3.org/2000/svg" />', text)) == text


def test_the_form_is_the_standards() -> None:
    assert b"iTXtopenbadgecredential\0\0\0\0\0{}" in png.bake(PICTURE, "{}")
    assert b'xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"' in svg.bake(DRAWING, "{}")
    assert b'verify="a.b.c"' in svg.bake(DRAWING, "a.b.c")


def test_baking_anew_replaces_what_was_there() -> None:
    assert png.extract(png.bake(png.bake(PICTURE, "old"), "new")) == "new"
    with pytest.raises(Malformed, match="already"):
        svg.bake(svg.bake(DRAWING, "{}"), "{}")


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (PICTURE, "carries no certificate"),
        (png.MAGIC + HEADER + PIXELS + itxt(b"{}") + itxt(b"{}") + END, "2 certificates"),
        (png.MAGIC + HEADER + itxt(b"{}") + chunk(b"tEXt", png.KEYWORD + b"\0{}") + PIXELS + END, "2 certificates"),
        (png.MAGIC + HEADER + itxt(b"{}") + itxt(b"{}", b"OpenBadgeCredential") + PIXELS + END, "2 certificates"),
        (png.MAGIC + HEADER + chunk(b"iTXt", png.KEYWORD + b"\0\1\0\0\0" + zlib.compress(b"{}")) + END, "compressed"),
        (png.MAGIC + HEADER + chunk(b"zTXt", png.KEYWORD + b"\0\0" + zlib.compress(b"{}")) + END, "cut off|compressed"),
        (png.MAGIC + HEADER + chunk(b"iTXt", png.KEYWORD + b"\0\0\0") + END, "cut off"),
        (png.MAGIC + HEADER + itxt(b"\xff") + END, "not text"),
        (PICTURE + b"x", "follows the end"),
        (PICTURE[:-4], "cut off"),
        (PICTURE[:-1] + b"x", "checksum"),
        (png.MAGIC + PIXELS + END, "header"),
        (png.MAGIC + HEADER + HEADER + END, "header"),
        (b"GIF89a", "not a PNG"),
        (png.MAGIC, "cut off"),
        (png.MAGIC + struct.pack(">I4s", 2**32 - 1, b"IHDR") + bytes(30), "cut off"),
    ],
)
def test_pictures_that_prove_nothing(picture: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        png.extract(picture)


def drawn(inside: str, before: str = "") -> bytes:
    return f'{before}<svg xmlns="http://www.w3.org/2000/svg" xmlns:ob="{svg.NAMESPACE}">{inside}</svg>'.encode()


@pytest.mark.parametrize(
    ("picture", "why"),
    [
        (DRAWING, "carries no certificate"),
        (drawn("<ob:credential>{}</ob:credential>" * 2), "2 certificates"),
        (drawn("<g><ob:credential>{}</ob:credential></g>"), "in its place"),
        (drawn("<ob:credential/>"), "one text, or one"),
        (drawn('<ob:credential verify="a.b.c">{}</ob:credential>'), "one text, or one"),
        (drawn("<ob:credential><b>{}</b></ob:credential>"), "other elements"),
        (drawn("<ob:credential>{}</ob:credential>", "<!DOCTYPE svg>"), "document type"),
        (drawn("&a;", '<!DOCTYPE svg [<!ENTITY a "b">]>'), "document type"),
        (drawn("<g>" * 300 + "</g>" * 300), "nested deeper"),
        (b"<html/>", "not an SVG"),
        (b"<svg", "not SVG"),
        ("<svg/>".encode("utf-16"), "UTF-8"),
        (b"", "not SVG"),
    ],
)
def test_drawings_that_prove_nothing(picture: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        svg.extract(picture)
