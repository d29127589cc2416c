"""The short way to canonical form gives what the long way gives, byte for byte, or is not taken."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from credentials.errors import CredentialError
from credentials.issuance import certificate, proof
from credentials.linked_data import contexts
from credentials.linked_data.jsonld import PINNED
from credentials.linked_data.prepared import PREPARED, Prepared
from tests.credentials.samples import KEY, METHOD, award, status_list

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(lambda text: text.strip())
awkward = st.sampled_from(
    ['"', "\\", "\n", "a\r\nb", "_:b0", "_:c14n1", "<x>", "https://slot.invalid/1/", "\t", "\x85", "𝔘 數", "87"]
)
any_text = texts | awkward


def document(name: str, narrative: str, number: int, value: str, title: str) -> dict[str, Any]:
    return certificate.build(
        award(
            id=f"https://exams.example/certificates/{number}",
            recipient=certificate.Recipient.of(name, "ada@example.org", "0123456789abcdef"),
            evidence=certificate.Evidence("A sitting", narrative),
            score=certificate.Score(value, "100", "60"),
            achievement=certificate.Achievement("https://exams.example/achievements/1", title, "Programs.", "Pass."),
            status_index=number,
        )
    )


def said(way: Any, asked: dict[str, Any]) -> str:
    """The canonical form or the refusal's kind: both ways must agree on both."""
    try:
        return str(way.canonical(asked))
    except CredentialError as refused:
        return type(refused).__name__


@settings(deadline=None)
@given(any_text, any_text, st.integers(0, 131_071), any_text, any_text)
@example("87", "87", 87, "87", "87")
@example("Completed", "Pass.", 0, "Completed", "Score")
def test_both_ways_give_the_same_bytes(name: str, narrative: str, number: int, value: str, title: str) -> None:
    asked = document("Ada", "One", 1, "1", "Two")
    asked = copy.deepcopy(asked)
    asked["credentialSubject"]["identifier"][0]["identityHash"] = name
    asked["evidence"][0]["narrative"] = narrative
    asked["credentialSubject"]["result"][0]["value"] = value
    asked["name"] = asked["credentialSubject"]["achievement"]["name"] = title
    asked["id"] = f"https://exams.example/certificates/{number}"
    assert said(PREPARED, asked) == said(PINNED, asked)


WORDS = [
    "Percent",
    "RawScore",
    "Status",
    "did:web:x.org",
    "https://x.org/a",
    "https://exams.example/achievements/1",
    "a b",
    "x:y",
    "_:b",
    "relative",
]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_whatever_text_of_a_certificate_is_changed(data: st.DataObject) -> None:
    asked = document("Ada", "One", data.draw(st.integers(0, 5)), "1", "Two")
    places = list(_places(asked))
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(places))
        holder[key] = data.draw(st.sampled_from(WORDS) | any_text)
    assert said(PREPARED, asked) == said(PINNED, asked)


def _places(item: Any) -> Any:
    for key, value in item.items() if isinstance(item, dict) else enumerate(item):
        if isinstance(value, str):
            yield item, key
        elif isinstance(value, (dict, list)):
            yield from _places(value)


@pytest.fixture
def fresh() -> Prepared:
    return Prepared(contexts.CONTEXTS)


def test_the_third_of_a_shape_takes_the_short_way(fresh: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (1, 2):
        fresh.canonical(document("Ada", "One", number, "80", "Two"))
    asked = document("Grace", "Three", 3, "90", "Four")
    expected = PINNED.canonical(asked)

    def never(*_: Any) -> None:
        raise AssertionError("the long way was taken")

    monkeypatch.setattr("credentials.linked_data.processing.jsonld.normalize", never)
    assert fresh.canonical(asked) == expected


def test_texts_that_make_two_nodes_alike_go_the_long_way(fresh: Prepared) -> None:
    for value in ("1", "2", "Same"):
        asked = document("Ada", "One", 1, value, "Two")
        results = asked["credentialSubject"]["result"]
        results[1] = {**results[0], "value": "Same"}
        assert fresh.canonical(asked) == PINNED.canonical(asked), value


def test_an_identifier_that_is_described_twice_is_refused_on_both_ways(fresh: Prepared) -> None:
    for number in (1, 2, 3):
        fresh.canonical(document("Ada", "One", number, "80", "Two"))
    asked = document("Ada", "One", 4, "80", "Two")
    asked["credentialSubject"]["achievement"]["id"] = asked["id"]
    for way in (fresh, PINNED):
        with pytest.raises(CredentialError, match="described twice"):
            way.canonical(asked)


def test_shapes_are_forgotten_before_they_fill_the_memory(fresh: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("credentials.linked_data.prepared.MAX_SHAPES", 2)
    for count in range(1, 5):
        asked = document("Ada", "One", 1, "80", "Two")
        asked["evidence"] *= count
        assert said(fresh, asked) == said(PINNED, asked)
    assert len(fresh._templates) == 2


def test_signatures_of_both_ways_are_the_same() -> None:
    created = datetime(2027, 3, 1, 12, tzinfo=UTC)
    for number in range(4):
        asked = document(f"Ada {number}", "One", number, "80", "Two")
        assert proof.sign(asked, KEY, METHOD, created, PREPARED) == proof.sign(asked, KEY, METHOD, created, PINNED)
    for revoked in range(4):
        listed = status_list(revoked)
        proof.verify(listed, KEY.public, PREPARED)
        proof.verify(listed, KEY.public, PINNED)
