"""Everything that can happen, grouped by who says it. A tag is never renamed or reused."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from exam_api.event import Event


# --- said by accounts ---
@dataclass(frozen=True)
class AccountCreated(Event):
    """An operator or an instructor made an account."""

    tag: ClassVar = "account:created"
    user_id: UUID
    roles: list[str]


@dataclass(frozen=True)
class RolesChanged(Event):
    """What an account may do was changed."""

    tag: ClassVar = "account:roles"
    user_id: UUID
    roles: list[str]


@dataclass(frozen=True)
class SignedIn(Event):
    """Somebody proved who they are."""

    tag: ClassVar = "account:signed-in"
    user_id: UUID
    method: str


@dataclass(frozen=True)
class SignedOut(Event):
    """A session was ended, here or from another device."""

    tag: ClassVar = "account:signed-out"
    user_id: UUID
    session_id: str


@dataclass(frozen=True)
class WayInAdded(Event):
    """A passkey, password or authenticator app was added."""

    tag: ClassVar = "account:way-in:added"
    user_id: UUID
    kind: str


@dataclass(frozen=True)
class WayInRemoved(Event):
    """A passkey, password or authenticator app was removed."""

    tag: ClassVar = "account:way-in:removed"
    user_id: UUID
    kind: str


@dataclass(frozen=True)
class ProfileChanged(Event):
    """Name or language of an account changed."""

    tag: ClassVar = "account:profile"
    user_id: UUID
    fields: list[str]


# --- said by authors and instructors ---
@dataclass(frozen=True)
class CourseImported(Event):
    """A course folder was read in."""

    tag: ClassVar = "course:imported"
    course_id: UUID
    revision: int


@dataclass(frozen=True)
class LearnerEnrolled(Event):
    """Somebody was put into a course."""

    tag: ClassVar = "course:enrolled"
    course_id: UUID
    user_id: UUID


@dataclass(frozen=True)
class LessonDone(Event):
    """A learner finished a lesson."""

    tag: ClassVar = "course:lesson-done"
    course_id: UUID
    user_id: UUID
    lesson: str


@dataclass(frozen=True)
class ExamDrafted(Event):
    """An exam draft was created or changed."""

    tag: ClassVar = "exam:drafted"
    exam_id: UUID
    revision: int


@dataclass(frozen=True)
class ExamPublished(Event):
    """A version was frozen for ever."""

    tag: ClassVar = "exam:published"
    exam_id: UUID
    version_id: UUID
    digest: str


@dataclass(frozen=True)
class SittingPlanned(Event):
    """A sitting was created or its window changed."""

    tag: ClassVar = "sitting:planned"
    sitting_id: UUID
    opens_at: datetime
    closes_at: datetime
    minutes: int


@dataclass(frozen=True)
class EntryRulesChanged(Event):
    """What a sitting asks at the door was changed; `asks` names the rules that now hold."""

    tag: ClassVar = "sitting:entry"
    sitting_id: UUID
    asks: list[str]


@dataclass(frozen=True)
class ShownRulesChanged(Event):
    """When candidates see which part of their results was changed."""

    tag: ClassVar = "sitting:shown"
    sitting_id: UUID
    parts: dict[str, str]


@dataclass(frozen=True)
class RosterChanged(Event):
    """Somebody was put on a roster, taken off, or got other extra time."""

    tag: ClassVar = "sitting:roster"
    sitting_id: UUID
    user_id: UUID
    extra_minutes: int
    present: bool
    extra_percent: int = 0


@dataclass(frozen=True)
class TimeGiven(Event):
    """Time was given, or the clock stopped or resumed, for people of a sitting; each clock that moved says so itself."""

    tag: ClassVar = "sitting:time"
    sitting_id: UUID
    change: str
    amount: int
    reason: str
    people: list[str]


# --- said by the candidate's browser ---
@dataclass(frozen=True)
class AttemptsPrepared(Event):
    """Attempts were made ahead of a sitting, each with its seed and form."""

    tag: ClassVar = "sitting:prepared"
    sitting_id: UUID
    count: int


@dataclass(frozen=True)
class SectionEntered(Event):
    """A candidate went on to the next part of the exam; the one before is closed."""

    tag: ClassVar = "attempt:section"
    attempt_id: UUID
    number: int
    section: str


@dataclass(frozen=True)
class AttemptOpened(Event):
    """A candidate came to the door of the exam."""

    tag: ClassVar = "attempt:opened"
    attempt_id: UUID
    candidate_id: UUID


@dataclass(frozen=True)
class ConsentGiven(Event):
    """A candidate accepted what is recorded and how long it is kept."""

    tag: ClassVar = "attempt:consent"
    attempt_id: UUID
    version: str
    terms: list[str]


@dataclass(frozen=True)
class ReferenceSent(Event):
    """A candidate sent a reference photo; it has to be looked at."""

    tag: ClassVar = "attempt:reference"
    attempt_id: UUID
    number: int


@dataclass(frozen=True)
class AttemptStarted(Event):
    """The clock runs. The statement is signed by the candidate's passkey."""

    tag: ClassVar = "attempt:started"
    attempt_id: UUID
    ends_at: datetime
    statement: str


@dataclass(frozen=True)
class DeviceChanged(Event):
    """The attempt moved to another device, by the candidate's passkey."""

    tag: ClassVar = "attempt:device"
    attempt_id: UUID
    generation: int
    jkt: str
    reason: str


@dataclass(frozen=True)
class AnswerSetAside(Event):
    """A device that was replaced still held an answer; it is kept beside the chain."""

    tag: ClassVar = "attempt:aside"
    attempt_id: UUID
    item: str
    jkt: str
    place: int


@dataclass(frozen=True)
class TimeChanged(Event):
    """The end of a running attempt moved, or its clock was stopped (`ends_at` is then where it stood) or resumed."""

    tag: ClassVar = "attempt:time"
    attempt_id: UUID
    ends_at: datetime
    change: str = "extra"
    reason: str = ""


@dataclass(frozen=True)
class AttemptSubmitted(Event):
    """The chain is sealed at its last sequence number."""

    tag: ClassVar = "attempt:submitted"
    attempt_id: UUID
    sitting_id: UUID
    seq: int
    by: str


@dataclass(frozen=True)
class FramesArrived(Event):
    """A batch of camera frames is in the store."""

    tag: ClassVar = "attempt:frames"
    attempt_id: UUID
    first: int
    last: int


@dataclass(frozen=True)
class BrowserSignalled(Event):
    """The exam page reported hidden, blur, fullscreen, copy or paste."""

    tag: ClassVar = "attempt:browser"
    attempt_id: UUID
    first: int
    last: int


# --- said by the worker ---
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


# --- said by people who decide ---
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
    attempt_id: UUID
    log_index: int


@dataclass(frozen=True)
class CertificateRevoked(Event):
    """A certificate was revoked, with a reason."""

    tag: ClassVar = "certificate:revoked"
    certificate_id: UUID
    reason: str


EVENTS: dict[str, type[Event]] = {kind.tag: kind for kind in Event.__subclasses__()}
