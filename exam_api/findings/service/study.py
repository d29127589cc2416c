"""Look at a cohort: all detectors, the picture, and the strongest pair even where it is nothing unusual."""

import math
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from integrity.cohort import Cohort
from integrity.detectors.rapid import FastAnswers
from integrity.detectors.shared_answers import Pairs, SharedAnswers
from integrity.finding import Finding
from integrity.matching import Matching
from integrity.picture import picture_of_pairs, text_alternative

# Set before looking: at most one honest sitting in a hundred shows any pair at all (Holm 1979), and the same for pace.
ALPHA = 0.01


@dataclass(frozen=True)
class Study:
    """What was looked at and what was found. `strongest` None: there was no pair."""

    people: int
    items: int
    pairs: int
    findings: tuple[Finding, ...]
    strongest: Finding | None
    picture: str
    words: str

    def evidence(self) -> dict[str, Any]:
        """What a page needs beside the findings, as JSON."""
        return {
            "alpha": ALPHA,
            "items": self.items,
            "strongest": asdict(self.strongest) if self.strongest else None,
            "picture": self.picture,
            "words": self.words,
        }


def look_at(cohort: Cohort) -> Study:
    """Pure: the same answers give the same study."""
    shared, fast = SharedAnswers(alpha=ALPHA), FastAnswers(alpha=ALPHA)
    matching = Matching(cohort)
    pairs = shared.examine(matching)
    similar = shared.explain(matching, pairs)
    return Study(
        people=len(cohort.people),
        items=len(cohort.items),
        pairs=pairs.comparisons,
        findings=(*similar, *fast.findings(cohort)),
        strongest=similar[0] if similar else _strongest(matching, pairs),
        picture=picture_of_pairs(pairs, similar, ALPHA),
        words=text_alternative(pairs, similar),
    )


def _strongest(matching: Matching, pairs: Pairs) -> Finding | None:
    """The pair with the smallest p-value, explained like a finding without being one."""
    if not len(pairs.p_value):
        return None
    at = slice(int(np.argmin(pairs.p_value)), int(np.argmin(pairs.p_value)) + 1)
    one = replace(
        pairs,
        **{
            name: getattr(pairs, name)[at]
            for name in ("first", "second", "points", "expected", "p_value", "p_adjusted")
        },
    )
    return next(iter(SharedAnswers(alpha=math.inf).explain(matching, one)), None)
