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
class BrowserExcused(Event):
    """A person let somebody sit without the locked-down browser, with a reason; no certificate then says that it was used."""

    tag: ClassVar = "attempt:browser-excused"
    attempt_id: UUID
    reason: str


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
    """A certificate was revoked, with a reason for its holder and a code for everybody."""

    tag: ClassVar = "certificate:revoked"
    certificate_id: UUID
    reason: str
    code: str = "unspecified"


@dataclass(frozen=True)
class CertificateSuspended(Event):
    """A certificate was suspended, with a code for everybody and a reason for its holder."""

    tag: ClassVar = "certificate:suspended"
    certificate_id: UUID
    code: str
    reason: str


@dataclass(frozen=True)
class CertificateReinstated(Event):
    """A suspended certificate holds again."""

    tag: ClassVar = "certificate:reinstated"
    certificate_id: UUID
    reason: str


@dataclass(frozen=True)
class CertificateReplaced(Event):
    """A certificate took the place of another of the same person: `why` is `name`, `renewal` or `result`."""

    tag: ClassVar = "certificate:replaced"
    certificate_id: UUID
    former_id: UUID
    why: str


@dataclass(frozen=True)
class NameDecided(Event):
    """A registrar decided about a changed name. Neither name stands in the ledger: it cannot be erased."""

    tag: ClassVar = "account:name-decided"
    user_id: UUID
    change_id: UUID
    granted: bool


@dataclass(frozen=True)
class CreditsDecided(Event):
    """A person accepted or refused an activity that keeps a certificate valid."""

    tag: ClassVar = "certificate:credits-decided"
    certificate_id: UUID
    activity_id: UUID
    accepted: bool


@dataclass(frozen=True)
class BatchMade(Event):
    """Somebody made a list of certificates to give; `digest` is of all that it says."""

    tag: ClassVar = "batch:made"
    batch_id: UUID
    digest: str
    rows: int


@dataclass(frozen=True)
class BatchApproved(Event):
    """A second person approved a list of certificates exactly as this digest says."""

    tag: ClassVar = "batch:approved"
    batch_id: UUID
    digest: str


@dataclass(frozen=True)
class BatchWithdrawn(Event):
    """A list of certificates was withdrawn before anybody approved it, with a reason."""

    tag: ClassVar = "batch:withdrawn"
    batch_id: UUID
    reason: str
