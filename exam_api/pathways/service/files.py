"""The files of programmes and of maps of skills: read strictly, each mistake with its line and what to write instead.

A programme:

    title: Data analyst
    description: What it is for (Markdown).
    certificate:                       # as in an exam's file
      name: Data Analyst
      description: What its holder has shown.
      criteria: What had to be done for it (Markdown).
      kind: certification
      valid_years: 3
    follows: true                      # suspended when its rule is no longer met; left out: a person is asked
    rule:
      all_of:
        - exam: 0b6c…                  # the exam's id: any of its versions
          min_score: 70                # percent
          within_months: 24            # issued no longer ago
        - at_least: 2
          of:
            - programme: averages      # another programme, by its short name
            - skill: https://case.example/CFItems/7
              level: 2
            - achievement: urn:uuid:…  # any achievement, by its address
        - any_of: [...]

A map of skills:

    title: Data literacy
    url: https://case.example/documents/1
    description: Markdown.
    levels:                            # the steps of the scale, from the lowest up; a skill may have its own
      - {level: 1, name: Knows, statement: Names the parts of a chart.}
    skills:
      - id: charts
        name: Reads charts
        url: https://case.example/CFItems/7
        statement: In one sentence.
        code: DL.3
        type: CFItem                   # or ceasn:Competency, CTDL, ESCO
        part_of: [literacy]
        requires: [numbers, {skill: averages, level: 2}]
        broader: [statistics]
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast
from uuid import UUID

from courses.errors import SourceError
from courses.source import Source, read
from credentials.achievement import competency, stacking
from credentials.errors import Malformed
from exam_api.certificates.service.parts import TYPES
from exam_api.errors import PathwayFileWrong
from exam_api.exams.schemas import ProblemOut
from exam_api.exams.service.checking import place, sentence
from grading.errors import ItemError
from grading.exam import Certificate, read_certificate
from grading.reading import Fields, Path
from grading.skills import TYPES as TYPE_NAMES
from grading.skills import Type, read_address

T = TypeVar("T")
MAX_SOURCE = 200_000
_NEEDS = ("exam", "programme", "achievement", "skill")
_GROUPS = ("all_of", "any_of", "at_least")
_ENTRY = (*_NEEDS, "min_score", "level", "within_months", *_GROUPS, "of")


@dataclass(frozen=True)
class Programme:
    """What a programme's file says."""

    title: str
    description: str
    terms: Certificate
    rule: stacking.Rule
    follows: bool = False


def name_of(kind: str, reference: str) -> str:
    """How a rule and a held certificate name the same thing: `exam:ID`, `programme:SHORT-NAME`, or an address as it is."""
    return reference if kind == "achievement" else f"{kind}:{reference}"


def read_programme(text: str) -> Programme:
    """Raises `PathwayFileWrong` with the mistake and its line."""
    return _read(text, _programme)


def read_map(text: str, slug: str = "map") -> competency.SkillMap:
    """Raises `PathwayFileWrong` with the mistake and its line."""
    return _read(text, lambda data: _map(data, slug))


def _read(text: str, reader: Callable[[object], T]) -> T:
    if len(text) > MAX_SOURCE:
        problem = ProblemOut(line=1, path="", message=f"The file has more than {MAX_SOURCE:,} characters.")
        raise PathwayFileWrong(problems=[problem.model_dump()])
    try:
        source = read(text)
    except SourceError as error:
        found = [ProblemOut(line=each.line, path="", message=each.message) for each in error.problems]
        raise PathwayFileWrong(problems=[each.model_dump() for each in found]) from error
    try:
        return reader(source.data)
    except ItemError as error:
        raise PathwayFileWrong(problems=[_problem(source, error).model_dump()]) from error


def _problem(source: Source, error: ItemError) -> ProblemOut:
    return ProblemOut(line=source.line(error.path), path=place(error.path), message=sentence(error))


# --- programmes ---


def _programme(data: object) -> Programme:
    top = Fields(data, (), ("title", "description", "certificate", "follows", "rule"))
    terms = read_certificate(top)
    if terms is None:
        raise top.fail("certificate", "is missing: say what its holder gets")
    if terms.renewal is not None:
        said = "has no meaning here: a programme's certificate is given anew when its rule is met again"
        raise ItemError(("certificate", "renewal"), said)
    rule = _rule(top.value("rule"), ("rule",), 1)
    try:
        stacking.check(rule)
    except Malformed as error:
        raise top.fail("rule", str(error)) from error
    return Programme(
        title=top.text("title", longest=200),
        description=top.text("description", "", longest=20_000),
        terms=terms,
        rule=rule,
        follows=top.flag("follows", default=False),
    )


def _rule(entry: object, path: Path, depth: int) -> stacking.Rule:
    row = Fields(entry, path, _ENTRY)
    named = [key for key in (*_NEEDS, *_GROUPS) if row.has(key)]
    if len(named) != 1:
        raise ItemError(path, f"must have exactly one of these keys: {', '.join((*_NEEDS, *_GROUPS))}")
    if depth > stacking.MAX_DEPTH:
        raise ItemError(path, f"stands too deep: groups in groups go at most {stacking.MAX_DEPTH} deep")
    key = named[0]
    _only(row, key)
    return _need(row, key) if key in _NEEDS else _group(row, key, depth)


def _only(row: Fields, key: str) -> None:
    """A key beside another that it has nothing to do with would be read as if it counted."""
    fits = {"at_least": ("of",), "skill": ("level", "min_score", "within_months")}
    fits |= dict.fromkeys(("exam", "programme", "achievement"), ("min_score", "within_months"))
    for other in ("min_score", "level", "within_months", "of"):
        if row.has(other) and other not in fits.get(key, ()):
            raise row.fail(other, f"has no meaning beside {key!r}")


def _need(row: Fields, key: str) -> stacking.Need:
    reference = _reference(row, key)
    named = {"skill": reference} if key == "skill" else {"name": name_of(key, reference)}
    return stacking.Need(
        **named,
        min_score=row.number("min_score", above=0, most=100) if row.has("min_score") else None,
        level=row.whole("level", least=1, most=competency.MAX_LEVEL) if row.has("level") else None,
        within_months=row.whole("within_months", least=1, most=600) if row.has("within_months") else None,
    )


def _reference(row: Fields, key: str) -> str:
    if key == "programme":
        return row.slug(key)
    if key != "exam":
        return read_address(row, key)
    text = row.text(key, longest=64)
    try:
        return str(UUID(text))
    except ValueError:
        raise row.fail(key, f"{text!r} is not the id of an exam: it stands in the address of the exam's page") from None


def _group(row: Fields, key: str, depth: int) -> stacking.Group:
    inner = "of" if key == "at_least" else key
    entries = row.rows(inner, least=1, most=stacking.MAX_NEEDS)
    of = tuple(_rule(entry, path, depth + 1) for entry, path in entries)
    least = {"all_of": len(of), "any_of": 1}.get(key) or row.whole("at_least", least=1, most=len(of))
    return stacking.Group(cast("stacking.How", key), least, of)


# --- maps of skills ---


def _map(data: object, slug: str) -> competency.SkillMap:
    top = Fields(data, (), ("title", "url", "description", "levels", "skills"))
    found = competency.SkillMap(
        id=slug,
        title=top.text("title", longest=200),
        url=read_address(top, "url") if top.has("url") else "",
        description=top.text("description", "", longest=20_000),
        levels=_levels(top),
        skills=tuple(_skill(entry, path) for entry, path in top.rows("skills", least=1, most=competency.MAX_SKILLS)),
    )
    try:
        competency.check(found)
    except Malformed as error:
        raise top.fail("skills", str(error)) from error
    return found


def _levels(row: Fields) -> tuple[competency.Level, ...]:
    found = []
    for entry, path in row.rows("levels", most=competency.MAX_LEVEL):
        level = Fields(entry, path, ("level", "name", "statement"))
        number = level.whole("level", least=1, most=competency.MAX_LEVEL)
        statement = level.text("statement", "", longest=2_000)
        found.append(competency.Level(number, level.text("name", longest=100), statement))
    return tuple(found)


def _skill(entry: object, path: Path) -> competency.Skill:
    names = ("id", "name", "url", "statement", "code", "type", "levels", "part_of", "requires", "broader")
    row = Fields(entry, path, names)
    return competency.Skill(
        id=row.slug("id"),
        name=row.text("name", longest=200),
        url=read_address(row, "url"),
        statement=row.text("statement", "", longest=2_000),
        code=row.text("code", "", longest=100),
        kind=TYPES[cast("Type", row.one_of("type", TYPE_NAMES, "CFItem"))],
        levels=_levels(row),
        part_of=row.texts("part_of", most=20, longest=64),
        requires=tuple(_required(each, at) for each, at in row.rows("requires", most=20)),
        broader=row.texts("broader", most=20, longest=64),
    )


def _required(entry: object, path: Path) -> competency.Required:
    if isinstance(entry, str):
        return competency.Required(entry)
    row = Fields(entry, path, ("skill", "level"))
    level = row.whole("level", least=1, most=competency.MAX_LEVEL) if row.has("level") else None
    return competency.Required(row.slug("skill"), level)
