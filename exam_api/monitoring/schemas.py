"""What the exam page's camera and the page itself send."""

import json
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from exam_api.errors import Invalid

MAX_FRAME = 512 * 1024  # bytes of one JPEG; a usual one has 15 KB
MAX_NUMBER = 2**31 - 1
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
    "device_changed",
]


class Wire(BaseModel):
    """Nothing unknown comes in."""

    model_config = ConfigDict(extra="forbid")


class EventIn(Wire):
    """One thing the page noticed. `length` counts characters; the text itself is never sent."""

    n: int = Field(ge=1, le=MAX_NUMBER)
    kind: Kind
    at: AwareDatetime
    seconds: float | None = Field(None, ge=0, le=86_400)
    length: int | None = Field(None, ge=0, le=10_000_000)


class EventsIn(Wire):
    """A batch, each number once."""

    events: Annotated[list[EventIn], Field(min_length=1, max_length=100)]


class HelloIn(Wire):
    """The first message on a frames socket: the token and a proof for this very address."""

    token: Annotated[str, Field(max_length=2000)]
    proof: Annotated[str, Field(max_length=2000)]


class FrameHeader(Wire):
    """What stands before a JPEG."""

    n: int = Field(ge=1, le=MAX_NUMBER)
    taken_at: AwareDatetime


@dataclass(frozen=True)
class FrameIn:
    """One frame as it came."""

    n: int
    taken_at: datetime
    jpeg: bytes


HELLO: TypeAdapter[HelloIn] = TypeAdapter(HelloIn)
HEADER: TypeAdapter[FrameHeader] = TypeAdapter(FrameHeader)


def read_frame(message: bytes) -> FrameIn:
    """Four bytes with the header's length (big-endian), the header as JSON, the JPEG. Raises `Invalid`."""
    if len(message) < 6 or len(message) > MAX_FRAME + 1024:
        raise Invalid("A frame message has between 6 bytes and 512 KB.")
    (size,) = struct.unpack_from(">I", message)
    header, jpeg = message[4 : 4 + size], message[4 + size :]
    if size > 500 or not jpeg.startswith(b"\xff\xd8"):
        raise Invalid("A frame is a short header and a JPEG.")
    try:
        read = HEADER.validate_python(json.loads(header))
    except (ValidationError, ValueError) as error:
        raise Invalid("The frame's header cannot be read.") from error
    return FrameIn(read.n, read.taken_at, jpeg)


class FlagOut(BaseModel):
    """A rule that fired: what, when, why, what else could explain it, and the frames to look at."""

    id: UUID
    rule: str
    severity: str
    started_at: datetime
    ended_at: datetime
    threshold: dict[str, float]
    reason: str
    innocent: list[str]
    evidence: list[str]
    confidence: float


class WatchedOut(BaseModel):
    """One candidate in the live view."""

    attempt_id: UUID | None
    name: str
    status: str
    ends_at: datetime | None
    saves: int
    frames: int
    analysed: int
    last_frame_at: datetime | None
    flags: int
    worst: str | None


class TimeGivenOut(BaseModel):
    """What one invigilator did with the time of some people: `amount` as in `TimeIn`, `people` by name."""

    at: datetime
    by: str
    change: str
    amount: int
    reason: str
    people: list[str]


class SeatOut(BaseModel):
    """One person and how their time stands."""

    user_id: UUID
    name: str
    status: str
    ends_at: datetime | None
    paused_at: datetime | None
    extra_minutes: int


class LiveOut(BaseModel):
    """A sitting, now: those who need a person first."""

    now: datetime
    people: list[WatchedOut]
