"""Our part of the standard vocabularies: pinned, and equal to the official files where those are installed."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest

from credentials.canonical import digest
from credentials.issuance import proof
from credentials.linked_data.contexts import ASSESSMENT, CONTEXTS, EXTENSIONS, OB, VC
from credentials.linked_data.jsonld import PINNED, Vocabulary
from tests.credentials.achievement.test_content import rich
from tests.credentials.samples import KEY, STATUS_URL, issued, status_list

OFFICIAL = {  # name inside the distribution `openbadgeslib`, SHA-256 of the official file
    VC: ("credentials-v2.json", "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"),
    OB: ("ob-v3p0-context-3.0.3.json", "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84"),
    EXTENSIONS: ("ob-v3p0-extensions.json", "87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93"),
}


def test_no_word_changes_its_meaning() -> None:
    """Issued certificates depend on these words. Words may be added: then renew the digest, after the test below."""
    assert {url: digest(context) for url, context in CONTEXTS.items()} == {
        VC: "6qu63DSD6ID6YTC1r-laIMF4ivOT_dfLlWo1D9ySJms",
        OB: "UwUf1vO8LySeI0oo-QypudK4aN5wCkTGOSNsvleOCOk",
        ASSESSMENT: "uirOfcM0lAH-zPHc2AjnN_d0AyKMF90TENVwEaeWkKg",
        EXTENSIONS: "4A_sSWa7VoO8GwygY5KMFkE39z3lmEi5HrmCOLYAz90",
    }


@pytest.fixture(scope="module")
def official() -> Vocabulary:
    try:
        package = distribution("openbadgeslib")
    except PackageNotFoundError:
        pytest.skip("the official contexts come with openbadgeslib 4.6.3, which is not installed")
    table = {ASSESSMENT: CONTEXTS[ASSESSMENT]}  # no package brings that one
    for url, (name, sha256) in OFFICIAL.items():
        content = Path(str(package.locate_file(f"openbadgeslib/ob3/contexts/{name}"))).read_bytes()
        assert hashlib.sha256(content).hexdigest() == sha256
        table[url] = json.loads(content)
    return Vocabulary(table)


@pytest.mark.parametrize(
    "document",
    [
        issued(),
        issued(score=None, evidence=None, valid_until=None),
        status_list(1, 2),
        status_list(1, beside={f"{STATUS_URL}/reasons": {"a": 1}, f"{STATUS_URL}/suspension": {"b": 2}}),
        rich(),
        issued(suspendable=True, refresh="https://exams.example/certificates/1/refresh"),
    ],
    ids=[
        *("certificate", "smallest certificate", "status list", "status list of three", "rich certificate"),
        "certificate with two lists and a refresh service",
    ],
)
def test_the_official_contexts_give_the_same_quads(official: Vocabulary, document: dict[str, Any]) -> None:
    content = {name: value for name, value in document.items() if name != "proof"}
    assert official.canonical(content) == PINNED.canonical(content)
    proof.verify(document, KEY.public, official)


def test_every_word_of_ours_means_what_the_official_one_means(official: Vocabulary) -> None:
    def expect_same(ours: Any, theirs: Any, path: str) -> None:
        if isinstance(ours, dict) and isinstance(theirs, dict):
            for name, value in ours.items():
                assert name in theirs, f"{path}.{name} is not in the official context"
                expect_same(value, theirs[name], f"{path}.{name}")
        else:
            assert ours == theirs, path

    for url in OFFICIAL:
        expect_same(CONTEXTS[url], official.table[url], url)
