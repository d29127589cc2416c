"""Frame after frame of one attempt: what must be remembered between frames, and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

import numpy as np

from proctor.errors import BadFrame
from proctor.liveness.memory import Life, LifeMemory, remember
from proctor.liveness.traces import read_sketch
from proctor.vision.analyser import FrameAnalyser
from proctor.vision.body import Body
from proctor.vision.identity import Reference, should_identify
from proctor.vision.reading import FrameReading
from proctor.vision.things import FIRST, next_view

THINGS_EVERY = timedelta(seconds=2)
JITTER = timedelta(milliseconds=250)  # a camera at 1 frame a second is never exact
MOUTH_SECONDS = 3.0  # frames further apart do not show that a mouth moves
STILL = 2.5  # between sketches: encoded anew 0.3 to 2.2, a second of somebody who sits there 9 to 90
TIMES = ("at", "compared_at", "looked_at", "same_since")


@dataclass(frozen=True)
class Watch:
    """`at`: the frame before. `compared_at`, `looked_at`: last comparison with the photo, last look for things.

    `compared_faces`, `faces`: how many faces then and in the latest frame. `picture`: fingerprint of the frame before,
    `same_since`, `sketch`: when that picture first came and what it looked like. `mouth`, `body`: of the largest face and below it.
    `view`: where to look for things next. `life`: what shows that pictures repeat. Keep a watch with the attempt: a worker that restarts goes on from it, and
    one that lost it only compares once more.
    """

    at: datetime | None = None
    compared_at: datetime | None = None
    compared_faces: int = 1
    faces: int = 1
    looked_at: datetime | None = None
    picture: str = ""
    same_since: datetime | None = None
    sketch: str = ""
    mouth: float | None = None
    body: Body | None = None
    view: str = FIRST
    life: LifeMemory = field(default_factory=LifeMemory)

    def plain(self) -> dict[str, Any]:
        """JSON values, for storing; `Watch.of` reads them back."""
        times = {name: when.isoformat() for name in TIMES if (when := getattr(self, name)) is not None}
        return {**asdict(self), **times, "life": self.life.plain()}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """The watch that `plain()` described. Raises `TypeError` for unknown fields, `ValueError` for a bad time."""
        times = {name: datetime.fromisoformat(plain[name]) for name in TIMES if plain.get(name) is not None}
        body = None if plain.get("body") is None else Body.of(plain["body"])
        life = LifeMemory.of(plain["life"]) if "life" in plain else LifeMemory()
        return cls(**{**plain, **times, "body": body, "life": life})


def step(
    watch: Watch, jpeg: bytes, at: datetime, n: int, analyser: FrameAnalyser, reference: Reference | None
) -> tuple[FrameReading | None, Watch]:
    """Reading of one frame, None when it cannot be read (a `bad_frame`, no error), and what to remember for the next."""
    due = reference is not None and should_identify(watch.compared_at, at, watch.faces != watch.compared_faces)
    look = watch.looked_at is None or at - watch.looked_at >= THINGS_EVERY - JITTER
    picture = hashlib.sha256(jpeg).hexdigest()[:16]
    try:
        seen, body = analyser.look(jpeg, at, n, reference, identify=due, things=look, view=watch.view, body=watch.body)
    except BadFrame:
        return None, watch
    same = picture == watch.picture or _stands_still(watch, seen)
    since = watch.same_since if same and watch.same_since is not None else at
    gap = None if watch.at is None else (at - watch.at).total_seconds()
    life, kept = Life(), watch.life
    if seen.traces is not None:
        life, kept = remember(watch.life, seen.traces, at, has_face=bool(seen.faces))
    reading = replace(
        seen,
        life=life,
        gap_s=None if gap is None else round(gap, 3),
        frozen_s=max(0.0, round((at - since).total_seconds(), 3)),
        mouth_moved=moved(watch.mouth, seen.mouth, gap),
    )
    sketch = watch.sketch if since != at or seen.traces is None else seen.traces.sketch
    after = replace(
        watch,
        at=at,
        faces=len(seen.faces),
        picture=picture,
        same_since=since,
        sketch=sketch,
        mouth=seen.mouth,
        body=body,
        life=kept,
    )
    if look:
        after = replace(after, looked_at=at, view=next_view(watch.view, seen.things or ()))
    if reading.distance is not None:
        after = replace(after, compared_at=at, compared_faces=len(reading.faces))
    return reading, after


def _stands_still(watch: Watch, seen: FrameReading) -> bool:
    """The same picture encoded anew. An empty room looks like that too, so it is only said of pictures with a face."""
    if not (watch.sketch and watch.faces and seen.faces and seen.traces is not None):
        return False
    return float(np.linalg.norm(read_sketch(watch.sketch) - read_sketch(seen.traces.sketch))) < STILL


def moved(before: float | None, now: float | None, gap: float | None) -> float | None:
    """How much wider the mouth is open than in the frame before, if that was not long ago."""
    if before is None or now is None or gap is None or gap > MOUTH_SECONDS:
        return None
    return round(now - before, 3)
