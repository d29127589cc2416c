"""Something spoken or shown: the browser records the candidate's microphone, or camera and microphone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self, cast

from grading.attachment import AUDIO_TYPES, MIB, VIDEO_TYPES, Rules
from grading.kinds.attaching import Attaching
from grading.kinds.base import Common
from grading.reading import Fields
from grading.rubric import read_rubric, shown_rubric

Media = Literal["audio", "video"]
# The room asks browsers for 48 and 700 kbit a second; not every browser listens, so twice as much is taken.
BYTES_A_SECOND: dict[Media, int] = {"audio": 12_000, "video": 190_000}
MAX_SECONDS: dict[Media, int] = {"audio": 3_600, "video": 900}


@dataclass(frozen=True, kw_only=True)
class Recording(Attaching):
    """One recording of at most `most_seconds`; a new one takes the place of the last."""

    kind: ClassVar[str] = "recording"
    media: Media
    most_seconds: int = 180

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        media = cast("Media", fields.one_of("media", ("audio", "video")))
        seconds = fields.whole("most_seconds", cls.most_seconds, least=5, most=MAX_SECONDS[media])
        return cls(**common, rubric=read_rubric(fields, common["points"]), media=media, most_seconds=seconds)

    @property
    def rules(self) -> Rules:
        types = AUDIO_TYPES if self.media == "audio" else VIDEO_TYPES
        return Rules(types, 1, MIB + self.most_seconds * BYTES_A_SECOND[self.media])

    def shown(self) -> dict[str, Any]:
        return {"media": self.media, "most_seconds": self.most_seconds, "rubric": shown_rubric(self.rubric)}
