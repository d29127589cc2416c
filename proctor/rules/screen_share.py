"""The screen that the exam asks to share: no longer shared, or less of it than was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from proctor.flag import Flag, Severity, pick_evidence, plain_seconds
from proctor.rules.away_from_page import Away
from proctor.rules.episode import long_enough
from proctor.signal import SHARED, Signal, SignalKind

PARTS = {"window": "one window", "browser": "one browser tab"}


@dataclass(frozen=True)
class ShareEnded(Away):
    """The shared screen ended during the exam and did not come back."""

    name = "share_ended"
    severity = Severity.medium
    left, back = SignalKind.share_ended, SignalKind.share_started
    what = "The screen was no longer shared"
    innocent = (
        "the browser's own bar ends sharing with one click",
        "the screen locked or the device slept",
        "a display was unplugged",
    )
    minimum_s: float = 15.0


@dataclass(frozen=True)
class PartOfScreen:
    """A window or a tab was shared instead of the whole screen, for at least `minimum_s` (the page asks again meanwhile)."""

    name: ClassVar[str] = "part_of_screen"
    minimum_s: float = 20.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        shares = [signal for signal in signals if signal.kind in SHARED]
        ends = [signal.at for signal in shares[1:]] + [signals[-1].at for _ in shares[-1:]]
        return [
            self._flag(share, end)
            for share, end in zip(shares, ends, strict=True)
            if share.kind == SignalKind.share_started
            and share.note in PARTS
            and long_enough(end - share.at, self.minimum_s)
        ]

    def _flag(self, share: Signal, end: datetime) -> Flag:
        return Flag(
            rule=self.name,
            severity=Severity.low,
            start=share.at,
            end=end,
            threshold={"minimum_s": self.minimum_s},
            reason=(
                f"Not the whole screen but {PARTS[share.note or '']} was shared for {plain_seconds(end - share.at)}; "
                f"the rule asks from {self.minimum_s:g} s."
            ),
            innocent=(
                "the browser's dialog offers windows and tabs first",
                "a company's rules allow only a window to be shared",
                "wanted to keep private things out of sight",
            ),
            evidence=pick_evidence((share.source,)),
            confidence=share.confidence,
        )
