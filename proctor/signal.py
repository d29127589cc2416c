"""What a machine saw or a browser said, one fact each. A signal accuses nobody; rules turn runs of signals into flags."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self


class SignalKind(StrEnum):
    """Every kind of signal. A value is stored in evidence, so it is never renamed or reused."""

    # --- presence (value = faces seen); each frame leaves at least one signal of presence or quality ---
    face_ok = "face_ok"
    face_absent = "face_absent"
    faces_many = "faces_many"
    face_unsure = "face_unsure"
    face_covered = "face_covered"
    # --- identity: only for frames that were compared with the reference (value = distance) ---
    face_same = "face_same"
    face_other = "face_other"
    # --- attention: only where the landmarks of one face could be read (value = degrees, or the measured openness) ---
    head_forward = "head_forward"
    head_turned = "head_turned"
    head_down = "head_down"
    gaze_inside = "gaze_inside"
    gaze_outside = "gaze_outside"
    eyes_open = "eyes_open"
    eyes_closed = "eyes_closed"
    mouth_still = "mouth_still"
    mouth_moving = "mouth_moving"
    # --- things in the picture (value = share of the picture's area, 0..1); `things_none`: looked, nothing there ---
    phone = "phone"
    second_screen = "second_screen"
    book = "book"
    things_none = "things_none"
    # --- signs of life (value = what was measured); weak ones never make a high flag ---
    picture_live = "picture_live"
    picture_filmed = "picture_filmed"
    picture_repeats = "picture_repeats"
    life_shown = "life_shown"
    life_not_shown = "life_not_shown"
    life_unanswered = "life_unanswered"
    camera_virtual = "camera_virtual"
    # --- where the candidate's own computer looks: its word beside one picture, at moments by chance (value = faces seen) ---
    device_agrees = "device_agrees"
    device_differs = "device_differs"
    device_unanswered = "device_unanswered"
    device_unreached = "device_unreached"
    # --- sound (value = seconds of speech in the window, or the level in dBFS) ---
    quiet = "quiet"
    speech = "speech"
    second_voice = "second_voice"
    noise = "noise"
    microphone_silent = "microphone_silent"
    # --- quality of the picture or the line: never guilt (value = the measured luma, sharpness or contrast) ---
    too_dark = "too_dark"
    glare = "glare"
    too_blurred = "too_blurred"
    camera_covered = "camera_covered"
    picture_frozen = "picture_frozen"
    low_rate = "low_rate"
    bad_frame = "bad_frame"
    bad_sound = "bad_sound"
    gap = "gap"
    # --- said by the candidate's browser (value = length of the text, seconds, or 1) ---
    hidden = "hidden"
    visible = "visible"
    blur = "blur"
    focus = "focus"
    fullscreen_left = "fullscreen_left"
    fullscreen_entered = "fullscreen_entered"
    copy = "copy"
    cut = "cut"
    paste = "paste"
    print = "print"
    display_extended = "display_extended"
    display_single = "display_single"
    share_started = "share_started"
    share_ended = "share_ended"
    network_lost = "network_lost"
    network_back = "network_back"
    clock_jumped = "clock_jumped"
    rhythm_changed = "rhythm_changed"
    device_changed = "device_changed"


PRESENCE = frozenset({SignalKind.face_ok, SignalKind.face_absent, SignalKind.faces_many})
IDENTITY = frozenset({SignalKind.face_same, SignalKind.face_other})
UNSURE = frozenset({SignalKind.face_unsure, SignalKind.face_covered})
ATTENTION = frozenset(kind for kind in SignalKind if kind.startswith(("head_", "gaze_", "eyes_", "mouth_")))
THINGS = frozenset({SignalKind.phone, SignalKind.second_screen, SignalKind.book, SignalKind.things_none})
LIFE = frozenset(
    kind for kind in SignalKind if kind.startswith(("picture_live", "picture_filmed", "picture_rep", "life_"))
)
SOUND = frozenset(
    {SignalKind.quiet, SignalKind.speech, SignalKind.second_voice, SignalKind.noise, SignalKind.microphone_silent}
)
QUALITY = frozenset(
    {
        SignalKind.too_dark,
        SignalKind.glare,
        SignalKind.too_blurred,
        SignalKind.camera_covered,
        SignalKind.picture_frozen,
        SignalKind.low_rate,
        SignalKind.bad_frame,
        SignalKind.bad_sound,
        SignalKind.gap,
    }
)
BROWSER = frozenset(
    {
        SignalKind.hidden,
        SignalKind.visible,
        SignalKind.blur,
        SignalKind.focus,
        SignalKind.fullscreen_left,
        SignalKind.fullscreen_entered,
        SignalKind.copy,
        SignalKind.cut,
        SignalKind.paste,
        SignalKind.print,
        SignalKind.display_extended,
        SignalKind.display_single,
        SignalKind.share_started,
        SignalKind.share_ended,
        SignalKind.network_lost,
        SignalKind.network_back,
        SignalKind.clock_jumped,
        SignalKind.rhythm_changed,
        SignalKind.device_changed,
        SignalKind.camera_virtual,
    }
)


@dataclass(frozen=True)
class Signal:
    """One fact: `source` is `frame:<n>`, `sound:<n>`, `event:<n>`, `challenge:<n>` or `spot:<n>`; `confidence` and `quality` are in 0..1.

    `duration` is given when the sender knows how long it lasted (a page hidden for 4 s reported on return);
    otherwise the end comes from the opposite kind (`visible`, `focus`, `fullscreen_entered`) or the next frames.
    `note` is one word of a closed list where the kind has one: the origin of a paste, the surface of a share, the noise,
    in what a device differs or why it did not answer.
    """

    at: datetime
    kind: SignalKind
    value: float
    confidence: float
    quality: float
    source: str
    duration: timedelta | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("a signal needs a time zone")
        if not math.isfinite(self.value):
            raise ValueError("a value is a finite number")
        if not (0 <= self.confidence <= 1 and 0 <= self.quality <= 1):
            raise ValueError("confidence and quality are between 0 and 1")
        if self.duration is not None and self.duration < timedelta(0):
            raise ValueError("a duration is never negative")

    @property
    def is_frame(self) -> bool:
        return self.source.startswith("frame:")

    @property
    def is_sound(self) -> bool:
        return self.source.startswith("sound:")


ORIGINS: Final = ("inside", "outside", "unknown")
SURFACES: Final = ("monitor", "window", "browser", "unknown")
COUNTED: Final = frozenset({SignalKind.copy, SignalKind.cut, SignalKind.paste, SignalKind.rhythm_changed})
SHARED: Final = frozenset({SignalKind.share_started, SignalKind.share_ended})


@dataclass(frozen=True)
class BrowserEvent:
    """What the exam page reported. A detail that does not belong to the kind is no part of the signal.

    `length`: characters of a copy, cut or paste, never the text; keys of a minute's typing (`rhythm_changed`).
    `origin` of a paste: `inside` when the same text was copied or typed on this page before. `surface` of a shared screen.
    `spaced`: the keys came in even steps, as no hand types. `duration`: how long it lasted; of a clock, how far it jumped;
    of a minute's typing, the time spent on keys.
    """

    n: int
    at: datetime
    kind: SignalKind
    duration: timedelta | None = None
    length: int | None = None
    origin: str | None = None
    surface: str | None = None
    spaced: bool | None = None

    def __post_init__(self) -> None:
        if self.kind not in BROWSER and self.kind != SignalKind.gap:
            raise ValueError(f"a browser cannot say {self.kind}")
        if self.origin is not None and self.origin not in ORIGINS:
            raise ValueError(f"an origin is one of {', '.join(ORIGINS)}")
        if self.surface is not None and self.surface not in SURFACES:
            raise ValueError(f"a surface is one of {', '.join(SURFACES)}")
        if self.length is not None and self.length < 0:
            raise ValueError("a length is never negative")

    def signal(self) -> Signal:
        """Certain about what the page said; whether the page told the truth is another question.

        A clock's jump is an amount (`value`, in seconds), not a time that passed.
        """
        duration, value = self.duration, 1.0
        if self.kind == SignalKind.clock_jumped:
            value, duration = (duration or timedelta(0)).total_seconds(), None
        elif self.length is not None and self.kind in COUNTED:
            value = float(self.length)
        return Signal(self.at, self.kind, value, 1.0, 1.0, f"event:{self.n}", duration, self._note())

    def _note(self) -> str | None:
        if self.kind == SignalKind.paste:
            return self.origin
        if self.kind in SHARED:
            return self.surface
        return "even" if self.kind == SignalKind.rhythm_changed and self.spaced else None

    @classmethod
    def of(
        cls,
        n: int,
        at: datetime,
        kind: str,
        *,
        seconds: float | None = None,
        length: int | None = None,
        origin: str | None = None,
        surface: str | None = None,
        spaced: bool | None = None,
    ) -> Self:
        """Build one from plain values; raises `ValueError` for an unknown kind or a detail out of its range."""
        try:
            duration = None if seconds is None else timedelta(seconds=seconds)
        except OverflowError as error:
            raise ValueError("seconds are too many") from error
        return cls(n, at, SignalKind(kind), duration, length, origin, surface, spaced)


def ordered(signals: Iterable[Signal]) -> list[Signal]:
    """Each signal once, in one fixed order, however they arrived: rules may rely on it."""
    return sorted(set(signals), key=_order)


def _order(signal: Signal) -> tuple[datetime, str, str, float, float, float, timedelta, str]:
    return (
        signal.at,
        signal.kind,
        signal.source,
        signal.value,
        signal.confidence,
        signal.quality,
        timedelta(-1) if signal.duration is None else signal.duration,
        signal.note or "",
    )
