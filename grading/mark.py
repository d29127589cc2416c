"""What grading one answer can end in, and the tools a grader may be handed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts in, one row of length 1 per text out: float32[len(texts), width]."""


@dataclass(frozen=True)
class Tools:
    """What grading needs and cannot make itself. Without `embed`, only exact short answers are graded."""

    embed: Embed | None = None


@dataclass(frozen=True)
class Graded:
    """Points with a reason.

    `confidence` (0 to 1) is the probability that a person would give the same points. `certain` says that no
    person has to look; where it is false, the points are a proposal. `feedback` is for the candidate, in plain
    words; `evidence` (JSON values) is for the person who checks or hears an appeal, never for the candidate.
    """

    points: float
    max_points: float
    confidence: float
    certain: bool
    feedback: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ungraded:
    """Not graded, so a person must (`person`) or we must repair something (`failure`). Never counts as zero points."""

    max_points: float
    reason: str
    cause: Literal["person", "failure"]
    evidence: Mapping[str, Any] = field(default_factory=dict)


Grade = Graded | Ungraded


def no_answer(max_points: float) -> Graded:
    """Nothing was written: zero points, and nobody can doubt it."""
    return Graded(0.0, max_points, 1.0, certain=True, feedback="No answer was given.", evidence={"blank": True})
