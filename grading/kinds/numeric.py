"""A number, with a tolerance and perhaps a unit.

An answer is right where it lies within the larger of the two tolerances: `absolute`, in the item's unit, or
`relative`, a share of the value (0.01 is one percent). Without either it must be equal.

With a `unit`, answers in any unit of the same kind are converted. `unit_points` (0 unless told) of the points
are for writing a unit that fits; the rest is for the number. With `unit_points: 0` the unit may be left out,
but a unit that measures something else makes the answer wrong.

With `parameters`, each candidate gets other numbers, and `formula` stands in the place of `value`
(grading/parameters.py); `grading.deal` puts both in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from grading.kinds.base import Common, Item, Response, read_text
from grading.mark import Grade, Graded, Tools, Ungraded
from grading.parameters import Parameter, check_places, read_formula, read_parameters
from grading.quantity import MAX_CHARS, Quantity, convert, known_unit, read_quantity
from grading.reading import Fields
from sandbox.job import Result

# Conversions and fractions end a few units in the last place off; no author means to refuse those.
SLACK = 1e-9


@dataclass(frozen=True)
class Tolerance:
    absolute: float = 0.0
    relative: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Numeric(Item):
    """`value` in `unit`; `unit` "" asks for a bare number."""

    kind: ClassVar[str] = "numeric"
    value: float | None = None  # None only where a formula stands and no form is dealt yet
    tolerance: Tolerance = Tolerance()
    unit: str = ""
    unit_points: float = 0.0
    parameters: tuple[Parameter, ...] = ()
    formula: str = ""

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        unit = fields.text("unit", "", longest=60)
        if unit and not known_unit(unit):
            raise fields.fail("unit", f"{unit!r} is not a unit that can be converted; write it like 'm/s^2' or 'kg'")
        unit_points = fields.number("unit_points", 0.0, least=0, most=common["points"])
        if unit_points and not unit:
            raise fields.fail("unit_points", "needs a unit")
        parameters = read_parameters(fields)
        if parameters:
            check_places(fields, common["prompt"], parameters)
        for key, wrong in (("value", bool(parameters)), ("formula", not parameters)):
            if wrong and fields.has(key):
                raise fields.fail(key, "goes with 'parameters' as 'formula', and without them as 'value'")
        return cls(
            **common,
            value=None if parameters else fields.number("value"),
            tolerance=_tolerance(fields),
            unit=unit,
            unit_points=unit_points,
            parameters=parameters,
            formula=read_formula(fields, parameters) if parameters else "",
        )

    def shown(self) -> dict[str, Any]:
        """Whether a unit is asked for, but not which: naming it is part of the answer."""
        return {"asks_unit": bool(self.unit)}

    def solution(self) -> str:
        return "" if self.value is None else f"{self.value:.15g} {self.unit}".strip()

    def check(self, response: Response) -> None:
        read_text(response, "text", MAX_CHARS)

    def is_blank(self, response: Response) -> bool:
        return not read_text(response, "text", MAX_CHARS).strip()

    def mark(self, response: Response, outcomes: Sequence[Result], tools: Tools) -> Grade:
        if self.value is None:
            return Ungraded(self.points, "This question's numbers were never drawn, so a person looks at it.", "person")
        text = read_text(response, "text", MAX_CHARS)
        quantity = read_quantity(text)
        if quantity is None:
            return Ungraded(
                self.points, "No single number could be read in the answer, so a person looks at it.", "person"
            )
        evidence = {
            "readings": list(quantity.values),
            "unit": quantity.unit,
            "value": self.value,
            "expected": self.unit,
        }
        if quantity.unit and not (self.unit and known_unit(quantity.unit)):
            reason = f"The text {quantity.unit!r} behind the number is not a unit we know, so a person looks at it."
            return Ungraded(self.points, reason, "person", evidence)
        points, feedback = self._score(quantity)
        return Graded(points, self.points, 1.0, certain=True, feedback=feedback, evidence=evidence)

    def _score(self, quantity: Quantity) -> tuple[float, str]:
        if not quantity.unit:
            if not self._near(quantity.values):
                return 0.0, "The number is not correct."
            return (
                self.points - self.unit_points,
                "Correct." if not self.unit_points else "The number is correct; its unit is missing.",
            )
        converted = [convert(value, quantity.unit, self.unit) for value in quantity.values]
        values = [value for value in converted if value is not None]
        if values:
            return (self.points, "Correct.") if self._near(values) else (0.0, "The number is not correct.")
        if self.unit_points and self._near(quantity.values):
            return self.points - self.unit_points, "The number is correct; its unit measures something else."
        return 0.0, "The unit measures something else than was asked for."

    def _near(self, values: Sequence[float]) -> bool:
        wanted = self.value or 0.0
        reach = max(self.tolerance.absolute, self.tolerance.relative * abs(wanted)) + SLACK * abs(wanted)
        return any(abs(value - wanted) <= reach for value in values)


def _tolerance(fields: Fields) -> Tolerance:
    if not fields.has("tolerance"):
        return Tolerance()
    inner = Fields(fields.value("tolerance"), (*fields.path, "tolerance"), ("absolute", "relative"))
    return Tolerance(inner.number("absolute", 0.0, least=0), inner.number("relative", 0.0, least=0, most=1))
