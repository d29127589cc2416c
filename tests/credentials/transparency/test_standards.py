"""The log by the values that its standards publish (tests/vectors/log), made and checked by our own code."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest

from credentials.errors import NotProven
from credentials.transparency import cosignatures, layout, log, notes, tiles

VECTORS = Path(__file__).parents[2] / "vectors" / "log"


def _read(name: str) -> Any:
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


RFC6962 = _read("rfc6962.json")
LEAVES = [log.leaf_hash(bytes.fromhex(entry)) for entry in RFC6962["entries"]]
ROOTS = {int(size): b64decode(root) for size, root in RFC6962["roots"].items()}


def _texts(path: list[bytes]) -> list[str]:
    return [b64encode(each).decode() for each in path]


@pytest.mark.parametrize("size", ROOTS)
def test_roots_of_rfc_6962_also_from_tiles(size: int) -> None:
    assert log.root(LEAVES[:size]) == ROOTS[size]
    assert tiles.Tree(tiles.append({}, 0, LEAVES[:size]), size).root() == ROOTS[size]


@pytest.mark.parametrize("case", RFC6962["inclusion"], ids=lambda case: f"{case['index']} in {case['size']}")
def test_inclusion_proofs_of_rfc_6962(case: dict[str, Any]) -> None:
    index, size = case["index"], case["size"]
    path = log.inclusion_proof(LEAVES[:size], index)
    assert _texts(path) == case["proof"]
    log.verify_inclusion(LEAVES[index], index, size, path, ROOTS[size])
    with pytest.raises(NotProven):
        log.verify_inclusion(LEAVES[index], index, size, path, bytes(32))


@pytest.mark.parametrize("case", RFC6962["consistency"], ids=lambda case: f"{case['old']} to {case['new']}")
def test_consistency_proofs_of_rfc_6962(case: dict[str, Any]) -> None:
    old, new = case["old"], case["new"]
    path = log.consistency_proof(LEAVES[:new], old)
    assert _texts(path) == case["proof"]
    log.verify_consistency(old, new, path, ROOTS[old], ROOTS[new])
    with pytest.raises(NotProven):
        log.verify_consistency(old, new, path, bytes(32), ROOTS[new])


def test_the_note_of_the_specification() -> None:
    case = _read("signed-note.json")
    key = cosignatures.verifier(case["vkey"])
    assert (key.name, key.vkey) == ("example.com/foo", case["vkey"])
    text, signers = notes.open_note(case["note"], [key])
    assert (text, signers) == (case["text"], [key])
    assert str(notes.parse(case["note"])) == case["note"]


def test_the_paths_of_the_specification() -> None:
    for text, index in _read("tiles.json")["paths"].items():
        assert layout.number(index) == text
        assert layout.parse(f"tile/entries/{text}").index == index


@pytest.mark.parametrize("size", _read("tiles.json")["trees"])
def test_the_tiles_of_the_specification(size: str) -> None:
    tree = _read("tiles.json")["trees"][size]
    found = [each for each in layout.resources(int(size)) if each.level is not None]
    full = [each.level for each in found if each.width == tiles.WIDTH]
    assert {str(level): full.count(level) for level in full} == tree["full"]
    assert {str(each.level): each.width for each in found if each.width < tiles.WIDTH} == tree["partial"]
