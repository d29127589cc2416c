"""What is wrong with a problem package or an author's program, said so that its author can act on it."""

from __future__ import annotations

from grading.errors import GradingError


class ProblemError(GradingError):
    """The problem package has a mistake at this place: correct it and read the package again."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(place, message)
        self.place = place
        self.message = message

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


class NotSupported(ProblemError):
    """The package asks for something that this judge does not do, so it is refused rather than judged wrongly."""


class ArchiveRefused(ProblemError):
    """The archive or folder is not safe to open, so nothing of it was read."""
