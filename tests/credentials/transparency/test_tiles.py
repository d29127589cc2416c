"""Tiles against the textbook: whatever the size and however it grew, the same root and the same proofs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.errors import Malformed
from credentials.transparency import log, tiles
from credentials.transparency.tiles import WIDTH, Tree

LEAVES = [log.leaf_hash(b"%d" % number) for number in range(3 * WIDTH * WIDTH // 2)]
# around the edges of tiles, where what is full and what is not changes
sizes = st.sampled_from([1, 2, 3, 255, 256, 257, 511, 512, 513, 1000]) | st.integers(1, 1500)


def grown(*steps: int) -> dict[tiles.Place, bytes]:
    """A log that grew in these steps; each append was given the right edge alone."""
    kept: dict[tiles.Place, bytes] = {}
    size = 0
    for step in steps:
        edge = {place: kept[place] for place in tiles.needed(size)}
        kept |= tiles.append(edge, size, LEAVES[size : size + step])
        size += step
    return kept


@given(st.lists(st.integers(1, 700), min_size=1, max_size=4), st.data())
@settings(max_examples=60, deadline=None)
def test_a_tree_of_tiles_is_the_tree_of_its_leaves(steps: list[int], data: st.DataObject) -> None:
    kept, whole = grown(*steps), sum(steps)
    size = data.draw(st.integers(1, whole), label="a size it once had")
    index = data.draw(st.integers(0, size - 1), label="entry")
    old = data.draw(st.integers(1, size), label="older size")
    some = {place: kept[place] for place in tiles.needed(size, index, old - 1)}
    tree, leaves = Tree(some, size), LEAVES[:size]
    assert tree.leaf(index) == leaves[index]
    assert tree.root() == log.root(leaves)
    assert tree.inclusion(index) == log.inclusion_proof(leaves, index)
    assert tree.consistency(old) == log.consistency_proof(leaves, old)


@given(sizes, sizes)
@settings(max_examples=40, deadline=None)
def test_growing_in_two_steps_is_growing_in_one(first: int, second: int) -> None:
    assert grown(first, second) == grown(first + second)


def test_three_levels() -> None:
    """More than 65,536 entries: a hash stands in the third level, and a proof still reads six tiles at most."""
    size = WIDTH * WIDTH + WIDTH + 3
    kept = grown(WIDTH * WIDTH - 1, 2, WIDTH + 2)
    assert sorted({level for level, _ in kept}) == [0, 1, 2]
    for index in (0, 255, 256, WIDTH * WIDTH - 1, WIDTH * WIDTH, size - 1):
        places = tiles.needed(size, index)
        assert len(places) <= 6
        tree = Tree({place: kept[place] for place in places}, size)
        assert tree.inclusion(index) == log.inclusion_proof(LEAVES[:size], index)
        assert tree.root() == log.root(LEAVES[:size])


def test_an_empty_tree() -> None:
    assert tiles.needed(0) == set()
    assert Tree({}, 0).root() == log.root([])
    assert tiles.append({}, 0, []) == {}


@pytest.mark.parametrize("harm", ["missing", "too short", "too long"])
def test_an_edge_that_does_not_fit_the_size_is_refused(harm: str) -> None:
    kept = grown(300)
    edge = kept[0, 1]
    kept[0, 1] = {"missing": b"", "too short": edge[:-32], "too long": edge + bytes(32)}[harm]
    with pytest.raises(Malformed, match="tile 1 of level 0"):
        tiles.append(kept, 300, LEAVES[300:301])
    if harm != "too long":
        with pytest.raises(Malformed, match="is missing"):
            Tree(kept, 300).root()


@pytest.mark.parametrize("index", [-1, 300])
def test_what_is_not_in_the_tree_has_no_proof(index: int) -> None:
    tree = Tree(grown(300), 300)
    with pytest.raises(Malformed):
        tree.inclusion(index)
    with pytest.raises(Malformed):
        tree.consistency(index + 1 if index > 0 else 0)
