"""A program or a function that is run against tests in the sandbox; each test that passes earns its points.

A test gives its `stdin` to the program and compares what it prints with `expect`, or calls the candidate's function
and compares its value with `returns`, or runs one of the `unit_tests`. Candidates see the tests that are not `hidden`. Leave `points` out of all tests
and each counts the same; give them to all, and they add up to the item's; or put the tests into `groups`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from grading.kinds.base import Common, Item, Response
from grading.kinds.code import marking, reading, rounds, shown
from grading.kinds.code.submission import is_untouched, read_submission
from grading.kinds.code.values import (
    AuthorProgram,
    CodeLimits,
    Compare,
    Feedback,
    Forbid,
    LanguageLimits,
    Mode,
    Test,
    TestGroup,
    Texts,
    Types,
)
from grading.mark import Grade, Tools
from grading.reading import Fields
from sandbox.job import Result, Work

USUAL = CodeLimits()
NOTHING = Forbid()


@dataclass(frozen=True, kw_only=True)
class Code(Item):
    """`language` is what an answer is in that names none; `languages` are all that may be chosen.

    `compare` and `tolerance` (absolute, or as a share of the expected number): see `grading.programs.compare`. With an
    `interactor` the outputs are not compared. `given` files lie beside the candidate's, who can read and not replace
    them. `reference` is a solution that must pass before the exam is published; candidates never see it.
    """

    kind: ClassVar[str] = "code"
    language: str
    tests: tuple[Test, ...]
    languages: tuple[str, ...] = ()
    mode: Mode = "program"
    function: str = ""
    types: Types | None = None
    unit_tests: str = ""
    starter: str = ""
    starters: Texts | None = None
    starter_files: Texts | None = None
    given: Texts | None = None
    most_files: int = 1
    compare: Compare = "tokens"
    tolerance: float = 1e-6
    checker: AuthorProgram | None = None
    interactor: AuthorProgram | None = None
    reference: AuthorProgram | None = None
    groups: tuple[TestGroup, ...] = ()
    limits: CodeLimits = USUAL
    language_limits: tuple[LanguageLimits, ...] = ()
    forbid: Forbid = NOTHING
    feedback: Feedback = "samples"

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        item = cls(**common, **reading.read(fields, common["points"]))
        reading.check_whole(fields, item)
        return item

    def allowed(self) -> tuple[str, ...]:
        """The languages that a candidate may choose from."""
        return self.languages or (self.language,)

    def limits_for(self, language: str) -> CodeLimits:
        own = next((one for one in self.language_limits if one.language == language), None)
        return own.of(self.limits) if own else self.limits

    def shown(self) -> dict[str, Any]:
        return shown.shown(self)

    def check(self, response: Response) -> None:
        read_submission(self, response)

    def is_blank(self, response: Response) -> bool:
        """The starter, handed back unchanged, is no answer."""
        return is_untouched(self, read_submission(self, response))

    def answered(self, response: Response) -> str:
        files = read_submission(self, response).files
        return next(iter(files.values())) if len(files) == 1 else shown.listing(files)

    def plan(self, response: Response, results: Sequence[Result] = ()) -> tuple[Work, ...]:
        return rounds.replay(self, read_submission(self, response), results).works

    def mark(self, response: Response, outcomes: Sequence[Result], tools: Tools) -> Grade:
        submission = read_submission(self, response)
        return marking.mark(self, submission, rounds.replay(self, submission, outcomes))
