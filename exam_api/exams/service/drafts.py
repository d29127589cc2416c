"""Exam drafts and the versions frozen from them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import digest
from exam_api.db import ledger
from exam_api.db.models.exams import Exam as ExamRecord
from exam_api.db.models.exams import ExamVersion
from exam_api.errors import EditedElsewhere, Invalid
from exam_api.events import ExamDrafted, ExamPublished
from exam_api.exams.queries import exams as queries
from exam_api.exams.schemas import ExamIn
from exam_api.exams.service.checking import read_draft
from exam_api.web.i18n import _
from grading.exam import Exam, read_exam, to_data


async def create(session: AsyncSession, body: ExamIn, now: datetime, owner_id: UUID) -> ExamRecord:
    """A new draft. Raises `ExamFileWrong`; `Invalid` where the course does not exist."""
    exam = read_draft(body.source)
    course_id = None
    if body.course is not None:
        course = await queries.find_course(session, body.course)
        if course is None:
            raise Invalid(problems=[{"where": ["body", "course"], "message": _("There is no course of this name.")}])
        course_id = course.id
    record = ExamRecord(
        id=uuid4(),
        course_id=course_id,
        title=exam.title,
        source=body.source,
        revision=1,
        owner_id=owner_id,
        updated_at=now,
    )
    session.add(record)
    await session.flush()
    await ledger.append(session, ExamDrafted(record.id, 1), now, owner_id)
    return record


async def change(
    session: AsyncSession, record: ExamRecord, source: str, revision: int, now: datetime, actor_id: UUID
) -> tuple[int, str]:
    """Write a new text over `revision`; the new revision and title. Raises `ExamFileWrong`, `EditedElsewhere`."""
    exam = read_draft(source)
    if not await queries.save_draft(session, record.id, revision, exam.title, source, now):
        raise EditedElsewhere
    await ledger.append(session, ExamDrafted(record.id, revision + 1), now, actor_id)
    return revision + 1, exam.title


async def freeze(
    session: AsyncSession,
    record: ExamRecord,
    exam: Exam,
    now: datetime,
    actor_id: UUID,
    untried: Sequence[str] = (),
) -> ExamVersion:
    """The draft as a version that never changes; `untried` names the programs that nobody has tried."""
    definition = to_data(exam)
    fingerprint = digest(definition)
    last = await queries.find_newest_version(session, record.id)
    version = ExamVersion(
        id=uuid4(),
        exam_id=record.id,
        number=last.number + 1 if last else 1,
        definition=definition,
        digest=fingerprint,
        source=record.source,
        published_at=now,
        published_by=actor_id,
    )
    session.add(version)
    await session.flush()
    await ledger.append(session, ExamPublished(record.id, version.id, fingerprint, list(untried)), now, actor_id)
    return version


def frozen_exam(version: ExamVersion) -> Exam:
    """The exam of a frozen version."""
    return read_exam(version.definition)


def definition_of(version: ExamVersion) -> dict[str, Any]:
    """The definition whose canonical bytes the digest covers.

    JSONB hands 6.022e23 back as a whole number, which JCS refuses; reading it through the core makes it a float again.
    """
    return to_data(frozen_exam(version))


def is_whole(version: ExamVersion) -> bool:
    """Whether the stored definition still has the digest it was published with."""
    return digest(definition_of(version)) == version.digest


def digest_of(exam: Exam) -> str:
    """The digest that a version of this exam has: base64url SHA-256 over the canonical JSON of its definition."""
    return digest(to_data(exam))
