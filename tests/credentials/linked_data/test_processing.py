"""PyLD behind its limits: what is too large is refused in every vocabulary, and many may ask at the same moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from credentials.canonical import JsonObject
from credentials.errors import Malformed, UndefinedTerm
from credentials.linked_data.contexts import VC
from credentials.linked_data.jsonld import PINNED, Vocabulary
from credentials.linked_data.opened import OPEN, OpenVocabulary
from credentials.linked_data.processing import MAX_BLANK_NODES, MAX_VALUES

VOCABULARIES = pytest.mark.parametrize("words", [PINNED, OPEN], ids=["closed", "open"])


def listed(count: int) -> JsonObject:
    """A document of `count` values beside itself: its type and id, the list of its types, and as many more as are missing."""
    types = ["VerifiableCredential"] * (count - 2)
    return {"@context": [VC], "id": "urn:uuid:6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "type": types}


@VOCABULARIES
def test_the_largest_document_is_read_and_a_larger_one_refused(words: Vocabulary | OpenVocabulary) -> None:
    read = words.canonical
    assert "VerifiableCredential" in read(listed(MAX_VALUES))
    with pytest.raises(Malformed, match="larger or more entangled"):
        read(listed(MAX_VALUES + 1))


@VOCABULARIES
def test_too_many_unnamed_objects_are_refused(words: Vocabulary | OpenVocabulary) -> None:
    read = words.canonical

    def document(count: int) -> JsonObject:
        subjects = [{"type": ["VerifiableCredential"], "name": str(number)} for number in range(count)]
        return {"@context": [VC], "id": "urn:uuid:1", "type": ["VerifiableCredential"], "credentialSubject": subjects}

    assert read(document(MAX_BLANK_NODES)).count("credentialSubject") == MAX_BLANK_NODES
    with pytest.raises(Malformed, match="larger or more entangled"):
        read(document(MAX_BLANK_NODES + 1))


@VOCABULARIES
@pytest.mark.parametrize("value", [None, []])
def test_what_would_vanish_is_refused(words: Vocabulary | OpenVocabulary, value: object) -> None:
    with pytest.raises(UndefinedTerm, match="would not be signed"):
        words.canonical({"@context": [VC], "type": ["VerifiableCredential"], "name": value})


def test_many_at_once_read_what_one_alone_reads() -> None:
    documents = [
        {"@context": [VC, {f"w{n}": f"https://x.org/{n}"}], "type": ["VerifiableCredential"], f"w{n}": str(n)}
        for n in range(60)
    ]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(OPEN.canonical, documents)) == [OPEN.canonical(each) for each in documents]
