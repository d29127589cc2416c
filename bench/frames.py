"""Frames a second on one core: the analyser beside the bare calls it is made of, in the same run on the same pictures.

`python -m bench.frames [MODELS]`. Real portraits in drawn rooms, 640×480 JPEG. Each figure is the median of five rounds.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from bench.facts import machine
from loadtests import scenes
from loadtests.scenes import Kind
from proctor.vision.analyser import FrameAnalyser, Models
from proctor.vision.decode import Pixels, decode
from proctor.vision.detector import Detector, MediaPipeDetector, YuNetDetector
from proctor.vision.identity import Reference
from proctor.watch import Watch, step

ROUNDS, FRAMES = 5, 120
START = datetime(2027, 3, 1, 10, tzinfo=UTC)
MIX: tuple[tuple[str, int], ...] = (
    ("present", 100),
    ("away", 8),
    ("second_person", 6),
    ("other_person", 4),
    ("dark", 2),
)


@dataclass(frozen=True)
class Row:
    """`per_second` by the wall clock and by CPU time (what other processes take does not count there)."""

    name: str
    per_second: float
    per_cpu_second: float
    note: str


def pictures() -> list[bytes]:
    rng = np.random.default_rng(2027)
    kinds = [kind for kind, count in MIX for _ in range(count)]
    return [scenes.scene(cast("Kind", kind), rng, n, room=n % 5) for n, kind in enumerate(kinds)]


def timed(name: str, note: str, count: int, work: Callable[[], object]) -> Row:
    """Warm up once, then the median of `ROUNDS`; each round is `count` frames."""
    work()
    wall, busy = [], []
    for _ in range(ROUNDS):
        began, used = time.perf_counter(), time.process_time()
        work()
        wall.append(count / (time.perf_counter() - began))
        busy.append(count / (time.process_time() - used))
    return Row(name, statistics.median(wall), statistics.median(busy), note)


def sitting(analyser: FrameAnalyser, reference: Reference | None, jpegs: Sequence[bytes]) -> None:
    """One candidate at 1 frame a second, as the worker does it: identity each 5 s and when faces change."""
    watch = Watch()
    for n, jpeg in enumerate(jpegs):
        _, watch = step(watch, jpeg, START + timedelta(seconds=n), n, analyser, reference)


def detect_all(detector: Detector, pixels: Sequence[Pixels]) -> None:
    for each in pixels:
        detector.detect(each)


def decode_all(jpegs: Sequence[bytes]) -> None:
    for jpeg in jpegs:
        cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


def bare(models: Models, jpegs: Sequence[bytes]) -> list[Row]:
    """What the parts cost alone: the limit that no analyser made of them can pass."""
    pixels = [decode(jpeg) for jpeg in jpegs]
    rows = [timed("bare cv2.imdecode", "limit", len(jpegs), partial(decode_all, jpegs))]
    detectors: list[tuple[str, Detector]] = [
        ("bare MediaPipe short range", MediaPipeDetector(models.short_range, 0.4, 0.7)),
        ("bare MediaPipe full range", MediaPipeDetector(models.full_range, 0.35, 0.6)),
    ]
    if models.yunet is not None:
        detectors.append(("bare YuNet 320", YuNetDetector(models.yunet, 0.5, 0.8)))
    for name, detector in detectors:
        rows.append(timed(name, "limit", len(pixels), partial(detect_all, detector, pixels)))
        detector.close()
    return rows


def encode_ten(analyser: FrameAnalyser, jpeg: bytes) -> None:
    pixels = decode(jpeg)
    face = analyser.find(pixels).faces[0]
    for _ in range(10):
        analyser.encode(pixels, face)


def ours(name: str, models: Models, jpegs: Sequence[bytes]) -> list[Row]:
    """The analyser with and without identity."""
    with FrameAnalyser(models) as analyser:
        reference = analyser.reference(scenes.reference())
        return [
            timed(
                f"analyser, {name}: faces, quality, signals",
                "no identity",
                FRAMES,
                partial(sitting, analyser, None, jpegs),
            ),
            timed(
                f"analyser, {name}: and identity",
                "1 frame/s, compared each 5 s",
                FRAMES,
                partial(sitting, analyser, reference, jpegs),
            ),
            timed("bare face encoding (dlib)", "limit, per face", 10, partial(encode_ten, analyser, jpegs[0])),
        ]


def main() -> int:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # before any library starts threads
    cv2.setNumThreads(1)
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(".cache/models")
    models, jpegs = Models.under(folder), pictures()
    print(
        f"### Looking at frames\n\n{machine()}; pinned to one core, OpenCV {cv2.__version__}\n\n"
        f"{len(jpegs)} frames of {sum(map(len, jpegs)) / len(jpegs) / 1024:.0f} KiB, median of {ROUNDS} rounds\n"
    )
    rows = bare(models, jpegs)
    parts = sum(1 / row.per_cpu_second for row in rows)
    if models.yunet is not None:
        rows += ours("two detectors", replace(models, yunet=None), jpegs)[:2]
        rows += (mine := ours("three detectors", models, jpegs))
    else:
        rows += (mine := ours("two detectors", models, jpegs))
    print("| what | frames/s/core | frames/CPU s | note |\n| --- | ---: | ---: | --- |")
    for row in rows:
        print(f"| {row.name} | {row.per_second:.0f} | {row.per_cpu_second:.0f} | {row.note} |")
    print(
        f"\nFaces and quality run at {mine[0].per_cpu_second * parts:.0%} of what decoding and all detectors alone allow (CPU time)."
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
