"""What an author should look at before publishing. Nothing here forbids: the file itself is already valid."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from exam_api.web.i18n import _
from grading.exam import Exam
from grading.item import Item
from grading.kinds.choice import Choice
from grading.kinds.code import Code
from grading.kinds.essay import Essay
from grading.kinds.numeric import Numeric
from grading.kinds.short import Short
from grading.parts import evidence, proven_by

# Rough reading and answering times per question, in minutes; authors get a hint, candidates get what the author decides.
_MINUTES = {"choice": 1.5, "match": 3.0, "numeric": 3.0, "short": 3.0, "essay": 15.0, "code": 15.0}
_MINUTES |= {"drawing": 10.0, "file": 15.0, "recording": 8.0}
_WORDS_PER_MINUTE = 15


BLIND = _(
    "The start of this exam waits for a sign of life, and nobody can look at one on this installation: the models for faces are "
    "absent. Everybody will start without it, and that is noted."
)


@dataclass(frozen=True)
class Point:
    """One line of the checklist; `values` fill the sentence's places, `item` is the question to look at."""

    tone: Literal["ok", "attention", "info"]
    text: str
    values: dict[str, str | int | float]
    item: str | None = None


def checklist(exam: Exam, *, looks_at_life: bool) -> list[Point]:
    """What stands out, the whole exam first, then question by question. `looks_at_life`: whether a sign of life can be looked
    at on this installation.
    """
    blind = exam.proctoring.camera and exam.proctoring.sign_of_life and not looks_at_life
    return [
        *([Point("attention", BLIND, {})] if blind else []),
        *_whole(exam),
        *(point for item in exam.items for point in _item(item)),
    ]


def minutes_needed(exam: Exam) -> float:
    """A rough guess of how long the questions take."""
    return sum(_minutes(item) for item in exam.items)


def _minutes(item: Item) -> float:
    if isinstance(item, Essay) and item.min_words:
        return item.min_words / _WORDS_PER_MINUTE + 2
    return _MINUTES[item.kind]


def _whole(exam: Exam) -> Iterator[Point]:
    needed = exam.max_points * exam.pass_percent / 100
    text = _("%(points)s points in all; %(needed)s pass.")
    yield Point("ok", text, {"points": f"{exam.max_points:g}", "needed": f"{needed:g}"})
    guess = round(minutes_needed(exam))
    values: dict[str, str | int | float] = {"guess": guess, "given": exam.duration_minutes}
    if guess > exam.duration_minutes:
        yield Point("attention", _("About %(guess)s minutes of work, and candidates have %(given)s."), values)
    else:
        yield Point("ok", _("About %(guess)s minutes of work in %(given)s minutes."), values)
    if not exam.description.strip():
        yield Point("attention", _("There is no description: candidates read it before they start."), {})
    if exam.certificate is None:
        yield Point("info", _("A pass earns no certificate."), {})
    elif not exam.proctoring.camera:
        yield Point("attention", _("A pass earns a certificate, but no camera is asked for."), {})
    for skill, items in evidence(exam).items():
        if not items and not any(skill in proven_by(exam, each) for each in exam.sections):
            named = (
                next(each.name for each in exam.certificate.skills if each.id == skill) if exam.certificate else skill
            )
            yield Point("attention", _("No question says that it proves “%(title)s”."), {"title": named})
    people = sum(isinstance(item, Essay) for item in exam.items)
    if people:
        yield Point("info", _("Questions that wait for a person to grade them: %(count)s."), {"count": people})


def _item(item: Item) -> Iterator[Point]:
    if isinstance(item, Choice) and not item.shuffle:
        text = _("“%(title)s” shows its options in the same order to everybody.")
        yield Point("info", text, {"title": item.title}, item.id)
    if isinstance(item, Code) and item.reference is None:
        text = _("“%(title)s” has no reference solution, so it can be published only without having been tried.")
        yield Point("attention", text, {"title": item.title}, item.id)
    for text in _remarks(item):
        yield Point("attention", text, {"title": item.title}, item.id)


def _remarks(item: Item) -> Iterator[str]:
    match item:
        case Short(answers=answers) if len(answers) < 2:
            yield _("“%(title)s” has one model answer; two or three make the machine surer.")
        case Numeric(value=value, tolerance=tolerance) if (
            value is not None and not value.is_integer() and not any(vars(tolerance).values())
        ):
            yield _("“%(title)s” has no tolerance: only exactly this decimal number counts.")
        case Code(tests=tests) if all(test.hidden for test in tests):
            yield _("“%(title)s” shows no test: candidates see no example.")
        case Code(tests=tests) if not any(test.hidden for test in tests):
            yield _("“%(title)s” has no hidden test: printing the expected output passes.")
        case _:
            pass
    if item.title == "New question" or item.prompt.strip() == "Write the question here.":
        yield _("“%(title)s” still has the words it was made with.")
