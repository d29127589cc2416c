"""Maps of skills: which are no maps, what certificates prove of them, what is a gap, what comes next."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.achievement.competency import (
    Claim,
    Level,
    Required,
    Skill,
    SkillMap,
    after,
    check,
    claimed,
    counted,
    cycle,
    gaps,
    order,
    proven,
    ranks,
    upcoming,
)
from credentials.errors import Malformed

SCALE = tuple(Level(number, f"Step {number}") for number in (1, 2, 4))


def skill(name: str, **more: object) -> Skill:
    return Skill(name, name.title(), f"https://case.example/{name}", **more)  # type: ignore[arg-type]


MAP = SkillMap(
    "data",
    "Data",
    (
        skill("literacy"),
        skill("charts", part_of=("literacy",)),
        skill("averages", part_of=("literacy",)),
        skill("models", requires=(Required("averages", 2),), broader=("statistics",)),
        skill("statistics"),
    ),
    levels=SCALE,
)


def claim(name: str, level: int | None = None, by: str = "exam") -> Claim:
    return Claim(f"https://case.example/{name}", level, by)


def test_the_map_is_one() -> None:
    check(MAP)
    assert ranks(MAP) == {"literacy": 1, "charts": 0, "averages": 0, "models": 1, "statistics": 2}
    assert MAP.scale(MAP.skills[0]) == (1, 2, 4)
    assert replace(MAP, levels=()).scale(MAP.skills[0]) == (1,)
    assert MAP.step(MAP.skills[0], 4).name == "Step 4"
    assert MAP.step(MAP.skills[0], 3).name == "3"


def test_parts_prove_their_whole_at_the_lowest_level() -> None:
    assert proven(MAP, [claim("charts", 4)]) == {"charts": 4}
    assert proven(MAP, [claim("charts", 4), claim("averages", 3)]) == {"charts": 4, "averages": 2, "literacy": 2}
    assert proven(MAP, [claim("charts", 1), claim("averages"), claim("literacy", 9)])["literacy"] == 4
    assert proven(MAP, [claim("elsewhere", 2), claim("models")]) == {"models": 1}, "broader proves nothing"


def test_gaps_and_what_comes_next() -> None:
    claims = [claim("charts", 1), claim("averages", 2, "other")]
    assert gaps(MAP, claims) == ("models", "statistics")
    assert [each.by for each in claimed(MAP, claims)["averages"]] == ["other"]
    assert upcoming(MAP, {}) == (("charts", 1), ("averages", 1), ("statistics", 1)), "models needs averages first"
    assert upcoming(MAP, {"charts": 4, "averages": 2, "statistics": 4}) == (("averages", 4), ("models", 1))


def changed(at: int, **more: object) -> SkillMap:
    skills = [*MAP.skills]
    skills[at] = replace(skills[at], **more)  # type: ignore[arg-type]
    return replace(MAP, skills=tuple(skills))


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (replace(MAP, skills=()), "from 1 to 400"),
        (changed(1, part_of=("literate",)), "no skill of this name"),
        (changed(1, part_of=("charts",)), "names itself"),
        (changed(1, id="averages"), "short name 'averages'"),
        (changed(1, url=MAP.skills[0].url), "address"),
        (changed(1, requires=(Required("averages", 3),)), "its levels are 1, 2, 4"),
        (changed(0, part_of=("charts",)), "literacy → charts → literacy|charts → literacy → charts"),
        (changed(1, requires=(Required("literacy"),)), "leads back to itself"),
        (changed(4, broader=("models",)), "narrower word"),
        (replace(MAP, levels=(Level(0, "x"),)), "from 1 to 9"),
        (replace(MAP, levels=(Level(2, "x"), Level(1, "y"))), "upwards"),
        (changed(0, levels=(Level(1, "x"), Level(1, "y"))), "levels of 'literacy' go upwards"),
    ],
)
def test_what_is_no_map_is_refused_in_words(found: SkillMap, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        check(found)


names = st.sampled_from("abcdefgh")
graphs = st.dictionaries(names, st.lists(names, max_size=3).map(tuple), max_size=8).map(
    lambda edges: {name: edges.get(name, ()) for name in "abcdefgh"}
)


@given(graphs)
def test_a_cycle_is_found_exactly_where_there_is_one(edges: dict[str, tuple[str, ...]]) -> None:
    loop = cycle(edges)
    if loop is None:
        placed = order(edges)
        assert sorted(placed) == sorted(edges)
        assert all(placed.index(other) < placed.index(name) for name in edges for other in edges[name])
    else:
        assert loop[0] == loop[-1]
        assert all(other in edges[name] for name, other in pairwise(loop))


@st.composite
def maps(draw: st.DrawFn) -> SkillMap:
    """Edges lead to earlier skills only, so that there is no cycle."""
    skills: list[Skill] = []
    for number in range(draw(st.integers(1, 7))):
        earlier = (
            st.lists(st.sampled_from([each.id for each in skills]), max_size=2, unique=True) if skills else st.just([])
        )
        wholes, needed = draw(earlier), draw(earlier)
        requires = tuple(
            Required(each, draw(st.sampled_from([None, 1, 2, 4]))) for each in needed if each not in wholes
        )
        skills.append(skill(f"s{number}", part_of=tuple(wholes), requires=requires, broader=tuple(draw(earlier))))
    return SkillMap("m", "M", tuple(skills), levels=SCALE)


claims = st.lists(
    st.builds(claim, st.integers(0, 7).map(lambda number: f"s{number}"), st.none() | st.integers(1, 9)), max_size=12
)


@given(maps(), claims, claims)
def test_more_certificates_never_lower_a_level(found: SkillMap, some: list[Claim], more: list[Claim]) -> None:
    if cycle(after(found)):
        with pytest.raises(Malformed):
            check(found)
        return
    check(found)
    before, now = proven(found, some), proven(found, [*some, *more])
    assert all(now[name] >= level for name, level in before.items())
    assert proven(found, reversed(some)) == before
    for name, level in before.items():
        assert level in found.scale(next(each for each in found.skills if each.id == name))
    assert set(gaps(found, some)) == {each.id for each in found.skills} - set(before)


@given(maps(), claims)
def test_what_comes_next_is_never_below_what_is_there(found: SkillMap, some: list[Claim]) -> None:
    if cycle(after(found)):
        return
    levels = proven(found, some)
    for name, level in upcoming(found, levels):
        assert level > levels.get(name, 0)
    assert set(ranks(found)) == {each.id for each in found.skills}


@given(st.none() | st.integers(1, 9))
def test_a_claimed_level_counts_as_the_highest_step_below_it(level: int | None) -> None:
    step = counted(MAP, MAP.skills[0], level)
    assert step == (1 if level is None else max(each for each in (1, 2, 4) if each <= level))
