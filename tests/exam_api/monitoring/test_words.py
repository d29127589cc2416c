"""What a page says of its pictures and cannot be: refused by name, and the words around it are kept."""

from __future__ import annotations

import json
import math
import struct
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from exam_api.installation import Installation
from exam_api.monitoring.schemas import SeenIn
from tests.exam_api.monitoring.socket import JPEG, connect, stored
from tests.exam_api.monitoring.test_on_device import CALM, asked, check, exam_source, frames, plan, sitter
from tests.exam_api.sitting import Sitter

__all__ = ["exam_source", "sitter"]

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"faces": [[0, 0, 9, 1]]}, "faces.0.2"),
    ({"faces": [[0.1, 0.1, -0.2, 0.2]]}, "faces.0.2"),
    ({"faces": [[0.1, 0.1, 0.2, 0]]}, "faces.0.3"),
    ({"faces": [[0.1, 0.1, 0.2, 0.2]] * 6}, "faces"),
    ({"faces": [[0.1, 0.1, None, 0.2]]}, "faces.0.2"),  # what JSON makes of a NaN
    ({"width": -640}, "width"),
    ({"height": 0}, "height"),
    ({"width": 640.5}, "width"),
    ({"luma": 300}, "luma"),
    ({"luma": 1e308}, "luma"),
    ({"pose": [0, 0]}, "pose.2"),
    ({"verdict": "honest"}, "verdict"),
    ({"eyes": "0.9"}, "eyes"),
    ({"eyes": True}, "eyes"),
    ({"frozen_s": -1}, "frozen_s"),
]


@pytest.mark.parametrize(("wrong", "where"), WRONG)
async def test_a_word_that_cannot_be_is_named_and_the_words_around_it_are_kept(
    app: FastAPI, installation: Installation, sitter: Sitter, wrong: dict[str, Any], where: str
) -> None:
    socket, link = await connect(app, sitter, "device")
    for seen in (CALM, {**CALM, **wrong}, CALM):
        socket.send(link.message(b"", seen=seen))
    while "refused_word" not in (said := await socket.answer()):
        assert "code" not in said, said
    assert said["refused_word"]["n"] == 2
    assert said["refused_word"]["why"].startswith(f"{where}: ")
    socket.send(link.message(b"", seen=CALM))
    await socket.kept(4)
    await socket.leave()
    kept = await frames(installation, sitter)
    assert [each.claimed is not None for each in kept] == [True, False, True, True]
    assert [each.analysed_at is not None for each in kept] == [False, True, False, False]


async def test_the_picture_of_a_wrong_word_is_kept_and_answers_no_check(
    app: FastAPI, installation: Installation, sitter: Sitter
) -> None:
    await plan(installation, sitter)
    socket, link = await connect(app, sitter, "device")
    nonce = await asked(socket, link)
    socket.send(link.message(JPEG, seen={**CALM, "luma": -1}, nonce=nonce))
    while "refused_word" not in (said := await socket.answer()):
        assert "code" not in said, said
    await socket.leave()
    assert stored(installation) == 1
    assert (await check(installation, sitter)).outcome is None


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity", "1e999"])
async def test_what_is_no_json_ends_the_line_and_what_came_before_is_kept(
    app: FastAPI, installation: Installation, sitter: Sitter, token: str
) -> None:
    """It cannot be read in one way only, so nobody can say what was signed."""
    socket, link = await connect(app, sitter, "device")
    socket.send(link.message(b"", seen=CALM))
    bad = link.message(b"", seen={**CALM, "luma": 77.125})
    (size,) = struct.unpack_from(">I", bad)
    said = bad[4 : 4 + size].replace(b"77.125", token.encode())
    socket.send(struct.pack(">I", len(said)) + said)
    while "code" not in (heard := await socket.answer()):
        pass
    assert (heard["code"], heard["reason"]) == (4400, "invalid")
    await socket.task
    assert len(await frames(installation, sitter)) == 1


numbers = st.floats() | st.integers(-(10**12), 10**12) | st.none() | st.text(max_size=3) | st.booleans()


@settings(max_examples=150, deadline=None)
@given(
    st.fixed_dictionaries(
        {"width": numbers, "height": numbers, "luma": numbers, "contrast": numbers, "sharpness": numbers},
        optional={
            "faces": st.lists(st.lists(numbers, min_size=3, max_size=5), max_size=6),
            "pose": st.lists(numbers, min_size=2, max_size=4),
            "eyes": numbers,
        },
    )
)
def test_whatever_is_taken_is_a_reading_of_finite_numbers(said: dict[str, Any]) -> None:
    try:
        read = SeenIn.model_validate({**CALM, **said})
    except ValidationError:
        return
    flat = json.loads(json.dumps(read.model_dump()), parse_float=float)
    assert all(math.isfinite(each) for each in _numbers(flat))
    assert all(face[2] > 0 and face[3] > 0 for face in flat["faces"])


def _numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [each for inner in value.values() for each in _numbers(inner)]
    if isinstance(value, list):
        return [each for inner in value for each in _numbers(inner)]
    return [] if value is None else [value]
