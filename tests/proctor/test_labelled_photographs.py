"""Measured on labelled photographs that are not ours to ship: point INVIGIL_DATA at them, else these are skipped."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest

from proctor.vision.analyser import FrameAnalyser, Thresholds
from proctor.vision.decode import PHOTO, Pixels, decode
from proctor.vision.detector import FaceBox, overlap
from proctor.vision.identity import Reference

pytestmark = pytest.mark.slow
ANY_SIZE = replace(PHOTO, least_side=32)


def read(path: Path) -> Pixels:
    return decode(path.read_bytes(), ANY_SIZE)


def without_people(data: Path) -> list[Path]:
    """COCO images whose label file names no person (class 0)."""
    chosen = []
    for path in sorted((data / "objects" / "images").glob("*.jpg")):
        labels = data / "objects" / "labels" / f"{path.stem}.txt"
        if labels.is_file() and not any(line.startswith("0 ") for line in labels.read_text("utf-8").splitlines()):
            chosen.append(path)
    return chosen


def test_faces_in_group_photographs(analyser: FrameAnalyser, data: Path) -> None:
    boxes = json.loads((data / "faces" / "boxes.json").read_text("utf-8"))
    found = wanted = extra = 0
    for name, labelled in boxes.items():
        pixels = read(data / "faces" / name)
        height, width = pixels.shape[:2]
        seen = list(analyser.find(pixels).faces)
        for box in labelled:
            truth = FaceBox(box["left"] / width, box["top"] / height, box["width"] / width, box["height"] / height, 1)
            hit = next((face for face in seen if overlap(face, truth) >= 0.3), None)
            wanted += 1
            if hit is not None:
                seen.remove(hit)
                found += 1
        extra += len(seen)
    assert found >= (wanted if analyser.has_second_opinion else wanted - 1), f"{found} of {wanted}"
    assert extra == 0


def test_no_faces_where_there_is_nobody(analyser: FrameAnalyser, data: Path) -> None:
    pictures = without_people(data)
    false = sum(bool(analyser.find(read(path)).faces) for path in pictures)
    assert false <= 0.08 * len(pictures), f"{false} of {len(pictures)}"


def test_portraits_are_found_in_poor_light_too(analyser: FrameAnalyser, data: Path) -> None:
    portraits = sorted([*(data / "people").glob("*/*.jpg"), *(data / "pose").glob("*.jpg")])
    chance = np.random.default_rng(1)
    found = {1.0: 0, 0.3: 0, 0.1: 0}
    for path in portraits:
        pixels = read(path)
        height, width = pixels.shape[:2]
        webcam = cv2.resize(pixels, (round(480 * width / height), 480), interpolation=cv2.INTER_CUBIC)
        for light in found:
            dim = np.clip(webcam * light + chance.normal(0, 4, webcam.shape), 0, 255).astype(np.uint8)
            found[light] += len(analyser.find(dim).faces) == 1
    assert all(count >= 0.98 * len(portraits) for count in found.values()), found


def test_identity_errs_in_no_pair(analyser: FrameAnalyser, data: Path) -> None:
    people: list[tuple[str, Reference]] = []
    for path in sorted((data / "people").glob("*/*.jpg")):
        pixels = read(path)
        people.append((path.parent.name, Reference(analyser.encode(pixels, analyser.find(pixels).faces[0]))))
    same: list[float] = []
    other: list[float] = []
    for (name, a), (name_b, b) in combinations(people, 2):
        (same if name == name_b else other).append(a.distance(b.encoding))
    assert max(same) < Thresholds().same_below <= min(other)
