"""The words of other issuers' badges: pinned, and equal to the official files where those are installed."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest

from credentials.canonical import digest
from credentials.errors import Malformed, UndefinedTerm, UnknownVocabulary
from credentials.linked_data import vocabularies
from credentials.linked_data.contexts import ASSESSMENT, OB, VC
from credentials.linked_data.jsonld import PINNED, Vocabulary
from credentials.linked_data.vocabularies import (
    CLR,
    DATA_INTEGRITY,
    OB_1,
    OB_2,
    OB_EXTENSIONS,
    RECORDS,
    TABLE,
    VC1,
    WIDE,
)
from tests.credentials.achievement.test_content import rich
from tests.credentials.other_issuers import badge, record, signed, status_list
from tests.credentials.samples import issued

VECTORS = Path(__file__).parents[2] / "vectors" / "other_issuers"
OFFICIAL = {  # the file inside the distribution `openbadgeslib`, and its SHA-256
    VC: ("credentials-v2.json", "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"),
    OB: ("ob-v3p0-context-3.0.3.json", "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84"),
    OB_2: ("ob-v3p0-context-3.0.2.json", "00666ad080ba407687ed1846b7f5e7495f5019042b202a727de47c48a1755c53"),
    OB_1: ("ob-v3p0-context-3.0.1.json", "5f3d9dd6288ef437ff8286cf95ffbff609c748a66f24a1e9450c45ca64be1571"),
    CLR: ("clr_context_2.0.1.json", "880f1902d4158f2f33ce06af41b90719977cd1ea337a9de2e41edb3ff5e543d6"),
    OB_EXTENSIONS: ("ob-v3p0-extensions.json", "87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93"),
    DATA_INTEGRITY: (
        "security-data-integrity-v2.json",
        "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
    ),
}


def full() -> dict[str, Any]:
    """A badge that uses nearly every word there is."""
    found: dict[str, Any] = json.loads((VECTORS / "every-word.json").read_text())
    return found


def older(url: str) -> dict[str, Any]:
    """The same on the data model before, in the words of an older version."""
    found = full()
    found["@context"] = [VC1, url, OB_EXTENSIONS, DATA_INTEGRITY]
    found["issuanceDate"], found["expirationDate"] = found.pop("validFrom"), found.pop("validUntil")
    del found["issuer"]["endorsementJwt"], found["credentialSubject"]["achievement"]["inLanguage"]
    del found["credentialSubject"]["achievement"]["related"][0]["inLanguage"]
    if url == OB_2:
        del found["awardedDate"]
    return found


def test_no_word_changes_its_meaning() -> None:
    """Whoever checks a badge again in ten years must find the same words. Add contexts; change none."""
    assert digest({url: TABLE[url] for url in sorted(TABLE)}) == "GfVYSXd5EwdyQ_r8TKIRRDKxD7ZbT0_fNLnCJmElUxs"


@pytest.fixture(scope="module")
def official() -> Vocabulary:
    try:
        package = distribution("openbadgeslib")
    except PackageNotFoundError:
        pytest.skip("the official contexts come with openbadgeslib 4.6.3, which is not installed")
    table = {url: TABLE[url] for url in (ASSESSMENT, VC1)}  # no Python package brings these
    for url, (name, sha256) in OFFICIAL.items():
        content = Path(str(package.locate_file(f"openbadgeslib/ob3/contexts/{name}"))).read_bytes()
        assert hashlib.sha256(content).hexdigest() == sha256
        table[url] = json.loads(content)
    return Vocabulary(table, nested=True, twice=RECORDS.twice)


DOCUMENTS = {
    "badge": badge(),
    "badge of 2022": badge(model="1.1"),
    "everything": full(),
    "everything in 3.0.1": older(OB_1),
    "everything in 3.0.2": older(OB_2),
    "everything in 3.0.3 on 1.1": older(OB),
    "record": record(signed(badge()), "eyJh.eyJi.c"),
    "status list": status_list(3),
    "our certificate": issued(),
    "our rich certificate": rich(),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_official_contexts_give_the_same_quads(official: Vocabulary, name: str) -> None:
    content = {key: value for key, value in DOCUMENTS[name].items() if key != "proof"}
    assert RECORDS.canonical(content) == official.canonical(content)
    assert len(RECORDS.canonical(content).splitlines()) >= 8


def test_our_own_words_mean_the_same_in_both_tables() -> None:
    for document in (issued(), rich()):
        content = {key: value for key, value in document.items() if key != "proof"}
        assert WIDE.canonical(content) == PINNED.canonical(content)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"bonus": "A"}, UndefinedTerm),
        ({"@context": [VC, "https://college.example/words"]}, UnknownVocabulary),
        ({"@context": [VC, {"bonus": "https://college.example/bonus"}]}, UnknownVocabulary),
        ({"@context": []}, Malformed),
        ({"@context": [VC, 7]}, Malformed),
        ({"evidence": [{"@context": "https://college.example/words", "type": ["Evidence"]}]}, UnknownVocabulary),
        ({"evidence": [{"@id": "https://college.example/e"}]}, UndefinedTerm),
        ({"evidence": []}, UndefinedTerm),
        ({"evidence": [{"type": ["Evidence"], "name": None}]}, UndefinedTerm),
    ],
)
def test_what_would_vanish_before_signing_is_refused(change: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        WIDE.canonical(badge(**change))


def test_one_identifier_is_described_once_but_for_a_profile() -> None:
    document = badge()
    document["credentialSubject"]["source"] = {
        "id": document["issuer"]["id"],
        "type": ["Profile"],
        "email": "x@y.example",
    }
    assert "x@y.example" in WIDE.canonical(document)
    document["credentialSubject"]["source"] = {"id": document["id"], "type": ["Profile"], "email": "x@y.example"}
    with pytest.raises(Malformed, match="described twice"):
        WIDE.canonical(document)


def test_nothing_vanishes_from_a_presented_credential() -> None:
    """The official context forgets all words inside a presentation's credentials; then an undefined one would vanish unseen."""
    shown = {
        "@context": [VC],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [signed(badge(bonus="A"), "eddsa-jcs-2022")],
    }
    with pytest.raises(UndefinedTerm, match="bonus"):
        WIDE.canonical(shown)


def test_the_notation_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValueError, match="not in the notation"):
        vocabularies.words("name!", "b")
