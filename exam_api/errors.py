"""Everything that can be refused, in words for a person, and the one table that turns it into an HTTP status."""

from typing import Any


class ExamError(Exception):
    """Something went wrong."""

    def __init__(self, detail: str | None = None, *, headers: dict[str, str] | None = None, **extra: Any) -> None:
        super().__init__(detail or (type(self).__doc__ or "").strip())
        self.headers = headers or {}
        self.extra = extra

    @property
    def title(self) -> str:
        return (type(self).__doc__ or "").strip()


class NotFound(ExamError):
    """There is nothing here, or it is not yours to see."""


class SignInNeeded(ExamError):
    """Please sign in first."""


class NotAllowed(ExamError):
    """Your account may not do this."""


class Invalid(ExamError):
    """Some of what was sent cannot be used."""


class TooLarge(ExamError):
    """This is larger than anything that belongs here. Nothing was kept."""


class TooSlow(ExamError):
    """This took too long to arrive. Nothing was kept; try again with a better connection."""


class TooManyTries(ExamError):
    """Too many tries. Please wait a few minutes and try again."""


class ForgedForm(ExamError):
    """This form did not come from our own page, or it is too old. Go back, reload the page and send it again."""


# --- accounts ---
class SignInFailed(ExamError):
    """That did not match. Nothing was changed; you can try again."""


class CodeNotValid(ExamError):
    """This code is not valid: it was mistyped, used before, or is too old. Check it, or ask for a new one."""


class PasskeyRefused(ExamError):
    """The passkey could not be proven. Please try again."""


class LastWayIn(ExamError):
    """This is your last way to sign in, so it cannot be removed. Add another one first."""


class EmailTaken(ExamError):
    """There is already an account with this e-mail address."""


class SetUpFirst(ExamError):
    """Add a passkey or a password first; then everything else opens."""


class SignInAgain(ExamError):
    """Your last sign-in was more than ten minutes ago. Sign in again, then change how you sign in."""


class PasskeyNeeded(ExamError):
    """This is signed with a passkey, and your account has none yet. Add one under "Passkeys and devices"."""


class LastOperator(ExamError):
    """This is the last operator, so the role stays. Give it to somebody else first."""


# --- exams ---
class ExamFileWrong(ExamError):
    """The exam file has mistakes; nothing was saved."""


class CourseFilesWrong(ExamError):
    """The course has mistakes; nothing was saved."""


class LessonLocked(ExamError):
    """This lesson opens when the lessons before it are done."""


class PathwayFileWrong(ExamError):
    """The file has mistakes; nothing was saved."""


class EditedElsewhere(ExamError):
    """Somebody else changed this exam meanwhile, so nothing was saved. Your text is still in the form."""


class NotPublished(ExamError):
    """This exam has no published version yet. Publish it first, then plan the sitting."""


class ReferenceFails(ExamError):
    """A reference solution does not do what its question asks, so nothing was published. Mend the question or the solution."""


class NothingToTry(ExamError):
    """No question of this exam has a reference solution, so there is nothing to try."""


class NotTried(ExamError):
    """Some programs have not been tried, so nothing was published. Give them a reference solution, or publish without having tried them."""


class SittingNotOpen(ExamError):
    """This sitting is not open now."""


class SittingInUse(ExamError):
    """Candidates have already started; this can no longer be changed."""


# --- at the door ---
class NetworkRefused(ExamError):
    """This exam is taken in certain networks only."""


class LessonsMissing(ExamError):
    """This exam opens when the lessons of its course are done."""


class ExamPasswordNeeded(ExamError):
    """This exam asks for a password. The people who run it read it out."""


class ExamPasswordWrong(ExamError):
    """This is not the password of this exam. Ask for it again, and mind capital and small letters."""


class AttemptsUsed(ExamError):
    """All attempts of this sitting are used."""


class FormerAttemptOpen(ExamError):
    """Your former attempt is still open. Hand it in first; then a further one can begin."""


class FormerAttemptVoided(ExamError):
    """A person voided your former attempt, so no further one can begin. Please ask the people who run this exam."""


class NextAttemptLater(ExamError):
    """It is too early for the next attempt."""


class ResultIsOut(ExamError):
    """Your result is released, so no further attempt can begin."""


# --- attempts ---
class WrongState(ExamError):
    """The attempt is not at that point."""


class LockedBrowserNeeded(ExamError):
    """This exam is sat in Safe Exam Browser, and this browser has not shown that it runs with the exam's settings."""


class ConsentNeeded(ExamError):
    """Please read and accept what is recorded before you start."""


class CheckInIncomplete(ExamError):
    """The check-in is not complete yet."""


class TokenNotValid(ExamError):
    """The exam session is not proven. Reload the page to go on; your answers are kept."""


class NonceNeeded(TokenNotValid):
    """The server asks for a fresh proof."""


class ProofReplayed(TokenNotValid):
    """This proof was used before."""


class DeviceReplaced(ExamError):
    """This attempt is now open on another device. Answers are safe there."""


class TimeIsUp(ExamError):
    """The time is over. Everything saved before is kept."""


class Paused(ExamError):
    """The exam has a break and your clock stands. What you have written is kept and sent when it goes on."""


class SectionClosed(ExamError):
    """This part of the exam is not open. What was saved in it is kept."""


class TooEarly(ExamError):
    """It is too early to go on or to submit."""


class AnswersMissing(ExamError):
    """Questions that must be answered are not answered yet."""


class SequenceConflict(ExamError):
    """Another answer already has this sequence number."""


class SequenceGap(ExamError):
    """Answers must arrive in order."""


class UnknownItem(ExamError):
    """This exam has no such question."""


# --- files of an answer ---
class AttachmentConflict(ExamError):
    """Another content already has this place in the file, or another file this number."""


class AttachmentGap(ExamError):
    """This part of the file does not follow what we hold."""


class AttachmentDamaged(ExamError):
    """This part of the file was changed on its way. Send it again."""


class AttachmentRefused(ExamError):
    """This file is not accepted. Choose another one."""


class AttachmentUnfinished(Invalid):
    """The answer names a file that has not come completely. Send the file, then the answer."""


class AttachmentsFull(ExamError):
    """This question holds as many files as it can. The last ones sent stay."""


class RangeWrong(ExamError):
    """The file has no such part."""


# --- programs that are tried ---
class TrialTooSoon(ExamError):
    """A program can be run every 3 seconds, and 60 times in 10 minutes. Wait a moment, then run it again."""


class TrialWaits(ExamError):
    """Your last run is not finished yet. Its result appears here by itself; then you can run again."""


class ReferenceNotUsable(ExamError):
    """The reference photo cannot be used."""


class ClipNotVideo(ExamError):
    """A clip is a WebM or MP4 video."""


# --- after the exam ---
class GradesIncomplete(ExamError):
    """Some answers have no final grade yet."""


class NotReleased(ExamError):
    """The result is not released yet. You will find it here as soon as it is."""


class DecisionNeeded(ExamError):
    """This attempt has open flags or findings; a person must decide first."""


class EvidenceWaits(ExamError):
    """Pictures or sounds of this attempt have come that nobody has looked at yet; try again in a few minutes."""


class CertificateNotEarned(ExamError):
    """There is no certificate for this attempt."""


class LogInconsistent(ExamError):
    """The public log does not continue what it promised, so nothing is signed until an operator has looked."""


class IssuerKeyChanged(ExamError):
    """The key that signs certificates was replaced. Restart the platform; nothing is signed before that."""


class FourEyes(ExamError):
    """Whoever made a list cannot approve it. Ask somebody else who may."""


class ErasedCertificate(ExamError):
    """This certificate was erased at its holder's wish. A file of it that its holder kept still proves itself."""


class StatusListFull(ExamError):
    """The status list has no free entry left; start a second list before issuing more certificates."""


class SignerDown(ExamError):
    """Certificates cannot be signed just now: the place where the key is kept does not answer. Nothing was issued; try again in a few minutes."""


class ServiceDown(ExamError):
    """The platform is restarting. Nothing that was confirmed is lost; try again in a few seconds."""


class TooManyFiles(ExamError):
    """Many PDFs are being read at this moment. Try again in a minute, or choose the file of the certificate instead."""


class DiskFull(ServiceDown):
    """The platform has no room left and keeps nothing new. Nothing that was confirmed is lost; tell the people who run this exam."""


class StoreDown(ExamError):
    """Files cannot be kept just now. Answers are safe; try again in a few minutes, and tell the people who run this exam."""


_BY_STATUS: dict[int, tuple[type[ExamError], ...]] = {
    401: (SignInNeeded, SignInFailed, PasskeyRefused, TokenNotValid, NonceNeeded, ProofReplayed),
    403: (NotAllowed, ForgedForm, SetUpFirst, SignInAgain, NetworkRefused, FourEyes, LockedBrowserNeeded),
    404: (NotFound, UnknownItem, CertificateNotEarned),
    408: (TooSlow,),
    409: (
        *(LastWayIn, EmailTaken, PasskeyNeeded, LastOperator, LessonLocked, EditedElsewhere, NotPublished),
        *(ReferenceFails, NothingToTry, NotTried, SittingNotOpen, SittingInUse, LessonsMissing, ExamPasswordNeeded),
        *(ExamPasswordWrong, AttemptsUsed, FormerAttemptOpen, FormerAttemptVoided, NextAttemptLater, ResultIsOut),
        *(WrongState, ConsentNeeded, CheckInIncomplete, DeviceReplaced, TimeIsUp, Paused, SectionClosed, TooEarly),
        *(AnswersMissing, SequenceConflict, SequenceGap, AttachmentConflict, AttachmentGap, AttachmentsFull),
        *(TrialWaits, GradesIncomplete, NotReleased, DecisionNeeded, EvidenceWaits),
    ),
    410: (CodeNotValid, ErasedCertificate),
    413: (TooLarge,),
    415: (ClipNotVideo,),
    416: (RangeWrong,),
    422: (
        *(Invalid, ExamFileWrong, PathwayFileWrong, CourseFilesWrong, AttachmentDamaged, AttachmentRefused),
        *(ReferenceNotUsable,),
    ),
    429: (TooManyTries, TrialTooSoon),
    500: (LogInconsistent, StatusListFull),
    503: (IssuerKeyChanged, SignerDown, ServiceDown, StoreDown, TooManyFiles),
}
STATUS: dict[type[ExamError], int] = {kind: status for status, kinds in _BY_STATUS.items() for kind in kinds}


def status_of(error: ExamError) -> int:
    """The HTTP status of an error: its own entry, or its nearest ancestor's."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def code_of(error: ExamError) -> str:
    """A stable machine-readable name, e.g. `sequence-conflict`, from the class name."""
    name = type(error).__name__
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")
