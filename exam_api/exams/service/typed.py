"""What people type into a form, as texts and numbers of the exam file; what is no number stays text, and the core says so."""

import math
from collections.abc import Mapping
from typing import Any

Form = Mapping[str, str]
Data = dict[str, Any]

ON = "yes"


def text_of(form: Form, name: str) -> str:
    return form.get(name, "").replace("\r\n", "\n").replace("\r", "\n")


def given(form: Form, *names: str) -> Data:
    return {name: form[name].strip() for name in names if form.get(name, "").strip()}


def numbers(form: Form, *names: str) -> Data:
    return {name: _number(text) for name, text in given(form, *names).items()}


def _number(text: str) -> int | float | str:
    """The number that was typed, else the text itself. A comma is refused: "1,000" is one or a thousand."""
    for convert in (int, float):
        try:
            number = convert(text)
        except ValueError:
            continue
        if math.isfinite(number):
            return number
    return text


def shown(value: Any) -> str:
    if isinstance(value, bool):
        return ON if value else ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
