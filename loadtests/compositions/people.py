"""Who can be in the picture: real people, cut out of portraits in declared packages and of the evaluation data.

Without the data there are two people; with it (`INVIGIL_DATA`) also two who talk (frames of video: real blinks and mouths),
one more portrait, and three who are known from eleven small photographs each.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from loadtests.scenes import Cutout, Picture, _cutout

PORTRAITS = ("collins", "hopper")
# Face's centre and width, as shares of the picture's width, in all frames of a video: these heads move little.
VIDEOS = {"woman": ("talking_head_3.mp4", (0.48, 0.52, 0.31)), "man": ("talking_head_4.mp4", (0.44, 0.42, 0.29))}
STILLS = {"boy": ("pose/image00050.jpg", (0.50, 0.60, 0.38))}
FOLDERS = {"salley": "John_Salley", "savage": "John_Savage", "schneider": "John_Schneider"}
VARIANTS = 16  # frames taken of a video


def data_folder() -> Path | None:
    """The evaluation data's folder `proctor`, named by INVIGIL_DATA; None where it is not there."""
    named = os.environ.get("INVIGIL_DATA")
    folder = Path(named) / "proctor" if named else None
    return folder if folder is not None and (folder / "people").is_dir() else None


@dataclass(frozen=True)
class Cast:
    """The people that can be shown with this data (or with none)."""

    data: Path | None = None

    @property
    def sitters(self) -> tuple[str, ...]:
        """Who can sit in front of the camera: large enough to be enrolled."""
        return PORTRAITS if self.data is None else (*PORTRAITS, *VIDEOS, *STILLS)

    @property
    def helpers(self) -> tuple[str, ...]:
        """Who can come in: also those of whom there are only small photographs."""
        return self.sitters if self.data is None else (*self.sitters, *FOLDERS)

    def looks(self, name: str) -> tuple[Cutout, ...]:
        """The same person, each time a little different where we have more than one picture. Raises `KeyError`."""
        if name in PORTRAITS:
            return (_cutout(name),)
        if self.data is None:
            raise KeyError(name)
        return _looks(self.data, name)


@cache
def _looks(data: Path, name: str) -> tuple[Cutout, ...]:
    if name in VIDEOS:
        file, face = VIDEOS[name]
        return tuple(_cut(frame, face) for frame in _frames(data / "video" / file, VARIANTS))
    if name in STILLS:
        file, face = STILLS[name]
        return (_cut(_read(data / file), face),)
    return tuple(_small(_read(file)) for file in sorted((data / "people" / FOLDERS[name]).glob("*.jpg")))


def _read(file: Path) -> Picture:
    picture: Any = cv2.imread(str(file))
    if picture is None:
        raise FileNotFoundError(file)
    return np.asarray(picture, np.uint8)


def _frames(file: Path, count: int) -> list[Picture]:
    """`count` frames, evenly spread over the video."""
    video = cv2.VideoCapture(str(file))
    total = int(video.get(cv2.CAP_PROP_FRAME_COUNT))
    found = []
    for at in np.linspace(0, total - 3, count).astype(int):
        video.set(cv2.CAP_PROP_POS_FRAMES, int(at))
        there, frame = video.read()
        if there:
            found.append(np.asarray(frame, np.uint8))
    video.release()
    return found


def _cut(picture: Picture, face: tuple[float, float, float]) -> Cutout:
    """A person with hair and shoulders, by where they are: what is behind the hair comes along, as with a headrest."""
    height, width = picture.shape[:2]
    x, y, size = (part * width for part in face)
    alpha = np.zeros((height, width), np.float32)
    _oval(alpha, (x, y - size * 0.05), (size * 0.85, size * 1.05))
    _oval(alpha, (x, y + size * 2.3), (size * 1.9, size * 1.35))
    cv2.rectangle(alpha, (int(x - size * 0.4), int(y)), (int(x + size * 0.4), height), 1.0, -1)
    alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), width / 90), np.float32)
    return _longer(picture, alpha, (x, y, size))


def _small(picture: Picture) -> Cutout:
    """A tight photograph of a face on drawn shoulders."""
    height, width = picture.shape[:2]
    face = (width * 0.5, height * 0.5, width * 0.62)
    alpha = np.zeros((height, width), np.float32)
    cv2.ellipse(alpha, (width // 2, int(height * 0.5)), (int(width * 0.42), int(height * 0.52)), 0, 0, 360, 1.0, -1)
    taller = cv2.copyMakeBorder(picture, 0, 2 * height, width, width, cv2.BORDER_REPLICATE)
    body = np.zeros(taller.shape[:2], np.float32)
    body[:height, width : 2 * width] = cv2.GaussianBlur(alpha, (0, 0), width / 50)
    shoulders = np.zeros_like(body)
    middle = int(width * 1.5)
    cv2.ellipse(shoulders, (middle, int(height * 1.75)), (int(width * 1.0), int(height * 0.85)), 0, 180, 360, 1.0, -1)
    cv2.rectangle(shoulders, (middle - width, int(height * 1.75)), (middle + width, 3 * height), 1.0, -1)
    cv2.rectangle(shoulders, (middle - width // 5, int(height * 0.8)), (middle + width // 5, height * 2), 1.0, -1)
    shoulders = np.asarray(cv2.GaussianBlur(shoulders, (0, 0), width / 40), np.float32)
    cloth = np.empty_like(taller)
    cloth[:] = (92, 70, 58)
    beneath = (shoulders * (1 - body))[..., None]
    taller = (taller * (1 - beneath) + cloth * beneath).astype(np.uint8)
    together = np.asarray(np.maximum(body, shoulders), np.float32)
    return Cutout(np.asarray(taller, np.uint8), together, (face[0] + width, face[1], face[2]))


def _oval(alpha: npt.NDArray[np.float32], centre: tuple[float, float], half: tuple[float, float]) -> None:
    place, size = (int(centre[0]), int(centre[1])), (int(half[0]), int(half[1]))
    cv2.ellipse(alpha, place, size, 0, 0, 360, 1.0, -1)


def _longer(picture: Picture, alpha: npt.NDArray[np.float32], face: tuple[float, float, float]) -> Cutout:
    """The photo ends at the chest: its last row goes on downwards, so that nobody floats in the room."""
    below = picture.shape[0] // 2
    longer = cv2.copyMakeBorder(picture, 0, below, 0, 0, cv2.BORDER_REPLICATE)
    beneath = cv2.copyMakeBorder(alpha, 0, below, 0, 0, cv2.BORDER_REPLICATE)
    return Cutout(np.asarray(longer, np.uint8), np.asarray(beneath, np.float32), face)
