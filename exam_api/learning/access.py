"""Who may see which course: its learners, and authors and instructors. To everybody else it does not exist."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from exam_api.accounts.access import Actor, Instructor, Role, SignedIn, require
from exam_api.db.models.learning import Course
from exam_api.errors import NotFound
from exam_api.learning import queries
from exam_api.web.deps import Session

CourseStaff = Annotated[Actor, Depends(require(Role.author, Role.instructor))]


@dataclass(frozen=True)
class Place:
    """A course and the person before it. Only who is `enrolled` makes progress; staff can read everything."""

    course: Course
    user_id: UUID
    enrolled: bool
    staff: bool


def is_staff(actor: Actor) -> bool:
    return actor.may(Role.author, Role.instructor)


async def _place(slug: str, actor: SignedIn, session: Session) -> Place:
    course = await queries.find_course(session, slug) if "\0" not in slug else None
    enrolled = course is not None and await queries.is_enrolled(session, course.id, actor.id)
    if course is None or not (enrolled or is_staff(actor)):
        raise NotFound
    return Place(course, actor.id, enrolled, is_staff(actor))


async def _led_place(slug: str, actor: Instructor, session: Session) -> Place:
    return await _place(slug, actor, session)


async def _staff_place(slug: str, actor: CourseStaff, session: Session) -> Place:
    return await _place(slug, actor, session)


async def _own_place(place: Annotated[Place, Depends(_place)]) -> Place:
    if not place.enrolled:
        raise NotFound
    return place


SeenCourse = Annotated[Place, Depends(_place)]
LedCourse = Annotated[Place, Depends(_led_place)]
StaffCourse = Annotated[Place, Depends(_staff_place)]
OwnCourse = Annotated[Place, Depends(_own_place)]
