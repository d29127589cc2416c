"""Plan, run, grade: what must be run for an answer, and what the answer is worth once it has been.

Both functions are pure, so a grade can be replayed in an appeal years later:

    results = []
    while works := plan(item, response, results):
        results += [run(work) for work in works]  # the one dangerous line, and not ours
    result = grade(item, response, results, Tools(embed=model))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from grading.errors import ResponseError
from grading.item import Item, is_blank
from grading.kinds.base import Response
from grading.mark import Grade, Graded, Tools, Ungraded, no_answer
from sandbox.job import Result, Work

__all__ = ["Grade", "Graded", "Tools", "Ungraded", "grade", "plan"]

NO_TOOLS = Tools()


def plan(item: Item, response: object, results: Sequence[Result] = ()) -> tuple[Work, ...]:
    """What must run next for this answer, given the results so far, in order; nothing when it can be graded.

    A blank answer, a broken one, or a kind that runs nothing needs nothing from the start.
    """
    try:
        return () if is_blank(item, response) else item.plan(cast("Response", response), results)
    except ResponseError:
        return ()


def grade(item: Item, response: object, outcomes: Sequence[Result] = (), tools: Tools = NO_TOOLS) -> Grade:
    """Grade one answer. `outcomes` answer all rounds of `plan`, in order.

    No answer, however odd, raises: what could not be graded is `Ungraded` and says why.
    """
    try:
        if is_blank(item, response):
            return no_answer(item.points)
    except ResponseError as error:
        # `check_response` refuses this before it is stored. Where it was stored all the same, the fault is ours.
        return Ungraded(item.points, f"The stored answer cannot be read, so a person looks at it: {error}.", "person")
    return item.mark(cast("Response", response), outcomes, tools)
