"""Who may see and give grades: instructors, and the candidate once the result is released. Nobody marks their own exam."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends

from exam_api.accounts.access import Instructor, Role, SignedIn
from exam_api.attempts.queries import Place, find_place
from exam_api.errors import NotAllowed, NotFound, NotReleased
from exam_api.web.deps import Session
from exam_api.web.i18n import _


@dataclass(frozen=True)
class Seen:
    """An attempt whose grades the actor may see, and whether with what only staff may see."""

    place: Place
    staff: bool


async def _seen_grades(attempt_id: UUID, actor: SignedIn, session: Session) -> Seen:
    place = await find_place(session, attempt_id)
    if place is None:
        raise NotFound
    if place.attempt.candidate_id == actor.id:
        if place.attempt.released_at is None:
            raise NotReleased
        return Seen(place, staff=False)
    if not actor.may(Role.instructor):
        raise NotFound
    return Seen(place, staff=True)


async def _marked_attempt(attempt_id: UUID, actor: Instructor, session: Session) -> Place:
    return await marked_place(session, actor.id, attempt_id)


async def marked_place(session: Session, actor_id: UUID, attempt_id: UUID) -> Place:
    """An attempt for an instructor to grade, locked. Raises `NotFound`, `NotAllowed`."""
    place = await find_place(session, attempt_id, lock=True)
    if place is None:
        raise NotFound
    if place.attempt.candidate_id == actor_id:
        raise NotAllowed(_("Nobody marks their own exam."))
    return place


SeenGrades = Annotated[Seen, Depends(_seen_grades)]
MarkedAttempt = Annotated[Place, Depends(_marked_attempt)]
