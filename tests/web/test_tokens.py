"""Every pair of colours that meets on a page has the contrast WCAG 2.2 asks for, in light and in dark."""

import re

import pytest

from exam_api.web.i18n import WEB

CSS = WEB / "static" / "css"
TOKEN = re.compile(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)")
TOKENS = {name: (light, dark) for name, light, dark in TOKEN.findall((CSS / "tokens.css").read_text("utf-8"))}

# The two themes of high contrast, each with colours of its own: the same pairs, read more easily.
SHEET = (CSS / "contrast.css").read_text("utf-8")
BLOCK = re.compile(r"\[data-theme=\"(contrast-\w+)\"\] {([^}]*)}")
CONTRAST = {name: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", body)) for name, body in BLOCK.findall(SHEET)}

GROUNDS = ("desk", "sheet", "hollow")
TEXT = [
    *((ink, ground) for ink in ("ink", "ink-soft", "accent", "accent-strong") for ground in (*GROUNDS, "accent-tint")),
    *((tone, ground) for tone in ("ok", "attention", "problem") for ground in (*GROUNDS, f"{tone}-tint")),
    *(("ink", f"{tone}-tint") for tone in ("ok", "attention", "problem")),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-problem", "problem"),
    *(("ink", f"pen-{number}") for number in (1, 2, 3, 4)),
]
# Borders of controls, the focus ring and graphics (WCAG 2.2, 1.4.11 and 2.4.11).
SHAPES = [(line, ground) for line in ("outline", "focus", "accent") for ground in GROUNDS]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_the_extremes() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT, ids="-on-".join)
def test_text_can_be_read(ink: str, ground: str, scheme: int) -> None:
    assert contrast(TOKENS[ink][scheme], TOKENS[ground][scheme]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("line", "ground"), SHAPES, ids="-on-".join)
def test_shapes_can_be_seen(line: str, ground: str, scheme: int) -> None:
    assert contrast(TOKENS[line][scheme], TOKENS[ground][scheme]) >= 3


@pytest.mark.parametrize("theme", ["contrast-light", "contrast-dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT, ids="-on-".join)
def test_text_of_high_contrast(ink: str, ground: str, theme: str) -> None:
    assert contrast(CONTRAST[theme][ink], CONTRAST[theme][ground]) >= 7


@pytest.mark.parametrize("theme", ["contrast-light", "contrast-dark"])
def test_high_contrast_replaces_every_colour_and_shapes_stand_out(theme: str) -> None:
    assert CONTRAST[theme].keys() == TOKENS.keys()
    for line, ground in [*SHAPES, *(("hairline", ground) for ground in GROUNDS)]:
        assert contrast(CONTRAST[theme][line], CONTRAST[theme][ground]) >= 4.5, (line, ground)


def test_no_colour_outside_the_tokens() -> None:
    """A colour written anywhere else would be right in one scheme only."""
    allowed = {"print.css", "tokens.css", "contrast.css"}
    for sheet in CSS.glob("*.css"):
        if sheet.name not in allowed:
            assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s),])", sheet.read_text("utf-8")), sheet.name


def test_every_used_token_exists() -> None:
    every = "\n".join(sheet.read_text("utf-8") for sheet in CSS.glob("*.css"))
    declared, used = set(re.findall(r"(--[\w-]+):", every)), set(re.findall(r"var\((--[\w-]+)", every))
    assert used <= declared


def test_sides_are_logical() -> None:
    """`left` and `right` are wrong for half of the world's scripts; start and end are right for all."""
    physical = re.compile(
        r"^\s*(?:margin|padding|border)-(?:left|right|top|bottom)|^\s*(?:left|right|top|bottom)\s*:", re.MULTILINE
    )
    for sheet in CSS.glob("*.css"):
        assert not physical.findall(sheet.read_text("utf-8")), sheet.name
