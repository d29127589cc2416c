"""Who may touch which exam and which sitting.

An exam belongs to its author; every instructor may see and change it too, because they plan its sittings. To another
author it does not exist. Sittings are seen by instructors and invigilators, changed by instructors.
"""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from exam_api.accounts.access import Actor, Instructor, Invigilator, Role, SignedIn, require
from exam_api.db.models.exams import ExamVersion
from exam_api.errors import NotFound
from exam_api.exams.queries import exams, sittings
from exam_api.web.deps import Session

ExamStaff = Annotated[Actor, Depends(require(Role.author, Role.instructor))]


def owner_filter(actor: Actor) -> UUID | None:
    """Whose exams an actor's lists hold: None means everybody's."""
    return None if actor.may(Role.instructor) else actor.id


async def _own_exam(exam_id: UUID, actor: ExamStaff, session: Session) -> exams.ExamListed:
    found = await exams.find_exam(session, exam_id)
    if found is None or (found.exam.owner_id != actor.id and not actor.may(Role.instructor)):
        raise NotFound
    return found


OwnExam = Annotated[exams.ExamListed, Depends(_own_exam)]


@dataclass(frozen=True)
class PublishedVersion:
    """A frozen version and the name of who published it."""

    row: ExamVersion
    published_by: str


async def _own_version(number: int, exam: OwnExam, session: Session) -> PublishedVersion:
    # A number that PostgreSQL's integer cannot hold is a version that does not exist.
    found = await exams.find_version(session, exam.exam.id, number) if 0 < number < 2**31 else None
    if found is None:
        raise NotFound
    return PublishedVersion(*found)


OwnVersion = Annotated[PublishedVersion, Depends(_own_version)]


async def _any_sitting(sitting_id: UUID, session: Session) -> sittings.SittingListed:
    found = await sittings.find_sitting(session, sitting_id)
    if found is None:
        raise NotFound
    return found


async def _seen_sitting(sitting_id: UUID, _: Invigilator, session: Session) -> sittings.SittingListed:
    return await _any_sitting(sitting_id, session)


async def _led_sitting(sitting_id: UUID, _: Instructor, session: Session) -> sittings.SittingListed:
    return await _any_sitting(sitting_id, session)


async def _own_sitting(sitting_id: UUID, actor: SignedIn, session: Session) -> sittings.Mine:
    found = await sittings.list_mine(session, actor.id, sitting_id)
    if not found:
        raise NotFound
    return found[0]


SeenSitting = Annotated[sittings.SittingListed, Depends(_seen_sitting)]
"""A sitting for instructors and invigilators to read."""
LedSitting = Annotated[sittings.SittingListed, Depends(_led_sitting)]
"""A sitting for instructors to change."""
MySittingAccess = Annotated[sittings.Mine, Depends(_own_sitting)]
"""A sitting whose roster the actor is on; to everybody else it does not exist."""
