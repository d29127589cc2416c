"""What simulated candidates know and write. Chance comes from the caller, so a story can be told again."""

from __future__ import annotations

import random
from typing import Any

Answer = dict[str, Any]

SHORT = {
    "missing-values": (
        "The zeros are not real measurements, so they pull the mean down.",
        "Because the missing values are counted as zeros the average becomes too low.",
        "The lost connection is written as 0 and that makes the mean smaller than it really is.",
        "The sensor is broken.",
        "You cannot compute a mean with zeros.",
    ),
    "why-tests": (
        "It proves that the test can find the error.",
        "Otherwise the test could pass for the wrong reason and check nothing at all.",
        "So you know that the test really fails when the bug is there.",
        "It makes the program faster.",
        "Because the teacher wants it.",
    ),
}
ESSAY = (
    "The study compared people who drink coffee with people who do not, and the coffee drinkers lived longer. That is a "
    "link, and a link is not a cause. Perhaps people who are already ill give up coffee, or perhaps coffee drinkers have "
    "more money, better work and better doctors, and it is those things that keep them alive. I would like to know how "
    "the five hundred people were chosen, because volunteers are often healthier than others, and whether smoking and age "
    "were taken into account. I would also ask how much longer they lived, since a few weeks are easy to print in large "
    "letters. An honest headline would be: In a small study, coffee drinkers lived a little longer, and nobody knows why. "
    "My friend should keep drinking coffee if it tastes good, and not because of the newspaper."
)
CODE = (
    (
        "goal = int(input())\nimport sys\nsteps = [int(line) for line in sys.stdin.read().split('\\n') if line.strip()]\n"
        "good = sum(1 for step in steps if step >= goal)\nmean = sum(steps) / len(steps) if steps else 0.0\n"
        "print(good, f'{mean:.1f}')\n"
    ),
    (
        "import sys\ngoal = int(input())\nsteps = [int(line) for line in sys.stdin if line.strip()]\n"
        "print(sum(s >= goal for s in steps), round(sum(steps) / len(steps), 1))\n"
    ),  # fails without any day
    "goal = int(input())\ndays = 0\ntotal = 0\nwhile True:\n    total += int(input())\n    days += 1\n",  # crashes
    "goal = int(input())\nwhile True:\n    pass\n",  # never ends
)


def answers(exam: dict[str, Any], ability: float, rng: random.Random) -> dict[str, Answer]:
    """One person's answers; `ability` is how likely they are right on a question of middle difficulty."""
    return {item["id"]: _answer(item, ability, rng) for item in exam["items"]}


def _answer(item: dict[str, Any], ability: float, rng: random.Random) -> Answer:
    knows = rng.random() < ability
    match item["kind"]:
        case "choice":
            return _choice(item, knows, rng)
        case "match":
            return _match(item, knows)
        case "numeric":
            right = f"{item['value']} {item.get('unit', '')}".strip()
            return {"text": right if knows else f"{item['value'] / 2} {item.get('unit', '')}".strip()}
        case "short":
            texts = SHORT[item["id"]]
            return {"text": rng.choice(texts[:3] if knows else texts[3:])}
        case "essay":
            sentences = ESSAY.split(". ")
            return {"text": ". ".join(sentences if knows else sentences[:4])}
        case _:
            return {"source": CODE[0] if knows else rng.choice(CODE[1:])}


def _choice(item: dict[str, Any], knows: bool, rng: random.Random) -> Answer:
    right = item["correct"] if isinstance(item["correct"], list) else [item["correct"]]
    if knows:
        return {"choice": right}
    wrong = [option["id"] for option in item["options"] if option["id"] not in right]
    # Wrong answers are not equally tempting: the first one draws most.
    return {"choice": rng.choices(wrong, weights=[4, 2, 1][: len(wrong)])[:1]}


def _match(item: dict[str, Any], knows: bool) -> Answer:
    right = [pair["right"] for pair in item["pairs"]]
    # Who does not know it all mixes up the last two.
    given = right if knows else [*right[:-2], right[-1], right[-2]]
    return {"match": {pair["id"]: text for pair, text in zip(item["pairs"], given, strict=True)}}


def copied(exam: dict[str, Any], own: dict[str, Answer], source: dict[str, Answer]) -> dict[str, Answer]:
    """A copier's answers: every choice taken from the neighbour, the rest their own."""
    choices = {item["id"] for item in exam["items"] if item["kind"] == "choice"}
    return {name: source[name] if name in choices else answer for name, answer in own.items()}
