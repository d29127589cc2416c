"""The exam page was hidden, lost the keyboard, or left full screen: the browser says so, with start and return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from proctor.flag import Flag, Severity, plain_seconds
from proctor.rules.episode import Episode, long_enough, raised, spans
from proctor.signal import Signal, SignalKind


@dataclass(frozen=True)
class Away:
    """One way of being away: two signals that enclose it, and how long it must last."""

    name: ClassVar[str]
    severity: ClassVar[Severity]
    left: ClassVar[SignalKind]
    back: ClassVar[SignalKind]
    what: ClassVar[str]
    innocent: ClassVar[tuple[str, ...]]
    minimum_s: float

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        runs = spans(signals, self.left, self.back)
        return [self._flag(run) for run in runs if long_enough(run.duration, self.minimum_s)]

    def _flag(self, run: Episode) -> Flag:
        return raised(
            self,
            run,
            self.severity,
            f"{self.what} for {plain_seconds(run.duration)}; the rule asks from {self.minimum_s:g} s.",
            self.innocent,
        )


@dataclass(frozen=True)
class HiddenPage(Away):
    """Another tab or window covered the exam page (Page Visibility, HTML Standard 6.2)."""

    name = "hidden_page"
    severity = Severity.medium
    left, back = SignalKind.hidden, SignalKind.visible
    what = "The exam page was hidden"
    innocent = (
        "the screen locked or the device slept",
        "a system message or an update took the screen",
        "an accidental key press",
    )
    minimum_s: float = 3.0


@dataclass(frozen=True)
class LostFocus(Away):
    """The keyboard belonged to something else while the page stayed visible. Weak: many harmless things do this."""

    name = "lost_focus"
    severity = Severity.low
    left, back = SignalKind.blur, SignalKind.focus
    what = "The keyboard was outside the exam page"
    innocent = (
        "a password manager, screen reader or system dialog",
        "a click into the browser's own address bar or settings",
    )
    minimum_s: float = 15.0


@dataclass(frozen=True)
class LeftFullscreen(Away):
    """The page was not in full screen although the exam asks for it."""

    name = "left_fullscreen"
    severity = Severity.low
    left, back = SignalKind.fullscreen_left, SignalKind.fullscreen_entered
    what = "The exam page was not in full screen"
    innocent = (
        "the Escape key leaves full screen in every browser",
        "a browser or phone that has no full screen",
        "assistive software",
    )
    minimum_s: float = 10.0
