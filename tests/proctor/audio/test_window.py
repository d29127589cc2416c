"""Decoding of what browsers send: every container, and every way in which it can be broken."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests import sounds
from proctor.audio.window import RATE, SoundLimits, decode_sound, has_sound, wav_bytes, windows_of
from proctor.errors import BadSound
from tests.proctor.audio.sounds import CODECS, encoded

START = datetime(2027, 3, 1, 10, tzinfo=UTC)
TONE = (np.sin(2 * np.pi * 440 * np.arange(3 * RATE) / RATE) * 9_000).astype(np.int16)


@pytest.mark.parametrize("container", CODECS)
def test_what_browsers_send_comes_back_as_one_channel_of_16_khz(container: str) -> None:
    pcm = decode_sound(encoded(TONE, container))
    assert pcm.dtype == np.int16
    assert len(pcm) / RATE == pytest.approx(3, abs=0.2)
    heard = np.abs(np.fft.rfft(pcm[RATE : 2 * RATE].astype(float))).argmax()
    assert heard == pytest.approx(440, abs=2)


def test_a_wav_file_is_the_same_after_writing_and_reading() -> None:
    assert np.array_equal(decode_sound(wav_bytes(TONE)), TONE)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "none of WebM"),
        (b"\xff\xd8\xff\xe0 a picture", "none of WebM"),
        (b"\x1a\x45\xdf\xa3" + bytes(40), "cannot be read"),
        (b"RIFF\x00\x00\x00\x00WAVE", "cannot be read"),
        (wav_bytes(TONE[:100]), "no sound"),
        (wav_bytes(np.zeros(31 * RATE, np.int16)), "longer than 30 s"),
        (bytes(5 * 2**20), "at most 4194304"),
    ],
)
def test_what_is_no_sound_is_refused_with_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(BadSound, match=sentence):
        decode_sound(data)


@pytest.mark.parametrize(("channels", "rate"), [(1, 1), (200, 16_000), (1, 4_000_000)])
def test_a_header_that_would_cost_memory_is_refused(channels: int, rate: int) -> None:
    wave = bytearray(wav_bytes(TONE))
    wave[22:28] = struct.pack("<HI", channels, rate)
    with pytest.raises(BadSound):
        decode_sound(bytes(wave))


def test_a_limit_is_an_argument() -> None:
    with pytest.raises(BadSound, match="longer than 2 s"):
        decode_sound(encoded(TONE, "webm"), SoundLimits(longest_s=2))


@pytest.mark.parametrize("container", ["webm", "ogg", "wav"])
def test_a_piece_cut_short_gives_what_it_holds(container: str) -> None:
    data = encoded(sounds.voice(np.random.default_rng(1), 3), container)
    pcm = decode_sound(data[: len(data) // 2])
    assert 0.5 < len(pcm) / RATE < 2.5


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.data())
def test_damaged_bytes_are_a_refusal_or_a_sound_and_nothing_else(data: st.DataObject) -> None:
    whole = bytearray(encoded(TONE[: RATE // 2], data.draw(st.sampled_from(sorted(CODECS)))))
    for _change in range(data.draw(st.integers(1, 12))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        pcm = decode_sound(bytes(whole))
    except BadSound:
        return
    assert pcm.dtype == np.int16
    assert pcm.ndim == 1
    assert len(pcm) <= 31 * RATE


def test_a_long_file_comes_in_windows_of_ten_seconds(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    path.write_bytes(wav_bytes(np.tile(TONE, 8)))
    windows = list(windows_of(path, START))
    assert [window.n for window in windows] == [0, 1, 2]
    assert [window.seconds for window in windows] == [10, 10, 4]
    assert (windows[2].at - START).total_seconds() == 20
    assert has_sound(path)


def test_a_file_without_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("nothing of the kind", "utf-8")
    with pytest.raises(BadSound, match="cannot be read"):
        list(windows_of(tmp_path / "text.wav", START))
    with pytest.raises(BadSound, match="cannot be read"):
        list(windows_of(tmp_path / "nowhere.wav", START))
    assert not has_sound(tmp_path / "text.wav")
    assert not has_sound(tmp_path / "nowhere.wav")
