"""From what has run to a grade, its reasons and the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from grading.kinds.code import function
from grading.kinds.code.forbid import remarks
from grading.kinds.code.rounds import Ran
from grading.kinds.code.texts import end_of
from grading.kinds.code.words import ending
from grading.mark import Grade, Graded, Ungraded
from grading.programs import judge
from grading.programs.judge import Judged, Progress
from grading.programs.scoring import Scored
from grading.programs.verdict import Judgement
from sandbox.job import RunOutcome, Verdict

if TYPE_CHECKING:
    from grading.kinds.code.item import Code
    from grading.kinds.code.submission import Submission
    from grading.kinds.code.values import Test

WAITS = "The program has not been run: it waits for a sandbox."
STOPPED = "The sandbox stopped before every test had run, so the tests must run again."
NOT_JUDGED = "The exercise's own program could not judge every output, so a person looks at it."
FORBIDDEN = "The program uses what this exercise asks not to use, so a person looks at it."
TESTED = "The program was tested."
NOT_COMPILED = "The program does not compile."


def mark(item: Code, submission: Submission, ran: Ran) -> Grade:
    """Pure: the same answer and the same results lead to the same grade."""
    if ran.works:
        return Ungraded(item.points, WAITS, "failure")
    judged = judge.verdict(ran.state)
    parts = {one.name: one for one in judged.scored.flat()}
    noted = remarks(item.forbid, submission)
    evidence: dict[str, Any] = {
        "tests": [_evidence(test, one, ran.runs, parts) for test, one in zip(item.tests, ran.state.tests, strict=True)],
        **({"remarks": [remark.text() for remark in noted]} if noted else {}),
        "language": submission.language,
        "limits": asdict(item.limits_for(submission.language)),
        **({"engine": asdict(ran.engine)} if ran.engine else {}),
    }
    if ran.lost:
        return Ungraded(item.points, STOPPED, "failure", evidence)
    if judged.problems:
        problems = [end_of(problem) for problem in judged.problems]
        return Ungraded(item.points, NOT_JUDGED, "person", {**evidence, "problems": problems})
    tail = [remark.text() for remark in noted]
    if judged.judgement is Judgement.CE:
        log = end_of(ran.state.compile_log)
        text = "\n".join([NOT_COMPILED, *filter(None, [log]), *tail])
        evidence["compile_log"] = ran.state.compile_log.replace("\0", "\N{REPLACEMENT CHARACTER}")
        return Graded(0.0, item.points, 1.0, certain=True, feedback=text, evidence=evidence)
    if noted and item.forbid.required:
        return Ungraded(item.points, FORBIDDEN, "person", evidence)
    lines = [*_feedback(item, ran, parts), *tail]
    points = _points(item, ran, judged)
    return Graded(points, item.points, 1.0, certain=True, feedback="\n".join(lines), evidence=evidence)


def _points(item: Code, ran: Ran, judged: Judged) -> float:
    """Never more than the item has, and all of it, to the last bit, where every test gave all it could."""
    whole = all(one.judgement is Judgement.AC and one.points is None and one.share is None for one in ran.state.tests)
    return item.points if whole else min(max(float(judged.scored.score), 0.0), item.points)


def _feedback(item: Code, ran: Ran, parts: Mapping[str, Scored]) -> Iterator[str]:
    if item.feedback == "none":
        yield TESTED
        return
    tests = ran.state.tests
    yield f"{sum(one.judgement is Judgement.AC for one in tests)} of {len(tests)} tests passed."
    yield from _groups(item, parts)
    hidden = 0
    for test, one in zip(item.tests, tests, strict=True):
        hidden += test.hidden
        name = f"Hidden test {hidden}" if test.hidden else f"Test {test.name!r}"
        run = ran.runs[one.test.name]
        if one.judgement is Judgement.AC:
            yield from _part(name, one, parts)
        elif item.feedback == "full" or (item.feedback == "samples" and not test.hidden):
            yield from _told(item, test, name, one, run)
        else:
            yield f"{name}: {ending(item, one, run)}."


def _groups(item: Code, parts: Mapping[str, Scored]) -> Iterator[str]:
    for at, group in enumerate(item.groups, 1):
        found = parts[f"group {at}"]
        if group.needs and found.judgement is Judgement.SK:
            needs = ", ".join(group.needs)
            yield f"Group {group.name!r} counts nothing, because not every test of {needs!r} passed."
        else:
            yield f"Group {group.name!r}: {float(found.score):g} of {group.points:g} points."


def _part(name: str, one: Progress, parts: Mapping[str, Scored]) -> Iterator[str]:
    """An output that the checker accepted for a part of the points."""
    found = parts[one.test.name]
    if (one.share is not None and one.share < 1) or one.points is not None:
        yield f"{name}: accepted, for {float(found.score):g} points."


def _told(item: Code, test: Test, name: str, one: Progress, run: RunOutcome) -> Iterator[str]:
    if item.mode == "function" and run.verdict is Verdict.OK:
        got = function.came(run.stdout)
        if got.ending == "value":
            wanted = end_of(function.wanted_text(test))
            yield f"{name}: expected {wanted}, and the function returned {end_of(got.text())}."
            return
    elif run.verdict is Verdict.OK and not item.checker and not item.interactor and item.mode != "unit":
        yield f"{name}: expected {end_of(test.expect)!r}, and the program printed {end_of(run.stdout)!r}."
        return
    yield f"{name}: {ending(item, one, run)}."
    yield from filter(None, [end_of(one.told), end_of(run.stderr)])


def _evidence(test: Test, one: Progress, runs: Mapping[str, RunOutcome], parts: Mapping[str, Scored]) -> dict[str, Any]:
    run = runs[one.test.name]
    return {
        "name": test.name,
        "hidden": test.hidden,
        "verdict": run.verdict.value,
        "passed": one.judgement is Judgement.AC,
        "points": float(parts[one.test.name].score),
        "stdout": end_of(run.stdout),
        "stderr": end_of(run.stderr),
        "cpu_seconds": run.cpu_seconds,
        "peak_bytes": run.peak_bytes,
        **({"said": end_of(one.message)} if one.message else {}),
    }
