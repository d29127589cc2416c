"""What a trial did, as it is kept, and as its candidate sees it."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, cast

from exam_api.attempts.schemas import TrialOut, TrialTest
from exam_api.db.models.trials import Trial
from exam_api.web.i18n import _
from grading.item import Item
from grading.kinds.code import Code
from grading.kinds.code.trial import check_trial, read_trial, remarks_on, trial
from sandbox.job import Result, Work

PASSED, RAN = _("passed"), _("the program ran to its end")
Say = Callable[[str], str]


def plan(item: Item, response: dict[str, Any], stdin: str | None) -> Work:
    """What has to run: the sample tests, or the candidate's own input; never a hidden test. Raises `ResponseError`."""
    assert isinstance(item, Code)
    return trial(item, response, stdin)


def checking(item: Item, response: dict[str, Any], result: Result) -> Work | None:
    """What the author's checker has to say about the sample tests; None where there is nothing to ask."""
    assert isinstance(item, Code)
    return check_trial(item, response, result)


def plain(item: Item, response: dict[str, Any], result: Result, checked: Result | None = None) -> dict[str, Any]:
    """The result as JSON values."""
    assert isinstance(item, Code)
    return {**asdict(read_trial(item, result, checked)), "remarks": list(remarks_on(item, response))}


def shape(row: Trial, say: Say) -> TrialOut:
    """A trial as its candidate may see it, in their language; what the program printed stays as it is."""
    found = row.result or {}
    return TrialOut(
        id=row.id,
        item=row.item,
        own_input=row.stdin is not None,
        state="waiting" if row.state == "running" else cast("Any", row.state),
        asked_at=row.asked_at,
        reason=say(row.reason) if row.reason else None,
        compiled=found.get("compiled", True),
        compile_log=found.get("compile_log", ""),
        remarks=[say(each) for each in found.get("remarks", ())],
        tests=[_test(each, say) for each in found.get("tests", ())],
    )


def _test(kept: dict[str, Any], say: Say) -> TrialTest:
    said = kept["said"] or (PASSED if kept["passed"] else RAN)
    return TrialTest(verdict=say(said), **{name: value for name, value in kept.items() if name != "said"})
