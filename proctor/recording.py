"""A whole recording: a folder of JPEG files or a video, its sound, and what the browser said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from proctor import film
from proctor.audio.listener import Memory, SoundAnalyser, SoundReading
from proctor.audio.window import AudioWindow
from proctor.errors import BadEvents, BadSource
from proctor.signal import BrowserEvent, Signal
from proctor.vision.analyser import FrameAnalyser, FrameReading, bad_frame
from proctor.vision.identity import Reference
from proctor.watch import Watch, step

Frame = tuple[int, datetime, bytes]
Tell = Callable[[datetime], None]  # hears the time of each frame or window when it has been looked at


@dataclass
class Recorded:
    """What was read of a recording, in order of time; `signals` are those of all parts."""

    readings: list[FrameReading] = field(default_factory=list)
    sounds: list[SoundReading] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    frames: int = 0

    def look(self, frames: Iterable[Frame], analyser: FrameAnalyser, reference: Reference | None, tell: Tell) -> None:
        """Read every frame; one that cannot be read is a signal."""
        watch = Watch()
        for n, at, jpeg in frames:
            reading, watch = step(watch, jpeg, at, n, analyser, reference)
            self.frames += 1
            if reading is None:
                self.signals.append(bad_frame(at, n))
            else:
                self.readings.append(reading)
                self.signals += analyser.signals(reading)
            tell(at)

    def listen(self, windows: Iterable[AudioWindow], analyser: SoundAnalyser, tell: Tell) -> None:
        """Read every window of sound. Raises `BadSound`."""
        memory = Memory()
        for window in windows:
            reading, memory = analyser.listen(window, memory)
            self.sounds.append(reading)
            self.signals += analyser.signals(reading)
            tell(window.at)


def frames_of(source: Path, start: datetime, rate: float) -> Iterator[Frame]:
    """Frames of a folder (in name order, `rate` a second) or of a video (sampled at `rate`). Raises `BadSource`."""
    if not 0 < rate <= 100:
        raise BadSource("The rate must be above 0, and 100 at most.")
    if source.is_dir():
        if len(files_of(source)) / rate > film.MOST_SECONDS:
            raise BadSource(f"{source} is longer than {film.MOST_SECONDS / 3600:g} hours at this rate.")
        return _folder(source, start, rate)
    if not source.is_file():
        raise BadSource(f"{source} is not there.")
    if not source.stat().st_size:
        raise BadSource(f"{source} is empty.")
    return _video(source, start, rate)


def files_of(folder: Path) -> list[Path]:
    """The JPEG files of a folder in the order of their names. Raises `BadSource` when there are none."""
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in {".jpg", ".jpeg"} and path.is_file())
    if not files:
        raise BadSource(f"{folder} holds no JPEG files.")
    return files


def _folder(folder: Path, start: datetime, rate: float) -> Iterator[Frame]:
    for n, path in enumerate(files_of(folder)):
        yield n, start + timedelta(seconds=n / rate), path.read_bytes()


def _video(path: Path, start: datetime, rate: float) -> Iterator[Frame]:
    for n, still in enumerate(film.stills(path, rate)):
        yield n, start + timedelta(seconds=still.second), still.jpeg()


def events_of(path: Path) -> list[BrowserEvent]:
    """One JSON object a line: `{"at": "2027-03-01T10:00:00Z", "kind": "paste", "length": 120, "origin": "outside"}`.

    Optional are `seconds`, `length`, `origin`, `surface` and `spaced`. Raises `BadEvents` with the line number.
    """
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadEvents(f"{path.name} is no UTF-8 text.") from error
    return [_event(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _event(number: int, line: str) -> BrowserEvent:
    try:
        entry = json.loads(line)
        at = datetime.fromisoformat(entry["at"])
        details = {name: entry.get(name) for name in ("seconds", "length", "origin", "surface", "spaced")}
        event = BrowserEvent.of(number, at, entry["kind"], **details)
        event.signal()
    except KeyError as error:
        raise BadEvents(f"Line {number}: {error} is missing.") from error
    except json.JSONDecodeError as error:
        raise BadEvents(f"Line {number} is no JSON: {error}.") from error
    except RecursionError as error:
        raise BadEvents(f"Line {number} is too deep.") from error
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise BadEvents(f"Line {number}: {error}.") from error
    return event
