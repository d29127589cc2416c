"""What a candidate's own computer says it saw in one picture: numbers only, each within what can be."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from exam_api.monitoring.schemas.wire import Wire
from proctor.vision.detector import FaceBox
from proctor.vision.reading import FrameReading, Gaze, Pose

# Numbers only, as the page's model gives them: no text that looks like one, no NaN, nothing infinite (the bounds refuse both).
Number = Field(strict=True)
SURE = 0.75  # the page's model names no certainty of a face; this is what it is taken for
Share = Annotated[float, Number, Field(ge=-0.5, le=1.5)]  # of the picture; a face may reach out of it
Size = Annotated[float, Number, Field(gt=0, le=2)]
Degrees = Annotated[float, Number, Field(ge=-180, le=180)]
Unit = Annotated[float, Number, Field(ge=0, le=1)]
Level = Annotated[float, Number, Field(ge=0, le=255)]
Pixels = Annotated[int, Number, Field(ge=16, le=8192)]


class SeenIn(Wire):
    """`faces`: left, top, width and height of each, shares of the picture, the largest first. `pose`: pitch, yaw and roll;
    `gaze`: horizontal and vertical; both in degrees, of the first face. The others as in `proctor.FrameReading`.
    """

    width: Pixels
    height: Pixels
    faces: Annotated[list[tuple[Share, Share, Size, Size]], Field(max_length=5)]
    luma: Level
    contrast: Level
    sharpness: Annotated[float, Number, Field(ge=0, le=100_000)]
    glare: Unit = 0.0
    frozen_s: Annotated[float, Number, Field(ge=0, le=86_400)] = 0.0
    pose: tuple[Degrees, Degrees, Degrees] | None = None
    gaze: tuple[Degrees, Degrees] | None = None
    eyes: Unit | None = None
    mouth: Unit | None = None

    def reading(self, n: int, at: datetime) -> FrameReading:
        """As the rules know it."""
        return FrameReading(
            n=n,
            at=at,
            faces=tuple(FaceBox(*box, SURE) for box in self.faces),
            doubtful=(),
            luma=self.luma,
            contrast=self.contrast,
            sharpness=self.sharpness,
            glare=self.glare,
            frozen_s=self.frozen_s,
            distance=None,
            width=self.width,
            height=self.height,
            pose=None if self.pose is None else Pose(*self.pose),
            gaze=None if self.gaze is None else Gaze(*self.gaze),
            eyes=self.eyes,
            mouth=self.mouth,
            told=True,
        )
