"""From a released pass to a signed, logged certificate; and back, when it is revoked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.achievement.content import Assessment, Assurance, Section
from credentials.issuance import certificate as core
from exam_api.attempts.queries import Place, get_exam
from exam_api.attempts.service import lockdown
from exam_api.certificates import queries
from exam_api.certificates.service import parts
from exam_api.certificates.service.awarding import Gift, Wanted, give, plain
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.certificates import Certificate
from exam_api.errors import CertificateNotEarned
from exam_api.grades.service import standing
from exam_api.grades.service.standing import Mine
from exam_api.installation import Installation
from grading.exam import Certificate as Terms
from grading.exam import Exam
from grading.scale import Result
from grading.standing import Rule


@dataclass(frozen=True)
class Earned:
    """What a person's attempts earn together, and the attempt that it rests on."""

    exam: Exam
    terms: Terms
    result: Result
    attempt: Attempt
    locked_down: bool
    sections: tuple[Section, ...] = ()


async def earned(session: AsyncSession, here: Installation, place: Place) -> Earned:
    """What this person earns in this sitting, by the attempt that counts. Their attempts are locked from here.

    Raises `CertificateNotEarned`.
    """
    exam = await get_exam(session, here, place.sitting.version_id)
    mine = await standing.of_person(session, here, place.sitting, place.attempt.candidate_id, lock=True)
    result, stands = mine.counting, mine.stands
    unreleased = any(each.attempt.released_at is None for each in mine.tried if each.result is not None)
    if exam.certificate is None or result is None or stands is None or unreleased:
        raise CertificateNotEarned
    if not (result.complete and result.passed):
        raise CertificateNotEarned
    sections = await parts.sections_of(session, here, mine, exam.certificate)
    return Earned(exam, exam.certificate, result, stands, await _locked_down(session, exam, mine), sections)


async def _locked_down(session: AsyncSession, exam: Exam, mine: Mine) -> bool:
    """Whether the browser of every attempt that counts was proven from its start to its end; of an average, all count."""
    if not exam.proctoring.locked_down or mine.stands is None:
        return False
    counting = [mine.stands]
    if mine.sitting.counts == Rule.average:
        counting = [each.attempt for each in mine.tried if each.result is not None]
    return all([await lockdown.held(session, each) for each in counting])


async def issue(
    session: AsyncSession,
    here: Installation,
    place: Place,
    now: datetime,
    chance: Callable[[int], bytes],
    instead_of: Certificate | None = None,
) -> Certificate:
    """This person's certificate of this sitting; made now where there is none, or where what counts is another attempt than
    the one that a revoked certificate rests on. `instead_of` was revoked because what counts has changed: an average can
    rest on the same attempt and be another one. Raises `CertificateNotEarned`.
    """
    found = await earned(session, here, place)
    existing = await queries.find_of_person(session, place.sitting.id, place.attempt.candidate_id)
    stays = existing is not None and (existing.revoked_at is None or existing.attempt_id == found.attempt.id)
    if existing is not None and stays and existing is not instead_of:
        return existing
    person = await queries.get_person(session, place.attempt.candidate_id)
    gift = Gift(person, _wanted(found, place, now), attempt_id=found.attempt.id, replaces=instead_of)
    return await give(session, here, gift, now, chance)


def _wanted(found: Earned, place: Place, now: datetime) -> Wanted:
    exam, terms, result = found.exam, found.terms, found.result
    return Wanted(
        # A version is frozen for ever, so its id names for ever what had to be done.
        achievement=core.Achievement(
            id=f"urn:uuid:{place.sitting.version_id}",
            name=plain(terms.name),
            description=plain(terms.description),
            criteria=plain(terms.criteria),
            kind=parts.KINDS[terms.kind],
            alignments=parts.alignments(terms.skills),
            assessment=assessment(exam, place.sitting.minutes),
        ),
        valid_until=years_after(now, terms.valid_years) if terms.valid_years else None,
        score=core.Score(parts.said(result.percent), "100", f"{exam.pass_percent:g}"),
        evidence=core.Evidence(
            plain(exam.title),
            narrative(exam, place.sitting.minutes, locked_down=found.locked_down),
            None,
            assurance(exam, locked_down=found.locked_down),
        ),
        sections=found.sections,
        suspendable=terms.suspendable,
        refresh=terms.renewal is not None,
    )


def still_holds(row: Certificate, mine: Mine) -> bool:
    """Whether a certificate rests on the attempt that counts now, and says what counts now."""
    if mine.counting is None or mine.stands is None or not mine.counting.passed:
        return False
    if row.erased_at is not None:
        return row.attempt_id == mine.stands.id
    results = row.document["credentialSubject"]["result"]
    said = {each.get("value") for each in results if each["resultDescription"].endswith("#score")}
    return row.attempt_id == mine.stands.id and parts.said(mine.counting.percent) in said


def narrative(exam: Exam, minutes: int, *, locked_down: bool) -> str:
    """How it was shown, without a word about the person: extra time, flags and the room are nobody else's business."""
    watched = (
        "During the exam a camera was on; a program marked what to look at, and a person decided about it."
        if exam.proctoring.camera
        else "No camera was asked for."
    )
    browser = (
        "From before the start to the end, the browser showed again and again that it ran with this sitting's settings of "
        "Safe Exam Browser. "
        if locked_down
        else ""
    )
    return (
        f"An exam of {exam.count} questions, planned for {minutes} minutes, started with the candidate's passkey "
        f"and sat on one proven device at a time. {browser}{watched} Every answer has a signed receipt, and a person released "
        "the result."
    )


def assurance(exam: Exam, *, locked_down: bool) -> Assurance:
    """How the sitting was secured: `locked_down` where the proofs of its browser held throughout (decision 46)."""
    if locked_down:
        return "locked-down"
    return "monitored" if exam.proctoring.camera else "unmonitored"


def assessment(exam: Exam, minutes: int) -> Assessment:
    """What the Assessment Extension tells of the exam, in words that are true for every exam here."""
    return Assessment(
        description=f"An exam of {exam.count} questions, planned for {minutes} minutes.",
        output="Answers to questions, such as choices, numbers, texts, files and programs.",
        evaluation=(
            "Each answer is marked by a program or a person; what the program is unsure of, a person marks. The score is "
            f"the share of the points, and {exam.pass_percent:g} percent are needed."
        ),
    )


def years_after(moment: datetime, years: int) -> datetime:
    """The same day so many years later; 29 February becomes 1 March where there is none."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, month=3, day=1)
