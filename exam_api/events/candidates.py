"""What the candidate's browser says."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from exam_api.event import Event


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
    number: int = 1


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
class CalibrationSent(Event):
    """A candidate looked at a point of the screen before the start; the picture has to be looked at."""

    tag: ClassVar = "attempt:calibration"
    attempt_id: UUID
    point: int


@dataclass(frozen=True)
class CheckInSignSent(Event):
    """A candidate showed a sign of life before the start; its pictures have to be looked at."""

    tag: ClassVar = "attempt:check-in-sign"
    attempt_id: UUID
    number: int


@dataclass(frozen=True)
class CheckInSignEnded(Event):
    """How a sign of life before the start ended: `shown`, `not_shown`, `unclear`, `declined`, `spared`, or `off` without models."""

    tag: ClassVar = "attempt:check-in-sign-ended"
    attempt_id: UUID
    number: int
    how: str


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
class ReceiptsCopyAsked(Event):
    """The candidate wants the receipts file by mail, to the address of the account."""

    tag: ClassVar = "attempt:receipts:copy-asked"
    attempt_id: UUID


@dataclass(frozen=True)
class TrialAsked(Event):
    """The candidate wants to see what a program does; it counts for nothing."""

    tag: ClassVar = "attempt:trial"
    attempt_id: UUID
    trial_id: UUID


@dataclass(frozen=True)
class FramesArrived(Event):
    """A batch of camera frames is in the store."""

    tag: ClassVar = "attempt:frames"
    attempt_id: UUID
    first: int
    last: int


@dataclass(frozen=True)
class SoundsArrived(Event):
    """A batch of sounds is in the store."""

    tag: ClassVar = "attempt:sounds"
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


@dataclass(frozen=True)
class BrowserChecked(Event):
    """A check of the browser ended otherwise than before: `proven`, `mismatch`, `missing`, `late`, `unproven` (answers came first)."""

    tag: ClassVar = "attempt:browser-checked"
    attempt_id: UUID
    outcome: str
    client: str
    seconds: int = 0


@dataclass(frozen=True)
class CertificateListed(Event):
    """Its holder agreed that a certificate is found by their name."""

    tag: ClassVar = "certificate:listed"
    certificate_id: UUID


@dataclass(frozen=True)
class CertificateUnlisted(Event):
    """Its holder no longer wants a certificate to be found by their name."""

    tag: ClassVar = "certificate:unlisted"
    certificate_id: UUID


@dataclass(frozen=True)
class NameAsked(Event):
    """Somebody asks for their certificates in another name; the names do not stand in the ledger."""

    tag: ClassVar = "account:name-asked"
    user_id: UUID
    change_id: UUID
    linked: bool


@dataclass(frozen=True)
class NameTakenBack(Event):
    """Somebody no longer asks for another name; the wish is gone."""

    tag: ClassVar = "account:name-taken-back"
    user_id: UUID
    change_id: UUID


@dataclass(frozen=True)
class CreditsTakenBack(Event):
    """A holder took an activity back that nobody had decided about."""

    tag: ClassVar = "certificate:credits-taken-back"
    certificate_id: UUID
    activity_id: UUID


@dataclass(frozen=True)
class CreditsNoted(Event):
    """A holder noted an activity that keeps a certificate valid."""

    tag: ClassVar = "certificate:credits-noted"
    certificate_id: UUID
    activity_id: UUID


@dataclass(frozen=True)
class CertificateErased(Event):
    """A certificate's words and salt were erased at its holder's wish; its numbers stay."""

    tag: ClassVar = "certificate:erased"
    certificate_id: UUID
    log_index: int
