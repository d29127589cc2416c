"""Grades choices, numbers, short answers, essays and programs; says how sure it is, and leaves the rest to a person."""

from __future__ import annotations

from grading.exam import Exam, read_exam
from grading.grade import Graded, Tools, Ungraded, grade, plan
from grading.item import Item, public, read_item

__all__ = ["Exam", "Graded", "Item", "Tools", "Ungraded", "grade", "plan", "public", "read_exam", "read_item"]
