"""The exam of the published recipe: 16 questions on 8 pages (12 choice, 2 true or false, 1 match, 1 short answer).

Source: Universidad de la República, "moodleperf" (March 2026): think time 30 to 90 s for each page, all start within 180 s.
"""

from __future__ import annotations

import random
from typing import Any

PAGES, THINK, RAMP = 8, (30.0, 90.0), 180.0
ESSAY = "Because the missing values are counted as zeros, the average becomes too low, and nobody notices. "


def exam() -> dict[str, Any]:
    """The exam file's data."""
    choices = [_choice(number, 4) for number in range(1, 13)] + [_choice(number, 2) for number in (13, 14)]
    pairs = [{"id": f"row{n}", "left": f"Question {n}", "right": f"Answer {n}"} for n in range(1, 5)]
    match = {**_common("match", 15), "pairs": pairs, "distractors": ["Answer 5"]}
    short = {**_common("short", 16), "answers": ["Zeros pull the mean down."], "reject": ["The sensor is broken."]}
    return {
        "title": "Load test",
        "description": "Sixteen questions on eight pages.",
        "duration_minutes": 180,
        "pass_percent": 50,
        "items": [*choices, match, short],
    }


def _common(kind: str, number: int) -> dict[str, Any]:
    prompt = (
        f"Question {number}. The prompt has the length that prompts usually have, so that the paper has its weight."
    )
    return {"id": f"q{number}", "kind": kind, "title": f"Question {number}", "prompt": prompt, "points": 1}


def _choice(number: int, options: int) -> dict[str, Any]:
    texts = ["True", "False"] if options == 2 else [f"Option {letter} of question {number}" for letter in "ABCD"]
    rows = [{"id": letter, "text": text} for letter, text in zip("abcd", texts, strict=False)]
    return {**_common("choice", number), "options": rows, "correct": ["a"]}


def pages(items: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The questions two by two, as the recipe shows them."""
    size = -(-len(items) // PAGES)
    return [items[at : at + size] for at in range(0, len(items), size)]


def answer(item: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Some answer to a question as the candidate sees it."""
    match item["kind"]:
        case "choice":
            return {"choice": [rng.choice(item["options"])["id"]]}
        case "match":
            return {"match": {row["id"]: rng.choice(item["right"]) for row in item["left"]}}
        case _:
            return {"text": (ESSAY * 3)[: rng.randint(60, 200)]}
