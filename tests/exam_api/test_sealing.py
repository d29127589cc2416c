"""Sealed bytes: read back whole and in parts, and nothing else opens."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exam_api.sealing import CHUNK, SALT, Sealing, Unreadable, plain_size, stretch, unseal

KEY, NAME, GRAIN = bytes(range(32)), "frames/a/1", bytes(SALT)
EDGES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5]


def sealed(size: int) -> tuple[bytes, bytes]:
    plain = bytes(at % 251 for at in range(size))
    return plain, Sealing.of(KEY, NAME, GRAIN).seal(plain)


@pytest.mark.parametrize("size", EDGES)
def test_what_was_sealed_comes_back(size: int) -> None:
    plain, blob = sealed(size)
    assert unseal(KEY, NAME, blob) == plain
    assert plain_size(len(blob)) == size


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(EDGES[1:]), st.data())
def test_any_part_can_be_read_alone(size: int, data: st.DataObject) -> None:
    plain, blob = sealed(size)
    first = data.draw(st.integers(0, size - 1))
    last = data.draw(st.integers(first, size - 1))
    place = stretch(len(blob), first, last)
    cipher = Sealing.of(KEY, NAME, blob[:SALT])
    opened = b"".join(cipher.open(blob[place.start : place.end], place.first, to_end=place.end == len(blob)))
    assert opened[place.skip : place.skip + last - first + 1] == plain[first : last + 1]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(EDGES), st.data())
def test_a_changed_cut_or_moved_blob_does_not_open(size: int, data: st.DataObject) -> None:
    _, blob = sealed(size)
    at = data.draw(st.integers(0, len(blob) - 1))
    changed = blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :]
    with pytest.raises(Unreadable):
        unseal(KEY, NAME, changed)
    with pytest.raises(Unreadable):
        unseal(KEY, NAME, blob[:at])
    with pytest.raises(Unreadable):
        unseal(KEY, "frames/b/1", blob)
    with pytest.raises(Unreadable):
        unseal(bytes(32), NAME, blob)
