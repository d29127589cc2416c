"""An attempt as a case: what stands against it, what was decided about that, and what it therefore waits for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import digest
from exam_api.attempts.queries import form_of, get_exam
from exam_api.attempts.service.states import Status
from exam_api.db.base import iso
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.exams import Sitting
from exam_api.db.models.findings import Finding
from exam_api.db.models.grades import Grade
from exam_api.db.models.monitoring import Flag
from exam_api.db.models.reviews import Decision
from exam_api.findings.queries import list_findings
from exam_api.grades.queries import FINAL, current_grades, current_of_sitting
from exam_api.grades.service.results import add_up
from exam_api.installation import Installation
from exam_api.monitoring.queries import SEVERITY, waits_since
from exam_api.reviews import queries
from exam_api.reviews.schemas import Need
from grading.exam import Exam
from grading.scale import Result


@dataclass(frozen=True)
class Case:
    """One attempt. `flags` are those above quality, `low` ones are notes that ask for nothing; `about` is what the newest
    decision looked at.
    """

    attempt: Attempt
    name: str
    flags: Sequence[Flag]
    findings: Sequence[Finding]
    decision: Decision | None
    about: frozenset[str]
    result: Result
    waiting: int
    unread_since: datetime | None  # when the newest piece came that nobody has looked at

    @property
    def worries(self) -> frozenset[str]:
        """Names for everything that a person must have looked at."""
        heavy = [flag for flag in self.flags if SEVERITY.get(flag.severity, 0) >= SEVERITY["medium"]]
        return frozenset([*map(_flag_key, heavy), *map(_finding_key, self.findings)])

    @property
    def unanswered(self) -> frozenset[str]:
        """What no decision has looked at. What has vanished since needs no second look."""
        return self.worries - self.about if self.decision else self.worries

    @property
    def seen(self) -> str:
        """A digest of the worries, to notice that one has come up."""
        return digest(sorted(self.worries))

    @property
    def worst(self) -> str | None:
        return max((flag.severity for flag in self.flags), key=lambda name: SEVERITY.get(name, 0), default=None)

    @property
    def need(self) -> Need:
        """What comes next for this attempt."""
        if self.attempt.status != Status.submitted:
            return Need.nothing
        if self.unanswered:
            return Need.another_look if self.decision else Need.decision
        if self.attempt.released_at is not None:
            return Need.nothing
        if not self.result.complete:
            return Need.grades
        return Need.release if self.decision or self.worries else Need.clearing

    @property
    def urgency(self) -> tuple[object, ...]:
        """Sorts those who need a person first."""
        rank = list(Need).index(self.need)
        strongest = min((finding.p_adjusted for finding in self.findings), default=1.0)
        worst = SEVERITY.get(self.worst or "", 0)
        return (rank, -worst, -len(self.findings), strongest, -len(self.flags), -self.waiting, self.name.casefold())


def _flag_key(flag: Flag) -> str:
    return f"flag:{flag.rule}:{flag.severity}:{iso(flag.started_at)}"


def _finding_key(finding: Finding) -> str:
    return f"finding:{finding.detector}:{'+'.join(sorted(finding.attempts))}"


async def read(
    session: AsyncSession,
    here: Installation,
    sitting: Sitting,
    only: Collection[UUID] | None = None,
    *,
    lock: bool = False,
) -> list[Case]:
    """The cases of a sitting by name: of everybody who handed in or was voided, or of `only` these attempts."""
    named = await queries.attempts_of(session, sitting.id, only, lock=lock)
    ids = [each.attempt.id for each in named]
    await get_exam(session, here, sitting.version_id)
    forms = {each.attempt.id: form_of(here, sitting.version_id, each.attempt.seed) for each in named}
    flags = await queries.serious_flags(session, ids)
    decisions = await queries.newest_decisions(session, ids)
    about = await queries.decided_about(session, ids)
    unread = await waits_since(session, ids)
    findings = await list_findings(session, sitting.id)
    if only is not None and len(only) == 1:  # one person's page need not read everybody's grades
        grades = {each: await current_grades(session, each) for each in only}
    else:
        grades = await current_of_sitting(session, sitting.id)
    return [
        _case(
            each,
            forms[each.attempt.id],
            grades.get(each.attempt.id, {}),
            flags.get(each.attempt.id, []),
            findings,
            decisions,
            about,
            unread.get(each.attempt.id),
        )
        for each in named
    ]


def _case(
    named: queries.Named,
    exam: Exam,
    grades: Mapping[str, Grade],
    flags: Sequence[Flag],
    findings: Sequence[Finding],
    decisions: Mapping[UUID, Decision],
    about: Mapping[UUID, frozenset[str]],
    unread_since: datetime | None,
) -> Case:
    attempt_id = named.attempt.id
    return Case(
        attempt=named.attempt,
        name=named.name,
        flags=flags,
        findings=[each for each in findings if str(attempt_id) in each.attempts],
        decision=decisions.get(attempt_id),
        about=about.get(attempt_id, frozenset()),
        result=add_up(exam, grades, named.attempt.late_off),
        waiting=sum(item.id not in grades or grades[item.id].state != FINAL for item in exam.items),
        unread_since=unread_since,
    )
