"""Phones, second screens and books in a picture: YOLOX-nano (Ge et al. 2021, arXiv 2107.08430), trained on COCO.

COCO has no class for headphones or earphones, so nothing here can say that somebody wears them: the capability table
says so too. A stock COCO model is weak on books (AP below .15), whose rule is therefore off unless an exam asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from proctor.errors import ModelMissing
from proctor.signal import Signal, SignalKind
from proctor.vision.decode import Pixels
from proctor.vision.keys import alike_blobs

SIDE = 416
STRIDES = (8, 16, 32)
FAINT = 0.08  # below this a box is not even compared with others
AGAIN = 0.12  # from here on a phone is looked at from near
NEAR, ROOM = (
    0.6,
    1.3,
)  # the side of a nearer look: a share of the picture's shorter one, at least so many lengths of the phone
SAME = 0.3  # boxes of two looks that share so much are one thing
KEYS = 8  # a phone-like thing with so many keys or more is a calculator or a remote control
OVERLAP = 0.45  # two boxes of one class that share more than this are one thing
CLASSES: Mapping[int, str] = {62: "second_screen", 63: "second_screen", 67: "phone", 73: "book"}  # COCO: tv, laptop, …
RIVALS: Mapping[int, str] = {65: "remote"}  # told apart from a phone: the nearer class wins the box
NAMED: Mapping[int, str] = {**CLASSES, **RIVALS}
PHONES: Mapping[int, str] = {67: "phone"}
LABELS = frozenset(CLASSES.values())
NOT_FOUND = ("headphones", "earphones")  # no class of the model: said in the capability table, never pretended

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Part:
    """A square of the picture: its side as a share of the shorter one, and how far it lies to the right and down (0..1)."""

    side: float
    right: float
    down: float

    def inside(self, height: int, width: int) -> tuple[int, int, int]:
        """Left, top and side in pixels."""
        side = round(self.side * min(height, width))
        return round(self.right * (width - side)), round(self.down * (height - side)), side


# The network takes squares. Two of them cover a camera's picture and show everything a third larger than the whole would be;
# two smaller ones below show hands and desk twice as large. Four at once would cost a candidate more than all faces do.
VIEWS: Mapping[str, tuple[Part, ...]] = {
    "ends": (Part(1.0, 0.0, 0.0), Part(1.0, 1.0, 1.0)),
    "low": (Part(0.75, 0.0, 1.0), Part(0.75, 1.0, 1.0)),
}
FIRST = "ends"


@dataclass(frozen=True)
class Thing:
    """One object: left, top, width and height relative to the picture (0..1), and how sure the model is (0..1)."""

    label: str
    x: float
    y: float
    w: float
    h: float
    score: float

    @property
    def area(self) -> float:
        """Share of the picture, 0..1."""
        return self.w * self.h

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, width, height."""
        return self.x, self.y, self.w, self.h


@dataclass(frozen=True)
class ThingBars:
    """From which score a thing counts, per class, and how small (share of the picture) it may be."""

    phone: float = 0.20
    second_screen: float = 0.50
    book: float = 0.50
    least_area: float = 0.003

    def counts(self, thing: Thing) -> bool:
        """True when `thing` is sure and large enough to be spoken of."""
        bar: float = getattr(self, thing.label)
        return thing.score >= bar and thing.area >= self.least_area


class ThingFinder:
    """Loads the network once, on one thread; not for use by two threads at a time. Raises `ModelMissing`."""

    def __init__(self, model: Path, weak: float = 0.2) -> None:
        if not model.is_file():
            raise ModelMissing(str(model))
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            str(model), sess_options=options, providers=["CPUExecutionProvider"]
        )
        self._name: str = self._session.get_inputs()[0].name
        self._weak = weak
        self._grid, self._stride = _grid()

    def find(self, pixels: Pixels, view: str | None = None) -> tuple[Thing, ...]:
        """Things in an RGB picture from the weak bar up, surest first. `ThingBars` says which of them count.

        `view` is one of `VIEWS`: who watches takes one at a time (`next_view`); None looks at all of them, for a picture that
        stands alone. What has rows of keys is no phone. Of phones at most one is told: the one that was looked at from near.
        """
        parts = (
            VIEWS.get(view, VIEWS[FIRST]) if view is not None else [part for each in VIEWS.values() for part in each]
        )
        # A webcam's noise is nothing the network was trained on: a little smoothing finds a tenth more phones, real ones too.
        smooth = np.asarray(cv2.blur(pixels, (3, 3)), np.uint8)
        squares = [part.inside(*pixels.shape[:2]) for part in parts]
        found = keep_best([thing for square in squares for thing in self._look(smooth, square)])
        named = [thing for thing in found if thing.label in LABELS and thing.score >= AGAIN]
        large = (thing for thing in named if thing.label == "phone" and thing.area >= ThingBars.least_area)
        phone = next((thing for thing in large if alike_blobs(pixels, thing.box) < KEYS), None)
        seen = [thing for thing in named if thing.label != "phone"]
        seen += [] if phone is None else [self._nearer(pixels, smooth, phone)]
        return keep_best([thing for thing in seen if thing.score >= self._weak])

    def _nearer(self, pixels: Pixels, smooth: Pixels, phone: Thing) -> Thing:
        """What may be a phone, as sure as two nearer looks are together, one of them mirrored: the first only said where.

        From near, wallets, paper and cases look less like phones, and phones as much as before. Mirrored, the network errs in
        other ways: what it takes for a phone by accident it seldom takes for one twice. Remote controls do not compete here:
        from near, four of eighteen drawn phones lost against them. Keys do: a nearer box holds all of them.
        """
        square = around(phone, *pixels.shape[:2])
        doubt = 1.0
        for mirrored in (False, True):
            found = self._look(smooth, square, PHONES, mirrored=mirrored)
            same = [thing for thing in found if overlap(thing, phone) >= SAME]
            if any(alike_blobs(pixels, thing.box) >= KEYS for thing in same):
                return replace(phone, score=0.0)
            doubt *= 1 - max((thing.score for thing in same), default=0.0)
        return replace(phone, score=round(1 - doubt, 4))

    def _look(
        self,
        pixels: Pixels,
        square: tuple[int, int, int],
        classes: Mapping[int, str] = NAMED,
        *,
        mirrored: bool = False,
    ) -> list[Thing]:
        """What of `classes` a square (left, top, side in pixels) of the picture shows; boxes are those of the whole picture."""
        height, width = pixels.shape[:2]
        left, top, side = square
        part = cv2.resize(pixels[top : top + side, left : left + side], (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
        part = cv2.flip(part, 1) if mirrored else part
        blob = cv2.dnn.blobFromImage(part, swapRB=True)  # the network was trained on blue, green, red from 0 to 255
        raw = np.asarray(self._session.run(None, {self._name: blob})[0][0], np.float32)
        return [
            replace(
                thing,
                x=round((left + (1 - thing.x - thing.w if mirrored else thing.x) * side) / width, 4),
                y=round((top + thing.y * side) / height, 4),
                w=round(thing.w * side / width, 4),
                h=round(thing.h * side / height, 4),
            )
            for thing in self._things(raw, classes)
        ]

    def _things(self, raw: Floats, classes: Mapping[int, str]) -> tuple[Thing, ...]:
        """Rows of (x, y, w, h, objectness, 80 classes) to boxes; the strongest class of each row owns it."""
        rows = raw[:, 4] >= FAINT
        raw, grid, stride = raw[rows], self._grid[rows], self._stride[rows]
        best = raw[:, 5:].argmax(axis=1)
        scores = raw[:, 4] * raw[np.arange(len(raw)), 5 + best]
        found: list[Thing] = []
        for index, label in classes.items():
            mine = (best == index) & (scores >= FAINT)
            centre = (raw[mine, :2] + grid[mine]) * stride[mine]
            size = np.exp(raw[mine, 2:4]) * stride[mine]
            boxes = np.concatenate((centre - size / 2, centre + size / 2), axis=1)
            boxes = np.clip(boxes / SIDE, 0, 1)
            found += [_thing(label, box, score) for box, score in zip(boxes, scores[mine], strict=True)]
        return keep_best(found)


def around(thing: Thing, height: int, width: int) -> tuple[int, int, int]:
    """A square around a thing in pixels (left, top, side), inside the picture: `NEAR` of its shorter side, or what the thing needs."""
    shorter = min(height, width)
    side = round(min(max(NEAR * shorter, ROOM * max(thing.w * width, thing.h * height)), shorter))
    left = round(min(max((thing.x + thing.w / 2) * width - side / 2, 0), width - side))
    top = round(min(max((thing.y + thing.h / 2) * height - side / 2, 0), height - side))
    return left, top, side


def _grid() -> tuple[Floats, Floats]:
    """For each output row the corner of its cell (in cells) and the cell's side in pixels, as YOLOX counts them."""
    corners, sides = [], []
    for stride in STRIDES:
        across = np.arange(SIDE // stride, dtype=np.float32)
        x, y = np.meshgrid(across, across)
        corners.append(np.stack((x, y), axis=2).reshape(-1, 2))
        sides.append(np.full((x.size, 1), stride, np.float32))
    return np.concatenate(corners), np.concatenate(sides)


def _thing(label: str, box: Floats, score: float) -> Thing:
    left, top, right, bottom = (round(float(value), 4) for value in box)
    return Thing(
        label, left, top, round(right - left, 4), round(bottom - top, 4), round(float(min(1.0, max(0.0, score))), 4)
    )


def overlap(a: Thing, b: Thing) -> float:
    """Intersection over union, 0..1; 0 where both are empty."""
    across = max(0.0, min(a.x + a.w, b.x + b.w) - max(a.x, b.x))
    down = max(0.0, min(a.y + a.h, b.y + b.h) - max(a.y, b.y))
    together = a.area + b.area - across * down
    return across * down / together if together > 0 else 0.0


def next_view(view: str, things: Sequence[Thing]) -> str:
    """Where to look next: again where a phone is seen, otherwise the next of `VIEWS` in turn. Unknown names begin anew."""
    names = tuple(VIEWS)
    if view not in names:
        return FIRST
    if any(thing.label == "phone" and ThingBars().counts(thing) for thing in things):
        return view
    return names[(names.index(view) + 1) % len(names)]


def keep_best(things: Sequence[Thing], most_overlap: float = OVERLAP) -> tuple[Thing, ...]:
    """Of boxes of one class (and of a phone and a remote control) at one place only the surest, surest first."""
    kept: list[Thing] = []
    for thing in sorted(things, key=lambda each: (-each.score, each.label, each.x, each.y)):
        family = {thing.label} | ({"phone", "remote"} if thing.label in {"phone", "remote"} else set())
        if all(other.label not in family or overlap(thing, other) <= most_overlap for other in kept):
            kept.append(thing)
    return tuple(kept)


def signals_of_things(
    things: Sequence[Thing] | None, at: datetime, n: int, quality: float = 1.0, bars: ThingBars | None = None
) -> list[Signal]:
    """One signal per kind of thing that counts (value: share of the picture), `things_none` when there is none.

    None for `things` means that nobody looked: no signal.
    """
    if things is None:
        return []
    bars = bars or ThingBars()
    score = max(0.0, min(1.0, quality))
    best: dict[str, Thing] = {}
    for thing in things:
        if bars.counts(thing) and (thing.label not in best or thing.score > best[thing.label].score):
            best[thing.label] = thing
    if not best:
        return [Signal(at, SignalKind.things_none, 0.0, 1.0, score, f"frame:{n}")]
    return [
        Signal(at, SignalKind(label), thing.area, thing.score, score, f"frame:{n}")
        for label, thing in sorted(best.items())
    ]
