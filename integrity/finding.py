"""What a detector hands to people: evidence with numbers, never a verdict."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """Something unusual in the cohort's answers that a person should look at.

    `p_value`: how often chance alone does this at least as strongly, for these people; `p_adjusted`: the same for
    anyone in the cohort (family-wise). `statistic` beside what was `expected` without any link. `evidence` is plain JSON data.
    `explanation` is one sentence with the numbers; `innocent` lists other reasons, `assumptions` what the number rests on.
    """

    detector: str
    people: tuple[str, ...]
    p_value: float
    p_adjusted: float
    statistic: float
    expected: float
    evidence: dict[str, Any]
    explanation: str
    innocent: tuple[str, ...]
    assumptions: tuple[str, ...]
