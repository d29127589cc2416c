"""Who may see and give grades: instructors, and the candidate once the result is released. Nobody marks their own exam."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.accounts.access import Instructor, Role, SignedIn
from exam_api.attempts.queries import Place, find_place
from exam_api.attempts.service.states import Status
from exam_api.errors import NotAllowed, NotFound, NotReleased
from exam_api.exams.service import shown
from exam_api.web.deps import Now, Session
from exam_api.web.i18n import _


@dataclass(frozen=True)
class Seen:
    """An attempt whose grades the actor may see: staff all of it, the candidate the `parts` that are shown now."""

    place: Place
    parts: frozenset[str] | None

    @property
    def staff(self) -> bool:
        return self.parts is None


async def parts_shown(session: AsyncSession, place: Place, now: datetime) -> frozenset[str]:
    """What the candidate may see of the result now; nothing before the end, nothing of a voided attempt."""
    if place.attempt.status != Status.submitted:
        return frozenset()
    rules = await shown.rules_of(session, place.sitting.id)
    return shown.visible(rules, released=place.attempt.released_at is not None, closed=now > place.sitting.closes_at)


async def points_shown(session: AsyncSession, places: Iterable[Place], now: datetime) -> set[UUID]:
    """The attempts whose points the candidate may see now."""
    return {place.attempt.id for place in places if "points" in await parts_shown(session, place, now)}


async def _seen_grades(attempt_id: UUID, actor: SignedIn, session: Session, now: Now) -> Seen:
    place = await find_place(session, attempt_id)
    if place is None:
        raise NotFound
    if place.attempt.candidate_id == actor.id:
        parts = await parts_shown(session, place, now)
        if not parts:
            raise NotReleased
        return Seen(place, parts)
    if not actor.may(Role.instructor):
        raise NotFound
    return Seen(place, None)


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
