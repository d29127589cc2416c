"""Files that a candidate hands in: a PDF, a photo of a sheet of paper, a table."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from grading.attachment import MEDIA_TYPES, MIB, Rules
from grading.errors import ItemError
from grading.kinds.attaching import Attaching
from grading.kinds.base import Common
from grading.reading import Fields, unique
from grading.rubric import read_rubric, shown_rubric

MAX_FILES, MAX_MIB = 10, 100


@dataclass(frozen=True, kw_only=True)
class File(Attaching):
    """`types` are endings of names; what such a file holds is checked. `most_mib` is the most of one file."""

    kind: ClassVar[str] = "file"
    types: tuple[str, ...]
    most_files: int = 1
    most_mib: int = 20

    @classmethod
    def read(cls, fields: Fields, common: Common) -> Self:
        types = fields.texts("types", least=1, most=len(MEDIA_TYPES), longest=10)
        for at, name in enumerate(types):
            if name not in MEDIA_TYPES:
                near = difflib.get_close_matches(name.lower().lstrip("."), MEDIA_TYPES, 1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise ItemError((*fields.path, "types", at), f"{name!r} must be one of: {', '.join(MEDIA_TYPES)}{hint}")
        unique([(name, (*fields.path, "types", at)) for at, name in enumerate(types)], "type")
        return cls(
            **common,
            rubric=read_rubric(fields, common["points"]),
            types=tuple(name for name in MEDIA_TYPES if name in types),
            most_files=fields.whole("most_files", cls.most_files, least=1, most=MAX_FILES),
            most_mib=fields.whole("most_mib", cls.most_mib, least=1, most=MAX_MIB),
        )

    @property
    def rules(self) -> Rules:
        return Rules({name: MEDIA_TYPES[name] for name in self.types}, self.most_files, self.most_mib * MIB)

    def shown(self) -> dict[str, Any]:
        limits = {"types": list(self.types), "most_files": self.most_files, "most_mib": self.most_mib}
        return {**limits, "rubric": shown_rubric(self.rubric)}
