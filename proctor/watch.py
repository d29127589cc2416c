"""Frame after frame of one attempt: what must be remembered between frames, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from proctor.errors import BadFrame
from proctor.signal import Signal
from proctor.vision.analyser import FrameAnalyser, bad_frame
from proctor.vision.identity import Reference, should_identify


@dataclass(frozen=True)
class Watch:
    """`compared_at`: last comparison with the photo; `compared_faces` and `faces`: faces then and in the latest frame.

    Keep it with the attempt: a worker that restarts goes on from it, and one that lost it only compares once more.
    """

    compared_at: datetime | None = None
    compared_faces: int = 1
    faces: int = 1


def step(
    watch: Watch, jpeg: bytes, at: datetime, n: int, analyser: FrameAnalyser, reference: Reference | None
) -> tuple[list[Signal], Watch]:
    """Signals of one frame and what to remember for the next. An unreadable frame is a `bad_frame` signal, no error."""
    due = reference is not None and should_identify(watch.compared_at, at, watch.faces != watch.compared_faces)
    try:
        reading = analyser.analyse(jpeg, at, n, reference, identify=due)
    except BadFrame:
        return [bad_frame(at, n)], watch
    faces = len(reading.faces)
    after = replace(watch, faces=faces)
    if reading.distance is not None:
        after = Watch(compared_at=at, compared_faces=faces, faces=faces)
    return analyser.signals(reading), after
