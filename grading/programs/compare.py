"""Whether a program's output is the expected one. Bytes throughout: a NUL or invalid UTF-8 is compared as it is.

Every comparison takes time linear in what it is given, and little memory beside it, whatever a candidate prints.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from itertools import chain, zip_longest
from typing import Literal

from grading.programs.errors import ProblemError

_CHUNK = 65536
_BLANKS = b" \t\n\r\v\f"
_SPACE = re.compile(rb"\s")  # in bytes: space, tab, newline, return, vertical tab and form feed
_PIECE = re.compile(rb"\s+|\S+")
# Possessive (++), so that a megabyte of digits that is no number after all costs one pass, not one per digit.
_NUMBER = re.compile(rb"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?")
_BEYOND = re.compile(rb"([+-]?)(?:(inf)(?:inity)?|nan)", re.IGNORECASE)
# 60 digits: numbers of 30 digits before and after the point still differ where they differ. Nothing is trapped: what
# is beyond even this range becomes an infinity, which is near nothing.
_EXACT = Context(prec=60, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])


@dataclass(frozen=True)
class Exact:
    """Byte for byte, save for Windows' line ends and one last newline; `strict`: not even these."""

    strict: bool = False

    def accepts(self, output: bytes, answer: bytes) -> bool:
        return output == answer if self.strict else _plain(output) == _plain(answer)


@dataclass(frozen=True)
class Tokens:
    """The same words in the same order.

    `absolute` and `relative` (of the answer's number) let numbers differ: within either is enough, and None is no
    tolerance of that kind. `space_sensitive` asks for the same white space too, at both ends as well. Case: A to Z.
    """

    case_sensitive: bool = True
    space_sensitive: bool = False
    absolute: Decimal | None = None
    relative: Decimal | None = None

    def accepts(self, output: bytes, answer: bytes) -> bool:
        if not self.case_sensitive:
            output, answer = output.lower(), answer.lower()
        if output == answer:
            return True
        floats = self.absolute is not None or self.relative is not None
        if self.space_sensitive and not floats:
            return False
        split = _pieces if self.space_sensitive else words
        return all(
            one == two or (floats and self._near(one, two)) for one, two in zip_longest(split(output), split(answer))
        )

    def _near(self, word: bytes | None, want: bytes | None) -> bool:
        if word is None or want is None:
            return False
        if _BEYOND.fullmatch(word) and _BEYOND.fullmatch(want):
            return _kind(word) == _kind(want)
        if not (_NUMBER.fullmatch(word) and _NUMBER.fullmatch(want)):
            return False
        number, wanted = (_EXACT.create_decimal(one.decode("ascii")) for one in (word, want))
        apart = _EXACT.abs(_EXACT.subtract(number, wanted))
        if not apart.is_finite():
            return False
        size = _EXACT.abs(wanted)
        return (self.absolute is not None and apart <= self.absolute) or (
            self.relative is not None and apart <= _EXACT.multiply(self.relative, size)
        )


@dataclass(frozen=True)
class Lines:
    """Line by line without the white space at each line's end, and without empty lines at the end.

    `by_words` also forgives runs of white space, and empty lines anywhere.
    """

    by_words: bool = False
    case_sensitive: bool = True

    def accepts(self, output: bytes, answer: bytes) -> bool:
        if not self.case_sensitive:
            output, answer = output.lower(), answer.lower()
        return all(one == two for one, two in zip_longest(self._lines(output), self._lines(answer)))

    def _lines(self, text: bytes) -> Iterator[bytes]:
        if not self.by_words:
            return (line.rstrip() for line in io.BytesIO(text.rstrip()))
        return (b" ".join(line.split()) for line in io.BytesIO(text) if line.strip())


@dataclass(frozen=True)
class Unordered:
    """The same words, or the same lines of words, in any order. `letters`: every sign but white space, of any case."""

    of: Literal["words", "lines", "letters"] = "words"

    def accepts(self, output: bytes, answer: bytes) -> bool:
        if self.of == "letters":
            output, answer = output.lower(), answer.lower()
            return all(output.count(sign) == answer.count(sign) for sign in range(256) if sign not in _BLANKS)
        # The sizes first: what is counted then is no larger than the author's own answer.
        if _size(self._parts(output)) != _size(self._parts(answer)):
            return False
        return Counter(self._parts(output)) == Counter(self._parts(answer))

    def _parts(self, text: bytes) -> Iterator[bytes]:
        if self.of == "words":
            return words(text)
        return (b" ".join(line.split()) for line in io.BytesIO(text) if line.strip())


Comparison = Exact | Tokens | Lines | Unordered

DEFAULT = Tokens(case_sensitive=False)
"""What Kattis and DOMjudge do when a package says nothing."""


def words(text: bytes) -> Iterator[bytes]:
    """The words of a text, without ever holding all of them: 64 MiB of short ones would take gigabytes."""
    return chain.from_iterable(part.split() for part in _parts(text))


def _parts(text: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(text):
        gap = _SPACE.search(text, at + _CHUNK)
        end = gap.start() if gap else len(text)
        yield text[at:end]
        at = end


def _size(parts: Iterator[bytes]) -> tuple[int, int]:
    count = length = 0
    for part in parts:
        count += 1
        length += len(part)
    return count, length


def _pieces(text: bytes) -> Iterator[bytes]:
    return (piece.group() for piece in _PIECE.finditer(text))


def _plain(text: bytes) -> bytes:
    return text.replace(b"\r\n", b"\n").removesuffix(b"\n")


def _kind(word: bytes) -> tuple[bool, bool]:
    """Whether it is an infinity, and whether a negative one; not a number is like itself, whatever its sign."""
    found = _BEYOND.fullmatch(word)
    infinite = bool(found and found[2])
    return infinite, infinite and word.startswith(b"-")


def read_flags(flags: Sequence[str], place: str) -> Tokens:
    """The default output validator's arguments ("float_tolerance 1e-6"). Raises `ProblemError` for any other."""
    case = space = False
    absolute = relative = None
    left = iter(flags)
    for flag in left:
        if flag == "case_sensitive":
            case = True
        elif flag == "space_change_sensitive":
            space = True
        elif flag in ("float_tolerance", "float_absolute_tolerance", "float_relative_tolerance"):
            value = read_tolerance(next(left, ""), flag, place)
            absolute = absolute if flag == "float_relative_tolerance" else value
            relative = relative if flag == "float_absolute_tolerance" else value
        else:
            raise ProblemError(place, f"the default output validator has no argument {flag!r}")
    return Tokens(case, space, absolute, relative)


def flags_of(tokens: Tokens) -> tuple[str, ...]:
    """The arguments that say the same: `read_flags` turns them back into `tokens`."""
    flags = ["case_sensitive"] * tokens.case_sensitive + ["space_change_sensitive"] * tokens.space_sensitive
    if tokens.absolute is not None and tokens.absolute == tokens.relative:
        return (*flags, "float_tolerance", str(tokens.absolute))
    for name, value in (("absolute", tokens.absolute), ("relative", tokens.relative)):
        flags += [] if value is None else [f"float_{name}_tolerance", str(value)]
    return tuple(flags)


def read_tolerance(text: str, name: str, place: str) -> Decimal:
    """A tolerance that is a number of 0 or more. Raises `ProblemError`."""
    if not _NUMBER.fullmatch(text.encode(errors="replace")) or text.startswith("-") or len(text) > 100:
        raise ProblemError(place, f"{name} needs a number of 0 or more after it, not {text!r}")
    return _EXACT.create_decimal(text)
