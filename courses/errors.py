"""What can be wrong with something a person wrote, said so that they can mend it."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to mend: `line` counts from 1, `message` is a plain sentence, `file` is empty when there is only one."""

    line: int
    message: str
    file: str = ""

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.file else f"line {self.line}"
        return f"{where}: {self.message}"


class CourseError(Exception):
    """The course material needs mending before it can be used."""


class ProblemsError(CourseError):
    """The file has problems; each one names its line."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


class SourceError(ProblemsError):
    """The file could not be read; each problem names its line."""


class ContentError(ProblemsError):
    """The course folder has problems; each one names its file and line."""


class UnknownLesson(CourseError):
    """No lesson of this course has that name."""
