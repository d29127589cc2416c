"""Everything that can be set, can happen or can be refused is explained, in the code and in the documentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from exam_api.errors import STATUS, ExamError, code_of, status_of
from exam_api.event import Event
from exam_api.events import EVENTS
from exam_api.settings import Settings
from exam_api.worker import AFTER
from tests.architecture.reference import BLOCKS, GLOSSARY, rewritten


def below(base: type[Any]) -> Iterator[type[Any]]:
    """Every class under `base`."""
    for kind in base.__subclasses__():
        yield kind
        yield from below(kind)


OURS = sorted(
    {kind for kind in below(ExamError) if kind.__module__ == "exam_api.errors"}, key=lambda kind: kind.__name__
)

WORDS = (
    "Exam Version Sitting Roster Attempt Item Response Receipt Grade Signal Flag Finding Decision Certificate "
    "Ledger Event Job Frame Reading Device"
)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_setting_is_explained(name: str) -> None:
    said = Settings.model_fields[name].description
    assert said, "write Field(…, description=…)"
    assert said.endswith(".")


@pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.__name__)
def test_event_is_a_sentence_about_one_subject(kind: type[Event]) -> None:
    assert (kind.__doc__ or "").endswith("."), "the docstring is one sentence"
    assert not (kind.__doc__ or "").startswith(f"{kind.__name__}("), "a dataclass's own docstring says nothing"
    assert fields(kind)[0].type in {UUID, "UUID"}, "the first field names the chain in the ledger"


def test_event_tags_are_unique() -> None:
    tags: Counter[str] = Counter(kind.tag for kind in Event.__subclasses__())
    assert not [tag for tag, count in tags.items() if count > 1]
    assert set(tags) == set(EVENTS)


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.__name__)
def test_error_tells_a_person_what_to_do(kind: type[ExamError]) -> None:
    assert "__doc__" in vars(kind), "a class without a docstring would speak with its parent's words"
    assert (kind.__doc__ or "").endswith(".")
    assert 400 <= status_of(kind()) <= 599


def test_error_codes_are_unique() -> None:
    codes = Counter(code_of(kind()) for kind in OURS)
    assert not [code for code, count in codes.items() if count > 1]
    assert set(STATUS) <= set(OURS)


def test_only_events_have_followers() -> None:
    assert set(AFTER) <= set(EVENTS.values())


@pytest.mark.parametrize("document", BLOCKS, ids=lambda path: path.name)
def test_generated_parts_say_what_the_code_says(document: Path) -> None:
    same = document.read_text(encoding="utf-8") == rewritten(document)
    assert same, f"run `python -m tests.architecture.reference`, look at {document.name}, commit it"


@pytest.mark.parametrize("word", WORDS.split())
def test_glossary_explains(word: str) -> None:
    assert f"**{word}**" in GLOSSARY.read_text(encoding="utf-8")
