"""Items of every kind: small fixed ones, and strategies that make arbitrary ones with recognisable secrets."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from numpy.typing import NDArray

from grading.attachment import MEDIA_TYPES
from grading.embedding import MiniLM
from grading.item import Item, read_item
from grading.wording import words

ROOT = Path(__file__).parent.parent.parent
Data = dict[str, Any]
SECRET = "zqx-secret"

COMMON: Data = {"title": "A title", "prompt": "What is it?", "points": 4}
CHOICE: Data = {
    **COMMON,
    "id": "pick",
    "kind": "choice",
    "options": [{"id": letter, "text": f"Option {letter}"} for letter in "abcd"],
    "correct": "b",
}
SEVERAL: Data = {**CHOICE, "multiple": True, "correct": ["a", "b"]}
MATCH: Data = {
    **COMMON,
    "id": "capitals",
    "kind": "match",
    "pairs": [
        {"id": "fr", "left": "France", "right": "Paris"},
        {"id": "de", "left": "Germany", "right": "Berlin"},
        {"id": "it", "left": "Italy", "right": "Rome"},
        {"id": "va", "left": "Vatican City", "right": "Rome"},
    ],
    "distractors": ["Lyon"],
}
NUMERIC: Data = {**COMMON, "id": "speed", "kind": "numeric", "value": 9.81, "tolerance": {"absolute": 0.01}}
SHORT: Data = {
    **COMMON,
    "id": "why",
    "kind": "short",
    "prompt": "Why does a lamp in a broken circuit stay dark?",
    "answers": ["No current can flow, because the gap interrupts the closed path to the battery."],
    "reject": ["The lamp has used up all the current."],
}
ESSAY: Data = {
    **COMMON,
    "id": "tell",
    "kind": "essay",
    "min_words": 5,
    "max_words": 10,
    "rubric": [{"text": "Clear", "points": 1}, {"text": "True", "points": 3}],
}
CODE: Data = {
    **COMMON,
    "id": "double",
    "kind": "code",
    "language": "python",
    "starter": "n = int(input())",
    "tests": [
        {"name": "small", "stdin": "2\n", "expect": "4\n"},
        {"name": "large", "stdin": "500\n", "expect": "1000\n", "hidden": True},
    ],
}
RUBRIC: list[Data] = [{"text": "Clear", "points": 1}, {"text": "True", "points": 3}]
DRAWING: Data = {**COMMON, "id": "draw", "kind": "drawing", "width": 4, "height": 3, "rubric": RUBRIC}
FILE: Data = {**COMMON, "id": "hand-in", "kind": "file", "types": ["pdf", "png"], "most_files": 2, "rubric": RUBRIC}
RECORDING: Data = {**COMMON, "id": "speak", "kind": "recording", "media": "audio", "rubric": RUBRIC}
STROKE: Data = {"colour": "blue", "width": "thin", "points": [10, 20, 5, 400, 300, 5, 800, 20, 9]}
REFERENCE: Data = {
    "id": "7b7d5a1c-9f1e-4d0e-8a55-0f3a1c2b4d5e",
    "name": "sketch.pdf",
    "media_type": "application/pdf",
    "size": 12_345,
    "sha256": "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
}
# A well-formed answer in which a text stands where a candidate's own words can stand.
WORDS_IN: dict[str, Callable[[str], Data]] = {
    "choice": lambda text: {"choice": [text]},
    "match": lambda text: {"match": {"fr": text}},
    "code": lambda text: {"source": text},
    "drawing": lambda text: {"strokes": [], "text": text},
    "file": lambda text: {"files": [{**REFERENCE, "name": f"{text}.pdf"}]},
    "recording": lambda text: {
        "files": [{**REFERENCE, "name": f"{text}.webm", "media_type": "audio/webm"}],
    },
}
ALL: dict[str, Data] = {
    "choice": CHOICE,
    "match": MATCH,
    "numeric": NUMERIC,
    "short": SHORT,
    "essay": ESSAY,
    "code": CODE,
    "drawing": DRAWING,
    "file": FILE,
    "recording": RECORDING,
}


def made(data: Mapping[str, Any], **changes: Any) -> Item:
    return read_item({**data, **changes})


def bag_of_words(texts: Sequence[str]) -> NDArray[np.float32]:
    """A real, if simple, embedder: each word adds one to one of 512 places, then rows get length 1."""
    rows = np.zeros((len(texts), 512), np.float32)
    for row, text in zip(rows, texts, strict=True):
        for word in words(text):
            row[sum(ord(letter) * 31**at for at, letter in enumerate(word)) % 512] += 1
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), np.float32)


def model_folder() -> Path:
    """Where the language model lies, or skip."""
    named = os.environ.get("INVIGIL_MODELS")
    places = [Path(named) / "minilm", Path(named)] if named else []
    for place in [*places, ROOT / ".cache" / "models" / "minilm"]:
        if (place / "model.safetensors").is_file():
            return place
    pytest.skip("the language model is not here: fetch the models, or set INVIGIL_MODELS")


def load_model() -> MiniLM:
    return MiniLM.load(model_folder(), threads=2)


plain = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30).filter(str.strip)
secrets = st.integers(10**11, 10**12).map(lambda number: f"{SECRET}-{number}")


@st.composite
def item_data(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """The data of one item. Everything a candidate must not see holds `SECRET`, or is a number above 10^9."""
    points = draw(st.integers(1, 100)) / 4
    common = {"id": "item", "kind": kind, "title": draw(plain), "prompt": draw(plain), "points": points}
    return {**common, **draw(OWN[kind](points))}


@st.composite
def _choice(draw: st.DrawFn, points: float) -> dict[str, Any]:
    ids = [f"o{number}" for number in range(draw(st.integers(2, 6)))]
    multiple = draw(st.booleans())
    correct = draw(st.lists(st.sampled_from(ids), min_size=1, max_size=len(ids) - 1 if multiple else 1, unique=True))
    options = [{"id": name, "text": draw(plain)} for name in ids]
    credit = draw(st.sampled_from(["right_minus_wrong", "all_or_nothing"]))
    return {
        "options": options,
        "correct": correct,
        "multiple": multiple,
        "credit": credit,
        "shuffle": draw(st.booleans()),
    }


@st.composite
def _match(draw: st.DrawFn, points: float) -> dict[str, Any]:
    right = draw(st.lists(plain.map(lambda text: " ".join(text.split())), min_size=2, max_size=7, unique=True))
    cut = draw(st.integers(2, len(right)))
    pairs = [{"id": f"o{number}", "left": draw(plain), "right": text} for number, text in enumerate(right[:cut])]
    return {"pairs": pairs, "distractors": right[cut:]}


@st.composite
def _numeric(draw: st.DrawFn, points: float) -> dict[str, Any]:
    secret = st.integers(10**9, 10**12).map(lambda number: number + 0.5)
    data: dict[str, Any] = {"value": draw(secret), "tolerance": {"absolute": draw(secret)}}
    return {**data, "unit": "km/h", "unit_points": points / 2} if draw(st.booleans()) else data


@st.composite
def _short(draw: st.DrawFn, points: float) -> dict[str, Any]:
    both = draw(st.lists(secrets, min_size=2, max_size=4, unique=True))
    return {"answers": both[1:], "reject": both[:1], "confidence": draw(st.floats(0.5, 1))}


@st.composite
def _essay(draw: st.DrawFn, points: float) -> dict[str, Any]:
    return {"rubric": [{"text": draw(plain), "points": points}], "min_words": draw(st.integers(0, 9)), "max_words": 9}


@st.composite
def _code(draw: st.DrawFn, points: float) -> dict[str, Any]:
    mode = draw(st.sampled_from(["program", "program", "checker", "interactor", "function", "unit"]))
    seen = [{"name": f"seen {n}", **draw(_test(mode, plain))} for n in range(draw(st.integers(0, 2)))]
    hidden = [{"name": draw(secrets), **draw(_test(mode, secrets)), "hidden": True}]
    data: dict[str, Any] = {"language": "python", "tests": seen + hidden, **draw(_mode(mode))}
    if draw(st.booleans()):
        rule = draw(st.sampled_from(["sum", "min", "all"]))
        data["groups"] = [{"name": "group", "points": points, "rule": rule, "tests": [hidden[0]["name"]]}]
    if draw(st.booleans()):
        data["reference"] = {"language": "python", "source": draw(secrets)}
    if draw(st.booleans()):
        data |= {
            "forbid": {"words": ["eval"], "required": draw(st.booleans())},
            "feedback": draw(st.sampled_from(["none", "verdicts", "samples"])),
        }
    return data


def _mode(mode: str) -> st.SearchStrategy[dict[str, Any]]:
    compare = st.sampled_from(["exact", "tokens", "float"])
    author = secrets.map(lambda text: {"language": "python", "source": f"# {text}"})
    modes: dict[str, st.SearchStrategy[dict[str, Any]]] = {
        "program": st.fixed_dictionaries({"compare": compare}),
        "checker": st.fixed_dictionaries({"checker": author}),
        "interactor": st.fixed_dictionaries({"interactor": author}),
        "function": st.just({"mode": "function", "function": "answer"}),
        "unit": secrets.map(lambda text: {"mode": "unit", "unit_tests": f"# {text}\ndef test(): pass\n"}),
    }
    return modes[mode]


def _test(mode: str, texts: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    if mode == "function":
        returns = texts | st.lists(texts, max_size=2) | st.dictionaries(texts, texts, max_size=2)
        return st.fixed_dictionaries({"args": st.lists(texts, max_size=2), "returns": returns})
    if mode == "unit":
        return st.just({"run": "test"})
    return st.fixed_dictionaries({"stdin": texts, "expect": texts})


@st.composite
def _drawing(draw: st.DrawFn, points: float) -> dict[str, Any]:
    sides = {"width": draw(st.integers(10, 30)), "height": draw(st.integers(10, 30))}
    return {**sides, "rubric": [{"text": draw(plain), "points": points}]}


@st.composite
def _file(draw: st.DrawFn, points: float) -> dict[str, Any]:
    types = draw(st.lists(st.sampled_from(sorted(MEDIA_TYPES)), min_size=1, unique=True))
    limits = {"most_files": draw(st.integers(1, 10)), "most_mib": draw(st.integers(1, 100))}
    return {"types": types, **limits, "rubric": [{"text": draw(plain), "points": points}]}


@st.composite
def _recording(draw: st.DrawFn, points: float) -> dict[str, Any]:
    media, seconds = draw(st.sampled_from(["audio", "video"])), draw(st.integers(5, 900))
    return {"media": media, "most_seconds": seconds, "rubric": [{"text": draw(plain), "points": points}]}


OWN: dict[str, Callable[[float], st.SearchStrategy[dict[str, Any]]]] = {
    "choice": _choice,
    "match": _match,
    "numeric": _numeric,
    "short": _short,
    "essay": _essay,
    "code": _code,
    "drawing": _drawing,
    "file": _file,
    "recording": _recording,
}

strokes = st.fixed_dictionaries(
    {
        "colour": st.sampled_from(["black", "red", "pink"]),
        "width": st.sampled_from(["thin", "thick"]),
        "points": st.lists(st.integers(-1, 1_700) | st.integers(1, 9), max_size=9),
    }
)
references = st.fixed_dictionaries(
    {
        "id": st.uuids().map(str),
        "name": st.sampled_from(
            ["a.pdf", "b.png", "c.webm", "d.exe", "../a.pdf", "a\u202efdp.exe", "e.m4a", "x" * 300]
        ),
        "media_type": st.sampled_from(["application/pdf", "image/png", "audio/webm", "video/webm", "audio/mp4", ""]),
        "size": st.integers(-1, 2**40),
        "sha256": st.just(REFERENCE["sha256"]) | st.text(max_size=50),
    }
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def responses(draw: st.DrawFn) -> Any:
    """What a candidate's browser, or somebody pretending to be one, may send: well-formed about half of the time."""
    picks = st.lists(st.sampled_from(["o0", "o1", "o2", "o5", "nowhere"]), max_size=4)
    text = st.text(max_size=60) | st.sampled_from(["9,81 km/h", "1e5", "-1/2", "", " ", "\u202e12", "x" * 5_000])
    shaped = st.one_of(
        st.builds(lambda value: {"choice": value}, picks),
        st.builds(lambda value: {"match": value}, st.dictionaries(st.sampled_from(["o0", "o1", "o9"]), text)),
        st.builds(lambda value: {"text": value}, text),
        st.builds(lambda value: {"source": value}, text),
        st.builds(lambda value: {"files": {"main.py": value}, "language": "python"}, text),
        st.builds(lambda drawn, words: {"strokes": drawn, "text": words}, st.lists(strokes, max_size=3), text),
        st.builds(lambda value: {"files": value}, st.lists(references, max_size=3)),
    )
    return draw(shaped | json_values)
