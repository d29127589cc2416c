"""Speech is heard, everything else is not: real models on sounds made by arithmetic, and on real speech where it is there."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from loadtests import sounds
from proctor.audio.listener import (
    Memory,
    SoundAnalyser,
    SoundModels,
    SoundReading,
    SoundThresholds,
    bad_sound,
    signals_of_sound,
)
from proctor.audio.vad import SpeechBars, could_be_speech, spans_of
from proctor.audio.window import AudioWindow, Pcm, decode_sound, windows_of
from proctor.errors import ModelMissing
from proctor.signal import SignalKind
from tests.proctor.audio.sounds import encoded

START = datetime(2027, 3, 1, 10, tzinfo=UTC)
K = SignalKind


def window(pcm: Pcm, n: int = 0) -> AudioWindow:
    return AudioWindow(n, START + timedelta(seconds=10 * n), pcm)


def kinds(ears: SoundAnalyser, pcm: Pcm) -> list[SignalKind]:
    reading, _memory = ears.listen(window(pcm))
    return [signal.kind for signal in ears.signals(reading)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", sounds.NOISES)
def test_noise_is_no_speech(ears: SoundAnalyser, name: str, seed: int) -> None:
    expected = K.quiet if name == "room" else K.noise
    assert kinds(ears, sounds.NOISES[name](np.random.default_rng(seed), 10)) == [expected]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("fan", "fan"),
        ("hum", "hum"),
        ("keyboard", "clicks"),
        ("mouse", "clicks"),
        ("chair", "movement"),
        ("beeps", "beeps"),
        ("music", "music"),
    ],
)
def test_noises_are_told_apart(ears: SoundAnalyser, name: str, told: str) -> None:
    reading, _memory = ears.listen(window(sounds.NOISES[name](np.random.default_rng(4), 10)))
    assert reading.noise[0].kind == told
    (signal,) = ears.signals(reading)
    assert (signal.kind, signal.note) == (K.noise, told)


@pytest.mark.parametrize(("pitch", "throat"), [(95, 0.95), (120, 1.0), (210, 1.15), (260, 1.25)])
def test_a_voice_is_heard_over_a_keyboard_and_after_the_browser_has_coded_it(
    ears: SoundAnalyser, pitch: float, throat: float
) -> None:
    rng = np.random.default_rng(int(pitch))
    talk = sounds.after(sounds.room(rng, 3), sounds.voice(rng, 4, pitch, throat), sounds.room(rng, 3))
    pcm = decode_sound(encoded(sounds.together(talk, sounds.keyboard(rng, 10, level=0.05)), "webm"))
    reading, _memory = ears.listen(window(pcm))
    assert 2.5 < reading.spoken < 5
    assert 2.8 < reading.speech[0].start < 3.8
    said = ears.signals(reading)
    assert [signal.kind for signal in said] == [K.speech]
    assert said[0].at >= START + timedelta(seconds=2.8)
    assert said[0].source == "sound:0"


def test_digital_silence_is_a_silent_microphone_and_a_quiet_room_is_not(ears: SoundAnalyser) -> None:
    assert kinds(ears, sounds.silence(10)) == [K.microphone_silent]
    assert kinds(ears, (sounds.silence(10) + np.random.default_rng(1).integers(-2, 3, 160_000)).astype(np.int16)) == [
        K.microphone_silent
    ]
    assert kinds(ears, sounds.room(np.random.default_rng(1), 10)) == [K.quiet]


def test_a_higher_voice_is_a_second_one_once_the_first_is_known(ears: SoundAnalyser) -> None:
    memory = Memory()
    rng = np.random.default_rng(2)
    for n, (pitch, throat) in enumerate([(115, 1.0), (120, 1.0), (112, 1.0), (225, 1.17), (118, 1.0)]):
        reading, memory = ears.listen(window(sounds.voice(rng, 10, pitch, throat), n), memory)
        found = {signal.kind for signal in ears.signals(reading)}
        assert (K.second_voice in found) == (n == 3)
        memory = Memory.of(json.loads(json.dumps(memory.plain())))
    weak = [
        signal
        for signal in ears.signals(ears.listen(window(sounds.voice(rng, 10, 225, 1.17)), memory)[0])
        if signal.kind == K.second_voice
    ]
    assert weak[0].confidence <= 0.5


def test_two_voices_in_one_piece_are_heard_without_memory(ears: SoundAnalyser) -> None:
    rng = np.random.default_rng(3)
    talk = sounds.after(sounds.voice(rng, 4, 110), sounds.room(rng, 1), sounds.voice(rng, 4, 230, 1.2))
    reading, _memory = ears.listen(window(talk))
    assert reading.voices == 2


def test_a_reading_is_stored_and_read_back(ears: SoundAnalyser) -> None:
    rng = np.random.default_rng(5)
    talk = sounds.after(sounds.keyboard(rng, 4), sounds.voice(rng, 6))
    reading, _memory = ears.listen(window(talk))
    assert SoundReading.of(json.loads(json.dumps(reading.plain()))) == reading
    again, _memory = ears.listen(window(talk))
    assert again == reading, "the same window reads the same"


def test_nothing_that_could_be_words_is_stored(ears: SoundAnalyser) -> None:
    reading, memory = ears.listen(window(sounds.voice(np.random.default_rng(5), 10)))
    assert len(json.dumps(reading.plain())) < 2_500, "times, levels and kinds: too little for speech"
    assert set(memory.plain()["voice"]) == {"pitch", "seconds"}


def test_what_cannot_be_read_is_a_fact_about_the_line() -> None:
    signal = bad_sound(START, 7)
    assert (signal.kind, signal.source, signal.is_sound) == (K.bad_sound, "sound:7", True)


def test_a_short_word_is_no_signal_and_a_threshold_moves_that(ears: SoundAnalyser) -> None:
    rng = np.random.default_rng(6)
    pcm = sounds.after(sounds.room(rng, 5), sounds.voice(rng, 0.7), sounds.room(rng, 4.3))
    reading, _memory = ears.listen(window(pcm))
    assert reading.spoken > 0
    assert K.speech not in {s.kind for s in signals_of_sound(reading, SoundThresholds(spoken_s=reading.spoken + 0.1))}
    assert K.speech in {s.kind for s in signals_of_sound(reading, SoundThresholds(spoken_s=reading.spoken))}


def test_the_sifter_keeps_speech_and_drops_a_quiet_room() -> None:
    rng = np.random.default_rng(7)
    assert not could_be_speech(sounds.room(rng, 10), SpeechBars().sift_frames)
    assert could_be_speech(sounds.after(sounds.room(rng, 9), sounds.voice(rng, 1)), SpeechBars().sift_frames)


def test_a_pause_splits_only_when_it_is_long_enough() -> None:
    level = np.array([0.0] * 5 + [0.9] * 20 + [0.1] * 2 + [0.9] * 20 + [0.1] * 10 + [0.9] * 3, np.float32)
    spans = spans_of(level, SpeechBars(), 60.0)
    assert [(span.start, span.end) for span in spans] == [(0.16, 1.504)]
    assert spans_of(np.zeros(0, np.float32), SpeechBars(), 0.0) == ()


def test_a_missing_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="silero_vad_16k_sequence"):
        SoundModels.under(tmp_path)


def test_odd_lengths_are_judged(ears: SoundAnalyser) -> None:
    for samples in (1_600, 1_601, 16_001):
        reading, _memory = ears.listen(window(sounds.voice(np.random.default_rng(8), 2)[:samples]))
        assert reading.seconds == pytest.approx(samples / 16_000, abs=0.001)


def test_real_speech_is_heard_in_every_window(ears: SoundAnalyser) -> None:
    named = os.environ.get("INVIGIL_DATA")
    path = Path(named or "nowhere") / "proctor" / "speech" / "speech_60s_16k.wav"
    if not path.is_file():
        pytest.skip("INVIGIL_DATA does not name a folder with proctor/speech")
    memory, spoken = Memory(), 0.0
    for piece in windows_of(path, START):
        reading, memory = ears.listen(piece, memory)
        found = [signal.kind for signal in ears.signals(reading)]
        assert found == [K.speech], "one person speaks, and no second voice is heard"
        spoken += reading.spoken
    assert 45 < spoken < 50
