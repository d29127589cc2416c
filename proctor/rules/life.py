"""A recording, a picture of a picture, no sign of life, a virtual camera: reasons to look, none is proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from proctor.flag import Flag, Severity, pick_evidence, plain_seconds
from proctor.rules.episode import Episode, episodes, long_enough, raised
from proctor.signal import Signal, SignalKind

CHALLENGED = frozenset({SignalKind.life_shown, SignalKind.life_not_shown, SignalKind.life_unanswered})


@dataclass(frozen=True)
class FilmedPicture:
    """The face seems to be on a screen or on paper: a pixel pattern or a straight frame around it, in `looks` looks."""

    name: ClassVar[str] = "filmed_picture"
    looks: int = 3
    minimum_s: float = 3.0
    leave_s: float = 6.5
    blind_s: float = 12.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        runs = episodes(
            signals,
            {SignalKind.picture_filmed},
            {SignalKind.picture_live},
            leave=timedelta(seconds=self.leave_s),
            blind=timedelta(seconds=self.blind_s),
        )
        return [
            raised(
                self,
                run,
                Severity.medium,
                (
                    f"In {len(set(run.sources))} looks within {plain_seconds(run.duration)} the face looked like a picture on "
                    f"a screen or on paper; the rule asks for {self.looks} looks within {self.minimum_s:g} s or more."
                ),
                (
                    "fine stripes or a net close to the face",
                    "a picture frame, a window or a door around the head",
                    "a screen or a poster behind the candidate",
                ),
            )
            for run in runs
            if len(set(run.sources)) >= self.looks and long_enough(run.duration, self.minimum_s)
        ]


@dataclass(frozen=True)
class RepeatedPicture:
    """The same pictures came again in the same order, `times` seconds in a row, after the same number of seconds.

    Pictures that stand still are a matter of the camera first: those in which that was said already are left out.
    """

    name: ClassVar[str] = "repeated_picture"
    times: int = 2
    apart_s: float = 1.0
    blind_s: float = 12.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        frozen = {signal.source for signal in signals if signal.kind == SignalKind.picture_frozen}
        found: list[list[Signal]] = []
        for signal in signals:
            if signal.kind != SignalKind.picture_repeats or signal.source in frozen:
                continue
            if found and self._goes_on(found[-1][-1], signal):
                found[-1].append(signal)
            else:
                found.append([signal])
        return [self._flag(run) for run in found if len({signal.source for signal in run}) >= self.times]

    def _goes_on(self, before: Signal, signal: Signal) -> bool:
        near = abs(before.value - signal.value) <= self.apart_s
        return near and signal.at - before.at <= timedelta(seconds=self.blind_s)

    def _flag(self, run: list[Signal]) -> Flag:
        lag, span = round(run[0].value), plain_seconds(run[-1].at - run[0].at)
        told = f"came again after {lag} s" if lag else "stood still"
        return Flag(
            rule=self.name,
            severity=Severity.medium,
            start=run[0].at,
            end=run[-1].at,
            threshold={"times": self.times, "apart_s": self.apart_s, "blind_s": self.blind_s},
            reason=(
                f"The same pictures {told} over {span} ({len(run)} pictures); the rule asks for {self.times} pictures."
            ),
            innocent=(
                "a camera program or a driver that hangs",
                "a picture or a recording chosen instead of the camera by mistake",
                "the candidate had left a picture in place of the camera during an agreed break",
            ),
            evidence=pick_evidence([signal.source for signal in run]),
            confidence=sum(signal.confidence for signal in run) / len(run),
        )


@dataclass(frozen=True)
class SignOfLifeMissing:
    """`challenges` requests in a row (to blink, to turn the head, to show the light of the screen) without a sign of life."""

    name: ClassVar[str] = "sign_of_life_missing"
    challenges: int = 2

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        found: list[list[Signal]] = []
        run: list[Signal] = []
        for signal in signals:
            if signal.kind == SignalKind.life_shown:
                run = []
            elif signal.kind in CHALLENGED:
                run.append(signal)
                if len({each.source for each in run}) == self.challenges:
                    found.append(run)
        return [self._flag(run) for run in found]

    def _flag(self, run: list[Signal]) -> Flag:
        tried = sum(signal.kind == SignalKind.life_not_shown for signal in run)
        return Flag(
            rule=self.name,
            severity=Severity.medium if tried == len(run) else Severity.low,
            start=run[0].at,
            end=run[-1].at,
            threshold={"challenges": self.challenges},
            reason=(
                f"{len(run)} requests for a sign of life in a row were not answered as asked ({len(run) - tried} without any "
                f"picture to judge); the rule asks for {self.challenges}."
            ),
            innocent=(
                "the request was not seen or came at a bad moment",
                "somebody cannot blink, turn the head or see the request",
                "glasses, light or a weak network hid the answer",
            ),
            evidence=pick_evidence([signal.source for signal in run]),
            confidence=sum(signal.confidence for signal in run) / len(run),
        )


@dataclass(frozen=True)
class VirtualCamera:
    """The camera has the name of a program instead of a device. Weak: many people blur their background so."""

    name: ClassVar[str] = "virtual_camera"
    blind_s: float = 3600.0

    def flags(self, signals: Sequence[Signal]) -> list[Flag]:
        blind = timedelta(seconds=self.blind_s)
        runs = episodes(signals, {SignalKind.camera_virtual}, frozenset(), leave=blind, blind=blind)
        return [self._flag(run) for run in runs]

    def _flag(self, run: Episode) -> Flag:
        return raised(
            self,
            run,
            Severity.low,
            "The camera looks like a program instead of a device.",
            (
                "a program that blurs the background or corrects the light",
                "a phone or a good camera that is connected through a program",
                "the maker of the camera gave it such a name",
            ),
        )
