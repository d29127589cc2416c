"""Whether a submission ended in what its author said it would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from grading.programs.expectations import Pattern
from grading.programs.judge import Judged
from grading.programs.problem import Expected, Problem
from grading.programs.verdict import Judgement

CENT = Fraction(1, 200)  # what rounding to the cent may hide
SAME = {Judgement.MLE: Judgement.RTE}
"""DOMjudge and Kattis have no verdict of its own for too much memory: the program crashes there."""


def agrees(expected: Sequence[Expected], problem: Problem, judged: Judged) -> list[str]:
    """Every difference, in words; none where all is as expected."""
    return [difference for one in expected for difference in _differences(one, problem, judged)]


def _differences(expected: Expected, problem: Problem, judged: Judged) -> Iterator[str]:
    if expected.results and not _is_one_of(judged.judgement, expected.results):
        yield f"the verdict is {judged.judgement}, not {names(expected.results)}"
    yield from _of_tests(expected, judged, [test.name for test in problem.tests], "")
    if expected.cases:
        got = [one.judgement for one in judged.tests]
        if len(got) != len(expected.cases) or not all(
            _is_one_of(one, frozenset({two})) for one, two in zip(got, expected.cases, strict=False)
        ):
            yield f"the tests are {' '.join(got)}, not {' '.join(expected.cases)}"
    if expected.score is not None:
        yield from _of_score(expected.score, judged.score, "the score")
    if expected.partial and (judged.score is None or judged.score == problem.tree.most):
        yield "the score is not a part of the most"
    if expected.grades:
        yield from _of_grades(expected.grades, judged)
    if expected.message and not any(expected.message in one.message for one in judged.tests):
        yield f"no judge's message has {expected.message!r} in it"
    for pattern, inner in expected.groups.items():
        yield from _of_group(pattern, inner, problem, judged)


def _of_tests(expected: Expected, judged: Judged, among: Sequence[str], where: str) -> Iterator[str]:
    ran = [one for one in judged.tests if one.test.name in set(among) and one.judgement is not Judgement.SK]
    if expected.permitted:
        for one in ran:
            if not _is_one_of(one.judgement, expected.permitted):
                yield f"test {one.test.name} is {one.judgement}, not {names(expected.permitted)}"
    if expected.required and not any(_is_one_of(one.judgement, expected.required) for one in ran):
        yield f"no test{where} is {names(expected.required)}"


def _of_group(pattern: str, expected: Expected, problem: Problem, judged: Judged) -> Iterator[str]:
    compiled = Pattern(pattern)
    among = [test.name for test in problem.tests if _within(compiled, test.name)]
    if not among:
        yield f"no test is named {pattern}"
        return
    yield from _of_tests(expected, judged, among, f" of {pattern}")
    if expected.message and not any(expected.message in one.message for one in judged.tests if one.test.name in among):
        yield f"no judge's message of {pattern} has {expected.message!r} in it"
    if expected.score is not None:
        for group in problem.tree.groups():
            found = judged.scored.find(group.name) if compiled.fullmatch(group.name) else None
            if found is not None:
                yield from _of_score(expected.score, found.score, f"the score of {group.name}")


def _within(pattern: Pattern, name: str) -> bool:
    parts = name.split("/")
    return any(pattern.fullmatch("/".join(parts[:count])) for count in range(1, len(parts) + 1))


def _of_score(expected: tuple[Fraction, Fraction], got: Fraction | None, what: str) -> Iterator[str]:
    least, most = expected
    if got is None or not least - CENT <= got <= most + CENT:
        wanted = shown(least) if least == most else f"{shown(least)} to {shown(most)}"
        yield f"{what} is {shown(got)}, not {wanted}"


def _of_grades(expected: tuple[Judgement, ...], judged: Judged) -> Iterator[str]:
    """The verdicts of the secret groups by name, as `@EXPECTED_GRADES@` lists them."""
    secret = judged.scored.find("secret")
    got = [one.judgement for one in (secret.members if secret else ())]
    if len(got) != len(expected) or not all(
        _is_one_of(one, frozenset({two})) for one, two in zip(got, expected, strict=False)
    ):
        yield f"the groups are {' '.join(got)}, not {' '.join(expected)}"


def _is_one_of(got: Judgement, wanted: frozenset[Judgement]) -> bool:
    return (
        got in wanted
        or SAME.get(got, got) in wanted
        or (got is Judgement.NO and wanted == {Judgement.WA, Judgement.NO})
    )


def names(wanted: frozenset[Judgement]) -> str:
    return " or ".join(sorted(wanted))


def shown(score: Fraction | None) -> str:
    """To the cent, as scores are announced."""
    return "none" if score is None else f"{float(score):.2f}".rstrip("0").rstrip(".")
