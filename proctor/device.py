"""What a candidate's own computer says it saw in a picture, and whether the picture itself, looked at here, says the same.

A page that looks at pictures itself can be changed by whoever sits before it. So its word weighs less (`vision.judge.TRUST`), and now and
then one picture is asked for that nobody could have prepared: the word about it and the picture have to agree.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from proctor.signal import Signal, SignalKind
from proctor.vision.detector import FaceBox
from proctor.vision.quality import Quality, QualityBars
from proctor.vision.reading import FrameReading
from proctor.watch import Watch, moved

# Why a check has no answer that counts.
REFUSED = ("missing", "late", "wrong_nonce", "old_picture", "same_picture", "unreadable")


@dataclass(frozen=True)
class Bars:
    """How far word and picture may be apart. Two programs look at one picture, so small differences are none.

    `light`: grey levels; `place`: widths of the face; `turned`: degrees of yaw; `large`: share of the picture's width from
    which on a face is large enough for both programs; `fair`: quality from which on the picture can contradict.
    """

    light: float = 45.0
    place: float = 1.0
    turned: float = 35.0
    large: float = 0.12
    fair: float = 0.5
    quality: QualityBars = field(default_factory=QualityBars)


def told(watch: Watch, said: FrameReading) -> tuple[FrameReading, Watch]:
    """A reading that came without its picture, with what only time shows, and what to remember for the next."""
    gap = None if watch.at is None else (said.at - watch.at).total_seconds()
    reading = replace(
        said,
        told=True,
        gap_s=None if gap is None else round(gap, 3),
        mouth_moved=moved(watch.mouth, said.mouth, gap),
    )
    return reading, replace(watch, at=said.at, faces=len(said.faces), mouth=said.mouth)


def compare(
    said: FrameReading, seen: FrameReading, bars: Bars | None = None, *, before: Sequence[FrameReading] = ()
) -> Signal:
    """`device_agrees` or `device_differs` (its note: in what) about one picture that both have looked at. Pure.

    `before`: the last words that had come when the picture was asked for. A page that lies all the time and tells the truth
    in its answers is contradicted by these, as it did not know yet that it would be asked. Only faces are compared with
    them, and only where all of them say the same: people turn and move within a second, and light changes.
    """
    bars = bars or Bars()
    differs = _difference(said, seen, bars) or _contradicted(before, seen, bars)
    kind = SignalKind.device_agrees if differs is None else SignalKind.device_differs
    note, sure = differs or (None, 0.9)
    return Signal(seen.at, kind, float(len(seen.faces)), sure, 1.0, f"frame:{seen.n}", note=note)


def unreached(at: datetime, check: int) -> Signal:
    """A check at `at` in whose time next to nothing came: the line may have been down, which alone says nothing."""
    return Signal(at, SignalKind.device_unreached, 1.0, 0.5, 1.0, f"spot:{check}")


def unanswered(at: datetime, check: int, why: str) -> Signal:
    """A check at `at` without an answer that counts. Raises `ValueError` for a reason that is none of `REFUSED`."""
    if why not in REFUSED:
        raise ValueError(f"a check is refused for one of {', '.join(REFUSED)}")
    return Signal(at, SignalKind.device_unanswered, 1.0, 0.6, 1.0, f"spot:{check}", note=why)


def _difference(said: FrameReading, seen: FrameReading, bars: Bars) -> tuple[str, float] | None:
    """In what, and how sure. What the picture shows less of than was told counts; more is the better program's merit."""
    if abs(said.luma - seen.luma) > bars.light:
        return "light", 0.8
    if not _fair(seen, bars) or not said.faces:
        return None
    if not seen.faces:
        return "nobody", 0.9
    more = _large(seen, bars) - len(said.faces)
    poses = said.pose is not None and seen.pose is not None and abs(said.pose.yaw - seen.pose.yaw) > bars.turned
    found = (
        ("more_faces", 0.6 + 0.1 * min(2, more), more > 0),
        ("place", 0.8, min(_apart(face, seen.faces[0]) for face in said.faces) > bars.place),
        ("turned", 0.6, poses),
    )
    return next(((what, sure) for what, sure, holds in found if holds), None)


def _contradicted(before: Sequence[FrameReading], seen: FrameReading, bars: Bars) -> tuple[str, float] | None:
    """Less sure than about one picture: somebody can leave or come in the very second."""
    if not before or not _fair(seen, bars):
        return None
    if not seen.faces:
        return ("nobody_before", 0.7) if all(word.faces for word in before) else None
    more = _large(seen, bars) > max(1, *(len(word.faces) for word in before))
    return ("more_faces_before", 0.5) if more else None


def _fair(seen: FrameReading, bars: Bars) -> bool:
    """Whether the picture is good enough to contradict: what is doubtful or covered is not empty."""
    light = bars.quality.score(Quality(seen.luma, seen.contrast, seen.sharpness)) >= bars.fair
    return light and (bool(seen.faces) or not (seen.doubtful or seen.covered))


def _large(seen: FrameReading, bars: Bars) -> int:
    return sum(face.w >= bars.large for face in seen.faces)


def _apart(one: FaceBox, other: FaceBox) -> float:
    """Distance of two faces' middles, in widths of the other, as far as shares of a picture allow (4 : 3)."""
    across = (one.x + one.w / 2) - (other.x + other.w / 2)
    down = ((one.y + one.h / 2) - (other.y + other.h / 2)) * 0.75
    return math.hypot(across, down) / max(other.w, 1e-6)
