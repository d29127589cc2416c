"""Read a number with a unit as people write it: "9,81 m/s²", "1 234.5", "6.02·10^23", "3 1/4 in".

Nothing is evaluated. Length, digits, exponents and the number of units are bounded before anything is computed,
so an answer such as "9^9^9^9" or "m**999999999" costs nothing. Units come from Pint's registry, name by name.
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import pint

MAX_CHARS = 200
MAX_EXPONENT = 300
MAX_DIGITS = 60

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_SIGNS = str.maketrans(
    {
        "−": "-",
        "–": "-",
        "‒": "-",
        "＋": "+",
        "×": "*",
        "·": "*",
        "⋅": "*",
        "∙": "*",
        "⁄": "/",
        "÷": "/",
        "٫": ".",
        "٬": ",",
        "’": "'",
    }
)
_LEAD = re.compile(
    r"^(?:[A-Za-z]\w{0,10}\s*[=≈]\s*|[=≈~]\s*|(?:about|approximately|approx\.?|circa|ca\.?|etwa)\s+)", re.IGNORECASE
)
_GROUPED = r"\d{1,3}(?:[ ']\d{3})+(?:[.,]\d+)?"
_NUMBER = rf"(?:{_GROUPED}|\d+(?:[.,]\d+)*(?:[.,](?!\w))?|[.,]\d+)"
_POWER = r"(?:\s*[eE]\s*(?P<e>[+-]?\d{1,4})(?![\w.,])|\s*(?:\*|x)\s*10\s*(?:\^|\*\*)\s*\(?(?P<ten>[+-]?\d{1,4})\)?)?"
_MIXED = re.compile(
    r"(?P<sign>[+-]?)\s*(?P<whole>\d{1,9})[ ]+(?P<top>\d{1,9})\s*/\s*(?P<under>\d{1,9})(?P<rest>(?![\d.,]).*)"
)
_RATIO = re.compile(rf"(?P<sign>[+-]?)\s*(?P<top>{_NUMBER})\s*/\s*(?P<under>{_NUMBER})(?P<rest>(?!\w).*)")
_PLAIN = re.compile(rf"(?P<sign>[+-]?)\s*(?P<number>{_NUMBER}){_POWER}(?P<rest>(?!\d).*)")
# What follows a number that was cut short: "0x10", "1_000", "1..2", an exponent with too many digits.
_UNREAD = re.compile(r"[.,_]|[eExX][+-]?\d")
_FACTOR = re.compile(
    r"(?P<name>[A-Za-zµμΩÅ°%]{1,30})(?:\s*(?:\^|\*\*)\s*\(?(?P<power>[+-]?\d)\)?(?!\d)|(?P<glued>[2-4])(?!\d))?\s*"
)
_NAMES = {
    "%": "percent",
    "°": "degree",
    "°C": "degC",
    "°F": "degF",
    "Å": "angstrom",
    "mph": "mile/hour",
    "kph": "km/hour",
}


@dataclass(frozen=True)
class Quantity:
    """`values`: each reading of the number ("1,234" may mean 1.234 or 1234). `unit`: the text behind it, may be ""."""

    values: tuple[float, ...]
    unit: str


def read_quantity(text: str) -> Quantity | None:
    """The number and unit written in `text`; None where no single number can be read with confidence."""
    clean = _clean(text)
    if clean is None:
        return None
    for pattern, values in ((_MIXED, _mixed), (_RATIO, _ratio), (_PLAIN, _plain)):
        if match := pattern.fullmatch(clean):
            found = tuple(-value if match["sign"] == "-" else value for value in values(match) if math.isfinite(value))
            unread = _UNREAD.match(match["rest"])
            return Quantity(found, match["rest"].strip().rstrip(".")) if found and not unread else None
    return None


def _clean(text: str) -> str | None:
    if len(text) > MAX_CHARS or sum(letter.isdigit() for letter in text) > MAX_DIGITS:
        return None
    text = re.sub(r"[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda run: "^" + run[0].translate(_SUPERSCRIPTS), text)
    text = "".join(
        f" {unicodedata.normalize('NFKC', letter)}" if letter in "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞" else letter for letter in text
    )
    text = unicodedata.normalize("NFKC", text)
    text = "".join(_plain_letter(letter) for letter in text).translate(_SIGNS)
    text = " ".join(text.split())
    return _LEAD.sub("", text)


def _plain_letter(letter: str) -> str:
    """ASCII for digits of any script; nothing for marks that only steer the writing direction or are not seen."""
    if unicodedata.category(letter) == "Cf":
        return ""
    digit = unicodedata.decimal(letter, None)
    return letter if digit is None else str(digit)


def _mixed(match: re.Match[str]) -> list[float]:
    under = int(match["under"])
    return [int(match["whole"]) + int(match["top"]) / under] if under else []


def _ratio(match: re.Match[str]) -> list[float]:
    over, under = ([float(number) for number in _readings(match[part])] for part in ("top", "under"))
    return [top / bottom for top in over for bottom in under if bottom]


def _plain(match: re.Match[str]) -> list[float]:
    power = int(match["e"] or match["ten"] or 0)
    return [float(f"{number}e{power}") for number in _readings(match["number"])] if abs(power) <= MAX_EXPONENT else []


def _readings(number: str) -> list[str]:
    """All meanings of digits with points and commas, as `float` reads them. Of two kinds of mark the last is decimal."""
    number = number.replace(" ", "").replace("'", "").rstrip(".,")
    marks = re.findall(r"[.,]", number)
    decimal = re.sub(r"[.,](?=.*[.,])", "", number).replace(",", ".")
    groups = re.split(r"[.,]", number)
    grouped = 1 <= len(groups[0]) <= 3 and groups[0] != "0" and all(len(group) == 3 for group in groups[1:])
    if len(marks) <= 1:
        return [decimal, "".join(groups)] if grouped and marks == [","] else [decimal]
    if len(set(marks)) == 1:
        return ["".join(groups)] if grouped else []
    return [decimal] if len(set(marks[:-1])) == 1 and all(len(group) == 3 for group in groups[1:-1]) else []


@functools.cache
def _registry() -> Any:
    return pint.UnitRegistry(cache_folder=None)


@functools.lru_cache(maxsize=4_096)
def _named(name: str) -> Any | None:
    """The unit of one name, or None. Names are letters only, so Pint has nothing to compute."""
    known = _NAMES.get(name, name)
    try:
        return _registry().parse_units(known)
    except (pint.errors.PintError, AttributeError, ValueError):
        return None


def _unit(text: str) -> Any | None:
    """A Pint unit from "m/s^2", "m s^-2", "metre per second squared" or "N·m", or None. At most 8 factors."""
    text = re.sub(r"\bper\b", "/", text.translate(_SIGNS))
    text = re.sub(r"(\w+)\s+squared\b", r"\1^2", text)
    text = re.sub(r"(\w+)\s+cubed\b", r"\1^3", text)
    product, sign, at, factors = _registry().dimensionless, 1, 0, 0
    while at < len(text):
        if text[at] in " */":
            # after a slash everything up to the next multiplication sign is below the line, as in J/kg K
            sign = -1 if text[at] == "/" else sign if text[at] == " " else 1
            at += 1
            continue
        match = _FACTOR.match(text, at)
        named = _named(match["name"]) if match else None
        factors += 1
        if match is None or named is None or factors > 8:
            return None
        product = product * named ** (sign * int(match["power"] or match["glued"] or 1))
        at = match.end()
    return product if factors else None


def known_unit(text: str) -> bool:
    return _unit(_unit_text(text)) is not None


def _unit_text(text: str) -> str:
    return _clean(text) or ""


def convert(value: float, unit: str, target: str) -> float | None:
    """`value` in `target`. None where the two measure different things. Raises `ValueError` for a unknown unit."""
    source, wanted = _unit(_unit_text(unit)), _unit(_unit_text(target))
    if source is None or wanted is None:
        raise ValueError(unit if source is None else target)
    try:
        return float(_registry().Quantity(value, source).to(wanted).magnitude)
    except (pint.errors.PintError, OverflowError, ZeroDivisionError):
        return None
