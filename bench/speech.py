"""Speech on recorded voices beside other sounds, and other sounds alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from bench.scoring import Events, Rate, Share, Span, match
from loadtests.compositions import sounds
from loadtests.compositions.people import Cast
from loadtests.compositions.sounds import Heard, Voice
from proctor.audio.listener import SoundAnalyser
from proctor.audio.window import AudioWindow
from proctor.signal import SignalKind

AT = datetime(2027, 3, 1, 10, tzinfo=UTC)
SEGMENT = 1.0  # seconds
# Level of the voice, and what is beside it: [] is a quiet room.
ROOMS: dict[str, tuple[float, tuple[Heard, ...]]] = {
    "quiet room": (-26.0, ()),
    "fan": (-28.0, (Heard("fan", 0, 600, -44),)),
    "typing": (-28.0, (Heard("clicks", 0, 600, -34),)),
    "far away, fan": (-40.0, (Heard("fan", 0, 600, -54),)),
}


@dataclass(frozen=True)
class Heardness:
    """Segments of one second in which somebody speaks, and those of silence between, each judged alone; spans as events."""

    spoken: Share
    silent: Share  # of silent segments, those in which speech is claimed
    events: Events


def spans(ears: SoundAnalyser, windows: list[sounds.Pcm]) -> list[Span]:
    """Speech over all windows, in seconds from the beginning."""
    found = []
    for n, pcm in enumerate(windows):
        reading, _ = ears.listen(AudioWindow(n, AT, pcm))
        found += [Span(10 * n + each.start, 10 * n + each.end) for each in reading.speech]
    return found


def recorded(ears: SoundAnalyser, cast: Cast, voice: Voice, room: str) -> Heardness:
    """A voice at its own pauses. Truth is loudness in the clean recording, so that no detector marks its own work."""
    assert cast.data is not None
    said = sounds.utterances(voice, cast.data)
    seconds = int(len(sounds.voice(voice, cast.data)) / sounds.RATE)
    level, beside = ROOMS[room]
    heard = [Heard(voice, 0, seconds, level), *(Heard(each.what, 0, seconds, each.level) for each in beside)]
    pcm = sounds.mix(seconds, heard, np.random.default_rng(3), cast.data)
    found = spans(ears, sounds.windows(pcm))
    truth = [Span(start, min(end, seconds)) for start, end in said]
    spoken, silent = Share(0, 0), Share(0, 0)
    for at in np.arange(0, seconds, SEGMENT):
        segment = Span(float(at), float(at + SEGMENT))
        hit = int(any(_shared(segment, each) >= 0.1 for each in found))
        talked = sum(_shared(segment, each) for each in truth)
        if talked >= SEGMENT / 2:
            spoken += Share(hit, 1)
        elif talked == 0:
            silent += Share(hit, 1)
    return Heardness(spoken, silent, match(truth, found, seconds, slack=0.2))


def _shared(one: Span, two: Span) -> float:
    return max(0.0, min(one.end, two.end) - max(one.start, two.start))


def noises(ears: SoundAnalyser, seconds: int) -> dict[str, Rate]:
    """Claims of speech on sounds that are none: windows with at least one speech signal, per hour."""
    found: dict[str, Rate] = {}
    for number, what in enumerate(sounds.NOISES):
        events, played = 0, 0.0
        for turn in range(max(1, seconds // 60)):
            rng = np.random.default_rng((number, turn))
            pcm = sounds.mix(60, [Heard(what, 0, 60, float(rng.uniform(-45, -20)))], rng, None)
            for n, part in enumerate(sounds.windows(pcm)):
                reading, _ = ears.listen(AudioWindow(n, AT, part))
                events += any(signal.kind == SignalKind.speech for signal in ears.signals(reading))
                played += len(part) / sounds.RATE
        found[what] = Rate(events, played / 3600)
    return found
