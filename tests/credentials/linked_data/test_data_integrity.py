"""What proofs sign: a document's N-Quads are made once, however many proofs there are, and a refusal stays one."""

import hashlib

import pytest

from credentials.canonical import JsonObject, jcs
from credentials.errors import NotProven, UndefinedTerm
from credentials.linked_data.contexts import VC
from credentials.linked_data.data_integrity import Content, jcs_input, read_value, without_proof, write_value
from credentials.linked_data.jsonld import PINNED
from tests.credentials.samples import NOW, OTHER, issued

OPTIONS = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofPurpose": "assertionMethod"}


class Counted:
    """A vocabulary that writes down what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[JsonObject] = []

    def canonical(self, document: JsonObject) -> str:
        self.asked.append(document)
        return PINNED.canonical(document)


def test_a_document_is_canonicalized_once_for_all_proofs() -> None:
    words, found = Counted(), without_proof(issued())
    content = Content(found, words)
    made = [content.rdfc_input({**OPTIONS, "verificationMethod": f"did:web:x.org#{n}"}) for n in range(10)]
    assert len(set(made)) == 10
    assert len({data[32:] for data in made}) == 1
    assert words.asked.count(found) == 1
    assert made[0][32:] == hashlib.sha256(PINNED.canonical(found).encode()).digest()


def test_a_refusal_is_said_each_time_and_found_once() -> None:
    words, found = Counted(), {**without_proof(issued()), "bonus": "1"}
    content = Content(found, words)
    for _ in range(3):
        with pytest.raises(UndefinedTerm, match="bonus"):
            content.rdfc_input(OPTIONS)
    assert words.asked.count(found) == 1


def test_the_options_are_read_in_the_documents_words() -> None:
    content = Content(without_proof(issued()), PINNED)
    assert content.rdfc_input({**OPTIONS, "@context": ["https://x.org/other"]}) == content.rdfc_input(OPTIONS)
    with pytest.raises(UndefinedTerm, match="note"):
        content.rdfc_input({**OPTIONS, "note": "without meaning"})


def test_jcs_signs_the_texts_themselves() -> None:
    found = {"@context": [VC], "name": "A"}
    expected = hashlib.sha256(jcs(OPTIONS)).digest() + hashlib.sha256(jcs(found)).digest()
    assert jcs_input(found, OPTIONS) == expected


def test_a_value_is_written_and_read_again() -> None:
    signature = OTHER.sign(NOW.isoformat().encode())
    assert read_value(write_value(signature)) == signature
    for none in (None, 7, "", write_value(signature)[1:], "z" + "1" * 100):
        assert read_value(none) == b""
    with pytest.raises(NotProven, match="base58"):
        read_value("z0OIl")


def test_only_the_proof_is_left_out() -> None:
    signed = issued()
    assert {**without_proof(signed), "proof": signed["proof"]} == signed
