"""A script played to the library as a worker would: frame after frame, window after window, then flags. No server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from bench.scoring import Events, Span, match
from loadtests.compositions.people import Cast
from loadtests.compositions.script import Script
from loadtests.compositions.view import View, paint
from proctor.audio.listener import Memory, SoundAnalyser, SoundModels
from proctor.audio.window import AudioWindow
from proctor.errors import ModelMissing, ProctorError
from proctor.flag import Flag, Severity
from proctor.signal import BrowserEvent, Signal
from proctor.timeline import flags
from proctor.vision.analyser import FrameAnalyser, Models, bad_frame
from proctor.vision.identity import Reference
from proctor.watch import Watch, step

START = datetime(2027, 3, 1, 10, tzinfo=UTC)
REVIEWED = {Severity.medium, Severity.high}  # from here on somebody is asked to look


@dataclass
class Tools:
    """What is loaded once: eyes, ears where their model is there, and who is known."""

    cast: Cast
    eyes: FrameAnalyser
    ears: SoundAnalyser | None
    references: dict[str, Reference] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path, cast: Cast) -> Tools:
        """Raises `ModelMissing` only where faces cannot be found at all."""
        try:
            ears = SoundAnalyser(SoundModels.under(folder))
        except ModelMissing:
            ears = None
        return cls(cast, FrameAnalyser(Models.under(folder)), ears)

    def reference(self, name: str) -> Reference | None:
        """Enrolled once; None for somebody whom the library refuses (which the bench then reports as missed)."""
        if name not in self.references:
            photo = paint(self.cast, View(sitter=name), 0, np.random.default_rng(5), room=3)
            try:
                self.references[name] = self.eyes.reference(photo)
            except ProctorError:
                return None
        return self.references[name]


@dataclass(frozen=True)
class Played:
    """What the library said about one script; flags in order of time."""

    script: Script
    signals: tuple[Signal, ...]
    flags: tuple[Flag, ...]

    def spans(self, *rules: str) -> list[Span]:
        """The flags of these rules, in seconds from the beginning."""
        return [span_of(flag) for flag in self.flags if flag.rule in rules]

    def score(self, what: str, *rules: str, ignored: Sequence[Span] = ()) -> Events:
        """These rules against what the script says of `what`."""
        truth = [Span(each.start, each.end) for each in self.script.spans(what)]
        return match(truth, self.spans(*rules), self.script.seconds, ignored=ignored)

    @property
    def reviewed(self) -> list[str]:
        """Rules for which a person is asked to look."""
        return sorted({flag.rule for flag in self.flags if flag.severity in REVIEWED})


def span_of(flag: Flag) -> Span:
    return Span((flag.start - START).total_seconds(), (flag.end - START).total_seconds())


def see(tools: Tools, frames: Sequence[bytes], reference: Reference | None) -> list[Signal]:
    """Signals of pictures at one a second."""
    watch, said = Watch(), list[Signal]()
    for n, jpeg in enumerate(frames, start=1):
        at = START + timedelta(seconds=n - 1)
        reading, watch = step(watch, jpeg, at, n, tools.eyes, reference)
        said += [bad_frame(at, n)] if reading is None else tools.eyes.signals(reading)
    return said


def hear(tools: Tools, windows: Sequence[np.ndarray[tuple[int], np.dtype[np.int16]]]) -> list[Signal]:
    """Signals of ten-second windows."""
    if tools.ears is None:
        return []
    memory, said = Memory(), list[Signal]()
    for n, pcm in enumerate(windows, start=1):
        window = AudioWindow(n, START + timedelta(seconds=10 * (n - 1)), pcm)
        reading, memory = tools.ears.listen(window, memory)
        said += tools.ears.signals(reading)
    return said


def play(tools: Tools, script: Script) -> Played:
    """Everything of one script."""
    signals = see(tools, list(script.frames(tools.cast)), tools.reference(script.enrolled))
    if script.heard:
        signals += hear(tools, script.sound(tools.cast))
    for n, said in enumerate(script.said, start=1):
        event = BrowserEvent.of(n, START + timedelta(seconds=said.at), said.kind, **said.detail)
        signals.append(event.signal())
    return Played(script, tuple(signals), tuple(flags(signals)))


def raised_after(signals: Sequence[Signal], rules: set[str], seconds: int) -> float | None:
    """The first whole second at which one of these rules had fired, knowing only what had come until then."""
    for now in range(seconds + 1):
        known = [signal for signal in signals if signal.at <= START + timedelta(seconds=now)]
        if any(flag.rule in rules for flag in flags(known)):
            return float(now)
    return None
