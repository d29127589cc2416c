"""A certificate that rests on others says so by their addresses and hashes, and is an Open Badge like any other."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from credentials.achievement import components
from credentials.achievement.components import Component
from credentials.achievement.content import Alignment, Assurance, Section
from credentials.errors import CredentialError, Malformed
from credentials.issuance import certificate, proof
from credentials.linked_data import contexts
from credentials.linked_data.jsonld import PINNED
from credentials.linked_data.prepared import Prepared
from tests.credentials.samples import KEY, award, issued

FIRST = issued(id="https://exams.example/certificates/11")
SECOND = issued(id="https://exams.example/certificates/12")
PARTS = (Component.of(FIRST, "monitored"), Component.of(SECOND, None))


def stacked(**changes: Any) -> dict[str, Any]:
    plain = award().achievement
    facts: dict[str, Any] = {
        "id": "https://exams.example/certificates/13",
        "achievement": certificate.Achievement(
            "https://exams.example/programmes/analyst/1", plain.name, plain.description, plain.criteria, None
        ),
        "score": None,
        "evidence": certificate.Evidence("The programme", "Its rule was met.", "https://exams.example/programmes/a/1"),
        "components": PARTS,
    }
    return issued(**facts | changes)


def test_it_names_what_it_rests_on_and_nothing_of_what_that_says() -> None:
    signed = json.loads(json.dumps(stacked()))
    proof.verify(signed, KEY.public, PINNED)
    found = certificate.read(signed)
    assert [each.id for each in found.components] == [FIRST["id"], SECOND["id"]]
    assert found.instead_of is None
    assert found.components[0].is_this(FIRST)
    assert not found.components[0].is_this(SECOND)
    assert found.assurance is None, "one of them names no level"
    assert found.results == (("Status", "Completed"),)
    assert FIRST["credentialSubject"]["identifier"][1]["salt"] not in json.dumps(signed["evidence"])


@pytest.mark.parametrize(
    ("levels", "whole"),
    [
        (("monitored", "locked-down"), "monitored"),
        (("locked-down", "locked-down"), "locked-down"),
        (("locked-down", None), None),
        (("unmonitored", None), "unmonitored"),
    ],
)
def test_the_weakest_part_says_how_the_whole_was_watched(
    levels: tuple[Assurance | None, Assurance | None], whole: Assurance | None
) -> None:
    components = (Component.of(FIRST, levels[0]), Component.of(SECOND, levels[1]))
    assert certificate.read(stacked(components=components)).assurance == whole


def test_a_replaced_certificate_is_told_apart_from_components() -> None:
    earlier = certificate.Earlier("https://exams.example/certificates/9", "q83vEjRWeJA=")
    found = certificate.read(stacked(instead_of=earlier))
    assert found.instead_of == earlier.id
    assert len(found.components) == 2


def test_no_other_certificate_is_named_twice_or_too_many_times() -> None:
    with pytest.raises(Malformed, match="only once"):
        stacked(components=(PARTS[0], PARTS[0]))
    many = tuple(Component(f"https://x.example/{n}", "x", "aa") for n in range(components.MAX_COMPONENTS + 1))
    with pytest.raises(Malformed, match="at most 50"):
        stacked(components=many)


@pytest.mark.parametrize(
    "related", ["x", [1], [{"id": "x"}], [{"id": 1, "digestSRI": "x"}], [{"id": "", "digestSRI": ""}]]
)
def test_a_strange_list_of_related_things_is_refused(related: Any) -> None:
    document = copy.deepcopy(stacked())
    document["relatedResource"] = related
    with pytest.raises(CredentialError):
        certificate.read(document)


def test_the_short_way_gives_the_same_bytes_with_sections_skills_and_components() -> None:
    """Twenty of one shape: what a programme, and an exam with sections, issues in numbers."""
    way = Prepared(contexts.CONTEXTS)
    for number in range(20, 40):
        skill = Alignment("Charts", f"https://case.example/{number}", "Data", "3", description="Level 2")
        document = certificate.build(
            award(
                id=f"https://exams.example/certificates/{number}",
                sections=(
                    Section("a", "Reading", f"{number + 60.5:g}", (skill,)),
                    Section("b", "Writing", "80", (skill,)),
                ),
                components=(
                    Component.of(FIRST, "monitored"),
                    Component(f"https://exams.example/c/{number}", "B", "aa"),
                ),
                status_index=number,
            )
        )
        assert way.canonical(document) == PINNED.canonical(document)
