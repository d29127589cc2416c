"""The picture that a certificate travels in: a seal with the title and the issuer's name, as SVG and as PNG."""

from __future__ import annotations

import io
import math
from functools import lru_cache
from importlib.resources import as_file, files
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFont

SIDE = 600  # pixels, and units of the drawing
_INK, _PAPER, _RING, _SOFT = "#1a2b4a", "#ffffff", "#2f4b7c", "#c9d4e8"
_LINES, _LETTERS = 4, 18
_WORD = 40  # pixels of the largest letters


def svg(title: str, issuer: str) -> bytes:
    """The seal as SVG, described for people who cannot see it."""
    outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in _star())
    lines, size = _wrapped(title)
    top = SIDE / 2 - (len(lines) - 1) * size * 0.6
    words = "".join(
        f'<text x="{SIDE / 2:g}" y="{top + number * size * 1.2:.1f}" font-size="{size}" font-weight="700" '
        f'dominant-baseline="middle">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    label = escape(f"{title}, {issuer}", {'"': "&quot;"})
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}" width="{SIDE}" height="{SIDE}" role="img" '
        f'aria-label="{label}"><polygon points="{outline}" fill="{_RING}"/>'
        f'<circle cx="{SIDE / 2:g}" cy="{SIDE / 2:g}" r="236" fill="{_PAPER}" stroke="{_SOFT}" stroke-width="6"/>'
        f'<g fill="{_INK}" text-anchor="middle" font-family="system-ui, sans-serif">{words}'
        f'<text x="{SIDE / 2:g}" y="456" font-size="20">{escape(_short(issuer, 30))}</text></g></svg>'
    ).encode()


def png(title: str, issuer: str) -> bytes:
    """The same seal as PNG, 600 × 600. The same words give the same bytes."""
    twice = 2 * SIDE  # drawn twice as large: edges become smooth
    picture = Image.new("RGBA", (twice, twice), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.polygon([(x * 2, y * 2) for x, y in _star()], fill=_RING)
    draw.ellipse((128, 128, twice - 128, twice - 128), fill=_PAPER, outline=_SOFT, width=12)
    lines, size = _wrapped(title)
    top = SIDE / 2 - (len(lines) - 1) * size * 0.6
    for number, line in enumerate(lines):
        place = (SIDE, (top + number * size * 1.2) * 2)
        draw.text(place, line, fill=_INK, font=_font("DejaVuSans-Bold.ttf", size * 2), anchor="mm")
    draw.text((SIDE, 912), _short(issuer, 30), fill=_INK, font=_font("DejaVuSans.ttf", 36), anchor="mm")
    out = io.BytesIO()
    picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(out, "PNG", optimize=False)
    return out.getvalue()


def _star(points: int = 32) -> list[tuple[float, float]]:
    """The seal's outline: so many shallow points."""
    middle = SIDE / 2
    return [
        (middle + radius * math.sin(angle), middle - radius * math.cos(angle))
        for step in range(points * 2)
        for radius, angle in [(280.0 if step % 2 == 0 else 262.0, math.pi * step / points)]
    ]


def _wrapped(title: str) -> tuple[list[str], int]:
    """At most four lines, and the size in which they fit the seal."""
    width = _LETTERS
    while True:
        lines: list[str] = []
        for word in title.split() or [title]:
            if lines and len(lines[-1]) + 1 + len(word) <= width:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        if len(lines) <= _LINES or width > 60:
            break
        width += 4
    lines = [_short(line, 34) for line in lines[:_LINES]]
    longest = max(len(line) for line in lines)
    return lines, max(14, min(_WORD, int(620 / max(longest, 1))))


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


@lru_cache(maxsize=32)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    with as_file(files("matplotlib") / "mpl-data/fonts/ttf" / name) as path:
        return ImageFont.truetype(str(path), size)
