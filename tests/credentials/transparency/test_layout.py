"""The files of a log: one path for each, one content for each, nothing cut short and nothing beside."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.errors import Malformed, NotProven
from credentials.transparency import layout, log, tiles
from credentials.transparency.layout import Resource

places = st.builds(Resource, st.none() | st.integers(0, 63), st.integers(0, 2**40), st.integers(1, 256))
many = st.lists(st.binary(max_size=60), max_size=256)


@given(places)
@settings(deadline=None)
def test_a_path_comes_back(resource: Resource) -> None:
    assert layout.parse(resource.path) == resource


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/5",
        "tile/00/005",
        "tile/64/005",
        "tile/0/x000/005",
        "tile/0/005.p/0",
        "tile/0/005.p/256",
        "tile/0/005.p/01",
        "tile/0/005/",
        "/tile/0/005",
        "tile/0/../005",
        "tile/Entries/005",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/٠٠٥",
        "checkpoint",
    ],
)
def test_there_is_no_other_path(path: str) -> None:
    with pytest.raises(Malformed):
        layout.parse(path)


@given(many)
@settings(max_examples=60, deadline=None)
def test_a_bundle_comes_back_and_cannot_be_truncated(entries: list[bytes]) -> None:
    data = layout.bundle(entries)
    assert layout.unbundle(data, len(entries)) == entries
    for damaged, width in [(data[:-1], len(entries)), (data + b"\0", len(entries)), (data, len(entries) + 1)]:
        if damaged or width:
            with pytest.raises(Malformed):
                layout.unbundle(damaged, width)


def test_a_bundle_has_its_limits() -> None:
    assert layout.unbundle(layout.bundle([b"x" * 65_535]), 1) == [b"x" * 65_535]
    for entries in [[b"x" * 65_536], [b""] * 257]:
        with pytest.raises(Malformed):
            layout.bundle(entries)


def test_each_entry_is_compared_with_its_hash() -> None:
    entries = [b"one", b"two", b"three"]
    tile = b"".join(map(log.leaf_hash, entries))
    assert layout.check_bundle(layout.bundle(entries), tile, 256, 3) == entries
    with pytest.raises(NotProven, match="entry 257 is not the one"):
        layout.check_bundle(layout.bundle([b"one", b"TWO", b"three"]), tile, 256, 3)
    with pytest.raises(NotProven, match="no hash for entry 258"):
        layout.check_bundle(layout.bundle(entries), tile[:64], 256, 3)


@given(st.integers(0, 70_000))
@settings(max_examples=30, deadline=None)
def test_the_files_of_a_tree_are_its_tiles_and_bundles(size: int) -> None:
    found = list(layout.resources(size))
    assert sum(each.width for each in found if each.level is None) == size
    assert sum(each.width for each in found if each.level == 0) == size
    assert all(layout.has(size, each) for each in found)
    assert not layout.has(size, Resource(0, size // tiles.WIDTH, size % tiles.WIDTH + 1))
    assert tiles.needed(size, 0) <= {(each.level, each.index) for each in found}
