"""Function mode: what is called in the jail, and whether the value that came back is the right one.

The comparison is made here, outside, between values and with their types. See `harness` for why nothing can be forged.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from grading.errors import ResponseError
from grading.kinds.code import function_c, harness
from grading.kinds.code.values import WITH_FUNCTIONS, Types
from grading.reading import Fields, storable
from sandbox.languages import LANGUAGES

if TYPE_CHECKING:
    from grading.kinds.code.item import Code
    from grading.kinds.code.values import Test

MAX_DEPTH, MAX_VALUE = 20, 100_000
MOST_PAIRED = 2_000  # members that are no numbers: each is compared with all the others
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
RECORD = re.compile(re.escape(harness.MARK) + rb"([^\n]*)\n")

Ending = Literal["value", "raised", "broken", "nothing"]


def entry(language: str) -> str:
    """The caller's file name, which no file of a candidate may have."""
    return f"invigil_call{LANGUAGES[language].suffix}"


def caller(item: Code, language: str) -> dict[str, str]:
    if language == "c" and item.types:
        return {entry(language): function_c.caller(item.function, item.types.arguments, item.types.returns)}
    return {entry(language): harness.CALLERS[language]}


# --- what an author writes ------------------------------------------------------------------------------------------


def read(fields: Fields) -> dict[str, Any]:
    """The keys of a test of a function. Raises `ItemError`."""
    args = tuple(value for value, _ in fields.rows("args", most=50))
    returns = fields.value("returns") if fields.has("returns") else None
    for key, value in (("args", list(args)), ("returns", returns)):
        _check_value(fields, key, value)
    if fields.has("returns") and fields.has("raises"):
        raise fields.fail("raises", "a call returns something or raises something, not both")
    if fields.has("call") and fields.has("args"):
        raise fields.fail("call", "a test has args for the function, or a call of its own")
    unordered = fields.flag("unordered", default=False)
    if unordered and not isinstance(returns, list):
        raise fields.fail(
            "unordered", "goes with a list in returns: its members may then come in any order, or as a set"
        )
    return {
        "args": args,
        "call": fields.text("call", "", longest=20_000),
        "returns": returns,
        "raises": fields.text("raises", "", longest=100),
        "unordered": unordered,
    }


def read_types(fields: Fields) -> Types | None:
    if not fields.has("types"):
        return None
    inner = Fields(fields.value("types"), (*fields.path, "types"), ("arguments", "returns"))
    arguments = inner.texts("arguments", most=20, longest=20)
    for kind in arguments:
        if kind not in function_c.ARGUMENTS:
            raise inner.fail("arguments", f"{kind!r} is not one of: {', '.join(function_c.ARGUMENTS)}")
    return Types(arguments, inner.one_of("returns", function_c.RETURNS, "void"))


def _check_value(fields: Fields, key: str, value: object) -> None:
    problem = _problem(value, 0)
    if problem:
        raise fields.fail(key, problem)
    if len(json.dumps(value)) > MAX_VALUE:
        raise fields.fail(key, f"takes more than {MAX_VALUE:,} characters")


def _problem(value: object, depth: int) -> str:
    if depth > MAX_DEPTH:
        return f"is nested more than {MAX_DEPTH} deep"
    if isinstance(value, dict) and not all(isinstance(name, str) and storable(name) for name in value):
        return "has a key that is no text; compare a list of pairs instead, through `call`"
    if isinstance(value, dict | list):
        inside = value.values() if isinstance(value, dict) else value
        return next(filter(None, (_problem(each, depth + 1) for each in inside)), "")
    return _problem_of_one(value)


def _problem_of_one(value: object) -> str:
    if isinstance(value, str):
        return "" if storable(value) else "holds a character that cannot be stored"
    if isinstance(value, float) and not math.isfinite(value):
        return "holds a number that is not finite; compare a text instead, through `call`"
    if isinstance(value, int) and abs(value) >= 10**4000:
        return "holds a number of too many digits"
    return "" if value is None or isinstance(value, bool | int | float) else f"cannot hold {type(value).__name__}"


def check(fields: Fields, item: Code) -> None:
    """What has to fit together in function mode. Raises `ItemError`."""
    for language in item.allowed():
        if language not in WITH_FUNCTIONS:
            raise fields.fail("mode", f"functions can be called in {', '.join(WITH_FUNCTIONS)}, not in {language}")
    for key in ("checker", "interactor"):
        if fields.has(key):
            raise fields.fail(key, "values are compared here, so mode: function goes without it")
    if fields.has("compare"):
        raise fields.fail("compare", "values are compared with their types, so mode: function goes without it")
    if item.function and not NAME.fullmatch(item.function):
        raise fields.fail("function", f"{item.function!r} is no name of a function")
    if not item.function and not all(test.call for test in item.tests):
        raise fields.fail("function", "name the function, or give each test a call of its own")
    if len(item.allowed()) > 1 and any(test.call for test in item.tests):
        raise fields.fail("languages", "a call is written in one language, so an item with calls has one")
    if "c" in item.allowed():
        _check_types(fields, item)


def _check_types(fields: Fields, item: Code) -> None:
    if item.types is None or not item.function:
        raise fields.fail("types", "a function in C needs its name, and types with the arguments and what it returns")
    for test in item.tests:
        if test.call or test.raises:
            raise fields.fail(
                "tests", f"the test {test.name!r}: a function in C has args and a value, no call or exception"
            )
        if len(test.args) != len(item.types.arguments) or not all(
            map(function_c.fits, test.args, item.types.arguments)
        ):
            raise fields.fail(
                "tests", f"the test {test.name!r} has args that are not {', '.join(item.types.arguments) or 'none'}"
            )
        if not function_c.fits(test.returns, item.types.returns):
            raise fields.fail("tests", f"the test {test.name!r} returns what is no {item.types.returns}")


# --- what goes into the jail, and what is kept outside ---------------------------------------------------------------


def stdin(item: Code, test: Test) -> bytes:
    asked = {"call": test.call} if test.call else {"function": item.function, "args": list(test.args)}
    return json.dumps(asked).encode()


def own_stdin(item: Code, text: str) -> bytes:
    """A candidate's own try: the arguments as a JSON list, or what to run. Raises `ResponseError`."""
    if not item.function:
        return json.dumps({"call": text}).encode()
    try:
        args = json.loads(text)
    except (ValueError, RecursionError):
        args = None
    if not isinstance(args, list):
        raise ResponseError("the input is a JSON list of the function's arguments, such as [1, 2]")
    return json.dumps({"function": item.function, "args": args}).encode()


def wanted(test: Test) -> bytes:
    if test.raises:
        return json.dumps({"raises": test.raises}).encode()
    return json.dumps({"unordered" if test.unordered else "returns": test.returns}).encode()


def call_text(item: Code, test: Test) -> str:
    """What is called, for a person."""
    return test.call or f"{item.function}({', '.join(json.dumps(each, ensure_ascii=False) for each in test.args)})"


def prototype(item: Code) -> str:
    """How the function is declared in C, "" where C is not asked for."""
    if item.types is None or "c" not in item.allowed():
        return ""
    return function_c.prototype(item.function, item.types.arguments, item.types.returns)


def wanted_text(test: Test) -> str:
    return test.raises or json.dumps(test.returns, ensure_ascii=False)


# --- what comes back -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Came:
    """How a call ended: with a `value` as the record has it, or with the exception `names`, the class itself first."""

    ending: Ending
    value: Any = None
    names: tuple[str, ...] = ()

    def text(self) -> str:
        """For a person."""
        return _text(self.value, 0) if self.ending == "value" else next(iter(self.names), "")


def came(output: bytes) -> Came:
    """Read the one record out of whatever was printed. None, two, or one that is no record: nothing came."""
    records = RECORD.findall(output)
    if len(records) != 1:
        return Came("nothing")
    try:
        record = json.loads(records[0], parse_int=_refuse, parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return Came("nothing")
    match record:
        case {"value": value}:
            return Came("value", value)
        case {"raised": [*names]} if all(isinstance(name, str) for name in names):
            return Came("raised", names=tuple(names))
        case {"broken": [*names]} if all(isinstance(name, str) for name in names):
            return Came("broken", names=tuple(names))
    return Came("nothing")


def _refuse(_text: str) -> None:
    raise ValueError("a number has a type in a record")


@dataclass(frozen=True)
class Returned:
    """Compares as the comparisons of outputs do: the record in `output` with what `wanted` made.

    Whole numbers are equal exactly, and to a fraction of the same value; where the answer is written as a fraction
    ("2.0"), within `tolerance`, absolute or of the answer. True is no 1. A tuple is a list. A set is none, unless the
    test takes its list as `unordered`: then a list or a set with these members is right, and so are sets inside.
    """

    tolerance: float

    def accepts(self, output: bytes, answer: bytes) -> bool:
        asked, got = json.loads(answer), came(output)
        if "raises" in asked:
            return got.ending == "raised" and asked["raises"] in got.names
        if got.ending != "value":
            return False
        if "unordered" in asked:
            return isinstance(got.value, dict) and _Unordered(self.tolerance).same_members(
                got.value, asked["unordered"]
            )
        return self._same(got.value, asked["returns"])

    def _same(self, got: Any, want: Any) -> bool:
        if want is None or isinstance(want, bool):
            return got is want
        if isinstance(want, str):
            return isinstance(got, str) and got == want
        if not isinstance(got, dict) or len(got) != 1:
            return False
        ((kind, held),) = got.items()
        if isinstance(want, int | float):
            return isinstance(held, str) and self._same_number(kind, held, want)
        return isinstance(held, list) and self._same_many(kind, held, want)

    def _same_many(self, kind: str, held: list[Any], want: Any) -> bool:
        if isinstance(want, dict):
            return kind == "map" and self._same_map(held, want)
        return kind == "list" and len(held) == len(want) and all(map(self._same, held, want))

    def _same_number(self, kind: str, held: str, want: float) -> bool:
        number = _number(kind, held)
        if number is None:
            return False
        if isinstance(want, int):
            return number == want
        try:
            apart = abs(float(number) - want)
        except OverflowError:
            return False
        return apart <= max(self.tolerance, self.tolerance * abs(want))

    def _same_map(self, pairs: list[Any], want: dict[str, Any]) -> bool:
        if not all(isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) for pair in pairs):
            return False
        got = {pair[0]: pair[1] for pair in pairs}
        return (
            len(pairs) == len(want)
            and got.keys() == want.keys()
            and all(self._same(got[name], want[name]) for name in want)
        )


def _number(kind: str, held: str) -> int | float | None:
    try:
        if kind == "int":
            return int(held, 16)  # linear, which decimal digits would not be
        return float(held) if kind == "float" else None
    except ValueError:
        return None


class _Unordered(Returned):
    """For a list whose members may come in any order."""

    def same_members(self, got: dict[str, Any], want: list[Any]) -> bool:
        """Numbers are paired by size, so that each may be a little off; whatever else is equal or not."""
        held = next(iter(got.values())) if len(got) == 1 else None
        if not {"list", "set"} & got.keys() or not isinstance(held, list) or len(held) != len(want):
            return False
        numbers, others = _parted(held)
        wanted = [each for each in want if _is_number(each)]
        rest = [each for each in want if not _is_number(each)]
        if len(numbers) != len(wanted) or len(others) != len(rest):
            return False
        pairs = zip(sorted(numbers, key=_size), sorted(wanted), strict=True)
        return all(self._same(one, other) for one, other in pairs) and self._paired(others, rest)

    def _paired(self, got: list[Any], want: list[Any]) -> bool:
        if len(want) > MOST_PAIRED:
            return False
        left = list(want)
        for each in got:
            at = next((at for at, other in enumerate(left) if self._same(each, other)), None)
            if at is None:
                return False
            del left[at]
        return not left

    def _same_many(self, kind: str, held: list[Any], want: Any) -> bool:
        if kind == "set" and isinstance(want, list):
            return self.same_members({kind: held}, want)
        return super()._same_many(kind, held, want)


def _parted(held: list[Any]) -> tuple[list[Any], list[Any]]:
    """The numbers of a record's list, and the rest."""
    numbers = [each for each in held if isinstance(each, dict) and len(each) == 1 and {"int", "float"} & each.keys()]
    known = {id(each) for each in numbers}
    return numbers, [each for each in held if id(each) not in known]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _size(record: dict[str, Any]) -> float:
    """For sorting; what is no finite number is equal to nothing anyway. Python compares whole numbers of any size."""
    ((kind, held),) = record.items()
    number = _number(kind, held) if isinstance(held, str) else None
    return number if number is not None and (isinstance(number, int) or math.isfinite(number)) else 0


def _text(value: Any, depth: int) -> str:
    """A value of a record as JSON would have it, or nearly."""
    if not isinstance(value, dict) or len(value) != 1 or depth > MAX_DEPTH:
        return json.dumps(value, ensure_ascii=False) if not isinstance(value, dict | list) else "…"
    ((kind, held),) = value.items()
    if kind in ("int", "float") and isinstance(held, str):
        number = _number(kind, held)
        whole = isinstance(number, int) and abs(number) >= 10**400
        return "…" if whole else str(number)
    if kind in ("list", "set") and isinstance(held, list):
        inside = ", ".join(_text(each, depth + 1) for each in held[:1000])
        return f"[{inside}]" if kind == "list" else f"{{{inside}}}"
    if kind == "map" and isinstance(held, list):
        pairs = [pair for pair in held[:1000] if isinstance(pair, list) and len(pair) == 2]
        return "{" + ", ".join(f"{_text(key, depth + 1)}: {_text(each, depth + 1)}" for key, each in pairs) + "}"
    return f"<{held}>" if isinstance(held, str) else "…"
