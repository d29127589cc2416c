"""The library on labelled photographs and recorded speech: what can be measured without a script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np

from bench.scoring import Share
from proctor.vision.analyser import FrameAnalyser, Thresholds
from proctor.vision.decode import PHOTO, Pixels, decode
from proctor.vision.detector import FaceBox, overlap
from proctor.vision.identity import Reference
from proctor.vision.things import ThingBars, ThingFinder

ANY_SIZE = replace(PHOTO, least_side=32)
AT = datetime(2027, 3, 1, 10, tzinfo=UTC)
LIGHTS = (1.0, 0.5, 0.3, 0.2, 0.1)
COCO = {67: "phone", 63: "second_screen", 62: "second_screen", 73: "book"}
LARGE = 0.02  # share of the picture from which a thing must be found


def read(path: Path) -> Pixels:
    return decode(path.read_bytes(), ANY_SIZE)


@dataclass(frozen=True)
class Groups:
    """Group photographs: labelled faces that were found, and faces that nobody labelled."""

    faces: Share
    extra: int


def groups(eyes: FrameAnalyser, data: Path) -> Groups:
    """A face is found where a box overlaps the label by 0.3 (the labels are tight squares)."""
    boxes = json.loads((data / "faces" / "boxes.json").read_text("utf-8"))
    found = wanted = extra = 0
    for name, labelled in boxes.items():
        pixels = read(data / "faces" / name)
        height, width = pixels.shape[:2]
        seen = list(eyes.find(pixels).faces)
        for box in labelled:
            truth = FaceBox(box["left"] / width, box["top"] / height, box["width"] / width, box["height"] / height, 1)
            hit = next((face for face in seen if overlap(face, truth) >= 0.3), None)
            wanted += 1
            if hit is not None:
                seen.remove(hit)
                found += 1
        extra += len(seen)
    return Groups(Share(found, wanted), extra)


def labelled(data: Path) -> Iterator[tuple[Path, list[tuple[int, float]]]]:
    """COCO images with (class, share of the picture) of each label."""
    for path in sorted((data / "objects" / "images").glob("*.jpg")):
        file = data / "objects" / "labels" / f"{path.stem}.txt"
        if file.is_file():
            rows = [line.split() for line in file.read_text("utf-8").splitlines()]
            yield path, [(int(row[0]), float(row[3]) * float(row[4])) for row in rows if row]


def nobody(eyes: FrameAnalyser, data: Path) -> Share:
    """COCO images without a person in which a face is seen all the same."""
    empty = [path for path, labels in labelled(data) if all(kind != 0 for kind, _ in labels)]
    return Share(sum(bool(eyes.find(read(path)).faces) for path in empty), len(empty))


@dataclass(frozen=True)
class Pairs:
    """Photographs compared two by two at the one threshold: distances of the same person and of two."""

    same: tuple[float, ...]
    other: tuple[float, ...]
    below: float

    @property
    def errors(self) -> Share:
        wrong = sum(each >= self.below for each in self.same) + sum(each < self.below for each in self.other)
        return Share(wrong, len(self.same) + len(self.other))


def pairs(eyes: FrameAnalyser, data: Path) -> Pairs:
    """All pairs of the portraits; one whose face is not found counts as an error of every pair that it is in."""
    people: list[tuple[str, Reference | None]] = []
    for path in sorted((data / "people").glob("*/*.jpg")):
        pixels = read(path)
        faces = eyes.find(pixels).faces
        people.append((path.parent.name, Reference(eyes.encode(pixels, faces[0])) if faces else None))
    same: list[float] = []
    other: list[float] = []
    for (name, a), (name_b, b) in combinations(people, 2):
        blind = 9.9 if name == name_b else 0.0
        distance = blind if a is None or b is None else a.distance(b.encoding)
        (same if name == name_b else other).append(distance)
    return Pairs(tuple(same), tuple(other), Thresholds().same_below)


@dataclass(frozen=True)
class Poses:
    """Mean absolute error in degrees over pitch, yaw and roll for |yaw| ≤ 60, and how many faces were read."""

    pitch: float
    yaw: float
    roll: float
    read: Share

    @property
    def mean(self) -> float:
        return (self.pitch + self.yaw + self.roll) / 3


def poses(eyes: FrameAnalyser, data: Path, most_yaw: float = 60.0) -> Poses:
    truth = json.loads((data / "pose" / "pose.json").read_text("utf-8"))
    wanted = {name: each for name, each in truth.items() if abs(each["yaw_deg"]) <= most_yaw}
    off: list[tuple[float, float, float]] = []
    for name, each in wanted.items():
        pose = eyes.analyse((data / "pose" / name).read_bytes(), AT, 1, None, identify=False).pose
        if pose is not None:
            parts = ((pose.pitch, "pitch_deg"), (pose.yaw, "yaw_deg"), (pose.roll, "roll_deg"))
            off.append(tuple(abs(value - each[key]) for value, key in parts))
    pitch, yaw, roll = np.mean(off, axis=0) if off else (np.nan, np.nan, np.nan)
    return Poses(float(pitch), float(yaw), float(roll), Share(len(off), len(wanted)))


@dataclass
class Light:
    """Portraits at webcam size, dimmed and noisy: found exactly once, by light and by how light the skin is."""

    by_light: dict[float, Share] = field(default_factory=dict)
    by_bin: dict[tuple[str, float], Share] = field(default_factory=dict)

    def note(self, skin: str, light: float, found: bool) -> None:
        one = Share(int(found), 1)
        self.by_light[light] = self.by_light.get(light, Share(0, 0)) + one
        self.by_bin[skin, light] = self.by_bin.get((skin, light), Share(0, 0)) + one


def in_poor_light(eyes: FrameAnalyser, data: Path) -> Light:
    """Bins by thirds of the skin's mean luma at full light: nobody's race is asked or stored, only how much light comes back."""
    portraits = sorted([*(data / "people").glob("*/*.jpg"), *(data / "pose").glob("*.jpg")])
    pictures = [_webcam(read(path)) for path in portraits]
    lumas = [skin_luma(eyes, pixels) for pixels in pictures]
    low, high = np.quantile([luma for luma in lumas if luma is not None], (1 / 3, 2 / 3))
    chance, light_found = np.random.default_rng(1), Light()
    for pixels, luma in zip(pictures, lumas, strict=True):
        skin = "darker" if luma is not None and luma < low else "lighter" if luma is None or luma > high else "middle"
        for light in LIGHTS:
            dim = np.clip(pixels * light + chance.normal(0, 4, pixels.shape), 0, 255).astype(np.uint8)
            light_found.note(skin, light, len(eyes.find(dim).faces) == 1)
    return light_found


def _webcam(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    return np.asarray(cv2.resize(pixels, (round(480 * width / height), 480), interpolation=cv2.INTER_CUBIC), np.uint8)


def skin_luma(eyes: FrameAnalyser, pixels: Pixels) -> float | None:
    """Mean luma of the middle of the face; None where none is found."""
    faces = eyes.find(pixels).faces
    if not faces:
        return None
    height, width = pixels.shape[:2]
    face = faces[0]
    left, right = int((face.x + face.w * 0.25) * width), int((face.x + face.w * 0.75) * width)
    top, bottom = int((face.y + face.h * 0.25) * height), int((face.y + face.h * 0.75) * height)
    grey = cv2.cvtColor(pixels[max(0, top) : bottom, max(0, left) : right], cv2.COLOR_RGB2GRAY)
    return float(grey.mean())


@dataclass
class Things:
    """COCO images: recall for large and for all labels (per image), and images where the thing is claimed wrongly."""

    large: dict[str, Share] = field(default_factory=dict)
    all: dict[str, Share] = field(default_factory=dict)
    false: dict[str, Share] = field(default_factory=dict)


def things(finder: ThingFinder, data: Path, bars: ThingBars | None = None) -> Things:
    limits, found = bars or ThingBars(), Things()
    for path, labels in labelled(data):
        seen = {thing.label for thing in finder.find(read(path)) if limits.counts(thing)}
        for name in sorted(set(COCO.values())):
            areas = [area for kind, area in labels if COCO.get(kind) == name]
            hit = int(name in seen)
            if areas:
                found.all[name] = found.all.get(name, Share(0, 0)) + Share(hit, 1)
                if max(areas) >= LARGE:
                    found.large[name] = found.large.get(name, Share(0, 0)) + Share(hit, 1)
            else:
                found.false[name] = found.false.get(name, Share(0, 0)) + Share(hit, 1)
    return found
