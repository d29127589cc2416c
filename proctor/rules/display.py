"""A second display. What a browser cannot tell (Firefox, Safari, mirrored screens) is never held against anybody."""

from __future__ import annotations

from dataclasses import dataclass

from proctor.flag import Severity
from proctor.rules.away_from_page import Away
from proctor.signal import SignalKind


@dataclass(frozen=True)
class SecondDisplay(Away):
    """The browser said that the desktop extends over more than one display (`screen.isExtended`)."""

    name = "second_display"
    severity = Severity.medium
    left, back = SignalKind.display_extended, SignalKind.display_single
    what = "The desktop extended over more than one display"
    innocent = (
        "a second display that is connected but switched off or unused",
        "a dock, a projector or a tablet that counts as a display",
        "a large display for low vision",
    )
    minimum_s: float = 10.0
