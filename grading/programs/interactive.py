"""Problems where the program talks to a program of the author's, and who is to blame for how the talk ended."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from grading.programs.checker import (
    ANSWER,
    CHECK_LIMITS,
    INPUT,
    Check,
    Checked,
    CheckerBroke,
    Protocol,
    arguments,
    feedback_files,
    feedback_names,
    read_check,
)
from grading.programs.program import Program
from grading.programs.verdict import ENDINGS, Judgement
from sandbox.job import Interaction, InteractionOutcome, Limits, Run, RunOutcome, Verdict

Side = Literal["program", "interactor"]


@dataclass(frozen=True)
class Talk:
    """One test of an interactive problem. `args` are the interactor's; `feedback` is what it left a pass ago."""

    name: str
    input: bytes
    answer: bytes
    args: tuple[str, ...] = ()
    program_args: tuple[str, ...] = ()
    feedback: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Talked:
    """How one talk ended: the judgement, and what the interactor said (whatever it said, when the program is to blame).

    `judgement` is JE only where `check` is a `CheckerBroke`.
    """

    judgement: Judgement
    check: Check


def interaction(
    program: Program,
    interactor: Program,
    talks: Sequence[Talk],
    limits: Limits,
    interactor_limits: Limits = CHECK_LIMITS,
    protocol: Protocol = "kattis",
) -> Interaction:
    """The work of all talks. Raises `InvalidJob` where they are too many or too large."""
    theirs = [Run(talk.name, b"", talk.program_args) for talk in talks]
    ours = [_run(interactor, talk, protocol) for talk in talks]
    collect = feedback_names() if protocol == "kattis" else ()
    return Interaction(program.job(theirs, limits), interactor.job(ours, interactor_limits, collect))


def _run(interactor: Program, talk: Talk, protocol: Protocol) -> Run:
    files = {INPUT: talk.input, ANSWER: talk.answer}
    if protocol != "kattis":
        names = (INPUT, "/dev/null", ANSWER) if protocol == "testlib" else (INPUT, ANSWER)
        return Run(talk.name, b"", (*names, *interactor.args, *talk.args), files)
    return Run(talk.name, b"", arguments(interactor, talk.args), {**files, **feedback_files(talk.feedback)})


def read_interaction(outcome: InteractionOutcome, protocol: Protocol = "kattis") -> tuple[Talked, ...]:
    """One `Talked` per run, in order."""
    both = zip(outcome.program.runs, outcome.interactor.runs, strict=True)
    return tuple(
        read_talk(one, read_check(two, protocol), two, _first(outcome, place)) for place, (one, two) in enumerate(both)
    )


def _first(outcome: InteractionOutcome, place: int) -> Side:
    """Runs that never began have nobody who ended first, and it makes no difference to them."""
    return outcome.first[place] if place < len(outcome.first) else "program"


def read_talk(program: RunOutcome, check: Check, interactor: RunOutcome, first: Side) -> Talked:
    """Who is to blame, in DOMjudge's order.

    1. An interactor that rejected and ended first: wrong answer. What the program did afterwards, with nobody left
       to talk to, is not its fault.
    2. A program that did not end well: its own ending. An interactor that broke after the program had gone, or
       waited in vain beside it, broke because of that.
    3. An interactor that broke: nothing is known. Save for one that wrote to a program that had already gone: the
       program left too early.
    4. What the interactor said.
    """
    if program.verdict is Verdict.COMPILE_ERROR:
        return Talked(Judgement.CE, check)
    lost = _lost(program, interactor)
    if lost or (isinstance(check, Checked) and not check.accepted and first == "interactor"):
        return Talked(Judgement.JE if lost else Judgement.WA, lost or check)
    broke = isinstance(check, CheckerBroke)
    waited = interactor.verdict is Verdict.WALL_LIMIT
    if program.verdict is not Verdict.OK and (not broke or first == "program" or waited):
        return Talked(ENDINGS[program.verdict], check)
    if isinstance(check, CheckerBroke):
        if first == "program" and interactor.signal == signal.SIGPIPE:
            return Talked(Judgement.WA, Checked(accepted=False, message="The program left before the talk was over."))
        return Talked(Judgement.JE, check)
    return Talked(Judgement.AC if check.accepted else Judgement.WA, check)


def _lost(program: RunOutcome, interactor: RunOutcome) -> CheckerBroke | None:
    """Why there was no talk at all, which is never the program's fault."""
    if interactor.verdict is Verdict.COMPILE_ERROR:
        return CheckerBroke("the interactor does not compile")
    if Verdict.SKIPPED in (program.verdict, interactor.verdict):
        return CheckerBroke("the sandbox stopped before this test had run")
    return None
