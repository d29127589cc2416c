"""A checker of the author's: a program that judges outputs, run in a jail of its own like any other program.

It never meets the candidate's program, and the candidate's container never holds it. The protocols:

`kattis` (also DOMjudge): `checker INPUT ANSWER FEEDBACK/ [args] < output`, exit 42 accepted, 43 wrong; in the feedback
folder `judgemessage.txt`, `teammessage.txt`, `score.txt`, `score_multiplier.txt`, `nextpass.in`.
`testlib`: `checker INPUT OUTPUT ANSWER [args]`, exit 0 accepted, 1 wrong, 2 or 8 wrong in form, 7 with the points on
standard error ("points 5"). `coci` is the same with a share of the points ("partial 1/2"), and `plain` knows 0 and 1
only. These three are what DMOJ runs, too. Anything else says that the checker itself broke.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from grading.programs.program import Program
from sandbox.job import Job, Limits, Run, RunOutcome, Verdict

Protocol = Literal["kattis", "testlib", "coci", "plain"]

INPUT, ANSWER, OUTPUT, FEEDBACK = "test.in", "test.ans", "test.out", "feedback"
JUDGE_MESSAGE, TEAM_MESSAGE, NEXT_PASS = "judgemessage.txt", "teammessage.txt", "nextpass.in"
SCORE, MULTIPLIER = "score.txt", "score_multiplier.txt"
COLLECTED = (JUDGE_MESSAGE, TEAM_MESSAGE, SCORE, MULTIPLIER, NEXT_PASS, "judgeerror.txt", "diffposition.txt")
ABOUT = "README"  # in the feedback folder from the start: a folder comes to be with its first file

ACCEPTED, WRONG = 42, 43
TESTLIB_WRONG = (1, 2, 8)
TESTLIB_POINTS = 7
SHOWN = 2000  # bytes of a message that are kept

MIB = 1024 * 1024
CHECK_LIMITS = Limits(cpu_seconds=30, wall_seconds=60, memory_bytes=1024 * MIB, output_bytes=8 * MIB)
"""What a checker may use for one test when its author asks for nothing else."""

LARGEST = 10**15
"""No number of an author's is this large: it would be no score, and could not be shown."""

_NUMBER = re.compile(r"[+-]?(?:\d{1,100}(?:\.\d{0,100})?|\.\d{1,100})(?:[eE][+-]?\d{1,3})?")


@dataclass(frozen=True)
class ToCheck:
    """One output to judge. `feedback` is what the checker left when it judged the pass before this one."""

    name: str
    input: bytes
    answer: bytes
    output: bytes
    args: tuple[str, ...] = ()
    feedback: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Checked:
    """What a checker said. `score` is points, `share` (0 to 1) a part of the test's; None where it gave neither.

    `message` is for judges, `told` for the candidate. `next_input`: run the program again, on this. `feedback` holds
    every file that it left and is handed to it again in the next pass.
    """

    accepted: bool
    score: Fraction | None = None
    share: Fraction | None = None
    message: str = ""
    told: str = ""
    next_input: bytes | None = None
    feedback: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckerBroke:
    """The checker did not say, so nothing is known about the output: a person looks, and nobody gets zero for it."""

    reason: str
    message: str = ""


Check = Checked | CheckerBroke


def check_job(
    checker: Program, cases: Sequence[ToCheck], limits: Limits = CHECK_LIMITS, protocol: Protocol = "kattis"
) -> Job:
    """One job that runs the checker on every case. Raises `InvalidJob` where they are too many or too large."""
    runs = [_run(checker, case, protocol) for case in cases]
    return checker.job(runs, limits, feedback_names() if protocol == "kattis" else ())


def feedback_names() -> tuple[str, ...]:
    return tuple(f"{FEEDBACK}/{name}" for name in COLLECTED)


def feedback_files(left: Mapping[str, bytes]) -> dict[str, bytes]:
    """The feedback folder as a checker finds it: there, with what it left in an earlier pass."""
    return {f"{FEEDBACK}/{ABOUT}": b"", **{f"{FEEDBACK}/{name}": data for name, data in left.items()}}


def arguments(checker: Program, args: tuple[str, ...]) -> tuple[str, ...]:
    """The command line of a Kattis checker or interactor. The folder ends in a slash, as the format asks."""
    return (INPUT, ANSWER, f"{FEEDBACK}/", *checker.args, *args)


def _run(checker: Program, case: ToCheck, protocol: Protocol) -> Run:
    files = {INPUT: case.input, ANSWER: case.answer}
    if protocol != "kattis":
        return Run(case.name, b"", (INPUT, OUTPUT, ANSWER, *checker.args, *case.args), {**files, OUTPUT: case.output})
    return Run(case.name, case.output, arguments(checker, case.args), {**files, **feedback_files(case.feedback)})


def read_check(run: RunOutcome, protocol: Protocol = "kattis") -> Check:
    """What the checker said about one output, or that it broke."""
    return _read_kattis(run) if protocol == "kattis" else _read_testlib(run, protocol)


def ended(run: RunOutcome) -> CheckerBroke | None:
    """Why nothing can be read out of this run; None where its exit code counts."""
    if run.verdict is Verdict.COMPILE_ERROR:
        return CheckerBroke("it does not compile")
    if run.verdict not in (Verdict.OK, Verdict.RUNTIME_ERROR) or run.exit_code is None:
        by_signal = run.verdict is Verdict.RUNTIME_ERROR and run.signal
        how = f"signal {run.signal}" if by_signal else run.verdict.value.replace("_", " ")
        return CheckerBroke(f"it ended with {how}", _shown(run.stderr))
    return None


def _read_kattis(run: RunOutcome) -> Check:
    if broke := ended(run):
        return broke
    if run.exit_code not in (ACCEPTED, WRONG):
        return CheckerBroke(f"it ended with {run.exit_code}, neither 42 nor 43", _shown(run.stderr))
    accepted = run.exit_code == ACCEPTED
    left = {name.removeprefix(f"{FEEDBACK}/"): data for name, data in run.files.items()}
    next_input = left.pop(NEXT_PASS, None)
    numbers: dict[str, Fraction | None] = {}
    for name in (SCORE, MULTIPLIER):
        text = left[name].decode(errors="replace").strip() if name in left else None
        numbers[name] = None if text is None else number(text)
        if text is not None and numbers[name] is None:
            return CheckerBroke(f"its {name} holds no number", text[:SHOWN])
    if next_input is not None and not accepted:
        return CheckerBroke("it asks for another pass and rejects the output at once")
    message, told = (_shown(left.get(name, b"")) for name in (JUDGE_MESSAGE, TEAM_MESSAGE))
    return Checked(accepted, numbers[SCORE], numbers[MULTIPLIER], message, told, next_input, left)


def _read_testlib(run: RunOutcome, protocol: Protocol) -> Check:
    if broke := ended(run):
        return broke
    said = _shown(run.stderr) or _shown(run.stdout)
    if run.exit_code == 0:
        return Checked(accepted=True, message=said)
    if run.exit_code == 1 or (protocol != "plain" and run.exit_code in TESTLIB_WRONG):
        return Checked(accepted=False, message=said)
    if run.exit_code == TESTLIB_POINTS and protocol != "plain":
        return _points(run.stderr[:SHOWN].decode(errors="replace"), protocol)
    return CheckerBroke(f"it ended with {run.exit_code}", said)


def _points(said: str, protocol: Protocol) -> Check:
    if protocol == "testlib":
        found = re.search(r"^points[ \t]+(\S{1,100})", said, re.MULTILINE)
        points = number(found[1]) if found else None
        if points is None or points < 0:
            return CheckerBroke("it ended with 7, and says no points", said.strip())
        return Checked(accepted=True, score=points, message=said.strip())
    found = re.search(r"^partial[ \t]+(\d{1,100})/(\d{1,100})$", said, re.MULTILINE)
    if not found or int(found[2]) == 0 or int(found[1]) > int(found[2]):
        return CheckerBroke("it ended with 7, and says no share of the points", said.strip())
    return Checked(accepted=True, share=Fraction(int(found[1]), int(found[2])), message=said.strip())


def number(text: str) -> Fraction | None:
    """A number as exactly as it is written; None for what is none, or is larger than any score."""
    value = Fraction(text) if _NUMBER.fullmatch(text) else None
    return value if value is not None and abs(value) < LARGEST else None


def _shown(text: bytes) -> str:
    return text[:SHOWN].decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}").strip()
