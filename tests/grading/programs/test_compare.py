"""Comparing outputs: bytes as they are, linear in time and memory, and no more lenient than what was asked for."""

from __future__ import annotations

import tracemalloc
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.programs.compare import (
    DEFAULT,
    Comparison,
    Exact,
    Lines,
    Tokens,
    Unordered,
    flags_of,
    read_flags,
    words,
)
from grading.programs.errors import ProblemError

E6 = Decimal("1e-6")
NEAR = Tokens(absolute=E6, relative=E6)
MIB = 1024 * 1024
BYTES = st.binary(max_size=60) | st.lists(
    st.sampled_from([b"a", b"B", b" ", b"\n", b"1", b".5", b"\0", b"\xff", b"\r"])
).map(b"".join)


@pytest.mark.parametrize(
    ("comparison", "output", "answer", "same"),
    [
        (Exact(), b"1 2\n", b"1 2", True),
        (Exact(), b"1 2\r\n", b"1 2\n", True),
        (Exact(), b"1  2", b"1 2", False),
        (Exact(), b"1 2\n\n", b"1 2\n", False),
        (Tokens(), b" 1\t2\n\n", b"1 2", True),
        (Tokens(), b"12", b"1 2", False),
        (Tokens(), b"1", b"1 2", False),
        (Tokens(), b"1 2", b"1", False),
        (Tokens(), b"", b"", True),
        (Tokens(), b"Yes", b"yes", False),
        (Tokens(), b"a\0b", b"a", False),
        (Tokens(), b"a\0b", b"a\0b ", True),
        (Tokens(), b"\xff", b"\xfe", False),
        (Tokens(), "\u00a0x".encode(), b"x", False),  # a no-break space is a sign, not a space
        (DEFAULT, b"YES\n", b"yes", True),
        (DEFAULT, "É".encode(), "é".encode(), False),  # only A to Z have a case here
        (Tokens(space_sensitive=True), b"1  2", b"1 2", False),
        (Tokens(space_sensitive=True), b"1 2\n", b"1 2", False),
        (Tokens(case_sensitive=False, space_sensitive=True), b"a B\n", b"A b\n", True),
        (Tokens(space_sensitive=True, absolute=E6), b"1.0 2\n", b"1 2\n", True),
        (Tokens(space_sensitive=True, absolute=E6), b"1.0\t2\n", b"1 2\n", False),
        (NEAR, b"1.0000001", b"1", True),
        (NEAR, b"1.1", b"1", False),
        (NEAR, b"1e6", b"1000000.5", True),
        (Tokens(absolute=E6), b"1e6", b"1000000.5", False),
        (Tokens(relative=E6), b"1e-9", b"2e-9", False),
        (Tokens(absolute=E6), b"1e-9", b"2e-9", True),
        (Tokens(relative=E6), b"0", b"0.0", True),
        (NEAR, b"3.14000000e-2", b"0.0314", True),
        (NEAR, b"x", b"1", False),
        (NEAR, b"1", b"x", False),
        (NEAR, b"1_0", b"10", False),
        (NEAR, b"0x10", b"16", False),
        (NEAR, b"1.", b"1", True),
        (NEAR, b".", b"0", False),
        (NEAR, b"NaN", b"-nan", True),
        (NEAR, b"nan", b"1", False),
        (NEAR, b"inf", b"+Infinity", True),
        (NEAR, b"-inf", b"inf", False),
        (NEAR, b"1e999999999999999999999", b"1", False),
        (Tokens(absolute=Decimal(0)), b"123456789012345678901", b"123456789012345678902", False),
        (Lines(), b"a \nb\n\n", b"a\nb", True),
        (Lines(), b" a\nb", b"a\nb", False),
        (Lines(), b"a\n\nb", b"a\nb", False),
        (Lines(by_words=True, case_sensitive=False), b"A   x\n\nb", b"a x\nb\n", True),
        (Lines(by_words=True, case_sensitive=False), b"a\nb", b"a b", False),
        (Lines(by_words=True), b"A  b \n\n c", b"A b\nc", True),
        (Lines(by_words=True), b"a b c", b"a b\nc", False),
        (Exact(strict=True), b"1\n", b"1", False),
        (Exact(strict=True), b"1\n", b"1\n", True),
        (Unordered("letters"), b"B a", b"ab", True),
        (Unordered("letters"), b"aab", b"abb", False),
        (Unordered(), b"2 1", b"1\n2", True),
        (Unordered(), b"1 1 2", b"1 2 2", False),
        (Unordered("lines"), b"c d\na  b\n", b"a b\nc d", True),
        (Unordered("lines"), b"b a", b"a b", False),
    ],
)  # fmt: skip
def test_accepts(comparison: Comparison, output: bytes, answer: bytes, same: bool) -> None:
    assert comparison.accepts(output, answer) is same


@given(output=BYTES, answer=BYTES)
@settings(max_examples=200, deadline=None)
def test_stricter_comparisons_accept_less(output: bytes, answer: bytes) -> None:
    exact, tokens, loose, near, unordered = (
        one.accepts(output, answer) for one in (Exact(), Tokens(), DEFAULT, NEAR, Unordered())
    )
    assert exact <= tokens <= loose
    assert tokens <= near
    assert tokens <= unordered
    assert tokens == (output.split() == answer.split())
    for one in (Exact(), Tokens(), NEAR, Lines(), Unordered("lines"), Tokens(space_sensitive=True)):
        assert one.accepts(answer, answer)


@given(st.lists(st.sampled_from([b"x", b" ", b"longer", b"\n"]), max_size=30).map(b"".join), st.integers(1, 9000))
@settings(max_examples=50, deadline=None)
def test_words_are_those_of_the_whole_text(text: bytes, times: int) -> None:
    whole = text * times
    assert list(words(whole)) == whole.split()


@pytest.mark.parametrize(
    "text",
    [b"1" * (4 * MIB) + b"x", b" " * (8 * MIB), b"1." * (2 * MIB), b"\n" * (8 * MIB), b"1e" * (2 * MIB), b"9" * (4 * MIB)],
    ids=["digits", "blanks", "points", "newlines", "exponents", "number"],
)  # fmt: skip
@pytest.mark.parametrize(
    "comparison",
    [NEAR, Tokens(space_sensitive=True, absolute=E6), Lines(), Lines(by_words=True, case_sensitive=False), Unordered()],
)
def test_hostile_outputs_take_linear_time(comparison: Comparison, text: bytes) -> None:
    # What is not linear takes hours here, so the run's own limit finds it; a clock would find slow machines.
    assert not comparison.accepts(text, b"1\n")
    assert not comparison.accepts(b"1\n", text)


def test_millions_of_words_take_no_millions_of_objects() -> None:
    text = b"ab " * (2 * MIB)
    tracemalloc.start()
    try:
        assert not Tokens().accepts(text, text + b"x")
        assert not Unordered().accepts(text, b"ab")
        assert tracemalloc.get_traced_memory()[1] < 20 * MIB
    finally:
        tracemalloc.stop()


@given(
    st.builds(
        Tokens,
        st.booleans(),
        st.booleans(),
        st.none() | st.decimals("0", "10", places=9),
        st.none() | st.decimals("0", "10", places=9),
    )
)
@settings(max_examples=50, deadline=None)
def test_flags_say_what_they_were_made_from(tokens: Tokens) -> None:
    assert read_flags(flags_of(tokens), "problem.yaml") == tokens


@pytest.mark.parametrize(
    "flags", [["float_tolerance"], ["float_tolerance", "-1"], ["float_tolerance", "nan"], ["--fast"]]
)
def test_unknown_flags_are_refused(flags: list[str]) -> None:
    with pytest.raises(ProblemError, match=r"problem\.yaml"):
        read_flags(flags, "problem.yaml")
