"""Signed notes: what is read is what was written, and a note that two readers could understand differently is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.errors import BadKey, CredentialError, Malformed, NotProven
from credentials.transparency import cosignatures, notes
from credentials.transparency.notes import NoteKey
from tests.credentials.samples import KEY, LOG_KEY, OTHER

NAME = "exams.example/log"
KNOWN = NoteKey(NAME, LOG_KEY.public)
TEXT = "exams.example/log\n3\n"

texts = st.text(st.characters(min_codepoint=0x20, exclude_categories=["Cs"]), max_size=40).map(lambda line: line + "\n")


@given(texts)
@settings(max_examples=60, deadline=None)
def test_a_note_comes_back(text: str) -> None:
    note = notes.sign(text, NAME, LOG_KEY)
    assert notes.open_note(note, [KNOWN]) == (text, [KNOWN])
    assert str(notes.parse(note)) == note


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_no_letter_of_it_can_change(data: st.DataObject) -> None:
    note = notes.sign(TEXT, NAME, LOG_KEY)
    at = data.draw(st.integers(0, len(note) - 1))
    letter = data.draw(st.characters(exclude_categories=["Cs"]).filter(lambda found: found != note[at]))
    with pytest.raises(CredentialError):
        notes.open_note(note[:at] + letter + note[at + 1 :], [KNOWN])


def test_a_name_or_an_id_alone_makes_no_known_key() -> None:
    note = notes.parse(notes.sign(TEXT, NAME, OTHER))
    stolen_id = notes.Signature(NAME, KNOWN.key_id, note.signatures[0].data)
    other_name = notes.Signature("someone.example", KNOWN.key_id, note.signatures[0].data)
    assert notes.proven(note, [KNOWN]) == []
    assert notes.proven(notes.Note(TEXT, (other_name,)), [KNOWN]) == []
    with pytest.raises(NotProven):
        notes.proven(notes.Note(TEXT, (stolen_id,)), [KNOWN])


def test_sixteen_signatures_are_accepted() -> None:
    note = notes.parse(notes.sign(TEXT, NAME, LOG_KEY))
    large = notes.Signature("witness.example", b"1234", bytes(5000))
    assert notes.open_note(str(notes.Note(TEXT, (*[large] * 15, *note.signatures))), [KNOWN])[1] == [KNOWN]


@pytest.mark.parametrize(
    "note",
    [
        "",
        "a\n",
        "a\n\n",
        "a\n\n— b AAAA",
        "a\n\n— b AAAA\n",
        "a\n\n- b AAAAAAAA\n",
        "a\n\n— b+c AAAAAAAA\n",
        "a\t\n\n— b AAAAAAAA\n",
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(Malformed):
        notes.parse(note)


def test_a_verifier_key_comes_back_and_a_damaged_one_does_not() -> None:
    vkey = KNOWN.vkey
    assert cosignatures.verifier(vkey) == KNOWN
    name, key_id, data = vkey.split("+", 2)
    unknown = notes.vkey(NAME, 0x02, KEY.public.raw)
    for damaged in [f"other+{key_id}+{data}", f"{name}+00000000+{data}", f"{name}+{key_id}", f"{vkey}=", unknown, ""]:
        with pytest.raises(BadKey):
            cosignatures.verifier(damaged)
