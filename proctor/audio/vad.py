"""Where somebody speaks: the WebRTC detector sifts (costs nothing, hears too much), Silero decides (right, costs more)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import webrtcvad
from numpy.typing import NDArray

from proctor.audio.window import RATE, Pcm

FRAME = 512  # samples that Silero judges at once: 32 ms
CONTEXT = 64  # samples of the frame before that it looks back at
FRAME_S = FRAME / RATE
SIFT = 320  # samples of the sifter's frame: 20 ms


@dataclass(frozen=True)
class SpeechBars:
    """Silero's own operating point; shorter pauses than `pause_s` do not split, shorter sounds than `shortest_s` are none.

    `sift_frames`: so many of the sifter's 20 ms frames must sound like speech before Silero is asked at all.
    """

    begin: float = 0.5
    end: float = 0.35
    shortest_s: float = 0.25
    pause_s: float = 0.1
    sift_frames: int = 8


@dataclass(frozen=True)
class Span:
    """Speech from `start` to `end`, seconds from the window's start, with the mean probability in between."""

    start: float
    end: float
    sure: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


class Silero:
    """Silero VAD's sequence graph in ONNX Runtime on one thread: a whole window in one call. Not for two threads at a time."""

    def __init__(self, model: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    def probabilities(self, pcm: Pcm) -> NDArray[np.float32]:
        """One number for each 32 ms, (frames,); the last frame is filled up with silence."""
        count = -(-len(pcm) // FRAME)
        frames = np.zeros((count, FRAME), np.float32)
        frames.reshape(-1)[: len(pcm)] = pcm.astype(np.float32) / 32768
        before = np.zeros((count, CONTEXT), np.float32)
        before[1:] = frames[:-1, -CONTEXT:]
        nothing = np.zeros((1, 1, 128), np.float32)
        given = {"input": np.concatenate((before, frames), axis=1), "h": nothing, "c": nothing}
        (found,) = self._session.run(["speech_probs"], given)
        return np.asarray(found, np.float32).reshape(-1)


def could_be_speech(pcm: Pcm, frames: int) -> bool:
    """True when at least `frames` of the 20 ms frames sound like speech to the WebRTC detector."""
    detector = webrtcvad.Vad(2)  # it adapts to what it hears, so each window gets a fresh one: same sound, same answer
    data = pcm.astype("<i2").tobytes()
    wide = 2 * SIFT
    heard = 0
    for first in range(0, len(data) - wide + 1, wide):
        heard += detector.is_speech(data[first : first + wide], RATE)
        if heard >= frames:
            return True
    return False


def spans_of(probabilities: NDArray[np.float32], bars: SpeechBars, total_s: float) -> tuple[Span, ...]:
    """Speech begins at `bars.begin` and ends after `pause_s` below `bars.end` (Silero's own hysteresis)."""
    found: list[Span] = []
    first: int | None = None
    last = 0
    pause = bars.pause_s / FRAME_S
    for index, probability in enumerate([*probabilities.tolist(), *[0.0] * (int(pause) + 2)]):
        if probability >= bars.begin:
            first = index if first is None else first
            last = index
        elif first is not None and probability >= bars.end:
            last = index
        elif first is not None and index - last > pause:
            end = min((last + 1) * FRAME_S, total_s)
            if end - first * FRAME_S >= bars.shortest_s:
                sure = float(probabilities[first : last + 1].mean())
                found.append(Span(round(first * FRAME_S, 3), round(end, 3), round(sure, 3)))
            first = None
    return tuple(found)
