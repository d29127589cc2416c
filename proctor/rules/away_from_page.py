"""The exam page was hidden, lost the keyboard, or left full screen: the browser says so, with start and return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from proctor.flag import Flag, Severity, pick_evidence, plain_seconds
from proctor.rules.episode import Episode, spans
from proctor.signal import Signal, SignalKind


@dataclass(frozen=True)
class HiddenPage:
    """Another tab or window covered the exam page (Page Visibility, HTML Standard 6.2)."""

    name: ClassVar[str] = "hidden_page"
    minimum_s: float = 3.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        return [
            _flag(
                self.name,
                Severity.medium,
                run,
                self.minimum_s,
                "The exam page was hidden",
                (
                    "the screen locked or the device slept",
                    "a system message or an update took the screen",
                    "an accidental key press",
                ),
            )
            for run in spans(signals, SignalKind.hidden, SignalKind.visible)
            if run.duration >= timedelta(seconds=self.minimum_s)
        ]


@dataclass(frozen=True)
class LostFocus:
    """The keyboard belonged to something else while the page stayed visible. Weak: many harmless things do this."""

    name: ClassVar[str] = "lost_focus"
    minimum_s: float = 15.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        return [
            _flag(
                self.name,
                Severity.low,
                run,
                self.minimum_s,
                "The keyboard was outside the exam page",
                (
                    "a password manager, screen reader or system dialog",
                    "a click into the browser's own address bar or settings",
                ),
            )
            for run in spans(signals, SignalKind.blur, SignalKind.focus)
            if run.duration >= timedelta(seconds=self.minimum_s)
        ]


@dataclass(frozen=True)
class LeftFullscreen:
    """The page was not in full screen although the exam asks for it."""

    name: ClassVar[str] = "left_fullscreen"
    minimum_s: float = 10.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        return [
            _flag(
                self.name,
                Severity.low,
                run,
                self.minimum_s,
                "The exam page was not in full screen",
                (
                    "the Escape key leaves full screen in every browser",
                    "a browser or phone that has no full screen",
                    "assistive software",
                ),
            )
            for run in spans(signals, SignalKind.fullscreen_left, SignalKind.fullscreen_entered)
            if run.duration >= timedelta(seconds=self.minimum_s)
        ]


def _flag(name: str, severity: Severity, run: Episode, minimum_s: float, what: str, innocent: tuple[str, ...]) -> Flag:
    return Flag(
        rule=name,
        severity=severity,
        start=run.start,
        end=run.end,
        threshold={"minimum_s": minimum_s},
        reason=f"{what} for {plain_seconds(run.duration)}; the rule asks from {minimum_s:g} s.",
        innocent=innocent,
        evidence=pick_evidence(run.sources),
        confidence=run.confidence,
    )
