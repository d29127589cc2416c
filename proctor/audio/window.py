"""Sound as the rest of the package sees it: 16-bit samples, one channel, 16 kHz. Decoding refuses what could do harm."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from proctor.errors import BadSound

RATE = 16_000  # samples a second
WINDOW_S = 10.0

Pcm = NDArray[np.int16]

# The first bytes say the container, so that no other of the library's many readers ever sees what a candidate sent.
_CONTAINERS: dict[str, Callable[[bytes], bool]] = {
    "matroska": lambda head: head.startswith(b"\x1a\x45\xdf\xa3"),
    "wav": lambda head: head[:4] == b"RIFF" and head[8:12] == b"WAVE",
    "mp4": lambda head: head[4:8] == b"ftyp",
    "ogg": lambda head: head.startswith(b"OggS"),
}
_CODECS = ("opus", "vorbis", "aac", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_u8", "flac", "mp3")


@dataclass(frozen=True, eq=False)
class AudioWindow:
    """About ten seconds of one microphone. `n` counts windows, `at` is the time of the first sample, `pcm` is (samples,)."""

    n: int
    at: datetime
    pcm: Pcm

    @property
    def seconds(self) -> float:
        return float(len(self.pcm)) / RATE


@dataclass(frozen=True)
class SoundLimits:
    """What one piece may be: larger, longer or stranger ones are refused before they cost memory."""

    bytes: int = 4 * 2**20
    shortest_s: float = 0.1
    longest_s: float = 30.0
    lowest_rate: int = 8_000
    highest_rate: int = 192_000
    channels: int = 8


WIRE = SoundLimits()


def decode_sound(data: bytes, limits: SoundLimits = WIRE) -> Pcm:
    """Samples of WebM/Opus, MP4/AAC, Ogg or WAV. A piece cut short gives what it holds. Raises `BadSound`."""
    if len(data) > limits.bytes:
        raise BadSound(f"It has {len(data)} bytes; at most {limits.bytes} are taken.")
    kind = next((name for name, fits in _CONTAINERS.items() if fits(data[:12])), None)
    if kind is None:
        raise BadSound("It is none of WebM, MP4, Ogg and WAV.")
    most = int(limits.longest_s * RATE)
    parts: list[Pcm] = []
    total = 0
    try:
        with av.open(io.BytesIO(data), "r", format=kind) as container:
            for part in _samples(container, limits):
                parts.append(part)
                total += len(part)
                if total > most:
                    raise BadSound(f"It is longer than {limits.longest_s:g} s.")
    except (av.FFmpegError, ValueError, EOFError, MemoryError) as error:
        raise BadSound from error
    if total < limits.shortest_s * RATE:
        raise BadSound("It holds no sound.")
    return np.concatenate(parts)


def windows_of(path: Path, start: datetime, seconds: float = WINDOW_S) -> Iterator[AudioWindow]:
    """The sound of a file of any length, or the sound track of a video, in windows of `seconds`. Raises `BadSound`."""
    wide = int(seconds * RATE)
    rest = np.zeros(0, np.int16)
    n = 0
    try:
        with av.open(str(path), "r") as container:
            for part in _samples(container, WIRE):
                rest = np.concatenate((rest, part))
                while len(rest) >= wide:
                    yield AudioWindow(n, start + timedelta(seconds=n * seconds), rest[:wide])
                    rest, n = rest[wide:], n + 1
    except (av.FFmpegError, ValueError, EOFError) as error:
        raise BadSound(str(path)) from error
    if len(rest) >= WIRE.shortest_s * RATE:
        yield AudioWindow(n, start + timedelta(seconds=n * seconds), rest)
    elif n == 0:
        raise BadSound(f"{path} holds no sound.")


def has_sound(path: Path) -> bool:
    """True when a file that can be opened has a sound track."""
    try:
        with av.open(str(path), "r") as container:
            return bool(container.streams.audio)
    except (av.FFmpegError, ValueError, EOFError, OSError):
        return False


def wav_bytes(pcm: Pcm) -> bytes:
    """The samples as a WAV file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm.astype("<i2").tobytes())
    return out.getvalue()


def _samples(container: InputContainer, limits: SoundLimits) -> Iterator[Pcm]:
    """Resampled pieces in order; packets that cannot be read are left out."""
    if not container.streams.audio:
        raise BadSound("It has no sound track.")
    stream = container.streams.audio[0]
    _check(stream, limits)
    stream.codec_context.thread_count = 1
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
    for frame in _frames(container, stream):
        yield from _plain(resampler.resample(frame))
    yield from _plain(resampler.resample(None))


def _check(stream: AudioStream, limits: SoundLimits) -> None:
    codec = stream.codec_context
    if codec is None or codec.name not in _CODECS:  # None: FFmpeg does not know it
        raise BadSound(f"The sound is coded as {codec.name if codec else 'something unknown'}.")
    if not limits.lowest_rate <= codec.sample_rate <= limits.highest_rate or not 1 <= codec.channels <= limits.channels:
        raise BadSound(f"It has {codec.channels} channels of {codec.sample_rate} samples a second.")


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
            yield from packet.decode()
        except StopIteration:
            return
        except av.EOFError:
            return
        except av.InvalidDataError:  # a damaged packet, or the file ends inside one: the rest may still be read
            continue


def _plain(frames: Iterable[AudioFrame]) -> Iterator[Pcm]:
    for frame in frames:
        yield cast("Pcm", frame.to_ndarray()).reshape(-1)
