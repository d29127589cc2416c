"""Fit the curve of `grading.likelihood` to labelled answers, and say how good it is on questions it has not seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from grading.likelihood import measure
from grading.mark import Embed
from grading.wording import doubts

# Inverse strength of the pull towards 0; chosen on this file, so the left-out scores below flatter a little.
STRENGTH = 10.0
# A choice, not a measurement: the file has 61 twisted answers to 82 right ones, more than real exams should have.
TWISTED_WEIGHT = 1 / 3


@dataclass(frozen=True)
class Fit:
    """The curve, and its weighted accuracy and Brier score when each question in turn is left out of the fit."""

    intercept: float
    weights: tuple[float, ...]
    answers: int
    accuracy: float
    brier: float


@dataclass(frozen=True)
class _Row:
    features: tuple[float, ...]
    right: bool
    weight: float
    question: int


def check_labelled(found: object) -> Sequence[Mapping[str, Any]]:
    """The file's entries. Raises `ValueError` with the first that is none."""
    if not isinstance(found, list) or not found:
        raise ValueError("the file is a list of entries: question, answers, right, wrong, twisted")
    for number, entry in enumerate(found, 1):
        if problem := _problem(entry):
            raise ValueError(f"entry {number} {problem}")
    if len(found) < 2:
        raise ValueError("one question cannot be left out of itself: at least two are needed")
    return found


def _problem(entry: object) -> str:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("question"), str):
        return "has no question"
    for key in ("answers", "right", "wrong", "twisted"):
        texts = entry.get(key)
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            return f"needs a list of texts under {key!r}"
    return "" if entry["answers"] and entry["wrong"] else "needs an answer and a wrong one"


def fit(questions: Sequence[Mapping[str, Any]], embed: Embed) -> Fit:
    """`questions` as in grading/calibration/answers.yaml: question, answers, and the lists right, wrong and twisted.

    Answers that raise a doubt are left out: the curve never decides about them.
    """
    embed = _remembered(questions, embed)
    rows = [row for number, entry in enumerate(questions) for row in _rows(number, entry, embed)]
    features, truth = np.array([row.features for row in rows]), np.array([row.right for row in rows])
    weights, groups = np.array([row.weight for row in rows]), np.array([row.question for row in rows])
    chances = np.zeros(len(rows))
    for group in np.unique(groups):
        rest = groups != group
        model = LogisticRegression(C=STRENGTH).fit(features[rest], truth[rest], sample_weight=weights[rest])
        chances[~rest] = model.predict_proba(features[~rest])[:, 1]
    model = LogisticRegression(C=STRENGTH).fit(features, truth, sample_weight=weights)
    return Fit(
        intercept=float(model.intercept_[0]),
        weights=tuple(float(weight) for weight in model.coef_[0]),
        answers=len(rows),
        accuracy=float(np.average((chances >= 0.5) == truth, weights=weights)),
        brier=float(np.average((chances - truth) ** 2, weights=weights)),
    )


def _remembered(questions: Sequence[Mapping[str, Any]], embed: Embed) -> Embed:
    """The same embedder for the texts of the file, each computed once and in large batches."""
    keys = ("answers", "right", "wrong", "twisted")
    texts = list(
        {text for entry in questions for text in (entry["question"], *(t for key in keys for t in entry[key]))}
    )
    rows = dict(zip(texts, embed(texts), strict=True))
    return lambda wanted: np.array([rows[text] for text in wanted])


def _rows(number: int, entry: Mapping[str, Any], embed: Embed) -> Iterator[_Row]:
    """Each answer twice: without a known wrong answer, and with the question's first wrong one as known."""
    question, models, known = entry["question"], entry["answers"], entry["wrong"][0]
    for kind, weight in (("right", 1.0), ("wrong", 1.0), ("twisted", TWISTED_WEIGHT)):
        for answer in entry[kind]:
            for reject in ([], [known]):
                closeness, near = measure(answer, question, models, reject, embed)
                if answer not in reject and not doubts(answer, near, question):
                    yield _Row(closeness.features(), kind == "right", weight, number)
