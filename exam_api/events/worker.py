"""What the worker says."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from exam_api.event import Event


@dataclass(frozen=True)
class AttemptGraded(Event):
    """Every item went through its grader once."""

    tag: ClassVar = "attempt:graded"
    attempt_id: UUID
    waiting: int


@dataclass(frozen=True)
class FindingsMade(Event):
    """The cohort's statistics were computed again."""

    tag: ClassVar = "sitting:findings"
    sitting_id: UUID
    findings: int


@dataclass(frozen=True)
class FlagLeftOut(Event):
    """A rule fired, and what was agreed with the candidate keeps it silent."""

    tag: ClassVar = "attempt:left-out"
    attempt_id: UUID
    rule: str
    started_at: datetime
    agreed: list[str]


@dataclass(frozen=True)
class FramesPassedOver(Event):
    """More pictures waited than could be looked at in time; some were left for later."""

    tag: ClassVar = "attempt:passed-over"
    attempt_id: UUID
    count: int
    first: int
    last: int


@dataclass(frozen=True)
class EvidenceErased(Event):
    """Kept long enough: what was erased, and how many of each. `whole`: with it went the key of all evidence."""

    tag: ClassVar = "attempt:erased"
    attempt_id: UUID
    counts: dict[str, int]
    whole: bool


@dataclass(frozen=True)
class BatchFinished(Event):
    """Every row of an approved list has its certificate, or a problem that a person has to look at."""

    tag: ClassVar = "batch:finished"
    batch_id: UUID
    issued: int
    problems: int
