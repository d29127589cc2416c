"""Everything that can go wrong in grading, each said so that a person can act on it."""

from __future__ import annotations


class GradingError(Exception):
    """Grading could not go on."""


class ItemError(GradingError):
    """The exam file has a mistake at this place: correct it and check the file again.

    `path` leads to the place (`("items", 3, "options", 0, "id")`), so that a caller who kept the line
    numbers of the file can name the line.
    """

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        super().__init__(path, message)
        self.path = path
        self.message = message

    def __str__(self) -> str:
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path).lstrip(".")
        return f"{place}: {self.message}" if place else self.message


class FormulaError(GradingError):
    """The formula has no value: correct it and check the file again."""


class ResponseError(GradingError):
    """The answer cannot be stored in this form: change it and save again."""


class ModelError(GradingError):
    """The language model's files are missing or damaged: fetch the models again."""
