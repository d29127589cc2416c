"""What authors and instructors say."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from exam_api.event import Event


@dataclass(frozen=True)
class CourseImported(Event):
    """A course folder was read in."""

    tag: ClassVar = "course:imported"
    course_id: UUID
    revision: int


@dataclass(frozen=True)
class LearnerEnrolled(Event):
    """Somebody was put into a course."""

    tag: ClassVar = "course:enrolled"
    course_id: UUID
    user_id: UUID


@dataclass(frozen=True)
class LessonDone(Event):
    """A learner finished a lesson."""

    tag: ClassVar = "course:lesson-done"
    course_id: UUID
    user_id: UUID
    lesson: str


@dataclass(frozen=True)
class ExamDrafted(Event):
    """An exam draft was created or changed."""

    tag: ClassVar = "exam:drafted"
    exam_id: UUID
    revision: int


@dataclass(frozen=True)
class ExamCheckAsked(Event):
    """An exam is to be published once its reference solutions pass their own tests."""

    tag: ClassVar = "exam:check-asked"
    exam_id: UUID
    digest: str


@dataclass(frozen=True)
class ExamPublished(Event):
    """A version was frozen for ever; `untried` names the programs that no reference solution has tried."""

    tag: ClassVar = "exam:published"
    exam_id: UUID
    version_id: UUID
    digest: str
    untried: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class SittingPlanned(Event):
    """A sitting was created, or its window or rules changed."""

    tag: ClassVar = "sitting:planned"
    sitting_id: UUID
    opens_at: datetime
    closes_at: datetime
    minutes: int
    rules: dict[str, int | str | None] | None = None


@dataclass(frozen=True)
class EntryRulesChanged(Event):
    """What a sitting asks at the door was changed; `asks` names the rules that now hold."""

    tag: ClassVar = "sitting:entry"
    sitting_id: UUID
    asks: list[str]


@dataclass(frozen=True)
class LockdownRulesChanged(Event):
    """Which builds of the locked-down browser a sitting accepts was changed: so many Browser Exam Keys; 0: any build."""

    tag: ClassVar = "sitting:lockdown"
    sitting_id: UUID
    exam_keys: int


@dataclass(frozen=True)
class ShownRulesChanged(Event):
    """When candidates see which part of their results was changed."""

    tag: ClassVar = "sitting:shown"
    sitting_id: UUID
    parts: dict[str, str]


@dataclass(frozen=True)
class RosterChanged(Event):
    """Somebody was put on a roster, taken off, or got other extra time."""

    tag: ClassVar = "sitting:roster"
    sitting_id: UUID
    user_id: UUID
    extra_minutes: int
    present: bool
    extra_percent: int = 0


@dataclass(frozen=True)
class AccommodationsAgreed(Event):
    """What is agreed with somebody about being watched was changed; these are all of them."""

    tag: ClassVar = "sitting:agreed"
    sitting_id: UUID
    user_id: UUID
    accommodations: list[str]


@dataclass(frozen=True)
class TimeGiven(Event):
    """Time was given, or the clock stopped or resumed, for people of a sitting; each clock that moved says so itself."""

    tag: ClassVar = "sitting:time"
    sitting_id: UUID
    change: str
    amount: int
    reason: str
    people: list[str]
