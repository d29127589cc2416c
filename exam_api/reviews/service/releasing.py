"""Release results: all that are complete and, where something was flagged, decided about. It cannot be taken back.

A person is released as a whole: all their attempts together. From then on there is no further one, so what counts is final.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts.queries import get_exam
from exam_api.attempts.service.states import STARTED, Status
from exam_api.db import ledger
from exam_api.db.models.exams import Sitting
from exam_api.errors import (
    DecisionNeeded,
    EvidenceWaits,
    ExamError,
    GradesIncomplete,
    NotAllowed,
    NotFound,
    WrongState,
    code_of,
)
from exam_api.events import GradesReleased
from exam_api.installation import Installation
from exam_api.reviews import queries
from exam_api.reviews.schemas import ReleaseOut, ReleaseRow
from exam_api.reviews.service import cases
from exam_api.reviews.service.cases import Case
from exam_api.web.i18n import _
from grading.standing import Rule, standing

OWN = _("Nobody releases their own result.")
VOIDED = _("This attempt was voided, so it has no result.")
AT_WORK = _("This attempt is not submitted yet.")
TRIES_AGAIN = _("A further attempt of this person is still open.")
GONE = _("There is no such attempt in this sitting.")
# A release cannot be taken back, so it waits for what is on its way to being looked at; not for what nobody looks at, as where
# the models are absent: that is said in the live view and in the record.
UNREAD = timedelta(minutes=10)


@dataclass(frozen=True)
class Group:
    """All attempts of one person: they are released together, and that ends the trying."""

    cases: Sequence[Case]
    sitting: Sitting
    pass_percent: float

    @property
    def finished(self) -> list[Case]:
        """Those that have a result."""
        return [case for case in self.cases if case.attempt.status == Status.submitted]

    @property
    def stands(self) -> Case:
        """The attempt that counts; where there is none, the newest."""
        results = [case.result for case in self.finished]
        found = standing(results, Rule(self.sitting.counts), self.pass_percent)
        return self.finished[found.at] if found else self.cases[-1]


def refusal(group: Group, actor_id: UUID, now: datetime) -> ExamError | None:
    """Why a person's result cannot be released now, or None."""
    states = [Status(case.attempt.status) for case in group.cases]
    if group.cases[0].attempt.candidate_id == actor_id:
        return NotAllowed(OWN)
    if not group.finished:
        return WrongState(VOIDED if states[-1] == Status.voided else AT_WORK)
    if states[-1] in STARTED or (states[-1] == Status.ready and now < group.sitting.closes_at):
        return WrongState(TRIES_AGAIN)
    if not all(case.result.complete for case in group.finished):
        return GradesIncomplete()
    if any(case.unanswered for case in group.finished):
        return DecisionNeeded()
    unread = any(case.unread_since is not None and now - case.unread_since < UNREAD for case in group.finished)
    return EvidenceWaits() if unread else None


async def plan(
    session: AsyncSession, here: Installation, sitting: Sitting, actor_id: UUID, now: datetime
) -> ReleaseOut:
    """What a release of everybody would do now; nothing is changed. `released` without a time: it would be."""
    found = await _groups(session, here, sitting, None)
    return ReleaseOut(attempts=[_row(group, refusal(group, actor_id, now)) for group in found])


async def release(
    session: AsyncSession,
    here: Installation,
    sitting: Sitting,
    only: Collection[UUID] | None,
    actor_id: UUID,
    now: datetime,
) -> ReleaseOut:
    """Release what can be, and say of each person what became of their result."""
    found = await _groups(session, here, sitting, only, lock=True)
    rows = []
    for group in found:
        why_not = refusal(group, actor_id, now)
        for case in group.finished if why_not is None else ():
            if case.attempt.released_at is None:
                case.attempt.released_at = now
                await ledger.append(session, GradesReleased(case.attempt.id), now, actor_id)
        rows.append(_row(group, why_not))
    known = {case.attempt.id for group in found for case in group.cases}
    return ReleaseOut(attempts=rows + [_unknown(each) for each in dict.fromkeys(only or ()) if each not in known])


async def _groups(
    session: AsyncSession,
    here: Installation,
    sitting: Sitting,
    only: Collection[UUID] | None,
    *,
    lock: bool = False,
) -> list[Group]:
    """The people of these attempts (None: everybody who handed in or was voided) by name, each with all their attempts."""
    ids = await queries.of_the_same_people(session, sitting.id, only, lock=lock)
    exam = await get_exam(session, here, sitting.version_id)
    of: dict[UUID, list[Case]] = {}
    for case in await cases.read(session, here, sitting, ids, lock=lock):
        of.setdefault(case.attempt.candidate_id, []).append(case)
    return [
        Group(sorted(each, key=lambda case: case.attempt.number), sitting, exam.pass_percent) for each in of.values()
    ]


def _row(group: Group, why_not: ExamError | None) -> ReleaseRow:
    # What is released stays so, whatever came up afterwards.
    case = group.stands
    done = case.attempt.released_at is not None
    return ReleaseRow(
        attempt_id=case.attempt.id,
        name=case.name,
        attempts=len(group.cases),
        released=done or why_not is None,
        released_at=case.attempt.released_at,
        code=code_of(why_not) if why_not and not done else None,
        detail=str(why_not) if why_not and not done else None,
    )


def _unknown(attempt_id: UUID) -> ReleaseRow:
    return ReleaseRow(
        attempt_id=attempt_id,
        name="",
        attempts=0,
        released=False,
        released_at=None,
        code=code_of(NotFound()),
        detail=GONE,
    )
