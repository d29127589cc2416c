"""Whether a program's output is the expected one. Bytes that are not UTF-8 are never equal to anything expected."""

from __future__ import annotations

import math
import re
from typing import Literal

Compare = Literal["exact", "tokens", "float"]

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def same_output(actual: str, expected: str, compare: Compare, tolerance: float) -> bool:
    """`exact`: character by character, save for line ends of Windows and one last newline.

    `tokens`: the same words in the same order, however they are spaced. `float`: like tokens, but two numbers
    are the same when they differ by at most `tolerance`, absolute or as a share of the expected number.
    """
    if compare == "exact":
        return _text(actual) == _text(expected)
    words, wanted = actual.split(), expected.split()
    if compare == "tokens" or len(words) != len(wanted):
        return words == wanted
    return all(_near(word, want, tolerance) for word, want in zip(words, wanted, strict=True))


def _text(text: str) -> str:
    return text.replace("\r\n", "\n").removesuffix("\n")


def _near(word: str, want: str, tolerance: float) -> bool:
    if word == want:
        return True
    if not (_NUMBER.fullmatch(word) and _NUMBER.fullmatch(want)):
        return False
    # isclose is false for an overflow to infinity unless both are the same infinity: then it proves nothing
    number, wanted = float(word), float(want)
    if math.isinf(number) or math.isinf(wanted):
        return False
    return abs(number - wanted) <= max(tolerance, tolerance * abs(wanted))
