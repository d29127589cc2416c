"""The file that says what to issue: one award, or what many awards have in common, in YAML or JSON.

    issuer:       {name: Example University, url: https://exams.example, id: did:web:exams.example}
    achievement:  {id: https://exams.example/a/1, name: …, description: …, criteria: …, kind: Certification}
    recipient:    {name: Ada Lovelace, email: ada@example.org}          # left out where a table names the people
    valid_from:   2027-03-01T12:00:00Z
    valid_until:  2029-03-01T12:00:00Z                                  # optional, as all that follows
    id:           https://exams.example/c/1                             # urn:uuid:… without
    status:       {list: https://exams.example/status/1, index: 94567}
    score:        {value: "87", maximum: "100", required: "60"}
    evidence:     {name: Sitting of 1 March, narrative: Proctored., assurance: monitored}
    skills:       [{name: …, url: https://…, framework: ESCO, kind: "ext:ESCO"}]

A table (CSV with a heading) names the people: `name`, `email`, and where it has them `id`, `score`, `valid_until`, `status_index`.
"""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

import yaml

from credentials.achievement.content import Alignment, Assurance, Framework
from credentials.canonical import JsonObject, b64u
from credentials.errors import Malformed
from credentials.issuance.certificate import Achievement, Award, Evidence, Recipient, Score
from credentials.times import foreign_moment

MAX_BYTES = 4 * 1024 * 1024
MAX_ROWS = 100_000
_TOP = {
    "issuer",
    "achievement",
    "recipient",
    "valid_from",
    "valid_until",
    "id",
    "status",
    "score",
    "evidence",
    "skills",
}
_COLUMNS = {"name", "email", "id", "score", "valid_until", "status_index"}


@dataclass(frozen=True)
class Person:
    """One row: whom, and what differs from the common file."""

    name: str
    email: str
    id: str | None = None
    score: str | None = None
    valid_until: str | None = None
    status_index: str | None = None


def read(content: bytes) -> JsonObject:
    """The common file as a plain object. Raises Malformed."""
    if len(content) > MAX_BYTES:
        raise Malformed(f"the award file is larger than {MAX_BYTES:,} bytes")
    try:
        found = yaml.load(content, Loader=_Plain)  # noqa: S506 - a safe loader that leaves moments as texts
    # What a tag promises and does not hold (!!bool x, !!timestamp x) fails in whatever place its reader meets it.
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, RecursionError) as reason:
        mark = getattr(reason, "problem_mark", None)
        where = "" if mark is None else f" in line {mark.line + 1}"
        raise Malformed(f"the award file is neither YAML nor JSON{where}") from reason
    if not isinstance(found, dict):
        raise Malformed("the award file must hold one object: issuer, achievement, …")
    _only(found, _TOP, "an award file")
    return found


class _Plain(yaml.SafeLoader):
    """YAML in which a moment stays the text that it is, and a name stands once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for name, _ in node.value:
            if isinstance(name, yaml.ScalarNode):
                if name.value in seen:
                    raise Malformed(
                        f"the award file says {name.value[:60]!r} twice, in line {name.start_mark.line + 1}"
                    )
                seen.add(name.value)
        return super().construct_mapping(node, deep)


_Plain.yaml_implicit_resolvers = {
    first: [(tag, found) for tag, found in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def people(content: bytes) -> list[Person]:
    """The rows of the table. Everything that is wrong with it is said at once, by its line. Raises Malformed."""
    try:
        table = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True)
        heading, rows = table.fieldnames or (), list(table)
    except (UnicodeDecodeError, csv.Error) as reason:
        raise Malformed("the table is not CSV in UTF-8") from reason
    columns = set(rows[0]) if rows else set()
    if not rows or not {"name", "email"} <= columns:
        raise Malformed("the table needs a heading with name and email, and a row for each person")
    if unknown := {str(name) for name in columns - _COLUMNS}:
        raise Malformed(f"the table has a column {min(unknown)!r}; there are {', '.join(sorted(_COLUMNS))}")
    if twice := {name for name in heading if heading.count(name) > 1}:
        raise Malformed(f"the table has two columns {min(twice)!r}")
    if len(rows) > MAX_ROWS:
        raise Malformed(f"the table has more than {MAX_ROWS:,} rows")
    found = [Person(**{name: (value or "").strip() or None for name, value in row.items()}) for row in rows]  # type: ignore[arg-type]
    if problems := _problems(found):
        more = f" (and {len(problems) - 5} more)" if len(problems) > 5 else ""
        raise Malformed(f"nothing was issued: {'; '.join(problems[:5])}{more}")
    return found


def _problems(found: Sequence[Person]) -> list[str]:
    said: list[str] = []
    seen: dict[tuple[str, str], int] = {}
    for line, each in enumerate(found, start=2):
        if not each.name or each.name.lower() in {"undefined", "null", "none", "undefined undefined"}:
            said.append(f"line {line} has no name")
        if not each.email or "@" not in each.email:
            said.append(f"line {line} has no e-mail address")
        for kind, value in (
            ("the address", (each.email or "").lower()),
            ("the id", each.id),
            ("the index", each.status_index),
        ):
            if value and (first := seen.setdefault((kind, value), line)) != line:
                said.append(f"line {line} has {kind} of line {first}")
    return said


def awards(common: JsonObject, rows: Sequence[Person], issuer_id: str, chance: Callable[[int], bytes]) -> list[Award]:
    """The awards, all of them looked at before the first is signed. `issuer_id` counts where the file names none.

    Raises Malformed.
    """
    if not rows:
        person = _object(common, "recipient")
        _only(person, {"name", "email"}, "recipient")
        rows = [Person(_text(person, "name", "recipient"), _text(person, "email", "recipient"))]
    elif "recipient" in common or "id" in common:
        raise Malformed("the award file names one recipient or id, and the table others; leave it out of the file")
    return [_award(common, each, issuer_id, chance) for each in rows]


def _award(common: JsonObject, person: Person, issuer_id: str, chance: Callable[[int], bytes]) -> Award:
    issuer, listed = _object(common, "issuer"), common.get("status")
    _only(issuer, {"id", "name", "url"}, "issuer")
    until = person.valid_until or common.get("valid_until")
    name = person.id or common.get("id") or f"urn:uuid:{uuid.UUID(bytes=chance(16), version=4)}"
    return Award(
        id=_is_text(name, "id"),
        issuer_id=_is_text(issuer.get("id", issuer_id), "issuer's id"),
        issuer_name=_text(issuer, "name", "issuer"),
        issuer_url=_text(issuer, "url", "issuer"),
        recipient=Recipient.of(person.name, person.email, b64u(chance(16))),
        achievement=_achievement(common),
        valid_from=_moment(common.get("valid_from"), "valid_from"),
        valid_until=None if until is None else _moment(until, "valid_until"),
        status_list=None if listed is None else _text(_object(common, "status"), "list", "status"),
        status_index=0 if listed is None else _index(person.status_index or _object(common, "status").get("index")),
        score=_score(common, person),
        evidence=_evidence(common),
    )


def _achievement(common: JsonObject) -> Achievement:
    found = _object(common, "achievement")
    _only(found, {"id", "name", "description", "criteria", "kind", "image"}, "achievement")
    skills = common.get("skills", [])
    if not isinstance(skills, list) or not all(isinstance(each, dict) for each in skills):
        raise Malformed("skills is a list of objects with name and url")
    for each in skills:
        _only(each, {"name", "url", "framework", "code", "kind", "description"}, "a skill")
        for name in each:
            _text(each, name, "skill")
        if each.get("kind", "CFItem") not in get_args(Framework):
            raise Malformed(f"a skill's kind is one of {', '.join(get_args(Framework))}")
    return Achievement(
        id=_text(found, "id", "achievement"),
        name=_text(found, "name", "achievement"),
        description=_text(found, "description", "achievement"),
        criteria=_text(found, "criteria", "achievement"),
        image=_text(found, "image", "achievement") if "image" in found else None,
        kind=_text({"kind": "Certification", **found}, "kind", "achievement"),
        alignments=tuple(Alignment(**{"name": "", "url": "", **each}) for each in skills),
    )


def _score(common: JsonObject, person: Person) -> Score | None:
    if "score" not in common and person.score is None:
        return None
    found = {"maximum": "100", **_object(common, "score", {})}
    _only(found, {"value", "maximum", "required", "kind", "name"}, "score")
    if person.score is not None:
        found["value"] = person.score
    said = {name: str(value) for name, value in found.items() if not isinstance(value, bool | dict | list | None)}
    if missing := {"value", "maximum"} - set(said):
        raise Malformed(f"the score has no {max(missing)}")
    return Score(**said)


def _evidence(common: JsonObject) -> Evidence | None:
    if "evidence" not in common:
        return None
    found = _object(common, "evidence")
    _only(found, {"name", "narrative", "url", "assurance"}, "evidence")
    if (level := found.get("assurance")) is not None and level not in get_args(Assurance):
        raise Malformed(f"evidence.assurance is one of {', '.join(get_args(Assurance))}")
    return Evidence(
        _text(found, "name", "evidence"),
        _text(found, "narrative", "evidence"),
        None if "url" not in found else _text(found, "url", "evidence"),
        level,
    )


def _object(parent: JsonObject, name: str, default: JsonObject | None = None) -> JsonObject:
    found = parent.get(name, default)
    if not isinstance(found, dict):
        raise Malformed(f"the award file needs {name}: an object")
    return found


def _only(found: Mapping[Any, Any], known: set[str], what: str) -> None:
    if unknown := sorted(str(name) for name in set(found) - known):
        raise Malformed(f"{what} has no {unknown[0]!r}; it has {', '.join(sorted(known))}")


def _text(parent: JsonObject, name: str, what: str) -> str:
    return _is_text(parent.get(name), f"{what}'s {name}")


def _is_text(value: object, what: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Malformed(f"the {what} is not a text")
    return value


def _index(value: object) -> int:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Malformed("the place in the status list (status.index, status_index) is a number from 0 on")
    return int(text)


def _moment(value: object, what: str) -> datetime:
    try:
        return foreign_moment(value)
    except Malformed as reason:
        raise Malformed(f"{what}: {reason}") from reason
