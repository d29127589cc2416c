"""`python -m proctor analyse`: a whole recording, from files to flags."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from loadtests import scenes, sounds
from loadtests.scenes import Kind
from proctor import annotate, film
from proctor.__main__ import main
from proctor.audio.window import Pcm, wav_bytes
from proctor.vision.analyser import Models

# Real models or real downloads: seconds, not milliseconds.
pytestmark = pytest.mark.slow

MODELS = Path(__file__).parents[2] / ".cache" / "models"
STORY: Sequence[tuple[Kind, int]] = (
    ("present", 6),
    ("away", 12),
    ("present", 4),
    ("second_person", 5),
    ("other_person", 18),
    ("covered", 17),
)


def story(rng: np.random.Generator) -> list[bytes]:
    kinds = [kind for kind, seconds in STORY for _ in range(seconds)]
    return [scenes.scene(kind, rng, n) for n, kind in enumerate(kinds)]


def test_a_folder_with_a_broken_frame_events_and_a_picture(
    models: Models, rng: np.random.Generator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for n, jpeg in enumerate(story(rng)):
        (folder / f"{n:04}.jpg").write_bytes(jpeg if n != 2 else jpeg[:900])
    (tmp_path / "photo.jpg").write_bytes(scenes.reference())
    (tmp_path / "events.jsonl").write_text('{"at": "2027-03-01T10:00:02Z", "kind": "hidden", "seconds": 9}\n', "utf-8")
    given = [
        "analyse",
        str(folder),
        "--reference",
        str(tmp_path / "photo.jpg"),
        "--events",
        str(tmp_path / "events.jsonl"),
    ]
    given += ["--start", "2027-03-01T10:00:00+00:00", "--models", str(MODELS), "--picture", str(tmp_path / "out.svg")]
    assert main([*given, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    rules = {flag["rule"]: flag for flag in said["flags"]}
    assert set(rules) == {"hidden_page", "absence", "several_faces", "other_person", "covered_camera"}
    assert rules["absence"]["start"] == "2027-03-01T10:00:06+00:00"
    assert rules["absence"]["end"] == "2027-03-01T10:00:17+00:00"
    assert rules["other_person"]["evidence"][0] == "frame:28", "compared as soon as the number of faces had changed"
    assert [signal["source"] for signal in said["signals"] if signal["kind"] == "bad_frame"] == ["frame:2"]
    assert (tmp_path / "out.svg").read_text("utf-8").startswith("<svg")
    assert main(given) == 0
    assert "Could also be:" in capsys.readouterr().out


def test_a_video_is_sampled(
    models: Models, rng: np.random.Generator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    writer = cv2.VideoWriter(str(tmp_path / "film.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 5.0, (640, 480))
    for n in range(15):
        picture = cv2.imdecode(np.frombuffer(scenes.scene("present", rng, n), np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        writer.write(picture)
    writer.release()
    assert main(["analyse", str(tmp_path / "film.avi"), "--models", str(MODELS)]) == 0
    assert capsys.readouterr().out.startswith("3 frames")


def filmed(path: Path, pictures: Sequence[bytes], sound: Pcm | None = None, fps: int = 5) -> Path:
    """An MP4 as a phone makes it: H.264, and AAC where there is sound."""
    with av.open(str(path), "w", format="mp4") as file:
        video = file.add_stream("libx264", rate=fps)
        video.width, video.height, video.pix_fmt = 640, 480, "yuv420p"
        track = None if sound is None else file.add_stream("aac", rate=16_000, layout="mono")
        for jpeg in pictures:
            picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
            assert picture is not None
            file.mux(video.encode(av.VideoFrame.from_ndarray(picture.astype(np.uint8), format="rgb24")))
        file.mux(video.encode(None))
        if track is not None and sound is not None:
            frame = av.AudioFrame.from_ndarray(sound[None], format="s16", layout="mono")
            frame.sample_rate = 16_000
            file.mux(track.encode(frame))
            file.mux(track.encode(None))
    return path


def test_the_sound_track_is_heard_and_everything_is_drawn_into_a_video(
    models: Models, rng: np.random.Generator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = [scenes.scene("present", rng, n) for n in range(4)] * 8
    path = filmed(tmp_path / "talk.mp4", pictures, sounds.voice(rng, 6.4))
    target = tmp_path / "drawn.mp4"
    given = ["analyse", str(path), "--models", str(MODELS), "--annotate", str(target), "--json"]
    assert main(given) == 0
    out, err = capsys.readouterr()
    said = json.loads(out)
    assert "speech" in {flag["rule"] for flag in said["flags"]}
    assert (said["frames"], said["sound_windows"], said["incomplete"]) == (7, 1, "")
    assert "sound: 0 s" in err
    with av.open(str(target)) as video:
        assert video.streams.video[0].codec_context.name in {"h264", "mpeg4"}
        assert video.streams.audio[0].codec_context.name == "aac"
        drawn = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
    assert len(drawn) == len(pictures)
    assert drawn[0].shape == (720 + annotate.BAR, annotate.WIDTH, 3)
    assert not [each for each in tmp_path.iterdir() if each.name.endswith(".part")]
    assert main([*given, "--no-audio", "--quiet", "--agreed", "tics, breaks"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out)["sound_windows"] == 0
    assert json.loads(out)["agreed"] == ["breaks", "tics"]


def test_a_given_sound_replaces_the_track_and_what_was_agreed_is_listed_as_silent(
    models: Models, rng: np.random.Generator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = filmed(tmp_path / "quiet.mp4", [scenes.scene("present", rng, n) for n in range(5)], sounds.room(rng, 1))
    (tmp_path / "talk.wav").write_bytes(wav_bytes(sounds.voice(rng, 9)))
    given = ["analyse", str(path), "--models", str(MODELS), "--audio", str(tmp_path / "talk.wav")]
    assert main([*given, "--agreed", "second_person"]) == 0
    out = capsys.readouterr().out
    assert "Kept silent by what was agreed:\n  speech (" in out
    assert "0 flags" in out


def test_a_film_that_lies_on_its_side_is_turned(models: Models, rng: np.random.Generator, tmp_path: Path) -> None:
    path = filmed(tmp_path / "phone.mp4", [scenes.scene("present", rng, n) for n in range(2)])
    upright = next(film.stills(path, 1)).pixels
    data = bytearray(path.read_bytes())
    matrix = data.find(b"tkhd") + 44
    data[matrix : matrix + 36] = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(data)
    assert np.array_equal(next(film.stills(path, 1)).pixels, np.rot90(upright, -1))


def arguments(tmp_path: Path, path: Path, make: str) -> list[str]:
    """Files of which one cannot be used, and how the command is called with them."""
    events = {
        "bad events": b'{"at": "2027-03-01T10:00:02Z", "kind": "blur"}\n{"at": "2027-03-01T10:00:02Z"}\n',
        "events no JSON": b"{",
        "events no time": b'{"at": "noon", "kind": "blur"}',
        "events no zone": b'{"at": "2027-03-01T10:00:02", "kind": "blur"}',
        "events a list": b"[1]",
        "events no text": b"\xff\xfe",
        "events too deep": b"[" * 100_000,
        "events too far": b'{"at": "9999-12-31T23:59:59Z", "kind": "blur"}',
    }
    given = ["analyse", str(path), "--models", str(MODELS)]
    (tmp_path / "other").write_bytes(events.get(make, b"" if "empty" in make else b"nothing of the kind" * 10))
    (tmp_path / "sound.wav").write_bytes(wav_bytes(sounds.room(np.random.default_rng(1), 1)))
    (tmp_path / "folder" / "no-file.jpg").mkdir(parents=True)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "1.jpg").write_bytes(scenes.reference())
    (tmp_path / "none.jsonl").write_bytes(b"\xef\xbb\xbf")
    (tmp_path / "link.mp4").symlink_to(path)
    if make in events:
        given += ["--events", str(tmp_path / "other")]
    elif make == "cut":
        path.write_bytes(path.read_bytes()[:2_000])
    else:
        changed = {
            "missing": [*given[:1], str(tmp_path / "nowhere"), *given[2:]],
            "no files": [*given[:1], str(tmp_path / "folder"), *given[2:]],
            "empty": [*given[:1], str(tmp_path / "other"), *given[2:]],
            "not a video": [*given[:1], str(tmp_path / "other"), *given[2:]],
            "only sound": [*given[:1], str(tmp_path / "sound.wav"), *given[2:]],
            "no models": [*given[:3], str(tmp_path)],
            "audio missing": [*given, "--audio", str(tmp_path / "nowhere")],
            "audio no sound": [*given, "--audio", str(tmp_path / "other")],
            "audio empty": [*given, "--audio", str(tmp_path / "other")],
            "target": [*given, "--picture", str(tmp_path / "nowhere" / "out.svg")],
            "over the film": [*given, "--annotate", str(tmp_path / "link.mp4")],
            "over the events": [
                *given,
                "--events",
                str(tmp_path / "none.jsonl"),
                "--picture",
                str(tmp_path / "none.jsonl"),
            ],
            "one over the other": [*given, "--picture", str(tmp_path / "out"), "--annotate", str(tmp_path / "out")],
            "rate": [*given, "--rate", "0"],
            "too long": [*given[:1], str(tmp_path / "one"), *given[2:], "--rate", "1e-9"],
            "reference": [*given, "--reference", str(tmp_path / "other")],
        }
        given = changed[make]
    return given


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        ("missing", "is not there"),
        ("no files", "no JPEG files"),
        ("empty", "is empty"),
        ("no models", "model file"),
        ("bad events", "Line 2: 'kind' is missing"),
        ("events no JSON", "Line 1 is no JSON"),
        ("events no time", "Line 1: Invalid isoformat string"),
        ("events no zone", "Line 1: a signal needs a time zone"),
        ("events a list", "Line 1: "),
        ("events no text", "is no UTF-8 text"),
        ("events too deep", "Line 1 is too deep"),
        ("events too far", "It begins in the year 9999"),
        ("not a video", "is no video, or it is damaged"),
        ("cut", "is no video, or it is damaged"),
        ("only sound", "has no pictures"),
        ("audio missing", "This sound cannot be read"),
        ("audio no sound", "This sound cannot be read"),
        ("audio empty", "This sound cannot be read"),
        ("target", "cannot be written there"),
        ("over the film", "written over a file that is read here"),
        ("over the events", "written over a file that is read here"),
        ("one over the other", "written over a file that is read here"),
        ("rate", "rate must be above 0"),
        ("too long", "is longer than 12 hours at this rate"),
        ("reference", "not a JPEG image"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    models: Models,
    rng: np.random.Generator,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    make: str,
    sentence: str,
) -> None:
    path = filmed(tmp_path / "film.mp4", [scenes.scene("present", rng, 0)])
    before = path.read_bytes()
    given = arguments(tmp_path, path, make)
    assert main([*given, "--quiet"]) == 2
    said = capfd.readouterr()
    assert sentence in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""
    assert make == "cut" or path.read_bytes() == before


def test_a_video_that_ends_early_gives_what_it_holds_and_says_so(
    models: Models, rng: np.random.Generator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = filmed(tmp_path / "film.mp4", [scenes.scene("present", rng, n % 4) for n in range(60)])
    early = tmp_path / "early.mp4"
    with av.open(str(path)) as whole, av.open(str(early), "w", format="mp4", options={"movflags": "faststart"}) as file:
        stream = file.add_stream_from_template(whole.streams.video[0])
        for packet in whole.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                file.mux(packet)
    early.write_bytes(early.read_bytes()[: early.stat().st_size * 6 // 10])
    assert main(["analyse", str(early), "--models", str(MODELS), "--quiet"]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("The video was cut off: it says that it lasts 12 s, and pictures end after ")
    assert "frames in" in said.out


def test_ctrl_c_stops_without_a_traceback_and_writes_nothing(
    models: Models,
    rng: np.random.Generator,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = filmed(tmp_path / "film.mp4", [scenes.scene("present", rng, n) for n in range(2)])

    def pressed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("proctor.annotate.draw", pressed)
    target = tmp_path / "out.mp4"
    assert main(["analyse", str(path), "--models", str(MODELS), "--annotate", str(target), "--quiet"]) == 130
    assert capsys.readouterr().err == "Stopped; nothing was written.\n"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["film.mp4"]


def test_capabilities_say_what_is_off_and_why(
    models: Models, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["capabilities", "--models", str(MODELS), "--json"]) == 0
    here = {each["name"]: each for each in json.loads(capsys.readouterr().out)}
    assert here["faces"]["on"]
    assert here["things"]["on"] == (models.yolox is not None)
    assert main(["capabilities", "--models", str(tmp_path)]) == 0
    words = capsys.readouterr().out
    assert "Headphones are not looked for" in words
    rows = {line.split()[0]: line for line in words.splitlines()}
    assert rows["faces"].split()[1] == "off"
    assert "model file" in rows["faces"]
    assert "yolox is absent" in rows["things"]
    assert "silero" in rows["speech"]
    assert "cannot look themselves" in rows["on_device"]
    assert rows["browser"].split()[1] == "on"


@pytest.mark.parametrize("given", [["--start", "noon"], ["--agreed", "sleep"], ["--rate", "fast"]])
def test_a_wrong_option_is_refused_by_name(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["analyse", "film.mp4", *given])
    assert stopped.value.code == 2
    assert given[0] in capsys.readouterr().err


def test_camera_file_is_concatenated_jpegs(rng: np.random.Generator, tmp_path: Path) -> None:
    frames = [scenes.scene("present", rng, n) for n in range(3)]
    assert scenes.mjpeg(frames, tmp_path / "camera.mjpeg") == 3
    assert (tmp_path / "camera.mjpeg").read_bytes() == b"".join(frames)
    assert len(set(frames)) == 3, "no two frames are equal"
    with pytest.raises(ValueError, match="at least one"):
        scenes.mjpeg([], tmp_path / "none.mjpeg")
