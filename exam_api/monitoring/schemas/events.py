"""What the exam page notices about itself."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from exam_api.monitoring.schemas.wire import MAX_NUMBER, Wire

Kind = Literal[
    "hidden",
    "visible",
    "blur",
    "focus",
    "fullscreen_left",
    "fullscreen_entered",
    "copy",
    "cut",
    "paste",
    "print",
    "display_extended",
    "display_single",
    "share_started",
    "share_ended",
    "network_lost",
    "network_back",
    "clock_jumped",
    "rhythm_changed",
    "device_changed",
    "camera_virtual",
    "camera_named",
]


class EventIn(Wire):
    """One thing the page noticed. `length` counts characters; the text itself is never sent.

    `origin`: where a pasted text was copied. `surface`: what is shared. `spaced`: a text was written in even steps.
    `label`: what the camera calls itself; it is looked at once and not kept.
    """

    n: int = Field(ge=1, le=MAX_NUMBER)
    kind: Kind
    at: AwareDatetime
    seconds: float | None = Field(None, ge=0, le=86_400)
    length: int | None = Field(None, ge=0, le=10_000_000)
    origin: Literal["inside", "outside", "unknown"] | None = None
    surface: Literal["monitor", "window", "browser", "unknown"] | None = None
    spaced: bool | None = None
    label: str | None = Field(None, max_length=200)


class EventsIn(Wire):
    """A batch, each number once."""

    events: Annotated[list[EventIn], Field(min_length=1, max_length=100)]
