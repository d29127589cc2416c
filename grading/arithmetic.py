"""The value of a small expression: `(a + b) / 2`, `sqrt(a ** 2 + b ** 2)`.

    sum      = product {("+" | "-") product}
    product  = sign {("*" | "/") sign}
    sign     = ["-" | "+"] power
    power    = atom ["**" sign]
    atom     = number | name | function "(" sum {"," sum} ")" | "(" sum ")"

Functions: `sqrt`, `abs`, `min`, `max`, `floor`, `ceil`, and `round(x, digits)`, which rounds halves away from zero; `pi`
is a name. Exponents are whole.

Everything is exact (fractions of whole numbers; roots to 40 digits), so the value is the same on every machine and in
every year; functions whose last digit differs between processors (sine, logarithm) are left out for that reason.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from grading.errors import FormulaError

Value = Callable[[Mapping[str, Fraction]], Fraction]

MAX_CHARS = 500
MAX_DEPTH = 30
MAX_EXPONENT = 64
MAX_BITS = 4_096
ROOT_DIGITS = 40
PI = Fraction("3.1415926535897932384626433832795028841972")

TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?)|([A-Za-z_]\w*)|(\*\*|[-+*/(),]))", re.ASCII)


@dataclass(frozen=True)
class Formula:
    """A parsed expression and the names that it asks for."""

    names: frozenset[str]
    value: Value

    def __call__(self, known: Mapping[str, Fraction]) -> Fraction:
        """Raises `FormulaError` where it divides by zero, roots a negative number or grows out of bounds."""
        return self.value(known)


def parse(text: str) -> Formula:
    """Raises `FormulaError` where the text is no expression."""
    if len(text) > MAX_CHARS:
        raise FormulaError(f"the formula is longer than {MAX_CHARS} characters")
    reader = _Reader(_tokens(text))
    value = reader.sum()
    if reader.tokens[reader.at] != "":
        raise FormulaError(f"{reader.tokens[reader.at]!r} was not expected there")
    return Formula(frozenset(reader.names), value)


def _tokens(text: str) -> list[str]:
    found, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise FormulaError(f"{text[at:].lstrip()[:10]!r} is not part of a formula")
        found.append(match.group(match.lastindex or 0))
        at = match.end()
    return [*found, ""]


class _Reader:
    """Walks the tokens; each method reads one line of the grammar above."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens, self.at, self.depth = tokens, 0, 0
        self.names: set[str] = set()

    def take(self, *wanted: str) -> str:
        """The next token if it is one of these, else nothing."""
        token = self.tokens[self.at]
        if token and token in wanted:
            self.at += 1
            return token
        return ""

    def sum(self) -> Value:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FormulaError("the formula has too many brackets inside each other")
        value = self.product()
        while sign := self.take("+", "-"):
            value = _both(_add if sign == "+" else _subtract, value, self.product())
        self.depth -= 1
        return value

    def product(self) -> Value:
        value = self.sign()
        while sign := self.take("*", "/"):
            value = _both(_multiply if sign == "*" else _divide, value, self.sign())
        return value

    def sign(self) -> Value:
        minus = False
        while sign := self.take("-", "+"):
            minus ^= sign == "-"
        value = self.power()
        return (lambda known: -value(known)) if minus else value

    def power(self) -> Value:
        base = self.atom()
        if not self.take("**"):
            return base
        self.depth += 1  # `2**2**2**…` nests without brackets
        if self.depth > MAX_DEPTH:
            raise FormulaError("the formula has too many powers on top of each other")
        exponent = self.sign()
        self.depth -= 1
        return _both(_power, base, exponent)

    def atom(self) -> Value:
        part = self.tokens[self.at]
        self.at += bool(part)
        if part == "(":
            value = self.sum()
            self.close()
            return value
        if part and part[0].isdigit():
            number = Fraction(part)
            return lambda _: number
        if part in FUNCTIONS:
            return self.call(part)
        if not part or not (part[0].isalpha() or part[0] == "_"):
            raise FormulaError("a number or a name is missing" + (f" before {part!r}" if part else " at the end"))
        if part == "pi":
            return lambda _: PI
        self.names.add(part)
        return lambda known: known[part]

    def call(self, name: str) -> Value:
        least, most, function = FUNCTIONS[name]
        if not self.take("("):
            raise FormulaError(f"{name} needs brackets: {name}(…)")
        values = [self.sum()]
        while self.take(","):
            values.append(self.sum())
        self.close()
        if not least <= len(values) <= most:
            raise FormulaError(f"{name} cannot take {len(values)} values")
        return lambda known: _bounded(function(*(value(known) for value in values)))

    def close(self) -> None:
        if not self.take(")"):
            raise FormulaError("a closing bracket is missing")


def _both(operation: Callable[[Fraction, Fraction], Fraction], left: Value, right: Value) -> Value:
    return lambda known: _bounded(operation(left(known), right(known)))


def _bounded(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
        raise FormulaError("a number grows out of bounds")
    return value


def _add(left: Fraction, right: Fraction) -> Fraction:
    return left + right


def _subtract(left: Fraction, right: Fraction) -> Fraction:
    return left - right


def _multiply(left: Fraction, right: Fraction) -> Fraction:
    return left * right


def _divide(left: Fraction, right: Fraction) -> Fraction:
    if right == 0:
        raise FormulaError("it divides by zero")
    return left / right


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1 or abs(exponent) > MAX_EXPONENT:
        raise FormulaError(f"an exponent must be a whole number from -{MAX_EXPONENT} to {MAX_EXPONENT}")
    if base == 0 and exponent < 0:
        raise FormulaError("it divides by zero")
    return Fraction(base ** int(exponent))


def _root(value: Fraction) -> Fraction:
    if value < 0:
        raise FormulaError("it takes the root of a negative number")
    scale = 10**ROOT_DIGITS
    return Fraction(math.isqrt(value.numerator * value.denominator * scale**2), value.denominator * scale)


def _round(value: Fraction, digits: Fraction = Fraction(0)) -> Fraction:
    if digits.denominator != 1 or not 0 <= digits <= 15:
        raise FormulaError("round takes 0 to 15 digits")
    scale = 10 ** int(digits)
    rounded = Fraction(math.floor(abs(value) * scale + Fraction(1, 2)), scale)
    return rounded if value >= 0 else -rounded


FUNCTIONS: dict[str, tuple[int, int, Callable[..., Fraction]]] = {
    "sqrt": (1, 1, _root),
    "abs": (1, 1, abs),
    "min": (2, 10, min),
    "max": (2, 10, max),
    "floor": (1, 1, lambda value: Fraction(math.floor(value))),
    "ceil": (1, 1, lambda value: Fraction(math.ceil(value))),
    "round": (1, 2, _round),
}
RESERVED = frozenset({*FUNCTIONS, "pi"})
