"""Numbers that differ from candidate to candidate, in a question's prompt and in the value of its answer.

    prompt: What is the mean of {{a}} and {{b}}?
    parameters:
      - name: a
        least: 2
        most: 20
        step: 0.5            # 1 unless told
      - name: b
        of: [10, 20, 50]
    formula: (a + b) / 2

Every combination is worked out when the file is read: a formula that divides by zero for one of them is found by the
author, not by a candidate.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from grading.arithmetic import RESERVED, Formula, parse
from grading.errors import FormulaError
from grading.reading import Fields, Path, unique

MAX_VALUES = 1_000
MAX_COMBINATIONS = 5_000
NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")
PLACE = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")


@dataclass(frozen=True)
class Parameter:
    """A name, and either the numbers it may be (`of`) or `least` to `most` in steps of `step`."""

    name: str
    of: tuple[float, ...] = ()
    least: float | None = None
    most: float | None = None
    step: float = 1.0

    @property
    def values(self) -> tuple[Fraction, ...]:
        """Every number it can be, in order and exact: 0.1 is a tenth."""
        if self.of:
            return tuple(map(_exact, self.of))
        least, most, step = _exact(self.least or 0.0), _exact(self.most or 0.0), _exact(self.step)
        return tuple(least + step * at for at in range(math.floor((most - least) / step) + 1))


def read_parameters(fields: Fields) -> tuple[Parameter, ...]:
    """The key `parameters` of an item. Raises `ItemError`."""
    rows = fields.rows("parameters", most=10)
    found = tuple(_parameter(entry, path) for entry, path in rows)
    unique([(each.name, (*path, "name")) for each, (_, path) in zip(found, rows, strict=True)], "parameter")
    if math.prod(len(each.values) for each in found) > MAX_COMBINATIONS:
        raise fields.fail("parameters", f"make more than {MAX_COMBINATIONS:,} combinations; take larger steps")
    return found


def read_formula(fields: Fields, parameters: Sequence[Parameter]) -> str:
    """The key `formula`, tried with every combination. Raises `ItemError`."""
    text = fields.text("formula", longest=500)
    try:
        formula = parse(text)
    except FormulaError as error:
        raise fields.fail("formula", f"cannot be read: {error}") from error
    if unknown := formula.names - {each.name for each in parameters}:
        raise fields.fail("formula", f"{min(unknown)!r} is not a parameter of this question")
    for numbers in itertools.product(*(each.values for each in parameters)):
        known = {each.name: number for each, number in zip(parameters, numbers, strict=True)}
        try:
            work_out(formula, known)
        except FormulaError as error:
            shown = ", ".join(f"{name} = {written(number)}" for name, number in known.items())
            raise fields.fail("formula", f"has no value for {shown}: {error}") from error
    return text


def work_out(formula: Formula, known: Mapping[str, Fraction]) -> float:
    """The formula's value as the nearest double. Raises `FormulaError`."""
    try:
        return float(formula(known))
    except OverflowError as error:
        raise FormulaError("a number grows out of bounds") from error


def check_places(fields: Fields, prompt: str, parameters: Sequence[Parameter]) -> None:
    """Each parameter stands in the prompt, and each `{{name}}` there is one. Raises `ItemError`."""
    used, known = set(PLACE.findall(prompt)), {each.name for each in parameters}
    if unknown := used - known:
        raise fields.fail("prompt", f"names {{{{{min(unknown)}}}}}, which is not a parameter of this question")
    if unused := known - used:
        raise fields.fail("prompt", f"does not show the parameter {min(unused)!r}; write {{{{{min(unused)}}}}}")


def put_in(prompt: str, known: Mapping[str, Fraction]) -> str:
    """The prompt with numbers in their places."""
    return PLACE.sub(lambda found: written(known[found[1]]), prompt)


def written(number: Fraction) -> str:
    """As a person writes it: 12, 0.25, never 1e-05."""
    with localcontext(prec=30):
        return format(Decimal(number.numerator) / Decimal(number.denominator), "f")


def _parameter(entry: object, path: Path) -> Parameter:
    fields = Fields(entry, path, ("name", "of", "least", "most", "step"))
    name = fields.text("name", longest=30)
    if not NAME.fullmatch(name) or name in RESERVED:
        raise fields.fail("name", f"{name!r} must be small letters, digits and _, such as 'a' or 'mass_1'")
    ranged = [key for key in ("least", "most", "step") if fields.has(key)]
    if fields.has("of"):
        if ranged:
            raise fields.fail(ranged[0], "does not go with 'of': give a list or a range")
        rows = fields.rows("of", least=1, most=MAX_VALUES)
        return Parameter(name, of=tuple(Fields({"of": each}, place[:-2], ("of",)).number("of") for each, place in rows))
    least = fields.number("least", least=-1e12, most=1e12)
    most = fields.number("most", least=least, most=1e12)
    step = fields.number("step", Parameter.step, above=0)
    if (most - least) / step >= MAX_VALUES:
        raise fields.fail("step", f"makes more than {MAX_VALUES:,} numbers; take a larger one")
    return Parameter(name, least=least, most=most, step=step)


def _exact(number: float) -> Fraction:
    return Fraction(repr(number))
