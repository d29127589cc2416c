"""The certificate on paper: what is attached comes out again, what is drawn can be read, what is broken is refused."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter

from credentials.errors import Malformed
from credentials.forms import formats, pdf, png, svg
from credentials.issuance import certificate
from credentials.verification.verify import verify
from tests.credentials.forms.test_baking import DRAWING, PICTURE
from tests.credentials.samples import NOW, TRUST, full_bundle, issued

BUNDLE = json.dumps(full_bundle()).encode()


def sheet(**changes: object) -> pdf.Sheet:
    facts = {
        "summary": certificate.read(issued()),
        "address": "https://exams.example/certificates/1",
        "fingerprint": "a1b2-c3d4",
        "issued": "1 March 2027",
        "expires": None,
    }
    return pdf.Sheet(**{**facts, **changes})  # type: ignore[arg-type]


def test_the_same_certificate_gives_the_same_file() -> None:
    one, two = (pdf.draw(sheet(), {formats.BUNDLE: BUNDLE}) for _ in range(2))
    assert one == two


def test_the_attached_bundle_proves_and_the_page_says_whose_it_is() -> None:
    file = pdf.draw(sheet(), {formats.BUNDLE: BUNDLE, formats.CREDENTIAL: b"{}"})
    opened = formats.open_file(file)
    assert (opened.kind, opened.inside, opened.content) == ("json", "pdf", BUNDLE)
    assert verify(opened.content, TRUST, NOW).verdict == "proven"
    page: Any = PdfReader(io.BytesIO(file)).pages[0]
    text = page.extract_text()
    for words in ("Lovelace", "Analytical Engines", "Example University", "1 March 2027", "a1b2-c3d4", "Score: 87"):
        assert words in text
    assert page["/Annots"][0].get_object()["/A"]["/URI"] == "https://exams.example/certificates/1"


def test_very_long_names_and_many_alphabets_stay_on_the_page() -> None:
    long = certificate.read(issued())
    for name in ("Ana " * 60, "数学家", "Дмитрий Иванович", "Ελένη"):
        summary = certificate.Summary(**{**long.__dict__, "recipient": name.strip()})
        assert pdf.extract(pdf.draw(sheet(summary=summary), {"a.json": b"{}"})) == {"a.json": b"{}"}


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (b"%PDF-1.7 and nothing else", "damaged|carries no"),
        (pdf.draw(sheet(), {}), "carries no certificate"),
        (pdf.draw(sheet(), {"one.json": b"{}", "two.json": b"{}"}), "carries no certificate"),
        (pdf.draw(sheet(), {formats.BUNDLE: BUNDLE})[:2000], "damaged|carries no"),
        (pdf.draw(sheet(), {formats.BUNDLE: b"<html>"}), "is no certificate|none of JSON|not an SVG"),
    ],
)
def test_papers_that_prove_nothing(file: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        formats.open_file(file)


def test_two_files_of_one_name_mislead() -> None:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    for content in (BUNDLE, b"{}"):
        writer.add_attachment(formats.BUNDLE, content)
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(Malformed, match="two files"):
        formats.open_file(out.getvalue())


def test_an_attachment_that_grows_is_refused() -> None:
    with pytest.raises(Malformed, match=r"larger|unpacks"):
        pdf.extract(pdf.draw(sheet(), {formats.BUNDLE: bytes(9 * 1024 * 1024)}))


def test_each_form_is_recognised_by_what_it_is() -> None:
    token = b"eyJh.eyJi.c"
    text = BUNDLE.decode()
    for file, kind, inside in [
        (BUNDLE, "json", "json"),
        (b"\xef\xbb\xbf\r\n " + BUNDLE, "json", "json"),
        (png.bake(PICTURE, text), "json", "png"),
        (svg.bake(DRAWING, text), "json", "svg"),
        (png.bake(PICTURE, token.decode()), "jwt", "png"),
        (token, "jwt", "jwt"),
        (token + b"~x~", "sd-jwt", "sd-jwt"),
    ]:
        opened = formats.open_file(file)
        assert (opened.kind, opened.inside) == (kind, inside)
    for noise in (
        b"",
        b"GIF89a",
        b"PK\x03\x04",
        b"\xff\xd8\xff",
        png.bake(PICTURE, "hello"),
        png.bake(PICTURE, "<svg/>"),
    ):
        with pytest.raises(Malformed):
            formats.open_file(noise)


def test_sections_and_skills_are_drawn_and_stay_on_the_page() -> None:
    parts = tuple((f"Section {number} with quite a long name", 100 - number / 3) for number in range(50))
    file = pdf.draw(sheet(parts=(("Reading charts", 62.5), *parts), skills=("Charts", "Averages")), {"a.json": b"{}"})
    reader = PdfReader(io.BytesIO(file))
    text = reader.pages[0].extract_text()
    for words in ("Reading charts", "62.5 %", "Skills: Charts · Averages", "Score: 87"):
        assert words in text
    assert len(reader.pages) == 1


def test_numbers_read_as_the_language_writes_them() -> None:
    made = sheet(summary=replace(certificate.read(issued()), results=(("Ergebnis", "92.5"), ("Note", "1.b"))))
    page: Any = PdfReader(io.BytesIO(pdf.draw(made, {}, pdf.Words(decimal=",")))).pages[0]
    text = page.extract_text()
    assert "Ergebnis: 92,5" in text
    assert "Note: 1.b" in text, "somebody's words stay"
    made = sheet(parts=(("Knots", 87.5),))
    assert "87,5 %" in PdfReader(io.BytesIO(pdf.draw(made, {}, pdf.Words(decimal=",")))).pages[0].extract_text()
