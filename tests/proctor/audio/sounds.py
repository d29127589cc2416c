"""Encodes the sounds of `loadtests.sounds` as browsers send them."""

from __future__ import annotations

import io
from typing import cast

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray

RATE = 16_000
CODECS = {"webm": "libopus", "mp4": "aac", "ogg": "libopus", "wav": "pcm_s16le"}


def encoded(pcm: NDArray[np.int16], container: str) -> bytes:
    """One piece of sound, 24 kbit/s where the codec has a rate."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        stream = cast("AudioStream", file.add_stream(CODECS[container], rate=16_000, layout="mono"))
        if container != "wav":
            stream.codec_context.bit_rate = 24_000
        frame = av.AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
        frame.sample_rate = RATE
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue()
