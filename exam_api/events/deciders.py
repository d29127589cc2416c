"""What people who decide say."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from exam_api.event import Event


@dataclass(frozen=True)
class GradeGiven(Event):
    """A person graded an answer, or confirmed a machine's proposal."""

    tag: ClassVar = "attempt:grade-given"
    attempt_id: UUID
    item_id: str
    points: float
    reason: str


@dataclass(frozen=True)
class RecoveryTaken(Event):
    """A person took in a recovery file, with a reason; so many of its answers count."""

    tag: ClassVar = "attempt:recovery"
    attempt_id: UUID
    sitting_id: UUID
    digest: str
    jkt: str
    counting: int
    reason: str


@dataclass(frozen=True)
class RegradeAsked(Event):
    """A person wants the graders to look again; what people graded stays."""

    tag: ClassVar = "attempt:regrade-asked"
    attempt_id: UUID


@dataclass(frozen=True)
class DecisionMade(Event):
    """A person decided about an attempt, with a reason. `about` names the flags and findings that were looked at."""

    tag: ClassVar = "attempt:decision"
    attempt_id: UUID
    outcome: str
    reason: str
    about: list[str]


@dataclass(frozen=True)
class GradesReleased(Event):
    """The candidate may see the result."""

    tag: ClassVar = "attempt:released"
    attempt_id: UUID


@dataclass(frozen=True)
class CertificateIssued(Event):
    """A certificate was signed and logged."""

    tag: ClassVar = "certificate:issued"
    certificate_id: UUID
    attempt_id: UUID | None  # None: it rests on no attempt
    log_index: int


@dataclass(frozen=True)
class CertificateRevoked(Event):
    """A certificate was revoked, with a reason."""

    tag: ClassVar = "certificate:revoked"
    certificate_id: UUID
    reason: str
