"""A recording with what was seen drawn into it: boxes, the way the head points, things, current flags, a timeline strip."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream

from proctor import film
from proctor.audio.window import RATE, windows_of
from proctor.errors import BadFrame
from proctor.flag import Severity
from proctor.recording import Tell, files_of
from proctor.signal import SignalKind
from proctor.vision.decode import Pixels, decode

if TYPE_CHECKING:
    from proctor.audio.listener import SoundReading
    from proctor.report import Report
    from proctor.vision.reading import FrameReading

WIDTH = 960  # pixels of the drawn video
BAR = 96  # pixels of the strip below the picture
FPS = 12
FONT = cv2.FONT_HERSHEY_SIMPLEX
INK, PAPER = (29, 36, 51), (245, 246, 250)
COLOURS = {  # RGB; each also differs by its place and its words
    Severity.high: (179, 38, 30),
    Severity.medium: (190, 98, 0),
    Severity.low: (43, 87, 167),
    Severity.quality: (91, 101, 119),
}
FACE, DOUBT, THING, HEAD = (31, 140, 90), (150, 150, 150), (200, 60, 160), (40, 110, 220)


def write(target: Path, source: Path, rate: float, report: Report, tell: Tell, sound: Path | None = None) -> None:
    """Draw every picture of `source` with the latest reading and the flags of its moment, over the sound that was heard.

    H.264 and AAC (MPEG-4 where H.264 cannot be written). Appears under its name only when it is whole.
    """
    part = target.with_name(f".{target.name}.part")
    readings = sorted(report.recorded.readings, key=lambda reading: reading.at)
    times = [reading.at for reading in readings]
    fps = FPS if source.is_file() else max(1, round(rate))
    try:
        with av.open(str(part), "w", format="mp4") as container:
            stream: VideoStream | None = None
            track = _Track(container, sound, report.start) if sound is not None else None
            for second, pixels in _pictures(source, rate, fps):
                at = report.start + timedelta(seconds=second)
                index = bisect_right(times, at + timedelta(milliseconds=1)) - 1
                drawn = draw(pixels, readings[index] if index >= 0 else None, report, at)
                stream = stream or _stream(container, fps, drawn)
                frame = av.VideoFrame.from_ndarray(_fitted(drawn, stream), format="rgb24")
                frame.pts, frame.time_base = round(second * 1000), Fraction(1, 1000)
                container.mux(stream.encode(frame))
                if track is not None:
                    track.until(at)
                tell(at)
            if stream is not None:
                container.mux(stream.encode(None))
                if track is not None:
                    track.end()
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


class _Track:
    """The sound beside the pictures, written piece by piece as the pictures come to its time."""

    def __init__(self, container: OutputContainer, sound: Path, start: datetime) -> None:
        self._container = container
        self._windows = windows_of(sound, start)
        self._next = next(self._windows, None)
        self._stream = container.add_stream("aac", rate=RATE, layout="mono")
        self._samples = 0

    def until(self, at: datetime) -> None:
        """Write all windows that begin up to `at`."""
        while self._next is not None and self._next.at <= at:
            frame = av.AudioFrame.from_ndarray(self._next.pcm[None], format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, self._samples
            frame.time_base = Fraction(1, RATE)
            self._container.mux(self._stream.encode(frame))
            self._samples += len(self._next.pcm)
            self._next = next(self._windows, None)

    def end(self) -> None:
        self._container.mux(self._stream.encode(None))


def draw(pixels: Pixels, reading: FrameReading | None, report: Report, at: datetime) -> Pixels:
    """One picture with everything on it and the strip below: (height + BAR, WIDTH, 3)."""
    scale = WIDTH / pixels.shape[1]
    height = round(pixels.shape[0] * scale) // 2 * 2
    out = np.full((height + BAR, WIDTH, 3), PAPER, np.uint8)
    out[:height] = cv2.resize(pixels, (WIDTH, height))
    if reading is not None:
        _reading(out[:height], reading)
    current = [flag for flag in report.judged.flags if flag.start <= at <= flag.end + timedelta(seconds=1)]
    for row, flag in enumerate(current[:8]):
        _label(out, (8, 8 + 26 * row), f"{flag.rule.replace('_', ' ')} ({flag.severity})", COLOURS[flag.severity])
    _strip(out[height:], report, at)
    return out


def _reading(view: Pixels, reading: FrameReading) -> None:
    for face in reading.doubtful:
        _box(view, face.x, face.y, face.w, face.h, "face?", DOUBT)
    for number, face in enumerate(reading.faces):
        name = f"face {face.score:.2f}"
        if number == 0 and reading.distance is not None:
            name += f", distance {reading.distance:.2f}"
        _box(view, face.x, face.y, face.w, face.h, name, FACE)
    for thing in reading.things or ():
        _box(view, thing.x, thing.y, thing.w, thing.h, f"{thing.label.replace('_', ' ')} {thing.score:.2f}", THING)
    if reading.pose is not None and reading.faces:
        face = max(reading.faces, key=lambda each: each.area)
        height, width = view.shape[:2]
        middle = (round((face.x + face.w / 2) * width), round((face.y + face.h / 2) * height))
        long = face.w * width
        yaw, pitch = np.radians(reading.pose.yaw), np.radians(reading.pose.pitch)
        tip = (round(middle[0] - long * np.sin(yaw)), round(middle[1] - long * np.sin(pitch)))
        cv2.arrowedLine(view, middle, tip, HEAD, 3, cv2.LINE_AA, tipLength=0.2)
        words = f"yaw {reading.pose.yaw:.0f}, pitch {reading.pose.pitch:.0f}, roll {reading.pose.roll:.0f}"
        _label(view, (8, height - 28), words, HEAD)


def _box(view: Pixels, x: float, y: float, w: float, h: float, name: str, colour: tuple[int, int, int]) -> None:
    height, width = view.shape[:2]
    first = (round(x * width), round(y * height))
    cv2.rectangle(view, first, (round((x + w) * width), round((y + h) * height)), colour, 2)
    _label(view, (first[0], max(0, first[1] - 24)), name, colour)


def _label(view: Pixels, place: tuple[int, int], words: str, colour: tuple[int, int, int]) -> None:
    """White on a bar of the colour: legible on every picture."""
    (wide, high), _base = cv2.getTextSize(words, FONT, 0.55, 1)
    cv2.rectangle(view, place, (place[0] + wide + 10, place[1] + high + 10), colour, -1)
    cv2.putText(view, words, (place[0] + 5, place[1] + high + 4), FONT, 0.55, (255, 255, 255), 1, cv2.LINE_AA)


def _strip(view: Pixels, report: Report, at: datetime) -> None:
    """Flags as bars over the whole recording, speech below them, and where we are."""
    flags, sounds = report.judged.flags, report.recorded.sounds
    end = _end(report)

    def across(moment: datetime) -> int:
        part = (moment - report.start) / max(end - report.start, timedelta(seconds=1))
        return round(10 + min(1.0, max(0.0, part)) * (WIDTH - 20))

    rows = {severity: row for row, severity in enumerate(reversed(Severity))}
    for flag in flags:
        top = 8 + 14 * rows[flag.severity]
        cv2.rectangle(
            view,
            (across(flag.start), top),
            (max(across(flag.end), across(flag.start) + 3), top + 11),
            COLOURS[flag.severity],
            -1,
        )
    for first, last in _spoken(sounds):
        cv2.rectangle(view, (across(first), 66), (across(last), 72), INK, -1)
    cv2.line(view, (10, 76), (WIDTH - 10, 76), INK, 1)
    cv2.line(view, (across(at), 4), (across(at), 80), INK, 2)
    second = (at - report.start).total_seconds()
    words = f"{second:.1f} s    flags: {len(flags)}    black bars: {'speech' if sounds else 'no sound was there'}"
    cv2.putText(view, words, (10, 92), FONT, 0.45, INK, 1, cv2.LINE_AA)


def _spoken(sounds: Sequence[SoundReading]) -> Iterator[tuple[datetime, datetime]]:
    for sound in sounds:
        for span in sound.speech:
            yield sound.at + timedelta(seconds=span.start), sound.at + timedelta(seconds=span.end)


def _end(report: Report) -> datetime:
    times = [signal.at for signal in report.recorded.signals if signal.kind != SignalKind.gap]
    return max([report.start, *times, *(flag.end for flag in report.judged.flags)])


def _pictures(source: Path, rate: float, fps: int) -> Iterator[tuple[float, Pixels]]:
    if source.is_file():
        for still in film.stills(source, fps):
            yield still.second, still.pixels
        return
    for n, path in enumerate(files_of(source)):
        try:
            yield n / rate, decode(path.read_bytes())
        except BadFrame:
            continue


def _stream(container: OutputContainer, fps: int, drawn: Pixels) -> VideoStream:
    codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
    stream = cast("VideoStream", container.add_stream(codec, rate=fps))
    stream.height, stream.width = drawn.shape[0] // 2 * 2, drawn.shape[1]
    stream.pix_fmt = "yuv420p"
    stream.time_base = Fraction(1, 1000)
    stream.codec_context.time_base = Fraction(1, 1000)
    if codec == "libx264":
        stream.options = {"preset": "veryfast", "crf": "24"}
    return stream


def _fitted(drawn: Pixels, stream: VideoStream) -> Pixels:
    """A folder may hold pictures of several sizes; a video has one."""
    wanted = (stream.width, stream.height)
    if (drawn.shape[1], drawn.shape[0]) == wanted:
        return drawn
    return np.asarray(cv2.resize(drawn, wanted), np.uint8)
