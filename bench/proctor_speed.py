"""How many candidates one core watches: `python -m bench proctor_speed`, or `python -m bench.proctor_speed [MODELS]`.

The whole pipeline at one picture a second: decoding, faces, quality, landmarks, identity each five seconds, things and signs
of life each two, ten-second windows of sound from Opus, signals, and rules once a window. Pinned to one core; CPU time, so
that what else runs on the machine does not count. In the same run the same pictures go through the bare model calls alone.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import cv2

from bench.facts import machine
from bench.played import START, Tools
from bench.scoring import Target, missed, verdict
from loadtests.compositions import sounds
from loadtests.compositions.people import Cast, data_folder
from loadtests.compositions.script import Script, scenes
from loadtests.compositions.sounds import Heard
from loadtests.compositions.view import View
from proctor.audio.listener import Memory, SoundAnalyser
from proctor.audio.vad import Silero
from proctor.audio.window import AudioWindow, decode_sound
from proctor.signal import Signal
from proctor.timeline import flags
from proctor.vision.analyser import FrameAnalyser
from proctor.vision.decode import decode
from proctor.vision.detector import MediaPipeDetector, YuNetDetector
from proctor.vision.identity import Encoder, Reference
from proctor.vision.landmarks import FaceLandmarker
from proctor.vision.things import ThingFinder
from proctor.watch import Watch, step

SECONDS, ROUNDS = 60, 5
# What is called inside: each is a model with nothing of ours but the shaping of its input and output.
MODELS: tuple[tuple[str, type[Any], str], ...] = (
    ("faces: YuNet", YuNetDetector, "detect"),
    ("faces: MediaPipe", MediaPipeDetector, "detect"),
    ("landmarks: face mesh", FaceLandmarker, "read"),
    ("identity: dlib", Encoder, "encode"),
    ("things: YOLOX-nano", ThingFinder, "find"),
    ("speech: Silero", Silero, "probabilities"),
)


@dataclass
class Calls:
    """CPU seconds inside each model, and how often it was called."""

    seconds: dict[str, float] = field(default_factory=dict)
    count: dict[str, int] = field(default_factory=dict)

    def timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def inner(*given: Any, **named: Any) -> Any:
            began = time.process_time()
            try:
                return work(*given, **named)
            finally:
                self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - began
                self.count[name] = self.count.get(name, 0) + 1

        return inner


def script(cast: Cast) -> Script:
    """A minute with something in it, so that nothing is spared: mostly work, somebody beside them, an empty chair, the dark."""
    changes = ((20, 24, {"helper": cast.helpers[1]}), (34, 38, {"sitter": ""}), (46, 48, {"light": 0.08}))
    heard = (Heard("clicks", 1, SECONDS, -32), Heard("fan", 0, SECONDS, -48))
    voice = (Heard("reader", 25, 31, -28),) if cast.data else ()
    return Script("speed", "collins", scenes(View(sitter="collins"), SECONDS, *changes), (*heard, *voice), seed=4)


def watch_minute(
    eyes: FrameAnalyser,
    ears: SoundAnalyser | None,
    reference: Reference,
    frames: Sequence[bytes],
    heard: Sequence[bytes],
) -> Watch:
    """One candidate for a minute, as a worker does it; what it remembers at the end."""
    watch, memory, said = Watch(), Memory(), list[Signal]()
    for n, jpeg in enumerate(frames, start=1):
        at = START + timedelta(seconds=n - 1)
        reading, watch = step(watch, jpeg, at, n, eyes, reference)
        if reading is not None:
            said += eyes.signals(reading)
            json.dumps(reading.plain())
        if n % sounds.WINDOW == 0:
            if ears is not None:
                piece = n // sounds.WINDOW
                window = AudioWindow(piece, at, decode_sound(heard[piece - 1]))
                listened, memory = ears.listen(window, memory)
                said += ears.signals(listened)
            flags(said)
    return watch


@dataclass(frozen=True)
class Speed:
    """CPU seconds of one candidate-second: everything, and the parts inside it."""

    whole: float
    parts: dict[str, float]
    per_call: dict[str, float]

    @property
    def models(self) -> float:
        return sum(value for name, value in self.parts.items() if not name.startswith("decoding"))

    @property
    def decoders(self) -> float:
        return sum(value for name, value in self.parts.items() if name.startswith("decoding"))


def measure(tools: Tools, made: Script, rounds: int) -> Speed:
    """The round in the middle of `rounds`, each a minute of one candidate."""
    frames, heard = list(made.frames(tools.cast)), [sounds.webm(pcm) for pcm in made.sound(tools.cast)]
    reference = tools.reference(made.enrolled)
    assert reference is not None
    watch_minute(tools.eyes, tools.ears, reference, frames, heard)  # warm
    found: list[Speed] = []
    for _ in range(rounds):
        calls = Calls()
        with ExitStack() as stack:
            for name, kind, method in MODELS:
                stack.enter_context(mock.patch.object(kind, method, calls.timed(name, getattr(kind, method))))
            jpeg = calls.timed("decoding: JPEG", decode)
            stack.enter_context(mock.patch("proctor.vision.analyser.decode", jpeg))
            opus = calls.timed("decoding: Opus", decode_sound)
            stack.enter_context(mock.patch(f"{__name__}.decode_sound", opus))
            began = time.process_time()
            watch_minute(tools.eyes, tools.ears, reference, frames, heard)
            whole = time.process_time() - began
        parts = {name: seconds / len(frames) for name, seconds in calls.seconds.items()}
        each = {name: calls.seconds[name] / calls.count[name] for name in calls.seconds}
        found.append(Speed(whole / len(frames), parts, each))
    middle = statistics.median_low([speed.whole for speed in found])
    return next(speed for speed in found if speed.whole == middle)


def memory(tools: Tools, made: Script) -> tuple[float, float]:
    """MiB of this process with everything loaded, and KiB that one candidate more adds (what a worker remembers, as JSON)."""
    frames = list(made.frames(tools.cast))[:20]
    watch = Watch()
    for n, jpeg in enumerate(frames, start=1):
        _, watch = step(watch, jpeg, START + timedelta(seconds=n), n, tools.eyes, tools.reference(made.enrolled))
    stored = len(json.dumps(watch.plain())) + len(json.dumps(Memory().plain())) + 512  # and the packed reference
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, stored / 1024


def report(speed: Speed, process: float, each: float) -> tuple[str, list[Target]]:
    candidates = 1 / speed.whole
    bare = speed.models + speed.decoders
    targets = [
        Target("candidates per core at 1 picture a second", "≥ 20", f"{candidates:.1f}", candidates >= 20),
        Target(
            "of what the bare model calls and decoders allow",
            "≥ 85 %",
            f"{bare / speed.whole:.0%}",
            bare / speed.whole >= 0.85,
        ),
    ]
    rows = [
        f"| {name} | {speed.per_call[name] * 1000:.1f} | {value * 1000:.1f} | {value / speed.whole:.0%} |"
        for name, value in sorted(speed.parts.items(), key=lambda pair: -pair[1])
    ]
    rest = speed.whole - bare
    rows.append(f"| everything else (ours) | | {rest * 1000:.1f} | {rest / speed.whole:.0%} |")
    rows.append(f"| **together** | | {speed.whole * 1000:.1f} | {candidates:.1f} candidates a core |")
    table = "\n".join(
        ["| part | CPU ms a call | CPU ms a second of one candidate | share |", "|---|---:|---:|---:|", *rows]
    )
    said = (
        f"Model calls alone are {speed.models / speed.whole:.0%} of the whole. A process with every model loaded takes "
        f"{process:.0f} MiB; one candidate more adds {each:.1f} KiB (what is remembered between pictures, kept in the database)."
    )
    return f"{table}\n\n{said}", targets


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 where a target is missed."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # before any library starts threads
    cv2.setNumThreads(1)
    options = argparse.ArgumentParser(prog="python -m bench.proctor_speed")
    options.add_argument("models", nargs="?", type=Path, default=Path(".cache/models"))
    options.add_argument("--few", action="store_true", help="one round")
    chosen = options.parse_args(arguments)
    tools = Tools.load(chosen.models, Cast(data_folder()))
    made = script(tools.cast)
    speed = measure(tools, made, 1 if chosen.few else ROUNDS)
    text, targets = report(speed, *memory(tools, made))
    print(
        f"### Candidates a core\n\n{machine()}; pinned to one core, CPU time, median of {1 if chosen.few else ROUNDS} rounds\n"
    )
    for sentence in tools.eyes.models.missing:
        print(f"Off: {sentence}\n")
    print(f"{text}\n\n{verdict(targets)}")
    return int(missed(targets))


if __name__ == "__main__":
    raise SystemExit(main())
