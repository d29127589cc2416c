"""What is said about programmes and maps of skills."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from exam_api.event import Event


@dataclass(frozen=True)
class ProgrammeWritten(Event):
    """A new version of a programme was written; it counts once it is opened."""

    tag: ClassVar = "programme:written"
    programme_id: UUID
    slug: str
    number: int


@dataclass(frozen=True)
class ProgrammeOpened(Event):
    """A version of a programme counts from now on: whoever meets its rule gets its certificate."""

    tag: ClassVar = "programme:opened"
    programme_id: UUID


@dataclass(frozen=True)
class ProgrammeClosed(Event):
    """A version of a programme earns no further certificates. Those that were issued stay."""

    tag: ClassVar = "programme:closed"
    programme_id: UUID


@dataclass(frozen=True)
class SkillMapWritten(Event):
    """A new version of a map of skills was written."""

    tag: ClassVar = "skill-map:written"
    map_id: UUID
    slug: str
    number: int


@dataclass(frozen=True)
class StackNoticed(Event):
    """A programme's rule is no longer met by somebody who has its certificate. A person is to look at it."""

    tag: ClassVar = "certificate:stack-noticed"
    certificate_id: UUID
    what: str
    suspended: bool


@dataclass(frozen=True)
class StackSettled(Event):
    """A person looked at it, or the rule is met again."""

    tag: ClassVar = "certificate:stack-settled"
    certificate_id: UUID
    words: str
