"""What travels about grades."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from grading.standing import Rule

State = Literal["final", "proposed", "ungraded"]
Points = Annotated[float, Field(ge=0, le=1_000, allow_inf_nan=False)]
Reason = Annotated[str, Field(min_length=1, max_length=4_000, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")]


class GradeIn(BaseModel):
    """A person's grade for one answer. The candidate reads the reason once the result is released."""

    model_config = ConfigDict(extra="forbid")

    points: Points
    reason: Reason


class GradeOut(BaseModel):
    """The grade that counts for one question. `points` None: not graded, which is never a zero.

    `confidence`, `cause` and `evidence` are for staff; a candidate gets None. What the sitting does not show them is None or
    empty too; `answer` and `solution` are in words, and only for the candidate.
    """

    item: str
    title: str
    kind: str
    state: State
    points: float | None
    max_points: float
    feedback: str
    grader: Literal["machine", "person", "nobody"]
    graded_at: datetime | None
    confidence: float | None = None
    cause: Literal["person", "failure"] | None = None
    evidence: dict[str, Any] | None = None
    answer: str | None = None
    solution: str | None = None


class ResultOut(BaseModel):
    """The sum. `passed` is true only when `complete`: every answer graded and no grade waiting for a person. `off_percent`
    is what lateness took off; the points are those that are left.
    """

    points: float
    max_points: float
    percent: float
    passed: bool
    complete: bool
    off_percent: float = 0.0


class FlagShown(BaseModel):
    """A flag, as its candidate may read it."""

    at: datetime
    reason: str
    innocent: list[str]


class GradesOut(BaseModel):
    """All grades of one attempt. `result` and `flags` None: they are not shown to this reader now."""

    attempt_id: UUID
    released_at: datetime | None
    result: ResultOut | None
    grades: list[GradeOut]
    flags: list[FlagShown] | None = None


class TriedOut(BaseModel):
    """One of a person's attempts. `result` None: it has none, or it is not shown now. `stands`: it is the one that counts."""

    attempt_id: UUID
    number: int
    status: str
    submitted_at: datetime | None
    result: ResultOut | None
    stands: bool


class StandingOut(BaseModel):
    """All attempts of a person in a sitting and what counts of them. `allowed` None: no limit."""

    counts: Rule
    allowed: int | None
    attempts: list[TriedOut]
    result: ResultOut | None


class WaitingOut(BaseModel):
    """One answer that waits for a person; who wrote it is not said. `answer` None: the item was left out."""

    attempt_id: UUID
    grade_id: int
    grade: GradeOut
    answer: dict[str, Any] | None


class QueueOut(BaseModel):
    """What waits in one sitting, question by question. `marked` counts what people have graded already."""

    waiting: int
    marked: int
    for_the_machine: int
    answers: list[WaitingOut]
