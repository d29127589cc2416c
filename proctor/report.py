"""What `python -m proctor analyse` prints: for people, or as JSON for programs."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from proctor.accommodation import Profile
from proctor.capabilities import NEVER, Capability
from proctor.flag import Flag, plain_seconds
from proctor.recording import Recorded
from proctor.signal import Signal
from proctor.timeline import Judged

FORMAT = 1  # of the JSON; it grows when a field changes its meaning


@dataclass(frozen=True)
class Report:
    """All that one analysis found. `seconds`: how long the looking took. `incomplete`: a sentence when the film was cut off."""

    start: datetime
    seconds: float
    recorded: Recorded
    judged: Judged
    profile: Profile
    capabilities: tuple[Capability, ...]
    incomplete: str = ""

    def plain(self) -> dict[str, Any]:
        """JSON values; times in ISO 8601, durations in seconds."""
        return {
            "format": FORMAT,
            "start": self.start.isoformat(),
            "frames": self.recorded.frames,
            "sound_windows": len(self.recorded.sounds),
            "incomplete": self.incomplete,
            "capabilities": [dataclasses.asdict(each) for each in self.capabilities],
            "never": list(NEVER),
            "agreed": list(self.profile.agreed),
            "signals": [plain(each) for each in self.recorded.signals],
            "flags": [plain(each) for each in self.judged.flags],
            "suppressed": [{**plain(each.flag), "agreed": list(each.agreed)} for each in self.judged.suppressed],
        }

    def text(self) -> str:
        """For a terminal: counts, each flag with its reason, what was kept silent, what is off."""
        recorded, speed = self.recorded, self.recorded.frames / max(self.seconds, 1e-9)
        sounds = f", {len(recorded.sounds)} pieces of sound" if recorded.sounds else ""
        counts = f"{_count(recorded.signals, 'signal')}, {_count(self.judged.flags, 'flag')}"
        lines = [f"{recorded.frames} frames{sounds} in {self.seconds:.1f} s ({speed:.0f} a second), {counts}"]
        for flag in self.judged.flags:
            lines += ["", f"{flag.rule} ({flag.severity}, {self._when(flag)}, confidence {flag.confidence:.2f})"]
            lines += [f"  {flag.reason}", f"  Could also be: {'; '.join(flag.innocent)}."]
            lines.append(f"  Evidence: {', '.join(flag.evidence)}")
        if self.judged.suppressed:
            lines += ["", "Kept silent by what was agreed:"]
            lines += [
                f"  {each.flag.rule} ({self._when(each.flag)}): {', '.join(each.agreed)}"
                for each in self.judged.suppressed
            ]
        off = sorted({each.why for each in self.capabilities if not each.on})
        if off:
            lines += ["", "Off on this installation:", *(f"  {why}" for why in off)]
        return "\n".join(lines)

    def _when(self, flag: Flag) -> str:
        return f"{plain_seconds(_after(flag.start, self.start))} to {plain_seconds(_after(flag.end, self.start))}"


def _count(each: Sequence[object], name: str) -> str:
    return f"{len(each)} {name}{'' if len(each) == 1 else 's'}"


def _after(at: datetime, start: datetime) -> timedelta:
    return max(at - start, timedelta(0))


def plain(value: Signal | Flag) -> dict[str, Any]:
    """The fields of a signal or a flag as JSON values."""
    fields = dataclasses.asdict(value)
    for name, each in fields.items():
        if isinstance(each, datetime):
            fields[name] = each.isoformat()
        elif isinstance(each, timedelta):
            fields[name] = each.total_seconds()
    return fields


def table(known: Sequence[Capability]) -> str:
    """The answer of `python -m proctor capabilities`."""
    wide = max(len(each.name) for each in known)
    rows = [f"{each.name:{wide}}  {'on' if each.on else 'off'}  {each.why}".rstrip() for each in known]
    return "\n".join([*rows, *NEVER])
