"""Readings of a whole recording: a folder of JPEG files or a video, analysed at one rate."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import cv2

from proctor.errors import BadEvents, BadSource
from proctor.signal import BrowserEvent, Signal
from proctor.vision.analyser import FrameAnalyser, bad_frame
from proctor.vision.identity import Reference
from proctor.watch import Watch, step

Frame = tuple[int, datetime, bytes]


def analyse(frames: Iterable[Frame], analyser: FrameAnalyser, reference: Reference | None) -> Iterator[list[Signal]]:
    """Signals of each frame in turn."""
    watch = Watch()
    for n, at, jpeg in frames:
        reading, watch = step(watch, jpeg, at, n, analyser, reference)
        yield [bad_frame(at, n)] if reading is None else analyser.signals(reading)


def frames_of(source: Path, start: datetime, rate: float) -> Iterator[Frame]:
    """Frames of a folder (in name order, `rate` a second) or of a video (sampled at `rate`). Raises `BadSource`."""
    if rate <= 0:
        raise BadSource("The rate must be above 0.")
    if source.is_dir():
        return _folder(source, start, rate)
    if not source.is_file():
        raise BadSource(str(source))
    return _video(source, start, rate)


def _folder(folder: Path, start: datetime, rate: float) -> Iterator[Frame]:
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in {".jpg", ".jpeg"})
    if not files:
        raise BadSource(f"{folder} holds no JPEG files.")
    for n, path in enumerate(files):
        yield n, start + timedelta(seconds=n / rate), path.read_bytes()


def _video(path: Path, start: datetime, rate: float) -> Iterator[Frame]:
    capture = cv2.VideoCapture(str(path))
    try:
        native = capture.get(cv2.CAP_PROP_FPS) or 25.0
        index = n = 0
        while capture.grab():
            if index >= n * native / rate:
                read, picture = capture.retrieve()
                done, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90]) if read else (False, None)
                if done and jpeg is not None:
                    yield n, start + timedelta(seconds=index / native), jpeg.tobytes()
                n += 1
            index += 1
        if index == 0:
            raise BadSource(str(path))
    finally:
        capture.release()


def events_of(path: Path) -> list[BrowserEvent]:
    """One JSON object a line: `{"at": "2027-03-01T10:00:00Z", "kind": "hidden", "seconds": 4, "length": 120}`.

    `seconds` and `length` may be left out. Raises `BadEvents` with the line number.
    """
    events = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            at = datetime.fromisoformat(entry["at"])
            if at.tzinfo is None:
                raise ValueError("the time has no zone")  # noqa: TRY301 -- one handler names the line for all of them
            seconds, length = entry.get("seconds"), entry.get("length")
            events.append(BrowserEvent.of(number, at, entry["kind"], seconds=seconds, length=length))
        except (ValueError, KeyError, TypeError) as error:
            raise BadEvents(f"Line {number}: {error}") from error
    return events
