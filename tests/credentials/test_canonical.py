"""RFC 8785 by its own examples; our fast path equal to it; and what we refuse to read."""

import json
import subprocess
import sys

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.canonical import b64u, b64u_decode, digest, jcs, jcs_flat, load
from credentials.errors import Malformed

texts = st.text(st.characters(codec="utf-8"))
integers = st.integers(-(2**53) + 1, 2**53 - 1)
flat = st.dictionaries(st.text(st.characters(max_codepoint=127), min_size=1), texts | integers)


def test_rfc8785_section_3_2_2() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": '€$\x0f\nA\'B"\\\\"/',
        "literals": [None, True, False],
    }
    assert jcs(value).hex(" ") == (
        "7b 22 6c 69 74 65 72 61 6c 73 22 3a 5b 6e 75 6c 6c 2c 74 72 75 65 2c 66 61 6c 73 65 5d 2c 22 6e 75 6d 62 65 72 "
        "73 22 3a 5b 33 33 33 33 33 33 33 33 33 2e 33 33 33 33 33 33 33 2c 31 65 2b 33 30 2c 34 2e 35 2c 30 2e 30 30 32 "
        "2c 31 65 2d 32 37 5d 2c 22 73 74 72 69 6e 67 22 3a 22 e2 82 ac 24 5c 75 30 30 30 66 5c 6e 41 27 42 5c 22 5c 5c "
        "5c 5c 5c 22 2f 22 7d"
    )


def test_rfc8785_section_3_2_3_sorts_by_utf16() -> None:
    names = ["€", "\r", "\ufb33", "1", "😀", "\x80", "ö"]
    order = ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]
    assert list(load(jcs(dict.fromkeys(names, "")))) == order


@given(flat)
@settings(max_examples=200, deadline=None)
def test_the_fast_path_is_rfc8785(value: dict[str, str | int]) -> None:
    assert jcs_flat(value) == rfc8785.dumps(value) == jcs(value)


scalars = texts | integers | st.booleans() | st.none() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20)


@given(values)
@settings(max_examples=300, deadline=None)
def test_whatever_way_is_taken_the_bytes_are_rfc8785(value: object) -> None:
    assert jcs(value) == rfc8785.dumps(value)  # type: ignore[arg-type]  # any JSON value


@pytest.mark.parametrize("value", [{"a": 1.5}, {"a": True}, {"a": None}, {"a": 2**53}, {"é": "a"}, {"a": "\ud800"}])
def test_the_fast_path_refuses_what_it_is_not_for(value: dict[str, str | int]) -> None:
    with pytest.raises(Malformed):
        jcs_flat(value)


@pytest.mark.parametrize("value", [float("nan"), 2**53, "\ud800", {1: 2}, object(), b"bytes"])
def test_what_json_cannot_carry_has_no_canonical_form(value: object) -> None:
    with pytest.raises(Malformed):
        jcs(value)


def test_a_digest_does_not_depend_on_the_order_of_names() -> None:
    assert digest({"b": 1, "a": [2]}) == digest({"a": [2], "b": 1}) != digest({"a": [2], "b": 2})
    assert digest({}) == "RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o"  # SHA-256 of the two bytes {}


@given(st.binary())
@settings(max_examples=50, deadline=None)
def test_base64url_comes_back(data: bytes) -> None:
    assert b64u_decode(b64u(data)) == data
    assert "=" not in b64u(data)


@pytest.mark.parametrize("text", ["YQ==", "YR", "Y", "a b", "a+b/", "YWJj\n", "é"])
def test_base64url_has_one_form(text: str) -> None:
    with pytest.raises(Malformed):
        b64u_decode(text)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b'{"a":1,"a":2}', "twice"),
        (b'{"a":NaN}', "NaN"),
        (b'{"a":1e999}', "out of range"),
        (b'{"a":9007199254740993}', "too large"),
        (b'{"a":' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"a":"\\ud800"}', "Unicode"),
        (b'{"\\ud800":1}', "Unicode"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "deeper"),
        (b"[" * 200_000, "deeper"),
        (b'{"a":"' + b"x" * 5_000_000 + b'"}', "larger"),
        (b'{"a":1', "not JSON"),
        (b"\xff\xfe{\x00}\x00", "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b"[]", "one JSON object"),
        (b"", "not JSON"),
    ],
)
def test_a_strangers_file_is_read_strictly(document: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        load(document)


def test_depth_is_refused_even_where_a_library_has_raised_the_limit_of_recursion() -> None:
    """In a process of its own: this used to end it with a signal."""
    program = """
import sys
from credentials.canonical import load
from credentials.errors import Malformed
sys.setrecursionlimit(100_000)
for text in ('{"a":' + "[" * 300_000, '{"a":' * 200_000, '{"' + 99 * '\\\\\\"' + '":' + "[" * 300_000):
    try:
        load(text)
    except Malformed as reason:
        print(reason)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.count("nested deeper than 32 levels") == 3


@given(st.lists(st.text('[]{}"\\\n', max_size=12), min_size=300, max_size=300))
@settings(max_examples=30, deadline=None)
def test_brackets_in_texts_are_no_depth(found: list[str]) -> None:
    value = {"each": [[text] for text in found]}
    assert load(json.dumps(value)) == value
