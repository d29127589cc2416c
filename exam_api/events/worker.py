"""What the worker says."""

from dataclasses import dataclass
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
