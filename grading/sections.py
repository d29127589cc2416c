"""Sections and pools: in which order an exam's questions come, which of them are drawn, and when a part is over.

    pools:
      - id: averages
        draw: 2              # of the items below; all with equal points, so that every candidate can earn the same
        items: [mean, median, mode]
      - id: charts
        draw: 1
        tag: chart           # all items with this tag
    sections:
      - id: reading
        title: Reading
        intro: Markdown, shown before the questions.
        items: [first, averages]      # items and pools, by id
        shuffle: true                 # each candidate gets another order
        minutes: 20                   # a time limit of its own
        least_minutes: 5              # it cannot be left before
        navigation: sequential        # left once, it is closed; `free` (unless told): it stays open
        skills: [charts]              # of the certificate; left out: what its items prove (grading/skills.py)

With sections, every item stands in exactly one section or pool, and every pool in exactly one section.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, cast

from grading.errors import ItemError
from grading.reading import SLUG, Fields, Path, unique
from grading.skills import read_named

Navigation = Literal["free", "sequential"]
MAX_SECTIONS = 50


class Listed(Protocol):
    """What a pool needs to know of an item."""

    @property
    def id(self) -> str: ...
    @property
    def points(self) -> float: ...
    @property
    def tags(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class Pool:
    """`draw` of the items in `items`, or of those that carry `tag`."""

    id: str
    draw: int
    items: tuple[str, ...] = ()
    tag: str = ""

    def members(self, items: Sequence[Listed]) -> tuple[str, ...]:
        """The ids it draws from, in the order of its list, or of the file for a tag."""
        return tuple(item.id for item in items if self.tag in item.tags) if self.tag else self.items


@dataclass(frozen=True)
class Section:
    """`items` names items and pools. `minutes` None: only the exam's own time counts."""

    id: str
    title: str
    items: tuple[str, ...]
    intro: str = ""
    shuffle: bool = False
    minutes: int | None = None
    least_minutes: int = 0
    navigation: Navigation = "free"
    skills: tuple[str, ...] = ()

    @property
    def guarded(self) -> bool:
        """Whether it has to be entered, and closes for good."""
        return self.navigation == "sequential" or self.minutes is not None or self.least_minutes > 0


def read_pools(top: Fields, items: Sequence[Listed]) -> tuple[Pool, ...]:
    """The key `pools`. Raises `ItemError`."""
    rows = top.rows("pools", most=100)
    found = tuple(_pool(entry, path) for entry, path in rows)
    paths = [path for _, path in rows]
    taken = [(item.id, ()) for item in items]
    unique([*taken, *((pool.id, (*path, "id")) for pool, path in zip(found, paths, strict=True))], "id")
    known = {item.id: item for item in items}
    owner: dict[str, str] = {}
    for pool, path in zip(found, paths, strict=True):
        _check_pool(pool, path, pool.members(items), known)
        for member in pool.members(items):
            if member in owner:
                raise ItemError((*path, "tag" if pool.tag else "items"), f"{member!r} is in {owner[member]!r} already")
            owner[member] = pool.id
    return found


def read_sections(top: Fields, items: Sequence[Listed], pools: Sequence[Pool]) -> tuple[Section, ...]:
    """The key `sections`. Raises `ItemError`."""
    rows = top.rows("sections", most=MAX_SECTIONS)
    if not rows:
        if pools:
            raise ItemError(("pools", 0, "id"), f"{pools[0].id!r} is drawn nowhere: name it in a section's 'items'")
        return ()
    if top.has("shuffle"):
        raise top.fail("shuffle", "belongs into each section when there are sections")
    found = tuple(_section(entry, path) for entry, path in rows)
    unique([(each.id, (*path, "id")) for each, (_, path) in zip(found, rows, strict=True)], "section id")
    pooled = {member: pool.id for pool in pools for member in pool.members(items)}
    known = {item.id for item in items} | {pool.id for pool in pools}
    places = [
        (name, (*path, "items", at))
        for each, (_, path) in zip(found, rows, strict=True)
        for at, name in enumerate(each.items)
    ]
    for name, path in places:
        if name not in known:
            raise ItemError(path, f"{name!r} is neither an item nor a pool of this exam")
        if name in pooled:
            raise ItemError(path, f"{name!r} is in the pool {pooled[name]!r} already")
    unique(places, "item or pool")
    used = {name for name, _ in places} | pooled.keys()
    for key, names in (("items", [item.id for item in items]), ("pools", [pool.id for pool in pools])):
        for at, name in enumerate(names):
            if name not in used:
                raise ItemError((key, at, "id"), f"{name!r} is in no section, so nobody would see it")
    return found


def _pool(entry: object, path: Path) -> Pool:
    fields = Fields(entry, path, ("id", "draw", "items", "tag"))
    if fields.has("items") == fields.has("tag"):
        raise fields.fail("items", "a pool has either a list of items or a tag")
    return Pool(
        id=fields.slug("id"),
        draw=fields.whole("draw", least=1, most=300),
        items=fields.texts("items", most=300, longest=64),
        tag=fields.slug("tag") if fields.has("tag") else "",
    )


def _check_pool(pool: Pool, path: Path, members: Sequence[str], known: Mapping[str, Listed]) -> None:
    key = "tag" if pool.tag else "items"
    places: list[tuple[str, Path]] = [
        (name, (*path, key) if pool.tag else (*path, key, at)) for at, name in enumerate(members)
    ]
    unique(places, "item")
    for name, place in places:
        if name not in known:
            raise ItemError(place, f"{name!r} is not an item of this exam")
        if known[name].points != known[members[0]].points:
            first = f"{members[0]!r} has {known[members[0]].points:g} points"
            raise ItemError(place, f"{first} and {name!r} has {known[name].points:g}; a pool needs equal points")
    if pool.draw > len(members):
        raise ItemError((*path, "draw"), f"asks for {pool.draw} items, and the pool has {len(members)}")


def _section(entry: object, path: Path) -> Section:
    names = ("id", "title", "items", "intro", "shuffle", "minutes", "least_minutes", "navigation", "skills")
    fields = Fields(entry, path, names)
    section = Section(
        id=fields.slug("id"),
        title=fields.text("title", longest=200),
        items=fields.texts("items", least=1, most=300, longest=64),
        intro=fields.text("intro", "", longest=20_000),
        shuffle=fields.flag("shuffle", default=False),
        minutes=fields.whole("minutes", least=1, most=1_440) if fields.has("minutes") else None,
        least_minutes=fields.whole("least_minutes", 0, least=0, most=1_440),
        navigation=cast("Navigation", fields.one_of("navigation", ("free", "sequential"), "free")),
        skills=read_named(fields),
    )
    if section.minutes is not None and section.least_minutes > section.minutes:
        raise fields.fail("least_minutes", "must not be more than 'minutes'")
    return section


def read_tags(fields: Fields) -> tuple[str, ...]:
    """The key `tags` of an item. Raises `ItemError`."""
    tags = fields.texts("tags", most=20, longest=64)
    for at, tag in enumerate(tags):
        if not SLUG.fullmatch(tag):
            raise ItemError((*fields.path, "tags", at), f"{tag!r} must be small letters, digits and hyphens")
    unique([(tag, (*fields.path, "tags", at)) for at, tag in enumerate(tags)], "tag")
    return tags
