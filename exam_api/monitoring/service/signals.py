"""From what was stored to signals: the same rows always say the same."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.monitoring import BrowserSignal, Frame, LifeSign, Sound, SpotCheck
from exam_api.monitoring import queries
from exam_api.monitoring.service.spots import spot_signal
from proctor.audio.listener import SoundReading, SoundThresholds, bad_sound, signals_of_sound
from proctor.signal import BrowserEvent, Signal, SignalKind
from proctor.vision.gaze import Calibration
from proctor.vision.judge import Thresholds, bad_frame, signals_of
from proctor.vision.reading import FrameReading

CALM = {
    SignalKind.face_ok,
    SignalKind.face_same,
    SignalKind.head_forward,
    SignalKind.gaze_inside,
    SignalKind.eyes_open,
    SignalKind.mouth_still,
    SignalKind.things_none,
    SignalKind.picture_live,
    SignalKind.quiet,
    SignalKind.noise,
    SignalKind.device_agrees,
}
# A check is named by when it was asked for, and known when somebody speaks again: that can be later than lately.
DOUBTS = {SignalKind.device_differs, SignalKind.device_unanswered, SignalKind.device_unreached}
LATELY = timedelta(seconds=60)
GAP = timedelta(seconds=12)
OVERLAP = timedelta(seconds=15)  # longer than a worker's transaction: what it commits late is not missed
MOST = 300  # attempts whose signals a process remembers


def frame_signals(frame: Frame, calibration: Calibration | None = None) -> list[Signal]:
    """What one looked-at picture says."""
    said = (
        [bad_frame(frame.taken_at, frame.number)]
        if frame.reading is None
        else signals_of(FrameReading.of(frame.reading), Thresholds(), calibration)
    )
    return said + clock_signals(frame, f"frame:{frame.number}")


def sound_signals(sound: Sound) -> list[Signal]:
    """What one heard piece says."""
    said = (
        [bad_sound(sound.taken_at, sound.number)]
        if sound.reading is None
        else signals_of_sound(SoundReading.of(sound.reading), SoundThresholds())
    )
    return said + clock_signals(sound, f"sound:{sound.number}")


def clock_signals(piece: Frame | Sound, source: str) -> list[Signal]:
    """A device's clock that was beyond belief is a fact about the device."""
    if piece.skew is None:
        return []
    return [Signal(piece.received_at, SignalKind.clock_jumped, piece.skew, 1.0, 1.0, source)]


def event_signal(event: BrowserSignal) -> Signal:
    """What the page said of itself."""
    return BrowserEvent.of(event.number, event.at, event.kind, **event.detail).signal()


def challenge_signal(challenge: LifeSign) -> Signal | None:
    """What a sign of life said, once it is judged."""
    if challenge.signal is None or challenge.sent_at is None:
        return None
    said = challenge.signal
    return Signal(
        challenge.sent_at,
        SignalKind(said["kind"]),
        said["value"],
        said["confidence"],
        said["quality"],
        f"challenge:{challenge.number}",
    )


def signals(
    frames: Iterable[Frame],
    events: Iterable[BrowserSignal],
    sounds: Iterable[Sound] = (),
    challenges: Iterable[LifeSign] = (),
    calibration: Calibration | None = None,
    checks: Iterable[SpotCheck] = (),
) -> list[Signal]:
    """Every signal of these rows."""
    said = [each for frame in frames for each in frame_signals(frame, calibration)]
    said += [each for sound in sounds for each in sound_signals(sound)]
    said += [event_signal(event) for event in events]
    said += [each for challenge in challenges if (each := challenge_signal(challenge)) is not None]
    said += [each for check in checks if (each := spot_signal(check)) is not None]
    return said


def restless_to(signals: Sequence[Signal], known: datetime | None) -> datetime | None:
    """Until when something may be going on: a minute after the newest signal that some rule waits for; None: it never was.

    A calm picture taken later than that changes no flag, so nothing has to be read or computed for it.
    """
    restless = [signal.at + LATELY for signal in signals if signal.kind not in CALM]
    return max([*restless, *([known] if known else [])], default=None)


def all_calm(signals: Sequence[Signal], fresh: Sequence[Signal]) -> bool:
    """Nothing that any rule waits for, now or in the last minute, and no gap: no flag can begin, change or end by it."""
    if not all(signal.kind in CALM for signal in fresh):
        return False
    newest = max((signal.at for signal in signals), default=None)
    if newest is None:
        return True
    lately = [signal for signal in signals if signal.at >= newest - LATELY or signal.kind in DOUBTS]
    moments = sorted({signal.at for signal in lately if signal.is_frame})
    gaps = any(after - before > GAP for before, after in pairwise(moments))
    return not gaps and all(signal.kind in CALM for signal in lately)


class Recent:
    """Signals that this process has derived already. A reading never changes once it is written, so they stay true.

    Without it, each look at an attempt would read all its pieces again.
    """

    def __init__(self) -> None:
        self._known: dict[UUID, _Known] = {}

    async def since(
        self,
        session: AsyncSession,
        attempt_id: UUID,
        since: datetime,
        now: datetime,
        calibration: Calibration | None = None,
    ) -> tuple[list[Signal], list[Signal]]:
        """Signals of pieces that were taken from then on; and those of them that are new."""
        known = self._known.pop(attempt_id, None)
        if known is None or since < known.since:
            known = _Known(since, None)
        frames = await queries.analysed_frames(session, attempt_id, since, known.read_since)
        sounds = await queries.analysed_sounds(session, attempt_id, since, known.read_since)
        fresh = known.add(frames, sounds, calibration)
        known.forget(since)
        known.read_since = now - OVERLAP
        if len(self._known) >= MOST:
            self._known.pop(next(iter(self._known)))
        self._known[attempt_id] = known
        return [signal for _, said in known.said.values() for signal in said], fresh


class _Known:
    def __init__(self, since: datetime, read_since: datetime | None) -> None:
        self.since = since
        self.read_since = read_since
        self.said: dict[tuple[str, int], tuple[datetime, list[Signal]]] = {}

    def add(self, frames: Sequence[Frame], sounds: Sequence[Sound], calibration: Calibration | None) -> list[Signal]:
        new: dict[tuple[str, int], tuple[datetime, Frame | Sound]]
        new = {("frame", each.number): (each.taken_at, each) for each in frames}
        new |= {("sound", each.number): (each.taken_at, each) for each in sounds}
        fresh: list[Signal] = []
        for name, (taken_at, piece) in new.items():
            if name not in self.said:
                said = frame_signals(piece, calibration) if isinstance(piece, Frame) else sound_signals(piece)
                self.said[name] = (taken_at, said)
                fresh += said
        return fresh

    def forget(self, before: datetime) -> None:
        self.since = before
        self.said = {name: said for name, said in self.said.items() if said[0] >= before}
