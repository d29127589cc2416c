"""How one test ended once the output has been looked at, and how the sandbox's endings lead there."""

from __future__ import annotations

from enum import StrEnum

from sandbox.job import Verdict


class Judgement(StrEnum):
    """The verdict of one test or of a submission, by the short names that contests use.

    NO is a wrong answer that is empty. SK: not run, because an earlier test decided already. JE: the judge broke
    (a checker that crashed, say), so nothing is known about the program and it must never count as wrong.
    """

    AC = "AC"
    WA = "WA"
    NO = "NO"
    TLE = "TLE"
    MLE = "MLE"
    OLE = "OLE"
    RTE = "RTE"
    CE = "CE"
    SK = "SK"
    JE = "JE"


ENDINGS: dict[Verdict, Judgement] = {
    Verdict.COMPILE_ERROR: Judgement.CE,
    Verdict.BLOCKED: Judgement.RTE,
    Verdict.MEMORY_LIMIT: Judgement.MLE,
    Verdict.TIME_LIMIT: Judgement.TLE,
    Verdict.WALL_LIMIT: Judgement.TLE,
    Verdict.OUTPUT_LIMIT: Judgement.OLE,
    Verdict.RUNTIME_ERROR: Judgement.RTE,
    Verdict.SKIPPED: Judgement.JE,
    Verdict.SET_UP_FAILED: Judgement.JE,
}
"""Every ending but OK, whose output has to be looked at. SKIPPED is ours: the container went, not the program.
SET_UP_FAILED is the author's: the test is broken."""
