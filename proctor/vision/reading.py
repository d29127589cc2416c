"""What one picture shows, as plain numbers: what is measured, kept and judged later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from datetime import datetime
from typing import Any, Self

from proctor.liveness.memory import Life
from proctor.liveness.traces import Traces
from proctor.vision.detector import FaceBox
from proctor.vision.things import Thing


@dataclass(frozen=True)
class Pose:
    """Where the head points, in degrees, with the signs of AFLW2000.

    `pitch` above 0: raised; `yaw` above 0: turned to the picture's left; `roll` above 0: tilted to the picture's right.
    """

    pitch: float
    yaw: float
    roll: float


@dataclass(frozen=True)
class Gaze:
    """Where the eyes point relative to the head, in degrees: `horizontal` with the sign of yaw, `vertical` with that of pitch."""

    horizontal: float
    vertical: float


@dataclass(frozen=True)
class FrameReading:
    """What one picture shows. `distance` to the reference is None when nothing was compared. Sizes in pixels.

    `pose`, `gaze`, `eyes` (0 closed, 1 wide open) and `mouth` (0 closed) belong to the largest face and are None where its
    points could not be read. `covered`: somebody is there whose face is hidden or turned away. `glare`: share of the picture
    that is burnt out, 0..1. `things`: None when nobody looked. `mouth_moved`: change of `mouth` since the frame before.
    `gap_s`: seconds since the frame before (None: there was none). `frozen_s`: for how long this very picture has come.
    `told`: the candidate's own computer says so, and nobody here has seen the picture.
    """

    n: int
    at: datetime
    faces: tuple[FaceBox, ...]
    doubtful: tuple[FaceBox, ...]
    luma: float
    contrast: float
    sharpness: float
    distance: float | None
    width: int
    height: int
    pose: Pose | None = None
    gaze: Gaze | None = None
    eyes: float | None = None
    mouth: float | None = None
    covered: bool = False
    glare: float = 0.0
    things: tuple[Thing, ...] | None = None
    traces: Traces | None = None
    life: Life | None = None
    mouth_moved: float | None = None
    gap_s: float | None = None
    frozen_s: float = 0.0
    told: bool = False

    def plain(self) -> dict[str, Any]:
        """JSON values, for storing; `FrameReading.of` reads them back. `asdict` copies each number: 1 ms, once a second."""
        return {name: _plain(value) for name, value in vars(self).items()}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """The reading that `plain()` described, also by an older version; raises `TypeError` or `KeyError` for anything else."""
        parts: dict[str, Any] = {name: tuple(FaceBox(**box) for box in plain[name]) for name in ("faces", "doubtful")}
        if plain.get("pose") is not None:
            parts["pose"] = Pose(**plain["pose"])
        if plain.get("gaze") is not None:
            parts["gaze"] = Gaze(**plain["gaze"])
        if plain.get("things") is not None:
            parts["things"] = tuple(Thing(**thing) for thing in plain["things"])
        if plain.get("traces") is not None:
            parts["traces"] = Traces.of(plain["traces"])
        if plain.get("life") is not None:
            parts["life"] = Life.of(plain["life"])
        return cls(**{**plain, **parts, "at": datetime.fromisoformat(plain["at"])})


def _plain(value: Any) -> Any:
    """A time as text, parts (which hold numbers and text only) as dictionaries, everything else as it is."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return tuple(_plain(each) for each in value)
    return dict(vars(value)) if is_dataclass(value) else value
