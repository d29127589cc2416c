"""What is remembered with an attempt: from pictures to signals, across a restart, and what stays unsaid."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from loadtests import scenes, scenes_screen
from proctor.liveness.memory import SECONDS, Life, LifeMemory, remember, signals_of_life
from proctor.liveness.traces import Traces, measure
from proctor.signal import SignalKind
from proctor.vision.decode import decode
from proctor.vision.detector import FaceBox

START = datetime(2027, 3, 1, 10, tzinfo=UTC)
FACE = FaceBox(0.38, 0.3, 0.24, 0.32, 0.9)


@pytest.fixture(scope="module")
def recorded() -> list[Traces]:
    rng = np.random.default_rng(7)
    return [measure(decode(scenes.scene("present", rng, n)), [FACE], closely=False) for n in range(12)]


def lives(traces: Sequence[Traces], memory: LifeMemory | None = None) -> tuple[list[Life], LifeMemory]:
    memory = memory or LifeMemory()
    said = []
    for second, each in enumerate(traces):
        life, memory = remember(memory, each, START + timedelta(seconds=second), has_face=True)
        said.append(life)
    return said, memory


def test_real_looking_pictures_that_repeat_are_said_and_fresh_ones_are_not(recorded: list[Traces]) -> None:
    said, _ = lives([*recorded, *recorded])
    assert [life.repeats_s for life in said[:12]] == [None] * 12
    assert said[-1].repeats_s == 12.0


def test_a_restart_in_between_changes_nothing(recorded: list[Traces]) -> None:
    whole, _ = lives([*recorded, *recorded])
    _, memory = lives(recorded)
    memory = LifeMemory.of(json.loads(json.dumps(memory.plain())))
    after = []
    for second, each in enumerate(recorded):
        life, memory = remember(memory, each, START + timedelta(seconds=12 + second), has_face=True)
        after.append(life)
    assert after == whole[12:]


def test_an_empty_room_may_stand_still(recorded: list[Traces]) -> None:
    memory = LifeMemory()
    for second in range(20):
        life, memory = remember(memory, recorded[0], START + timedelta(seconds=second), has_face=False)
        assert life == Life()
    assert memory == LifeMemory()


def test_bands_of_a_screen_are_said_without_a_face(recorded: list[Traces]) -> None:
    banded = replace(recorded[0], moire=None, bezel=None, face=None, colours=0.9)
    life, memory = remember(LifeMemory(), banded, START, has_face=False)
    assert (life, memory) == (Life(filmed=1.0), LifeMemory())
    assert [signal.kind for signal in signals_of_life(life, START, 1)] == [SignalKind.picture_filmed]
    empty, _ = remember(LifeMemory(), replace(banded, colours=0.4), START, has_face=False)
    assert signals_of_life(empty, START, 1) == []


def test_an_older_picture_is_not_remembered(recorded: list[Traces]) -> None:
    _, memory = lives(recorded)
    late, after = remember(memory, recorded[3], START + timedelta(seconds=3), has_face=True)
    assert late.repeats_s is None
    assert after == memory


def test_what_is_remembered_is_bounded(recorded: list[Traces]) -> None:
    memory = LifeMemory()
    for second in range(0, 3 * SECONDS, 40):
        _, memory = remember(memory, recorded[0], START + timedelta(seconds=second), has_face=True)
    assert memory.slots[0] > memory.slots[-1] - SECONDS
    assert len(memory.slots) == len(memory.sketches)
    assert len(json.dumps(lives(recorded * 30)[1].plain())) < 20_000


def test_signals_say_what_was_looked_at() -> None:
    assert signals_of_life(None, START, 1) == []
    assert signals_of_life(Life(), START, 1) == []
    (live,) = signals_of_life(Life(filmed=0.1), START, 1)
    assert (live.kind, live.confidence) == (SignalKind.picture_live, 0.9)
    filmed, repeats = signals_of_life(Life(filmed=0.8, repeats_s=30.0), START, 1, 2.0)
    assert (filmed.kind, filmed.value, filmed.quality) == (SignalKind.picture_filmed, 0.8, 1.0)
    assert (repeats.kind, repeats.value) == (SignalKind.picture_repeats, 30.0)


def test_life_and_traces_are_json_and_back(recorded: list[Traces]) -> None:
    life = Life(0.25, 12.0)
    assert Life.of(json.loads(json.dumps(asdict(life)))) == life
    assert Traces.of(json.loads(json.dumps(asdict(recorded[0])))) == recorded[0]
    older = {name: value for name, value in asdict(recorded[0]).items() if name != "colours"}
    assert Traces.of(older) == recorded[0]
    with pytest.raises(TypeError):
        Life.of({"guilt": 1})
    with pytest.raises(TypeError):
        Traces.of({**older, "guilt": 1})


def test_a_loop_of_drawn_frames_is_the_same_pictures_again() -> None:
    pictures = [np.zeros((4, 4, 3), np.uint8), np.ones((4, 4, 3), np.uint8)]
    assert [int(each[0, 0, 0]) for each in scenes_screen.loop(pictures, 5)] == [0, 1, 0, 1, 0]
