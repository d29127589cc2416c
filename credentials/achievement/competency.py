"""A map of skills: what belongs to what, what comes first, at which levels; and what somebody's certificates prove of it.

Skills are named by their addresses in a public framework (CASE, CTDL, ESCO), so that certificates of any issuer can prove them.
Three kinds of edges, none of which may lead back to where it began:

    part_of    this skill is a part of that one; who has proven all parts has proven the whole, at the lowest of their levels
    requires   this skill builds on that one (at a level): it comes next only when that is proven
    broader    that one is a wider word for it: an order to find things by; nothing follows from it
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from credentials.achievement.content import Framework
from credentials.errors import Malformed

MAX_SKILLS = 400
MAX_LEVEL = 9


@dataclass(frozen=True)
class Level:
    """A step of a scale, counted from 1. `statement` says what somebody can do there."""

    number: int
    name: str
    statement: str = ""


@dataclass(frozen=True)
class Required:
    """A skill that must be there first, at that level, or at any."""

    skill: str
    level: int | None = None


@dataclass(frozen=True)
class Skill:
    """`url` is its address in the framework. `levels`: its own descriptors, where they are not those of the map."""

    id: str
    name: str
    url: str
    statement: str = ""
    code: str = ""
    kind: Framework = "CFItem"
    levels: tuple[Level, ...] = ()
    part_of: tuple[str, ...] = ()
    requires: tuple[Required, ...] = ()
    broader: tuple[str, ...] = ()


@dataclass(frozen=True)
class SkillMap:
    """One framework, or the part of it that is used here."""

    id: str
    title: str
    skills: tuple[Skill, ...]
    description: str = ""
    url: str = ""
    levels: tuple[Level, ...] = ()

    def scale(self, skill: Skill) -> tuple[int, ...]:
        """The levels of a skill from the lowest up; where none are written there is one, 1."""
        return tuple(each.number for each in skill.levels or self.levels) or (1,)

    def step(self, skill: Skill, level: int) -> Level:
        """What a level is called, and what it means."""
        return next((each for each in skill.levels or self.levels if each.number == level), Level(level, str(level)))


@dataclass(frozen=True)
class Claim:
    """Something that says it proves a skill: a question, a section, a certificate. `by` is whose it is, for counting."""

    url: str
    level: int | None
    by: str


def check(found: SkillMap) -> None:
    """Raises Malformed, with the skill that is wrong and what to write instead."""
    if not 1 <= len(found.skills) <= MAX_SKILLS:
        raise Malformed(f"a map has from 1 to {MAX_SKILLS} skills, and this one has {len(found.skills)}")
    _check_scale("the map", found.levels)
    known = {each.id: each for each in found.skills}
    for what, values in (
        ("short name", [each.id for each in found.skills]),
        ("address", [each.url for each in found.skills]),
    ):
        twice = next((each for at, each in enumerate(values) if each in values[:at]), None)
        if twice is not None:
            raise Malformed(f"two skills have the {what} {twice!r}")
    for skill in found.skills:
        _check_skill(found, skill, known)
    for what, edges in (
        ("is a part of, or requires,", after(found)),
        ("is a narrower word for", {each.id: each.broader for each in found.skills}),
    ):
        loop = cycle(edges)
        if loop:
            raise Malformed(
                f"the way {' → '.join(loop)} leads back to itself: no skill {what} itself, not even by way of others"
            )


def _check_scale(whose: str, levels: Sequence[Level]) -> None:
    numbers = [each.number for each in levels]
    if any(not 1 <= each <= MAX_LEVEL for each in numbers):
        raise Malformed(f"the levels of {whose} are numbers from 1 to {MAX_LEVEL}")
    if numbers != sorted(set(numbers)):
        raise Malformed(f"the levels of {whose} go upwards, each number once")


def _check_skill(found: SkillMap, skill: Skill, known: Mapping[str, Skill]) -> None:
    _check_scale(repr(skill.id), skill.levels)
    for name in (*skill.part_of, *skill.broader, *(each.skill for each in skill.requires)):
        if name not in known:
            raise Malformed(f"{skill.id!r} names {name!r}, and the map has no skill of this name")
        if name == skill.id:
            raise Malformed(f"{skill.id!r} names itself")
    for each in skill.requires:
        scale = found.scale(known[each.skill])
        if each.level is not None and each.level not in scale:
            numbers = ", ".join(map(str, scale))
            raise Malformed(f"{skill.id!r} requires {each.skill!r} at level {each.level}, and its levels are {numbers}")


def after(found: SkillMap) -> dict[str, tuple[str, ...]]:
    """For each skill what has to be settled before it: its parts, and what it requires."""
    before: dict[str, list[str]] = {skill.id: [each.skill for each in skill.requires] for skill in found.skills}
    for skill in found.skills:
        for whole in skill.part_of:
            before[whole].append(skill.id)
    return {name: tuple(dict.fromkeys(names)) for name, names in before.items()}


def cycle(edges: Mapping[str, Iterable[str]]) -> list[str] | None:
    """A way along the edges that ends where it began, such as `[a, b, a]`; None where there is none."""
    done: set[str] = set()
    for start in edges:
        way: list[str] = []
        waiting = [(start, iter(tuple(edges.get(start, ()))))] if start not in done else []
        way += [start] if waiting else []
        while waiting:
            name, others = waiting[-1]
            other = next(others, None)
            if other is None:
                done.add(name)
                waiting.pop()
                way.pop()
            elif other in way:
                return [*way[way.index(other) :], other]
            elif other not in done:
                waiting.append((other, iter(tuple(edges.get(other, ())))))
                way.append(other)
    return None


def ranks(found: SkillMap) -> dict[str, int]:
    """How many steps lie before each skill: 0 for what builds on nothing. Edges of all three kinds count, as far as they can."""
    before = after(found)
    joined = {skill.id: (*before[skill.id], *_narrower(found, skill.id)) for skill in found.skills}
    edges = before if cycle(joined) else joined
    rank: dict[str, int] = {}
    for name in order(edges):
        rank[name] = 1 + max((rank[each] for each in edges[name]), default=-1)
    return rank


def _narrower(found: SkillMap, name: str) -> tuple[str, ...]:
    return tuple(each.id for each in found.skills if name in each.broader)


def order(edges: Mapping[str, Sequence[str]]) -> list[str]:
    """All names, each after those that its edges lead to. The edges must not have a cycle."""
    placed: dict[str, None] = {}
    for start in edges:
        waiting = [start]
        while waiting:
            open_ones = [each for each in edges[waiting[-1]] if each not in placed]
            if open_ones:
                waiting.append(open_ones[0])
            else:
                placed[waiting.pop()] = None
    return list(placed)


def counted(found: SkillMap, skill: Skill, level: int | None) -> int | None:
    """The step of a skill's scale that a claimed level reaches: the highest at or below it. Without a level it is the lowest."""
    scale = found.scale(skill)
    return scale[0] if level is None else max((each for each in scale if each <= level), default=None)


def proven(found: SkillMap, claims: Iterable[Claim]) -> dict[str, int]:
    """The level of each skill that these claims prove, directly or because all its parts are proven. More claims never lower one."""
    by_url = {each.url: each for each in found.skills}
    levels: dict[str, int] = {}
    for claim in claims:
        skill = by_url.get(claim.url)
        reached = counted(found, skill, claim.level) if skill else None
        if skill and reached is not None:
            levels[skill.id] = max(levels.get(skill.id, 0), reached)
    known = {each.id: each for each in found.skills}
    for name in order(after(found)):
        parts = [each.id for each in found.skills if name in each.part_of]
        if parts and all(part in levels for part in parts):
            whole = counted(found, known[name], min(levels[part] for part in parts))
            if whole is not None:
                levels[name] = max(levels.get(name, 0), whole)
    return levels


def claimed(found: SkillMap, claims: Iterable[Claim]) -> dict[str, tuple[Claim, ...]]:
    """For each skill what says that it proves it; an empty one is a gap."""
    listed: dict[str, list[Claim]] = {each.url: [] for each in found.skills}
    for claim in claims:
        if claim.url in listed:
            listed[claim.url].append(claim)
    return {skill.id: tuple(listed[skill.url]) for skill in found.skills}


def gaps(found: SkillMap, claims: Iterable[Claim]) -> tuple[str, ...]:
    """Skills that nothing proves: no claim is about them, and their parts do not all have one."""
    reachable = proven(found, claims)
    return tuple(each.id for each in found.skills if each.id not in reachable)


def upcoming(found: SkillMap, levels: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """What can be shown next: skills with a higher step left whose requirements are proven. A whole follows from its parts."""
    wholes = {name for each in found.skills for name in each.part_of}
    steps = []
    for skill in found.skills:
        higher = [each for each in found.scale(skill) if each > levels.get(skill.id, 0)]
        ready = all(levels.get(each.skill, 0) >= (each.level or 1) for each in skill.requires)
        if higher and ready and skill.id not in wholes:
            steps.append((skill.id, higher[0]))
    return tuple(steps)
