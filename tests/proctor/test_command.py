"""`python -m proctor analyse`: a whole recording, from files to flags."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from loadtests import scenes
from loadtests.scenes import Kind
from proctor.__main__ import main
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


def film(rng: np.random.Generator) -> list[bytes]:
    kinds = [kind for kind, seconds in STORY for _ in range(seconds)]
    return [scenes.scene(kind, rng, n) for n, kind in enumerate(kinds)]


def test_a_folder_with_a_broken_frame_events_and_a_picture(
    models: Models, rng: np.random.Generator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for n, jpeg in enumerate(film(rng)):
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


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        ("missing", "cannot be read"),
        ("empty", "no JPEG files"),
        ("no models", "model file"),
        ("bad events", "Line 2"),
        ("not a video", "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    models: Models, tmp_path: Path, capfd: pytest.CaptureFixture[str], make: str, sentence: str
) -> None:
    given = ["analyse", str(tmp_path), "--models", str(MODELS)]
    if make == "missing":
        given[1] = str(tmp_path / "nowhere")
    elif make == "no models":
        given[3] = str(tmp_path)
    elif make == "bad events":
        (tmp_path / "e").write_text('{"at": "2027-03-01T10:00:02Z", "kind": "blur"}\n{"at": "now"}\n', "utf-8")
        given += ["--events", str(tmp_path / "e")]
    elif make == "not a video":
        (tmp_path / "film.mp4").write_bytes(b"nothing of the kind")
        given[1] = str(tmp_path / "film.mp4")
    assert main(given) == 2
    assert sentence in capfd.readouterr().err


def test_camera_file_is_concatenated_jpegs(rng: np.random.Generator, tmp_path: Path) -> None:
    frames = [scenes.scene("present", rng, n) for n in range(3)]
    assert scenes.mjpeg(frames, tmp_path / "camera.mjpeg") == 3
    assert (tmp_path / "camera.mjpeg").read_bytes() == b"".join(frames)
    assert len(set(frames)) == 3, "no two frames are equal"
    with pytest.raises(ValueError, match="at least one"):
        scenes.mjpeg([], tmp_path / "none.mjpeg")
