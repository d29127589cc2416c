"""What each section of an exam came to, and which skills an exam proves where."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grading.exam import Exam
from grading.mark import Grade, Graded
from grading.scale import total
from grading.sections import Section


@dataclass(frozen=True)
class Part:
    """One section's result. `percent` is the share of its own points; `points` are after what was taken off for lateness."""

    id: str
    title: str
    points: float
    max_points: float
    percent: float
    skills: tuple[str, ...]


def parts(form: Exam, grades: Mapping[str, Grade], off_percent: float = 0.0) -> tuple[Part, ...]:
    """The sections of what one candidate got (`grading.deal`), in its order; nothing for an exam on one sheet.

    `grades` by item id; an item without one is worth what it could earn and has earned nothing yet. Points of all parts add up
    to the exam's, and the percents weighted with their points to its percent.
    """
    known = {item.id: item for item in form.items}
    found = []
    for section in form.sections:
        marks = [grades[name] for name in section.items if name in grades]
        most = round(math.fsum(known[name].points for name in section.items), 6)
        points = round(total([each for each in marks if isinstance(each, Graded)]) * (1 - off_percent / 100), 6)
        skills = proven_by(form, section)
        found.append(Part(section.id, section.title, points, most, round(100 * points / most, 6), skills))
    return tuple(found)


def averaged(several: Sequence[Sequence[Part]]) -> tuple[Part, ...]:
    """The mean of several attempts, section by section. Every attempt has the same sections with the same points."""
    found = []
    for same in zip(*several, strict=True):
        points = round(math.fsum(each.points for each in same) / len(same), 6)
        first = same[0]
        percent = round(100 * points / first.max_points, 6)
        found.append(Part(first.id, first.title, points, first.max_points, percent, first.skills))
    return tuple(found)


def proven_by(exam: Exam, section: Section) -> tuple[str, ...]:
    """The ids of skills that a section proves: those it names, else those of its items and pools, in the certificate's order."""
    if exam.certificate is None:
        return ()
    members = {name for pool in exam.pools if pool.id in section.items for name in pool.members(exam.items)}
    of_items = {skill for item in exam.items if item.id in {*section.items, *members} for skill in item.skills}
    named = set(section.skills) or of_items
    return tuple(skill.id for skill in exam.certificate.skills if skill.id in named)


def evidence(exam: Exam) -> dict[str, tuple[str, ...]]:
    """For each skill of the certificate the items that prove it, in the file's order; none is a gap to look at."""
    if exam.certificate is None:
        return {}
    return {
        skill.id: tuple(item.id for item in exam.items if skill.id in item.skills) for skill in exam.certificate.skills
    }
