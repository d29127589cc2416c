"""Files of an answer: what they may be called, and what an answer must say of each."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grading.attachment import MAX_NAME_BYTES, MIB, clean_name, ending_of
from grading.errors import ResponseError
from grading.grade import grade
from grading.item import check_response
from grading.mark import Ungraded
from tests.grading.samples import FILE, RECORDING, REFERENCE, made


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("sketch.pdf", "sketch.pdf"),
        ("C:\\Users\\ada\\sketch.pdf", "sketch.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\0b\n.pdf", "ab.pdf"),
        ("  two   words .pdf ", "two words.pdf"),
        ("رسم.pdf", "رسم.pdf"),
        (".pdf", "pdf"),
        ("..", ""),
        ("", ""),
        ("\ud800.pdf", "pdf"),
        ("x." + "y" * 300, ""),
    ],
)
def test_names(given: str, kept: str) -> None:
    assert clean_name(given) == kept


@given(name=st.text())
def test_a_clean_name_stays_as_it_is_and_is_short(name: str) -> None:
    clean = clean_name(name)
    assert clean_name(clean) == clean
    assert len(clean.encode()) <= MAX_NAME_BYTES
    assert not set(clean) & set("/\\\0\n\u202e")


def test_a_long_name_keeps_its_ending() -> None:
    clean = clean_name("é" * 300 + ".pdf")
    assert ending_of(clean) == "pdf"
    assert len(clean.encode()) <= MAX_NAME_BYTES


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "sketch.exe"}, "this item takes files that end in pdf, png"),
        ({"name": "a/sketch.pdf"}, "needs a name"),
        ({"name": "sketch"}, "that end in"),
        ({"name": ""}, "needs a name"),
        ({"media_type": "text/html"}, "cannot be 'text/html'"),
        ({"size": 0}, "from 1 byte"),
        ({"size": 20 * MIB + 1}, "to 20 MiB"),
        ({"size": True}, "from 1 byte"),
        ({"size": 1.5}, "from 1 byte"),
        ({"sha256": "short"}, "no digest"),
        ({"id": "7B7D5A1C-9F1E-4D0E-8A55-0F3A1C2B4D5E"}, "no id"),
        ({"id": 7}, "short texts"),
        ({"extra": 1}, "exactly the fields"),
    ],
)
def test_a_reference_is_exact(change: dict[str, Any], words: str) -> None:
    item = made(FILE)
    check_response(item, {"files": [REFERENCE]})
    with pytest.raises(ResponseError, match=words):
        check_response(item, {"files": [{**REFERENCE, **change}]})


def test_how_many_files() -> None:
    item = made(FILE)
    other = {**REFERENCE, "id": REFERENCE["id"].replace("7b", "8b"), "name": "photo.png", "media_type": "image/png"}
    check_response(item, {"files": [REFERENCE, other]})
    for files, words in (([REFERENCE] * 2, "twice"), ([REFERENCE, other, other], "at most 2"), ("x", "list of files")):
        with pytest.raises(ResponseError, match=words):
            check_response(item, {"files": files})


def test_a_person_looks_at_files() -> None:
    got = grade(made(FILE), {"files": [REFERENCE]})
    assert isinstance(got, Ungraded)
    assert (got.cause, got.evidence, got.reason) == (
        "person",
        {"files": 1},
        "A person looks at what was handed in (1 file).",
    )
    assert made(FILE).answered({"files": [REFERENCE]}) == "sketch.pdf (12 kB)"


def test_a_recording_is_one_file_of_sound() -> None:
    item = made(RECORDING)
    sound = {**REFERENCE, "name": "recording.webm", "media_type": "audio/webm"}
    check_response(item, {"files": [sound]})
    for change in ({"media_type": "video/webm"}, {"name": "recording.pdf"}, {"size": 4 * MIB}):
        with pytest.raises(ResponseError):
            check_response(item, {"files": [{**sound, **change}]})
