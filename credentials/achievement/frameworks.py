"""Skills from elsewhere, as the data of a map file: a CASE package (1EdTech CASE 1.0 and 1.1, JSON), or a table.

Of CASE: `CFDocument`, `CFItems` and the associations `isChildOf`, `isPartOf` (a part), `precedes` (what comes first) between items
of the package. Other associations (`isRelatedTo`, `exactMatchOf`, …) say nothing that a map knows, and are left out.

A table has one skill a row and the columns `name` and `url`, perhaps `id`, `statement`, `code`, `type`, `part_of`, `requires`,
`broader`; several names in one cell are parted by blanks or semicolons, a level follows its skill behind an `@`: `averages@2`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

from credentials.errors import Malformed

COLUMNS = ("id", "name", "url", "statement", "code", "type", "part_of", "requires", "broader")
MAX_ROWS = 400
_PARTS = {"isChildOf", "isPartOf"}


def from_case(package: object) -> dict[str, Any]:
    """The data of a map. Raises Malformed where it is no CASE package, or one of more than 400 items."""
    document, rows = _member(package, "CFDocument", dict), _member(package, "CFItems", list)
    items = [each for each in rows if isinstance(each, dict) and each.get("identifier")]
    if not 1 <= len(items) <= MAX_ROWS:
        raise Malformed(f"the package has {len(items)} items that can be used; a map has from 1 to {MAX_ROWS}")
    taken: set[str] = set()
    names = {str(each["identifier"]): _free(_wish(each), taken) for each in items}
    skills = {names[str(each["identifier"])]: _skill(each, names[str(each["identifier"])]) for each in items}
    for edge in package.get("CFAssociations") or [] if isinstance(package, dict) else []:
        _join(skills, names, edge)
    title = str(document.get("title") or "Framework").strip()
    about = {"url": document.get("uri"), "description": document.get("description")}
    return {
        "id": slug(title) or "framework",
        "title": title[:200],
        **{key: str(value)[:2_000] for key, value in about.items() if value},
        "skills": list(skills.values()),
    }


def _member(package: object, name: str, kind: type) -> Any:
    found = package.get(name) if isinstance(package, dict) else None
    if not isinstance(found, kind):
        raise Malformed(f"a CASE package has {name!r}, and this file has none")
    return found


def _wish(item: Mapping[str, Any]) -> str:
    for name in ("humanCodingScheme", "abbreviatedStatement", "fullStatement", "identifier"):
        found = slug(str(item.get(name) or ""))
        if found:
            return found
    return "skill"


def _skill(item: Mapping[str, Any], name: str) -> dict[str, Any]:
    full = str(item.get("fullStatement") or "").strip()
    short = str(item.get("abbreviatedStatement") or "").strip() or full or name
    uri = str(item.get("uri") or f"urn:uuid:{item['identifier']}")
    code = str(item.get("humanCodingScheme") or "").strip()
    more = {"statement": full[:2_000] if full != short else "", "code": code[:100]}
    return {"id": name, "name": short[:200], "url": uri, **{key: text for key, text in more.items() if text}}


def _join(skills: dict[str, dict[str, Any]], names: Mapping[str, str], edge: object) -> None:
    if not isinstance(edge, dict):
        return
    origin, target = (names.get(_end(edge.get(key))) for key in ("originNodeURI", "destinationNodeURI"))
    if origin is None or target is None or origin == target:  # the document itself, or another framework's
        return
    kind = edge.get("associationType")
    if kind in _PARTS:
        _add(skills[origin], "part_of", target)
    elif kind == "precedes":
        _add(skills[target], "requires", origin)


def _end(node: object) -> str:
    return str(node.get("identifier", "")) if isinstance(node, dict) else str(node).rsplit("/", 1)[-1]


def _add(skill: dict[str, Any], key: str, name: str) -> None:
    if name not in skill.setdefault(key, []):
        skill[key].append(name)


def from_table(text: str, title: str) -> dict[str, Any]:
    """The data of a map from a table with commas, semicolons or tabs between its cells. Raises Malformed with the row."""
    text = text.removeprefix("\ufeff")
    first = text.split("\n", 1)[0]
    mark = max(",;\t", key=first.count)
    try:
        reader = csv.DictReader(io.StringIO(text), delimiter=mark)
        known = {name.strip().lower() for name in reader.fieldnames or ()}
        rows = list(reader)
    except csv.Error as error:
        raise Malformed(f"the file is no table of text ({error})") from error
    if not {"name", "url"} <= known:
        raise Malformed("the first row of the table names its columns; 'name' and 'url' must be among them")
    unknown = sorted(known - set(COLUMNS))
    if unknown:
        raise Malformed(f"the table has a column {unknown[0]!r}; known ones are: {', '.join(COLUMNS)}")
    if not 1 <= len(rows) <= MAX_ROWS:
        raise Malformed(f"the table has {len(rows)} rows; a map has from 1 to {MAX_ROWS} skills")
    taken: set[str] = set()
    skills = [_row(row, number, taken) for number, row in enumerate(rows, 2)]
    return {"id": slug(title) or "framework", "title": title, "skills": skills}


def _row(row: Mapping[str | None, Any], number: int, taken: set[str]) -> dict[str, Any]:
    if None in row:
        raise Malformed(f"row {number} of the table has more cells than the first one")
    cells = {str(key).strip().lower(): str(value or "").strip() for key, value in row.items()}
    if not cells.get("name") or not cells.get("url"):
        raise Malformed(f"row {number} of the table has no name or no address")
    name = _free(cells.get("id") or slug(cells["name"]) or "skill", taken)
    found: dict[str, Any] = {"id": name, "name": cells["name"], "url": cells["url"]}
    found |= {key: cells[key] for key in ("statement", "code", "type") if cells.get(key)}
    for key in ("part_of", "requires", "broader"):
        names = [each for each in re.split(r"[\s;]+", cells.get(key, "")) if each]
        if names:
            found[key] = [_required(each) for each in names] if key == "requires" else names
    return found


def _required(text: str) -> Any:
    name, mark, level = text.partition("@")
    return {"skill": name, "level": int(level)} if mark and level.isascii() and level.isdigit() else text


def slug(text: str) -> str:
    """A short name of small letters, digits and hyphens; "" where nothing of the text can be in one."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:60].strip("-")


def _free(wish: str, taken: set[str]) -> str:
    numbered: Iterable[str] = (f"{wish}-{number}" for number in range(2, MAX_ROWS + 2))
    name = wish if wish not in taken else next(each for each in numbered if each not in taken)
    taken.add(name)
    return name
