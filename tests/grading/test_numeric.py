"""Numbers and units as people write them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading import Graded, Ungraded, grade
from grading.quantity import convert, read_quantity
from tests.grading.samples import NUMERIC, made

READ = [
    ("9.81", 9.81, ""),
    ("9,81", 9.81, ""),
    (" +9.81 ", 9.81, ""),
    ("-9.81", -9.81, ""),
    ("−9,81", -9.81, ""),
    (".5", 0.5, ""),
    ("5.", 5.0, ""),
    ("1.2e3", 1200.0, ""),
    ("1,2E-3", 0.0012, ""),
    ("6.02·10^23", 6.02e23, ""),
    ("6,02 × 10²³", 6.02e23, ""),
    ("3 x 10^-2 m", 0.03, "m"),
    ("1 234.5", 1234.5, ""),
    ("1.234,56", 1234.56, ""),
    ("1,234.56", 1234.56, ""),
    ("1'234'567", 1234567.0, ""),
    ("1,234,567", 1234567.0, ""),
    ("1.234.567", 1234567.0, ""),
    ("12\u202f345,6", 12345.6, ""),
    ("3/4", 0.75, ""),
    ("-3/4", -0.75, ""),
    ("1 3/4 inch", 1.75, "inch"),
    ("½", 0.5, ""),
    ("2½ h", 2.5, "h"),
    ("9.81 m/s^2", 9.81, "m/s^2"),
    ("9.81m/s²", 9.81, "m/s^2"),
    ("g = 9.81", 9.81, ""),
    ("≈ 9.81", 9.81, ""),
    ("about 10 kg", 10.0, "kg"),
    ("12 %", 12.0, "%"),
    ("٩٫٨١", 9.81, ""),
    ("\u202b9.81\u202c", 9.81, ""),
    ("９．８１", 9.81, ""),
    ("20 °C", 20.0, "°C"),
    ("5 eV", 5.0, "eV"),
    ("5e", 5.0, "e"),
]
UNREAD = [
    "",
    "x",
    "1/0",
    "1e999",
    "1e99999",
    "9" * 70,
    "1..2",
    "1,2,3",
    "1.23.4",
    "--5",
    "nan",
    "inf",
    "0x10",
    "1_000",
    "٣٣" * 40,
]


@pytest.mark.parametrize(("text", "value", "unit"), READ)
def test_read(text: str, value: float, unit: str) -> None:
    quantity = read_quantity(text)
    assert quantity is not None
    assert quantity.values[0] == pytest.approx(value, rel=1e-12)
    assert quantity.unit == unit


@pytest.mark.parametrize("text", UNREAD)
def test_not_read(text: str) -> None:
    assert read_quantity(text) is None


def test_a_comma_before_three_digits_has_two_readings() -> None:
    quantity = read_quantity("1,234")
    assert quantity is not None
    assert set(quantity.values) == {1.234, 1234.0}


@given(st.text(max_size=60))
@settings(max_examples=50, deadline=None)
def test_any_text_is_read_or_not_and_never_raises(text: str) -> None:
    quantity = read_quantity(text)
    assert quantity is None or quantity.values
    given_grade = grade(made(NUMERIC, unit="m/s^2"), {"text": f"9.81 {text}"})
    assert given_grade.max_points > 0


@given(st.floats(-1e15, 1e15).filter(lambda value: value == 0 or abs(value) > 1e-280))
@settings(max_examples=50, deadline=None)
def test_what_python_prints_is_read_exactly(value: float) -> None:
    quantity = read_quantity(repr(value))
    assert quantity is not None
    assert value in quantity.values


@pytest.mark.parametrize(
    "text", ["9^9^9^9^9", "1 m**999999999", "1 (((((((", "1 m^9^9^9", "1 " + "m*" * 90, "1 __import__('os')"]
)
def test_hostile_text_costs_nothing(text: str) -> None:
    item = made(NUMERIC, unit="m")
    grade(item, {"text": "1 m"})
    got = grade(item, {"text": text})
    assert isinstance(got, Ungraded)


def points(text: str, **changes: Any) -> float | str:
    got = grade(made(NUMERIC, **changes), {"text": text})
    return got.points if isinstance(got, Graded) else got.cause


@pytest.mark.parametrize(
    ("text", "expected"), [("9.81", 4), ("9.82", 4), ("9,80", 4), ("9.83", 0), ("981", 0), ("9.81 apples", "person")]
)
def test_absolute_tolerance(text: str, expected: float | str) -> None:
    assert points(text) == expected


@pytest.mark.parametrize(
    ("value", "text", "expected"), [(200, "202", 4), (200, "203", 0), (-200, "-198", 4), (0, "0", 4), (0, "1e-9", 0)]
)
def test_relative_tolerance(value: float, text: str, expected: float) -> None:
    assert points(text, value=value, tolerance={"relative": 0.01}) == expected


def test_without_a_tolerance_fractions_still_fit() -> None:
    assert points("1/3", value=1 / 3, tolerance=None) == 4
    assert points("0.333", value=1 / 3, tolerance=None) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9.81 m/s^2", 4), ("9.81 m/s²", 4), ("9.81 m s⁻²", 4), ("9.81 m·s^-2", 4), ("9.81 N/kg", 4), ("981 cm/s^2", 4),
        ("9.81 metres per second squared", 4), ("35.316 km/h/s", 4), ("9.81", 3), ("9.81 m/s", 3), ("9.81 cm/s^2", 0), ("8 m/s^2", 0),
        ("8", 0), ("9.81 gravities please", "person"),
    ],
)  # fmt: skip
def test_unit_points(text: str, expected: float | str) -> None:
    assert points(text, unit="m/s^2", unit_points=1) == expected


@pytest.mark.parametrize(("text", "expected"), [("9.81", 4), ("981 cm/s^2", 4), ("9.81 m", 0)])
def test_without_unit_points_a_unit_may_be_left_out_but_not_be_wrong(text: str, expected: float) -> None:
    assert points(text, unit="m/s^2") == expected


@pytest.mark.parametrize(
    ("value", "unit", "target", "expected"),
    [(20, "°C", "K", 293.15), (68, "°F", "°C", 20), (1, "kWh", "MJ", 3.6), (50, "%", "", None), (1, "m", "s", None), (36, "km/h", "m/s", 10), (4.18, "J/(g K)", "", None)],
)  # fmt: skip
def test_convert(value: float, unit: str, target: str, expected: float | None) -> None:
    try:
        assert convert(value, unit, target) == (None if expected is None else pytest.approx(expected))
    except ValueError:
        assert expected is None
