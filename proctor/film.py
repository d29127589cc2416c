"""Pictures of a video by their own times: recordings of browsers and phones have no even rate, and may lie on their side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from proctor.errors import BadSource
from proctor.vision.decode import Pixels

LONGEST_SIDE = 1280  # pixels; nothing that is looked for needs more
MOST_SECONDS = 12 * 3600.0


@dataclass(frozen=True)
class Still:
    """One picture of a film: (height, width, 3) RGB, and its time in seconds from the first one."""

    second: float
    pixels: Pixels

    def jpeg(self, quality: int = 90) -> bytes:
        """As a camera would have sent it."""
        picture = cv2.cvtColor(self.pixels, cv2.COLOR_RGB2BGR)
        _done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return bytes(data.tobytes())


def length_of(path: Path) -> float | None:
    """Seconds of pictures that the file says it has; None where it does not say (a browser's recording). Raises `BadSource`."""
    with _opened(path) as container:
        stream = container.streams.video[0]
        if stream.duration is None or stream.time_base is None:
            return None
        return float(stream.duration * stream.time_base)


def stills(path: Path, rate: float) -> Iterator[Still]:
    """The first picture at or after each 1/`rate` s. Damaged pictures are left out. Raises `BadSource`."""
    with _opened(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        first: float | None = None
        taken = seen = 0
        for frame in _frames(container, stream):
            at = frame.time if frame.time is not None else seen / float(stream.average_rate or 25)
            first = at if first is None else first
            seen += 1
            second = at - first
            if second > MOST_SECONDS:
                raise BadSource(f"{path.name} is longer than {MOST_SECONDS / 3600:g} hours.")
            if second + 1e-3 >= taken / rate:
                yield Still(second, _pixels(frame))
                taken = int((second + 1e-3) * rate) + 1
        if not seen:
            raise BadSource(f"{path.name} holds no picture.")


def _opened(path: Path) -> InputContainer:
    try:
        container = av.open(str(path), "r")
    except (av.FFmpegError, ValueError, OSError) as error:
        raise BadSource(f"{path.name} is no video, or it is damaged.") from error
    if not container.streams.video:
        container.close()
        raise BadSource(f"{path.name} has no pictures.")
    return container


def _frames(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
            yield from packet.decode()
        except (StopIteration, av.EOFError):
            return
        except av.InvalidDataError:  # a damaged packet, or the file ends inside one: the rest may still be read
            continue


def _pixels(frame: VideoFrame) -> Pixels:
    shrink = min(1.0, LONGEST_SIDE / max(frame.width, frame.height))
    width, height = (max(2, round(side * shrink) // 2 * 2) for side in (frame.width, frame.height))
    pixels = frame.reformat(width=width, height=height, format="rgb24").to_ndarray()
    turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(pixels, turns)) if turns else np.asarray(pixels, np.uint8)
