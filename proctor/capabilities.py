"""What this installation can see and hear, and what is off and why: nobody should take silence for a clean exam."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from proctor.audio.listener import SoundModels
from proctor.errors import ModelMissing
from proctor.vision.models import Models

NEVER = ("Headphones are not looked for: no model here knows them.", "Words are never recognised or kept, by design.")


@dataclass(frozen=True)
class Capability:
    """One thing that can be seen or heard. `why` is a sentence when it is off."""

    name: str
    on: bool
    why: str = ""


def capabilities(folder: Path) -> tuple[Capability, ...]:
    """What the model files under `folder` allow, in a fixed order."""
    try:
        models: Models | None = Models.under(folder)
    except ModelMissing as missing:
        models, lacking = None, str(missing)
    else:
        lacking = ""
    points = models is not None and (models.mesh or models.landmarker)
    looked = [
        ("faces", models is not None, lacking),
        ("small_faces", models and models.yunet, "A third detector helps with small faces: yunet is absent."),
        ("identity", models is not None, lacking),
        ("head_and_eyes", points, "Head, eyes and mouth are not looked at: face_mesh and face_landmarker are absent."),
        ("things", models and models.yolox, "Phones, second screens and books are not looked for: yolox is absent."),
        ("picture_quality", models is not None, lacking),
        ("signs_of_life", models is not None, lacking),
        (
            "on_device",
            points,
            "Candidates' computers cannot look themselves: face_mesh and face_landmarker are absent.",
        ),
    ]
    try:
        SoundModels.under(folder)
        deaf = ""
    except ModelMissing as missing:
        deaf = str(missing)
    heard = [("speech", not deaf, deaf), ("second_voice", not deaf, deaf), ("browser", True, "")]
    return tuple(Capability(name, bool(on), "" if on else why) for name, on, why in (*looked, *heard))
