"""The picture of a certificate: whatever the title, one whole picture that the certificate can be baked into."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from credentials.forms import badge, png, svg

TITLES = ["Analytical Engines", "A" * 80, "word " * 40, "<b>&\"'", "数学 Αλγόριθμοι", "x"]


@pytest.mark.parametrize("title", TITLES)
def test_a_certificate_can_be_baked_into_the_picture(title: str) -> None:
    assert svg.extract(svg.bake(badge.svg(title, "Example University"), "{}")) == "{}"
    drawn = badge.png(title, "Example University")
    assert png.extract(png.bake(drawn, "{}")) == "{}"
    assert Image.open(io.BytesIO(drawn)).size == (badge.SIDE, badge.SIDE)
    assert badge.png(title, "Example University") == drawn


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60), st.text(max_size=40))
def test_any_words_make_a_sound_drawing(title: str, issuer: str) -> None:
    words = "".join(letter for letter in issuer if letter.isprintable())
    assert svg.extract(svg.bake(badge.svg(title, words), "{}")) == "{}"
