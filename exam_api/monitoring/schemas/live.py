"""What people see: flags, and a sitting as it is now."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from exam_api.db.models.monitoring import Clip


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
    """One candidate in the live view. `passed` counts pictures that were left for later because others waited, `left_out`
    rules that fired and are left out by agreement. `browser` is `proven`, `unproven` or `excused` where the exam is sat in a
    locked-down one and it has said something.
    """

    attempt_id: UUID | None
    name: str
    status: str
    ends_at: datetime | None
    saves: int
    frames: int
    analysed: int
    passed: int
    last_frame_at: datetime | None
    sounds: int
    last_sound_at: datetime | None
    flags: int
    worst: str | None
    left_out: int
    browser: str | None


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


class ClipOut(BaseModel):
    """A video that was asked for: `size` is null until it is here, and `url` while there is nothing to see."""

    flag_id: UUID
    from_at: datetime
    until_at: datetime
    size: int | None
    media_type: str | None
    url: str | None

    @classmethod
    def of(cls, clip: Clip) -> "ClipOut":
        url = f"/api/attempts/{clip.attempt_id}/clips/{clip.flag_id}" if clip.blob else None
        return cls(
            flag_id=clip.flag_id,
            from_at=clip.from_at,
            until_at=clip.until_at,
            size=clip.size,
            media_type=clip.media_type,
            url=url,
        )


class ChainOut(BaseModel):
    """The chain of an attempt's pieces: how many are kept, how many of them follow one another from the first on, and how
    many of these one of the attempt's devices signed. `whole`: all of them, up to `head`. `late`: how many came after the end
    of the attempt, taken before it.
    """

    pieces: int
    chained: int
    signed: int
    whole: bool
    head: str
    late: int


class LeftOutOut(BaseModel):
    """A rule that fired and is left out by agreement: for invigilators and reviewers, never a flag."""

    rule: str
    started_at: datetime
    ended_at: datetime
    reason: str


class LookalikeOut(BaseModel):
    """Two people whose photos are too near for a program to tell them apart: look at their pictures yourself."""

    one: UUID
    other: UUID
    names: list[str]
    distance: float


class LiveOut(BaseModel):
    """A sitting, now: those who need a person first."""

    now: datetime
    people: list[WatchedOut]
    lookalikes: list[LookalikeOut]
