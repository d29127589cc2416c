"""Skills: what a certificate says its holder can do, in words of a public framework; which items and sections prove it.

    certificate:
      skills:
        - id: charts                   # by this name items and sections say that they prove it
          name: Reads charts
          url: https://case.example/ims/case/v1p0/CFItems/7
          framework: Data literacy     # may be left out, with the next three
          code: DL.3
          type: CFItem                 # CASE; ceasn:Competency and CTDL (Credential Engine), ESCO
          level: 2                     # 1 to 9, on the framework's own scale
    items:
      - id: bar-chart
        skills: [charts]
    sections:
      - id: reading
        skills: [charts]               # left out: what its items prove

One skill may stand there at several levels, each with an id of its own.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Literal, cast, get_args

from grading.errors import ItemError
from grading.reading import Fields, Path, unique

Type = Literal["CFItem", "ceasn:Competency", "CTDL", "ESCO"]
TYPES: tuple[str, ...] = get_args(Type)
MAX_SKILLS = 40
MAX_LEVEL = 9
_ADDRESS = re.compile(r"(?:https?://[^\s/?#<>\"{}|\\^`]+|urn:[a-z0-9][a-z0-9-]{0,31}:)[^\s<>\"{}|\\^`]*")


@dataclass(frozen=True)
class Skill:
    """`url` names the skill for everybody, `id` inside this exam. `level` None: its framework knows none, or it is not said."""

    id: str
    name: str
    url: str
    framework: str = ""
    code: str = ""
    type: Type = "CFItem"
    level: int | None = None


def read_skills(block: Fields) -> tuple[Skill, ...]:
    """The key `skills` of a certificate. Raises `ItemError`."""
    rows = block.rows("skills", most=MAX_SKILLS)
    found = tuple(_skill(entry, path) for entry, path in rows)
    unique([(each.id, (*path, "id")) for each, (_, path) in zip(found, rows, strict=True)], "skill id")
    marks = [f"{each.url} at level {each.level}" if each.level else each.url for each in found]
    unique([(mark, (*path, "url")) for mark, (_, path) in zip(marks, rows, strict=True)], "skill")
    return found


def _skill(entry: object, path: Path) -> Skill:
    row = Fields(entry, path, tuple(field.name for field in fields(Skill)))
    return Skill(
        id=row.slug("id"),
        name=row.text("name", longest=200),
        url=read_address(row, "url"),
        framework=row.text("framework", "", longest=200),
        code=row.text("code", "", longest=100),
        type=cast("Type", row.one_of("type", TYPES, "CFItem")),
        level=row.whole("level", least=1, most=MAX_LEVEL) if row.has("level") else None,
    )


def read_address(row: Fields, key: str) -> str:
    """A full address that names something for ever: https, http or urn. Raises `ItemError`."""
    text = row.text(key, longest=1_000)
    if not _ADDRESS.fullmatch(text):
        raise row.fail(key, f"{text!r} must be a full address that begins with https://, http:// or urn:")
    return text


def read_named(row: Fields) -> tuple[str, ...]:
    """The key `skills` of an item or a section: ids. Raises `ItemError`; whether they exist, `check_named` says."""
    names = row.texts("skills", most=MAX_SKILLS, longest=64)
    unique([(name, (*row.path, "skills", at)) for at, name in enumerate(names)], "skill")
    return names


def check_named(named: Iterable[tuple[tuple[str, ...], Path]], skills: Iterable[Skill]) -> None:
    """Raise `ItemError` where an item or a section (with its path) names a skill that the certificate does not."""
    known = [each.id for each in skills]
    for names, path in named:
        for at, name in enumerate(names):
            if name in known:
                continue
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; they are: {', '.join(known) or 'none yet'}"
            raise ItemError((*path, "skills", at), f"{name!r} is not among the skills of the certificate{hint}")
