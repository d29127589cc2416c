"""How a test ended, in words that a candidate understands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from grading.kinds.code import function
from grading.programs.verdict import Judgement
from sandbox.job import RunOutcome, Verdict

if TYPE_CHECKING:
    from grading.kinds.code.item import Code
    from grading.programs.judge import Progress

ENDINGS: dict[Verdict, str] = {
    Verdict.RUNTIME_ERROR: "the program stopped with an error",
    Verdict.TIME_LIMIT: "the program used more computing time than allowed",
    Verdict.WALL_LIMIT: "the program did not finish in time",
    Verdict.MEMORY_LIMIT: "the program used more memory than allowed",
    Verdict.OUTPUT_LIMIT: "the program printed more than allowed",
    Verdict.BLOCKED: "the program did something that is not allowed here",
    Verdict.COMPILE_ERROR: "the program does not compile",
    Verdict.SET_UP_FAILED: "the test's own set-up is broken, which is no fault of the program",
    Verdict.SKIPPED: "the sandbox stopped before this test had run",
}
OTHER_OUTPUT = "the output is not the expected one"
OTHER_VALUE = "the value is not the expected one"
NO_VALUE = "the function did not come back with a value"
BROKE = "the function stopped with an error"
NOT_LOADED = "the program could not be loaded"
TALK = "the conversation did not end as it should"
UNIT = "the test is not content with what the program did"


def ending(item: Code, one: Progress, run: RunOutcome) -> str:
    """For a test that did not pass."""
    if run.verdict is not Verdict.OK and one.judgement not in (Judgement.WA, Judgement.NO):
        return ENDINGS[run.verdict]
    if item.interactor or item.mode == "unit":
        return words_of_talk(item)
    return ending_of_call(run) if item.mode == "function" else OTHER_OUTPUT


def words_of_talk(item: Code) -> str:
    """For a talk that ended well, and with a no."""
    return UNIT if item.mode == "unit" else TALK


def ending_of_call(run: RunOutcome) -> str:
    words = {"value": OTHER_VALUE, "raised": BROKE, "broken": NOT_LOADED, "nothing": NO_VALUE}
    return words[function.came(run.stdout).ending]
