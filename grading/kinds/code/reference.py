"""Whether an item may be published: its reference solution passes, and has room below every limit.

results = []
while works := check_reference(item, results):
    results += [run(work) for work in works]
problems = read_reference(item, results)
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from grading.kinds.code.groups import tree
from grading.kinds.code.rounds import Ran, replay
from grading.kinds.code.submission import reference_of
from grading.kinds.code.texts import end_of
from grading.kinds.code.values import MIB
from grading.kinds.code.words import ending
from grading.programs import judge
from grading.programs.verdict import Judgement

if TYPE_CHECKING:
    from grading.kinds.code.item import Code
    from sandbox.job import Result, Work

ROOM = 3
"""How many times over the reference must fit below a limit: other machines and honest programs are slower."""

WAITS = "The reference solution has not been run: it waits for a sandbox."
STOPPED = "The sandbox stopped before the reference solution had run, so it must run again."
NOT_COMPILED = "The reference solution does not compile."


def check_reference(item: Code, results: Sequence[Result] = ()) -> tuple[Work, ...]:
    """What has to run next, given the results so far; nothing when all has run, or there is no reference."""
    return replay(item, reference_of(item.reference), results).works if item.reference else ()


def read_reference(item: Code, results: Sequence[Result]) -> tuple[str, ...]:
    """Why the item should not be published yet, in words; nothing where it may be, or has no reference."""
    if item.reference is None:
        return ()
    ran = replay(item, reference_of(item.reference), results)
    if ran.works:
        return (WAITS,)
    if ran.lost:
        return (STOPPED,)
    judged = judge.verdict(ran.state)
    if judged.judgement is Judgement.CE:
        return (f"{NOT_COMPILED}\n{end_of(ran.state.compile_log)}".rstrip(),)
    return (*_failures(item, ran), *_without_room(item, ran))


def _failures(item: Code, ran: Ran) -> Iterator[str]:
    for test, one in zip(item.tests, ran.state.tests, strict=True):
        if one.judgement is Judgement.JE:
            yield f"Test {test.name!r}: its output could not be judged ({end_of(one.message)})."
        elif one.judgement is not Judgement.AC:
            said = filter(None, [end_of(one.message), end_of(ran.runs[one.test.name].stderr)])
            text = f"The reference solution fails the test {test.name!r}: {ending(item, one, ran.runs[one.test.name])}."
            yield "\n".join([text, *said])
        elif (one.share is not None and one.share < 1) or one.points is not None:
            yield from _part(item, test.name, one)


def _part(item: Code, name: str, one: judge.Progress) -> Iterator[str]:
    case = next(case for case in tree(item).cases() if case.name == one.test.name)
    got = one.points if one.points is not None else case.points * (one.share or 0)
    if got < case.points:
        yield f"The reference solution gets {float(got):g} of {float(case.points):g} points in the test {name!r}."


def _without_room(item: Code, ran: Ran) -> Iterator[str]:
    """One sentence for each limit that is too tight, about the test that needs most."""
    assert item.reference is not None
    limits = item.limits_for(item.reference.language)
    names = {one.test.name: test.name for test, one in zip(item.tests, ran.state.tests, strict=True)}
    tests = ran.state.tests
    slow = max(tests, key=lambda one: one.cpu_seconds)
    if slow.cpu_seconds * ROOM > limits.cpu_seconds:
        proposed = _rounded(slow.cpu_seconds * ROOM)
        yield (
            f"The test {names[slow.test.name]!r} took the reference solution {slow.cpu_seconds:.2f} s of computing time, so "
            f"the limit cpu_seconds of {limits.cpu_seconds:g} leaves less than three times that; {proposed:g} would."
        )
    long = max(tests, key=lambda one: one.wall_seconds)
    if long.wall_seconds * ROOM > limits.wall_seconds:
        proposed = _rounded(long.wall_seconds * ROOM)
        yield (
            f"The test {names[long.test.name]!r} took the reference solution {long.wall_seconds:.2f} s by the clock, so "
            f"the limit wall_seconds of {limits.wall_seconds:g} leaves less than three times that; {proposed:g} would."
        )
    large = max(tests, key=lambda one: one.peak_bytes)
    if large.peak_bytes * ROOM > limits.memory_mib * MIB:
        need = math.ceil(large.peak_bytes * ROOM / MIB / 16) * 16
        yield (
            f"The test {names[large.test.name]!r} took the reference solution {large.peak_bytes / MIB:.1f} MiB of memory, so "
            f"the limit memory_mib of {limits.memory_mib} leaves less than three times that; {need} would."
        )


def _rounded(seconds: float) -> float:
    """Up to the next tenth of a second, above ten to the next second."""
    return float(math.ceil(seconds)) if seconds > 10 else math.ceil(seconds * 10 - 1e-9) / 10
