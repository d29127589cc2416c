"""A map of skills as a drawing: columns by what comes first, nodes with their words, edges between them. Numbers only; the page draws."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from credentials.achievement.competency import SkillMap, after, ranks

WIDTH, HEIGHT, ACROSS, DOWN, EDGE = 200, 64, 72, 20, 8  # of a node, of the gaps between nodes, around all
LINE = 24  # letters that fit beside each other
State = Literal["ok", "attention", "problem", "neutral"]


@dataclass(frozen=True)
class Node:
    """A skill. `lines` are its name in at most two lines; `word` is what is said of it."""

    id: str
    x: int
    y: int
    name: str
    lines: tuple[str, ...]
    word: str
    state: State


@dataclass(frozen=True)
class Edge:
    """From what comes first, as an SVG path."""

    kind: Literal["part", "requires", "broader"]
    path: str


@dataclass(frozen=True)
class Drawing:
    """The whole drawing, in its own units."""

    width: int
    height: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    box: tuple[int, int] = (WIDTH, HEIGHT)


def draw(found: SkillMap, words: Mapping[str, tuple[str, State]]) -> Drawing:
    """`words` gives for each skill what is said of it, and how it looks."""
    rank = ranks(found)
    columns: list[list[str]] = [[] for _ in range(max(rank.values()) + 1)]
    for skill in found.skills:
        columns[rank[skill.id]].append(skill.id)
    before = after(found)
    place: dict[str, tuple[int, int]] = {}
    for across, column in enumerate(columns):
        column.sort(key=lambda name: (_middle(before[name], place), name))
        for down, name in enumerate(column):
            place[name] = (EDGE + across * (WIDTH + ACROSS), EDGE + down * (HEIGHT + DOWN))
    known = {skill.id: skill for skill in found.skills}
    nodes = tuple(
        Node(name, *place[name], known[name].name, _lines(known[name].name), *words[name])
        for column in columns
        for name in column
    )
    tallest = max(len(column) for column in columns)
    width = 2 * EDGE + len(columns) * (WIDTH + ACROSS) - ACROSS
    return Drawing(width, 2 * EDGE + tallest * (HEIGHT + DOWN) - DOWN, nodes, tuple(_edges(found, place)))


def _middle(names: Sequence[str], place: Mapping[str, tuple[int, int]]) -> float:
    """Where the skills before one stand, on average: so edges cross less."""
    found = [place[each][1] for each in names if each in place]
    return sum(found) / len(found) if found else 0.0


def _edges(found: SkillMap, place: Mapping[str, tuple[int, int]]) -> list[Edge]:
    edges = []
    for skill in found.skills:
        edges += [Edge("part", _path(place[skill.id], place[whole])) for whole in skill.part_of]
        edges += [Edge("requires", _path(place[each.skill], place[skill.id])) for each in skill.requires]
        edges += [Edge("broader", _path(place[skill.id], place[wide])) for wide in skill.broader]
    return edges


def _path(start: tuple[int, int], end: tuple[int, int]) -> str:
    x, y, to_x, to_y = start[0] + WIDTH, start[1] + HEIGHT // 2, end[0], end[1] + HEIGHT // 2
    if to_x <= x:  # a wider word in an earlier column: around the outside
        x = start[0] + WIDTH
        to_x = end[0] + WIDTH
        return f"M{x} {y}C{x + 40} {y} {to_x + 40} {to_y} {to_x} {to_y}"
    bend = (to_x - x) // 2
    return f"M{x} {y}C{x + bend} {y} {to_x - bend} {to_y} {to_x} {to_y}"


def _lines(name: str) -> tuple[str, ...]:
    """At most two lines; the whole name is in the table and in the node's own words."""
    lines = [""]
    for word in name.split():
        if len(lines[-1]) + len(word) + 1 <= LINE or not lines[-1]:
            lines[-1] = f"{lines[-1]} {word}".strip()
        else:
            lines.append(word)
    cut = [line if len(line) <= LINE else line[: LINE - 1] + "…" for line in lines[:2]]
    if len(lines) > 2:
        cut[1] = cut[1][: LINE - 2] + " …"
    return tuple(cut)
