"""What counts of a person's attempts, for one person and for a whole sitting."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts.queries import Place, all_of_sitting, attempts_of, form_of, get_exam, list_of_sitting
from exam_api.db.models.accounts import User
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.exams import Sitting
from exam_api.db.models.grades import Grade
from exam_api.grades import queries
from exam_api.grades.schemas import StandingOut, TriedOut
from exam_api.grades.service.results import add_up, shape_result, waits_for_person, waits_for_us
from exam_api.installation import Installation
from grading.exam import Exam
from grading.scale import Result
from grading.standing import Rule, standing


@dataclass(frozen=True)
class Tried:
    """One attempt with its own result. None: it was not handed in, or it was voided."""

    attempt: Attempt
    result: Result | None


@dataclass(frozen=True)
class Mine:
    """All attempts of one person in a sitting, in order. `stands` is the one that the result `counting` rests on."""

    sitting: Sitting
    tried: tuple[Tried, ...]
    counting: Result | None
    stands: Attempt | None

    @property
    def places(self) -> list[Place]:
        return [Place(each.attempt, self.sitting, 0) for each in self.tried]


@dataclass(frozen=True)
class Row:
    """One person of a sitting: `state` of the newest of their attempts, and what counts of those that were handed in.

    `attempt` is the one that counts, else the newest. `result` None: there is nothing to add up yet. `grades` are those of
    `attempt`; an average has none of its own.
    """

    person: User
    state: str | None
    attempts: int
    attempt: Attempt | None
    grades: Mapping[str, Grade]
    result: Result | None
    for_people: int
    for_us: int
    flags: int


def count(exam: Exam, sitting: Sitting, tried: Sequence[Tried]) -> Mine:
    """What counts, by the sitting's rule."""
    finished = [(each.attempt, each.result) for each in tried if each.result is not None]
    found = standing([each for _, each in finished], Rule(sitting.counts), exam.pass_percent)
    return Mine(
        sitting,
        tuple(tried),
        counting=found.result if found else None,
        stands=finished[found.at][0] if found else None,
    )


async def of_person(
    session: AsyncSession, here: Installation, sitting: Sitting, user_id: UUID, *, lock: bool = False
) -> Mine:
    """One person's attempts and what counts now; `lock` keeps everybody else from changing them meanwhile."""
    exam = await get_exam(session, here, sitting.version_id)
    tried = [
        _tried(here, sitting, attempt, await queries.current_grades(session, attempt.id))
        for attempt in await attempts_of(session, sitting.id, user_id, lock=lock)
    ]
    return count(exam, sitting, tried)


def _tried(here: Installation, sitting: Sitting, attempt: Attempt, grades: Mapping[str, Grade]) -> Tried:
    if attempt.status != queries.SUBMITTED:
        return Tried(attempt, None)
    return Tried(attempt, add_up(form_of(here, sitting.version_id, attempt.seed), grades, attempt.late_off))


def shape(mine: Mine, shown: Collection[UUID]) -> StandingOut:
    """For the candidate: points only of the attempts in `shown`, and their sum only where all that count in it are shown."""
    finished = {each.attempt.id for each in mine.tried if each.result is not None}
    whole = mine.counting is not None and finished <= set(shown)
    return StandingOut(
        counts=Rule(mine.sitting.counts),
        allowed=mine.sitting.attempts,
        attempts=[
            TriedOut(
                attempt_id=each.attempt.id,
                number=each.attempt.number,
                status=each.attempt.status,
                submitted_at=each.attempt.submitted_at,
                result=shape_result(each.result) if each.result and each.attempt.id in shown else None,
                stands=whole and each.attempt is mine.stands and mine.sitting.counts != Rule.average,
            )
            for each in mine.tried
        ],
        result=shape_result(mine.counting) if whole and mine.counting else None,
    )


async def table(session: AsyncSession, here: Installation, sitting: Sitting) -> tuple[Exam, list[Row]]:
    """Everybody on the roster by name, with what counts so far."""
    exam = await get_exam(session, here, sitting.version_id)
    grades = await queries.current_of_sitting(session, sitting.id)
    flags = await queries.count_flags(session, sitting.id)
    of = await all_of_sitting(session, sitting.id)
    people = [person for _entry, person, _newest in await list_of_sitting(session, sitting.id)]
    rows = []
    for person in people:
        tried = [_tried(here, sitting, each, grades.get(each.id, {})) for each in of.get(person.id, ())]
        rows.append(_row(person, count(exam, sitting, tried), grades, flags))
    return exam, rows


def _row(person: User, mine: Mine, grades: Mapping[UUID, Mapping[str, Grade]], flags: Mapping[UUID, int]) -> Row:
    attempts = [each.attempt for each in mine.tried]
    newest = attempts[-1] if attempts else None
    graded = [row for each in attempts for row in grades.get(each.id, {}).values()]
    attempt = mine.stands or newest
    single = len(attempts) == 1 or mine.sitting.counts != Rule.average
    return Row(
        person=person,
        state=newest.status if newest else None,
        attempts=len(attempts),
        attempt=attempt,
        grades=grades.get(attempt.id, {}) if attempt and single else {},
        result=mine.counting if graded else None,
        for_people=sum(waits_for_person(row) for row in graded),
        for_us=sum(waits_for_us(row) for row in graded),
        flags=sum(flags.get(each.id, 0) for each in attempts),
    )
