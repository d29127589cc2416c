"""Numbers of a few bits: what is put in comes out, beside it nothing changes, and nothing unpacks beyond its limit."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.canonical import b64u_decode
from credentials.errors import Malformed
from credentials.revocation import packed

SIZES = st.sampled_from([1, 2, 4, 8])


@given(st.binary(min_size=1, max_size=40), SIZES, st.data())
def test_one_number_changes_and_no_other(data: bytes, bits: int, drawn: st.DataObject) -> None:
    count = len(data) * 8 // bits
    index = drawn.draw(st.integers(0, count - 1))
    number = drawn.draw(st.integers(0, 2**bits - 1))
    before = [packed.get(data, each, bits, "list") for each in range(count)]
    changed = packed.put(data, index, bits, number, "list")
    after = [packed.get(changed, each, bits, "list") for each in range(count)]
    assert after == [*before[:index], number, *before[index + 1 :]]


@given(st.binary(max_size=40), SIZES)
def test_the_first_number_stands_where_its_standard_says(data: bytes, bits: int) -> None:
    """Bitstring Status List 1.0 counts from the high end of a byte, the Token Status List from the low end."""
    in_byte = 8 // bits
    for index in range(len(data) * in_byte):
        mirrored = index - index % in_byte + in_byte - 1 - index % in_byte
        assert packed.get(data, index, bits, "list", low_first=True) == packed.get(data, mirrored, bits, "list")
    for beyond in (-1, len(data) * in_byte):
        with pytest.raises(Malformed, match=f"the list has no entry {beyond}"):
            packed.get(data, beyond, bits, "list")


@given(st.binary(max_size=200))
def test_what_was_packed_unpacks_within_its_limits_only(data: bytes) -> None:
    text = packed.zipped(data)
    found = b64u_decode(text[1:])
    assert text[0] == "u"
    assert packed.unpacked(found, packed.GZIP, 0, 200, "list", "is too large") == data
    for least, most in ((len(data) + 1, 300), (0, len(data) - 1)):
        if most >= 0:
            with pytest.raises(Malformed, match="the list is too large"):
                packed.unpacked(found, packed.GZIP, least, most, "list", "is too large")


def test_what_is_cut_off_or_goes_on_is_refused() -> None:
    whole = gzip.compress(b"status", mtime=0)
    for broken in (whole[:-1], whole + b"more"):
        with pytest.raises(Malformed, match="wrong"):
            packed.unpacked(broken, packed.GZIP, 0, 100, "list", "has the wrong size")
    with pytest.raises(Malformed, match="cannot be unpacked"):
        packed.unpacked(zlib.compress(b"status"), packed.GZIP, 0, 100, "list", "has the wrong size")
