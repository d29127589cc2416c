"""Every kind of item, in one visible table. A new kind is one file here and one name below."""

from __future__ import annotations

from grading.kinds.base import Item
from grading.kinds.choice import Choice
from grading.kinds.code import Code
from grading.kinds.drawing import Drawing
from grading.kinds.essay import Essay
from grading.kinds.file import File
from grading.kinds.match import Match
from grading.kinds.numeric import Numeric
from grading.kinds.recording import Recording
from grading.kinds.short import Short

_ALL: tuple[type[Item], ...] = (Choice, Match, Numeric, Short, Essay, Code, Drawing, File, Recording)
KINDS: dict[str, type[Item]] = {kind.kind: kind for kind in _ALL}

__all__ = ["KINDS"]
