"""One picture in, one reading out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from types import TracebackType
from typing import Self

from proctor.errors import (
    ManyFacesInReference,
    NoFaceInReference,
    ReferenceTooDark,
    ReferenceTooSmall,
    ReferenceTurned,
)
from proctor.liveness import traces
from proctor.signal import Signal
from proctor.vision.body import Body
from proctor.vision.bundle import landmarker_bundle
from proctor.vision.decode import PHOTO, Pixels, decode
from proctor.vision.detector import Detector, FaceBox, Found, MediaPipeDetector, YuNetDetector, find_faces
from proctor.vision.eyes import eye_openness, gaze_of, mouth_openness
from proctor.vision.identity import Encoder, Reference
from proctor.vision.judge import Thresholds, bad_frame, signals_of
from proctor.vision.landmarks import FaceLandmarker, Landmarker
from proctor.vision.models import Models
from proctor.vision.pose import fit_head
from proctor.vision.quality import Quality, lift, measure, small
from proctor.vision.reading import FrameReading, Gaze, Pose
from proctor.vision.things import ThingFinder

__all__ = ["FrameAnalyser", "FrameReading", "Models", "Thresholds", "bad_frame", "signals_of"]


@dataclass(frozen=True)
class Expression:
    """What the points of one face say."""

    pose: Pose
    gaze: Gaze | None
    eyes: float
    mouth: float


class FrameAnalyser:
    """Loads the models once (about a second); not for use by two threads at a time. Close it, or use `with`."""

    def __init__(self, models: Models, thresholds: Thresholds | None = None) -> None:
        self.models = models
        self.thresholds = thresholds or Thresholds()
        self._detectors: list[Detector] = [
            MediaPipeDetector(models.full_range, weak=0.35, sure=0.6),
            MediaPipeDetector(models.short_range, weak=0.4, sure=0.7),
        ]
        if models.yunet is not None:
            self._detectors.insert(0, YuNetDetector(models.yunet, weak=0.5, sure=0.8))
        self._landmarker = _landmarker(models)
        self._things = None if models.yolox is None else ThingFinder(models.yolox)
        self._encoder = Encoder()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        for detector in self._detectors:
            detector.close()
        if self._landmarker is not None:
            self._landmarker.close()

    @property
    def has_second_opinion(self) -> bool:
        """True when the optional third detector is loaded."""
        return len(self._detectors) > 2

    def find(self, pixels: Pixels, luma: float | None = None, copy: Pixels | None = None) -> Found:
        """Faces in `pixels`; a dark picture in which none is found is brightened and looked at once more.

        `copy` is `pixels` made `small`, where that is there already.
        """
        found = find_faces(self._detectors, pixels, copy)
        light = measure(pixels).luma if luma is None else luma
        if found.faces or light >= self.thresholds.lift_below:
            return found
        lifted = find_faces(self._detectors, lift(pixels, light))
        return lifted if lifted.faces else Found((), found.doubtful + lifted.doubtful)

    def encode(self, pixels: Pixels, box: FaceBox) -> tuple[float, ...]:
        """The 128 numbers of the face in `box`."""
        return self._encoder.encode(pixels, box)

    def express(self, pixels: Pixels, box: FaceBox) -> Expression | None:
        """Pose, gaze, eyes and mouth of the face in `box`; None where its points cannot be read."""
        points = None if self._landmarker is None else self._landmarker.read(pixels, box)
        if points is None:
            return None
        head = fit_head(points, pixels.shape[1], pixels.shape[0])
        return Expression(head.pose, gaze_of(points, head), eye_openness(points), mouth_openness(points))

    def reference(self, jpeg: bytes) -> Reference:
        """Enrol one photo. Raises `BadFrame` or the `BadReference` that says what to do better."""
        pixels = decode(jpeg, PHOTO)
        if measure(pixels).luma < self.thresholds.quality.dark_luma * 2:
            raise ReferenceTooDark
        faces = self.find(pixels).faces
        if not faces:
            raise NoFaceInReference
        if len(faces) > 1:
            raise ManyFacesInReference
        if faces[0].w * pixels.shape[1] < self.thresholds.reference_pixels:
            raise ReferenceTooSmall
        seen = self.express(pixels, faces[0])
        if seen is not None and not self.thresholds.faces_camera(seen.pose):
            raise ReferenceTurned
        return Reference(self.encode(pixels, faces[0]))

    def analyse(
        self,
        jpeg: bytes,
        at: datetime,
        n: int,
        reference: Reference | None,
        *,
        identify: bool,
        things: bool = False,
    ) -> FrameReading:
        """Read one frame by itself. Raises `BadFrame`. See `look`."""
        return self.look(jpeg, at, n, reference, identify=identify, things=things)[0]

    def look(
        self,
        jpeg: bytes,
        at: datetime,
        n: int,
        reference: Reference | None,
        *,
        identify: bool,
        things: bool = False,
        view: str | None = None,
        body: Body | None = None,
    ) -> tuple[FrameReading, Body | None]:
        """Read one frame and say what to remember of who sat there. Raises `BadFrame`.

        With `identify` the two largest faces are compared and the nearer one counts; with `things` phones, screens and
        books are looked for in one `view` (see `ThingFinder.find`); `body` is what the frame before returned.
        """
        pixels = decode(jpeg)
        copy = small(pixels)
        quality = measure(copy)
        found = self.find(pixels, quality.luma, copy)
        fair = self.thresholds.quality.score(quality) >= 0.5  # dark or blurred, everybody looks like somebody else
        seen = self._expression(pixels, found, fair=fair)
        covered = not found.faces and fair and body is not None and body.still_there(copy)
        if found.faces:
            body = Body.seen(copy, found.faces[0])
        elif body is not None:
            body = body.hidden(copy) if covered else None
        reading = _reading(n, at, found, quality, pixels)
        reading = replace(
            reading,
            covered=covered,
            things=self._things.find(pixels, view) if things and self._things is not None else None,
            traces=traces.measure(pixels, found.faces, closely=things, copy=copy),
        )
        if seen is not None:
            reading = replace(reading, pose=seen.pose, gaze=seen.gaze, eyes=seen.eyes, mouth=seen.mouth)
        turned = seen is not None and not self.thresholds.faces_camera(seen.pose)
        if identify and reference is not None and fair and not turned:
            reading = replace(reading, distance=self._distance(pixels, found, reference))
        return reading, body

    def _expression(self, pixels: Pixels, found: Found, *, fair: bool) -> Expression | None:
        """Only of the largest face, and only where it is large and clear enough."""
        if not found.faces or not fair or found.faces[0].w * pixels.shape[1] < self.thresholds.face_pixels:
            return None
        return self.express(pixels, found.faces[0])

    def _distance(self, pixels: Pixels, found: Found, reference: Reference) -> float | None:
        wide = self.thresholds.face_pixels / pixels.shape[1]
        near = [face for face in found.faces[:2] if face.w >= wide]
        return min((reference.distance(self.encode(pixels, face)) for face in near), default=None)

    def signals(self, reading: FrameReading) -> list[Signal]:
        """Everything `reading` allows to say, by this analyser's thresholds."""
        return signals_of(reading, self.thresholds)


def _landmarker(models: Models) -> Landmarker | None:
    """The mesh where it is there: half the time of Google's bundle, and nearer to the truth (decision 0026)."""
    if models.mesh is not None:
        return FaceLandmarker(landmarker_bundle(models.short_range, models.mesh))
    return None if models.landmarker is None else FaceLandmarker(models.landmarker)


def _reading(n: int, at: datetime, found: Found, quality: Quality, pixels: Pixels) -> FrameReading:
    return FrameReading(
        n=n,
        at=at,
        faces=found.faces,
        doubtful=found.doubtful,
        luma=quality.luma,
        contrast=quality.contrast,
        sharpness=quality.sharpness,
        glare=quality.glare,
        distance=None,
        width=pixels.shape[1],
        height=pixels.shape[0],
    )
