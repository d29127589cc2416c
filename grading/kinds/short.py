"""A short answer in the candidate's own words, compared with model answers.

1. The text of a model answer (case, spaces and outer punctuation aside) earns all points; the text of a `reject`
   entry earns none. Both are certain. A model answer with words left out that the question holds is the same.
2. Otherwise a sentence embedding says how close the answer is to the nearest model answer, the nearest known wrong
   one and the question, and `grading.likelihood` turns that into the probability that a person would accept it.
3. Embeddings accept "not", shuffled words and copied questions, so `grading.wording` looks for these. One doubt
   about an answer that would be accepted is enough to ask a person.
4. Closeness alone makes nothing sure: wrong answers built from the right words are as close as right ones (of the
   24 calibration cases that the curve would accept at 0.85 or more when their question is left out of the fit, six
   in ten by weight were right, a third by count), and right answers in other words are as far as wrong ones. So an
   acceptance stays below the usual `confidence`, and so does a rejection of an answer that names anything the
   model answers add to the question. An author who lowers it accepts that. The limits below are chosen, not fitted.

The proposal is all or nothing. It stands without a person where the confidence reaches the item's `confidence`.
No language model that follows instructions reads the answer, so an answer cannot talk the grader into points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from grading.kinds.base import Common, Item, Response, read_text
from grading.likelihood import likelihood, measure
from grading.mark import Embed, Grade, Graded, Tools, Ungraded
from grading.reading import Fields
from grading.wording import doubts, normal, reworded
from sandbox.job import Result

MAX_CHARS = 4_000
DOUBTED = 0.5
CLOSE = 0.8
REWORDED = 0.97
WAITS = "A person will confirm this grade."


@dataclass(frozen=True, kw_only=True)
class Short(Item):
    """`answers`: model answers, one is enough. `reject`: known wrong ones. `confidence`: grades below it wait."""

    kind: ClassVar[str] = "short"
    answers: tuple[str, ...]
    reject: tuple[str, ...] = ()
    confidence: float = 0.85

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        answers, reject = fields.texts("answers", least=1, longest=1_000), fields.texts("reject", longest=1_000)
        both = {normal(answer) for answer in answers} & {normal(answer) for answer in reject}
        if both:
            raise fields.fail("reject", f"{min(both)!r} is also a model answer")
        confidence = fields.number("confidence", cls.confidence, least=0.5, most=1)
        return cls(**common, answers=answers, reject=reject, confidence=confidence)

    def shown(self) -> dict[str, Any]:
        return {"max_chars": MAX_CHARS}

    def solution(self) -> str:
        return self.answers[0]

    def check(self, response: Response) -> None:
        read_text(response, "text", MAX_CHARS)

    def is_blank(self, response: Response) -> bool:
        return not normal(read_text(response, "text", MAX_CHARS))

    def mark(self, response: Response, outcomes: Sequence[Result], tools: Tools) -> Grade:
        text = read_text(response, "text", MAX_CHARS)
        for texts, share, said in ((self.answers, 1.0, "Correct."), (self.reject, 0.0, "Not correct.")):
            if normal(text) in map(normal, texts):
                return self._graded(share, 1.0, said, {"exact": text})
        for model in self.answers:
            if reworded(text, model, self.prompt):
                return self._graded(1.0, REWORDED, "Correct.", {"reworded": model})
        if tools.embed is None:
            return Ungraded(self.points, "The language model is not installed, so this answer waits.", "failure")
        return self._compare(text, tools.embed)

    def _compare(self, text: str, embed: Embed) -> Graded:
        closeness, near = measure(text, self.prompt, self.answers, self.reject, embed)
        chance = likelihood(closeness)
        accepted = chance >= 0.5
        reasons = doubts(text, near, self.prompt) if accepted else []
        limit = DOUBTED if reasons else CLOSE if accepted or closeness.covered else 1.0
        # Four digits: the last bits of an embedding depend on the machine, and a replay elsewhere must agree.
        confidence = round(min(limit, max(chance, 1 - chance)), 4)
        evidence = {"nearest": near, "doubts": reasons, "likelihood": round(chance, 4), **closeness.rounded()}
        said = "Your answer says what was asked for." if accepted else "Your answer does not say what was asked for."
        return self._graded(float(accepted), confidence, said, evidence)

    def _graded(self, share: float, confidence: float, said: str, evidence: dict[str, Any]) -> Graded:
        certain = confidence >= self.confidence
        feedback = said if certain else f"{said} {WAITS}"
        return Graded(self.points * share, self.points, confidence, certain, feedback, evidence)
