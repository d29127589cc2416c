"""Rows → the shapes on the wire."""

from collections.abc import Sequence
from typing import Any

from exam_api.db.models.exams import ExamVersion
from exam_api.exams.queries.exams import ExamListed
from exam_api.exams.queries.sittings import OnRoster, SittingListed
from exam_api.exams.schemas import ExamRow, RosterRowOut, SittingOut, SittingRow, VersionOut, VersionRow
from grading.standing import Rule


def exam_row(found: ExamListed) -> ExamRow:
    return ExamRow(
        id=found.exam.id,
        title=found.exam.title,
        revision=found.exam.revision,
        updated_at=found.exam.updated_at,
        owner=found.owner,
        course=found.course,
        version=found.version,
    )


def version_row(version: ExamVersion, published_by: str) -> VersionRow:
    return VersionRow(
        id=version.id,
        number=version.number,
        digest=version.digest,
        published_at=version.published_at,
        published_by=published_by,
    )


def version_out(version: ExamVersion, published_by: str, definition: dict[str, Any]) -> VersionOut:
    row = dict(version_row(version, published_by))
    return VersionOut(**row, exam_id=version.exam_id, definition=definition)


def sitting_row(found: SittingListed) -> SittingRow:
    sitting = found.sitting
    return SittingRow(
        id=sitting.id,
        title=sitting.title,
        exam_id=found.exam_id,
        exam_title=found.exam_title,
        version=found.version,
        opens_at=sitting.opens_at,
        closes_at=sitting.closes_at,
        minutes=sitting.minutes,
        attempts=sitting.attempts,
        delay_minutes=sitting.delay_minutes,
        counts=Rule(sitting.counts),
        late_minutes=sitting.late_minutes,
        late_percent=sitting.late_percent,
        grace_minutes=sitting.grace_minutes,
        people=found.people,
        started=found.started,
        submitted=found.submitted,
    )


def sitting_out(found: SittingListed, roster: Sequence[OnRoster]) -> SittingOut:
    row = dict(sitting_row(found))
    return SittingOut(**row, version_id=found.sitting.version_id, roster=[roster_row(person) for person in roster])


def roster_row(person: OnRoster) -> RosterRowOut:
    attempt = person.attempt
    return RosterRowOut(
        user_id=person.entry.user_id,
        email=person.email,
        name=person.name,
        extra_minutes=person.entry.extra_minutes,
        extra_percent=person.entry.extra_percent,
        incident_minutes=person.entry.incident_minutes,
        accommodations=person.entry.accommodations,
        started=attempt is not None and (attempt.started_at is not None or attempt.number > 1),
        submitted=attempt is not None and attempt.submitted_at is not None,
    )
