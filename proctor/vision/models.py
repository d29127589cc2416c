"""Which model files there are, and what is therefore not looked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from proctor.errors import ModelMissing


@dataclass(frozen=True)
class Models:
    """Files of the models. The first two are needed; each other one adds what `missing` says."""

    short_range: Path
    full_range: Path
    yunet: Path | None = None
    mesh: Path | None = None
    landmarker: Path | None = None
    yolox: Path | None = None

    @classmethod
    def under(cls, folder: Path) -> Self:
        """As the model manifest lays them out: `<folder>/<name>/<file>`. Raises `ModelMissing`."""
        short = folder / "face_detector" / "face_detection_short_range.tflite"
        full = folder / "face_detector" / "face_detection_full_range_sparse.tflite"
        for needed in (short, full):
            if not needed.is_file():
                raise ModelMissing(str(needed))
        return cls(
            short,
            full,
            yunet=_there(folder / "yunet" / "face_detection_yunet_2023mar.onnx"),
            mesh=_there(folder / "face_mesh" / "face_landmark_with_attention.tflite"),
            landmarker=_there(folder / "face_landmarker" / "face_landmarker.task"),
            yolox=_there(folder / "yolox" / "yolox_nano.onnx"),
        )

    @property
    def missing(self) -> tuple[str, ...]:
        """What is not looked for on this installation, a sentence each; empty when everything is there."""
        off = []
        if self.yunet is None:
            off.append(
                "Small faces in the background are looked for by two detectors instead of three: yunet is absent."
            )
        if self.mesh is None and self.landmarker is None:
            off.append("Head, eyes and mouth are not looked at: face_mesh and face_landmarker are absent.")
        if self.yolox is None:
            off.append("Phones, second screens and books are not looked for: yolox is absent.")
        return tuple(off)


def _there(file: Path) -> Path | None:
    return file if file.is_file() else None
