"""What travels about reviews: the queue, one attempt with everything about it, decisions, releases."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from exam_api.attempts.schemas import AsideOut
from exam_api.findings.schemas import FindingOut
from exam_api.grades.schemas import GradeOut, ResultOut
from exam_api.monitoring.schemas import ClipOut, FlagOut, LeftOutOut

Reason = Annotated[str, Field(min_length=3, max_length=2_000, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]


class Outcome(StrEnum):
    """What a person can decide about an attempt."""

    no_concern = "no_concern"
    concern_noted = "concern_noted"
    void = "void"


class Need(StrEnum):
    """What an attempt waits for, the most urgent first."""

    decision = "decision"
    another_look = "another_look"  # a flag or finding is newer than the decision
    grades = "grades"
    clearing = "clearing"  # nothing is flagged; it can be cleared together with the others
    release = "release"
    nothing = "nothing"


class DecisionIn(BaseModel):
    """A decision with its reason. `seen`, from the bundle, refuses it where something new came up meanwhile."""

    model_config = ConfigDict(extra="forbid")

    outcome: Outcome
    reason: Reason
    seen: Annotated[str, Field(max_length=64)] | None = None


class DecisionOut(BaseModel):
    """A decision that was made; the newest counts."""

    id: UUID
    outcome: Outcome
    reason: str
    decided_by: str
    decided_at: datetime


class QueueRow(BaseModel):
    """One attempt in the queue. `flags` counts those above quality; `waiting` the answers without a final grade."""

    attempt_id: UUID
    name: str
    number: int
    status: str
    submitted_at: datetime | None
    released_at: datetime | None
    flags: int
    worst: str | None
    findings: int
    waiting: int
    percent: float | None
    passed: bool
    complete: bool
    decision: Outcome | None
    need: Need


class QueueOut(BaseModel):
    """A sitting's attempts: those who need a person first."""

    sitting_id: UUID
    sitting: str
    exam: str
    total: int
    clearable: int
    rows: list[QueueRow]


class ClearIn(BaseModel):
    """Clear everybody in a sitting without a medium or high flag or a finding, with one reason."""

    model_config = ConfigDict(extra="forbid")

    sitting: UUID
    reason: Reason


class ClearedOut(BaseModel):
    """Who was cleared."""

    cleared: list[UUID]


class MomentOut(BaseModel):
    """One line of the attempt's story. `by` None: the platform itself."""

    at: datetime
    kind: str
    title: str
    text: str | None = None
    tone: str = "neutral"
    by: str | None = None


class FrameOut(BaseModel):
    """A piece of evidence to look at. `kept` false: it was erased when its time was over."""

    number: int
    url: str
    kept: bool


class ReviewFlag(FlagOut):
    """A flag with the pictures, the sounds of ten seconds and the short video that it rests on.

    `told`: it rests on what the candidate's own computer said; `frames` are then the pictures that left it at that time.
    """

    frames: list[FrameOut]
    sounds: list[FrameOut]
    clip: ClipOut | None
    told: bool = False


class AnswerOut(BaseModel):
    """What was asked, what was answered, what it earned. `answer` None: left out; `left`: the rows of a match by id."""

    prompt: str
    answer: dict[str, Any] | None
    grade: GradeOut
    left: dict[str, str] = {}


class ConsentOut(BaseModel):
    """What the candidate accepted, in the very words shown."""

    version: str
    given_at: datetime
    text: list[str]


class ChainOut(BaseModel):
    """Whether the record of this attempt holds. `broken_at` None: every line's hash follows from the one before."""

    lines: int
    broken_at: int | None
    head: str
    sealed: bool


class LateOut(BaseModel):
    """A save that arrived after the end and was written before it, counted by its device from our signed time."""

    title: str
    written_at: datetime | None
    received_at: datetime


class BesideOut(AsideOut):
    """An answer beside the chain, with the question's title."""

    title: str


class ReviewOut(BaseModel):
    """Everything about one attempt that a decision needs. `picture_words` says what the timeline picture shows."""

    attempt_id: UUID
    sitting_id: UUID
    sitting: str
    exam: str
    name: str
    number: int
    status: str
    opened_at: datetime
    started_at: datetime | None
    ends_at: datetime | None
    submitted_at: datetime | None
    released_at: datetime | None
    extra_minutes: int
    saves: int
    answered: int
    questions: int
    hand_overs: int
    frames: int
    analysed: int
    sounds: int
    listened: int
    left_out: list[LeftOutOut]
    not_looked: list[str]
    consent: ConsentOut | None
    chain: ChainOut
    picture_words: str
    timeline: list[MomentOut]
    flags: list[ReviewFlag]
    findings: list[FindingOut]
    answers: list[AnswerOut]
    late: list[LateOut]
    aside: list[BesideOut]
    result: ResultOut
    decisions: list[DecisionOut]
    need: Need
    seen: str


class ReleaseIn(BaseModel):
    """Which results to release; null means everybody whose result can be."""

    model_config = ConfigDict(extra="forbid")

    attempts: Annotated[list[UUID], Field(max_length=10_000)] | None


class ReleaseRow(BaseModel):
    """One person, by the attempt that counts: released (`released_at` says since when), or why not. All of their `attempts`
    are released together.
    """

    attempt_id: UUID
    name: str
    attempts: int
    released: bool
    released_at: datetime | None
    code: str | None
    detail: str | None


class ReleaseOut(BaseModel):
    """What became of each attempt. A release cannot be taken back."""

    attempts: list[ReleaseRow]
