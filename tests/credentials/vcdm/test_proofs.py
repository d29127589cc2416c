"""Proofs in sets and chains, under both suites; what a proof is for; what a change to any part of it does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.keys.did import did_key, did_key_method, resolve_did_key
from credentials.linked_data.contexts import VC
from credentials.linked_data.opened import DIGESTS, OPEN, TABLE, OpenVocabulary
from credentials.vcdm import problems
from credentials.vcdm.check import check, check_vp
from credentials.vcdm.proofs import Expected, sign, verify
from tests.credentials.samples import KEY, NOW, OTHER
from tests.credentials.vcdm.test_model import GOOD, STATUS, credential

Document = dict[str, Any]
METHOD, OTHERS = did_key_method(KEY.public), did_key_method(OTHER.public)
FIRST = "urn:uuid:5a0c8a3e-1f6e-4f7e-9a7f-0d9f4f0f6c11"
ASKED = Expected("authentication", "u3q2-7w", "verifier.example")


def signed(**parts: Any) -> Document:
    return sign(credential(name="Certificate", **parts), KEY, METHOD, NOW)


def chain(**second: Any) -> Document:
    """Signed by somebody else first, then by the issuer, whose proof names the first."""
    first = sign(credential(), OTHER, OTHERS, NOW)
    first["proof"] = _again(first, OTHER, {"id": FIRST})
    last = _again(
        {**first, "proof": [first["proof"]]}, KEY, {"verificationMethod": METHOD, "previousProof": FIRST, **second}
    )
    return {**first, "proof": [first["proof"], last]}


def _again(document: Document, key: Any, changes: Document) -> Document:
    """The proof of `document` with these changes, signed anew over what it then covers."""
    from base58 import b58encode

    from credentials.linked_data.data_integrity import Content
    from credentials.vcdm.proofs import signing_input

    before = document["proof"]
    template = before[0] if isinstance(before, list) else before
    options = {name: value for name, value in {**template, **changes}.items() if name != "proofValue"}
    if isinstance(before, list):
        options.pop("id")
    content = {name: value for name, value in document.items() if name != "proof"}
    covered = {**content, "proof": before} if isinstance(before, list) else content
    return {**options, "proofValue": "z" + b58encode(key.sign(signing_input(Content(covered, OPEN), options))).decode()}


def refused(document: Any) -> str:
    verdict = check(document, resolve_did_key, NOW)
    assert not verdict.verified
    return verdict.errors[0].detail


def test_a_set_of_proofs() -> None:
    both = sign(signed(), OTHER, OTHERS, NOW, suite="eddsa-jcs-2022")
    verdict = check(both, resolve_did_key, NOW)
    assert (verdict.verified, verdict.signers) == (True, (did_key(KEY.public), did_key(OTHER.public)))
    both["proof"][1]["proofValue"] = both["proof"][0]["proofValue"]
    assert "not made over these bytes" in refused(both)


def test_ten_proofs_are_read_and_eleven_are_not() -> None:
    found = credential()
    for _ in range(10):
        found = sign(found, KEY, METHOD, NOW)
    assert check(found, resolve_did_key, NOW).verified
    assert "one to 10 proofs" in refused(sign(found, KEY, METHOD, NOW))


def test_a_chain_of_proofs() -> None:
    assert check(chain(), resolve_did_key, NOW).verified
    assert check(chain(previousProof=[FIRST]), resolve_did_key, NOW).verified
    without_first = chain()
    del without_first["proof"][0]
    assert "previousProof" in refused(without_first)
    changed_first = chain()
    changed_first["proof"][0]["created"] = "2027-05-01T00:00:00Z"
    assert "not made over these bytes" in refused(changed_first)
    assert "previousProof" in refused(chain(previousProof="urn:uuid:another"))
    assert "previousProof" in refused(chain(previousProof=7))


def test_the_issuer_has_to_be_among_the_signers() -> None:
    assert "by its issuer" in refused(sign(credential(), OTHER, OTHERS, NOW))


@pytest.mark.parametrize("suite", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.update(name="Another"),
        lambda found: found["credentialSubject"].update(name="Added"),
        lambda found: found["credentialSubject"].update(bonus="without meaning"),
        lambda found: found["@context"].append({"bonus": "https://example.org/bonus"}) or found.update(bonus="1"),
        lambda found: found["proof"].update(created="2027-01-01T00:00:00Z"),
        lambda found: found["proof"].update(created="yesterday"),
        lambda found: found["proof"].update(cryptosuite="eddsa-rdfc-2099"),
        lambda found: found["proof"].update(type="Ed25519Signature2020"),
        lambda found: found["proof"].update(proofPurpose="authentication"),
        lambda found: found["proof"].update(expires="2027-05-31T00:00:00Z"),
        lambda found: found["proof"].update(nonce="added"),
        lambda found: found["proof"].update(note="without meaning"),
        lambda found: found["proof"].update(domain=[7]),
        lambda found: found["proof"].update(id="no address"),
        lambda found: found["proof"].update(verificationMethod=OTHERS),
        lambda found: found["proof"].update(verificationMethod="did:key:z6Mk"),
        lambda found: found["proof"].update(verificationMethod="did:web:issuer.example#key"),
        lambda found: found["proof"].update(proofValue=found["proof"]["proofValue"][1:]),
        lambda found: found["proof"].update(proofValue="z0OIl"),
        lambda found: found["proof"].update(proofValue=None),
        *[lambda found, name=name: found["proof"].pop(name) for name in ("type", "cryptosuite", "verificationMethod")],
        *[lambda found, name=name: found["proof"].pop(name) for name in ("proofPurpose", "proofValue")],
        lambda found: found.pop("proof"),
        lambda found: found.update(proof=None),
        lambda found: found.update(proof=[]),
        lambda found: found.update(proof=[found["proof"]] * 11),
    ],
)
def test_every_change_is_noticed(change: Callable[[Document], Any], suite: Any) -> None:
    document = sign(credential(name="Certificate"), KEY, METHOD, NOW, suite=suite)
    assert check(document, resolve_did_key, NOW).verified
    change(document)
    assert refused(document)


@pytest.mark.parametrize("document", ["eyJhbGciOi", 7, None, [], {}, {"type": ["Thing"]}])
def test_what_is_no_credential(document: Any) -> None:
    verdict = check(document, resolve_did_key, NOW)
    assert verdict.errors[0].code == problems.PARSING
    assert check_vp(document, resolve_did_key, NOW, challenge=None, domain=None).errors[0].code == problems.PARSING


def test_dates_are_told_and_do_not_undo_a_proof() -> None:
    ended = check(signed(validUntil="2027-01-01T00:00:00Z"), resolve_did_key, NOW)
    early = check(signed(validFrom="2028-01-01T00:00:00Z"), resolve_did_key, NOW)
    assert (ended.verified, ended.warnings[0].detail) == (True, "the credential has ended")
    assert (early.verified, early.warnings[0].detail) == (True, "the credential is not valid yet")
    assert check(signed(), resolve_did_key, NOW + timedelta(days=9_999)).warnings == ()


def presented(holder: Any = None, inside: Any = None, expected: Expected = ASKED) -> Document:
    document: Document = {"@context": [VC], "type": ["VerifiablePresentation"]}
    document |= {} if holder is None else {"holder": holder}
    document |= {"verifiableCredential": [signed(), signed(id="urn:uuid:2")] if inside is None else inside}
    return sign(document, KEY, METHOD, NOW, expected=expected)


def presenting(document: Any, challenge: str | None = ASKED.challenge, domain: str | None = ASKED.domain) -> Any:
    return check_vp(document, resolve_did_key, NOW, challenge=challenge, domain=domain)


def test_a_presentation_with_its_credentials() -> None:
    assert presenting(presented()).verified
    assert presenting(presented(did_key(KEY.public))).verified
    assert presenting(presented({"id": did_key(KEY.public)})).verified
    assert presenting(presented(), None, None).verified


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (presented(did_key(OTHER.public)), problems.PROOF),
        (presented(expected=Expected("authentication", "another", ASKED.domain)), problems.CHALLENGE),
        (presented(expected=Expected("authentication", ASKED.challenge, "other.example")), problems.DOMAIN),
        (presented(expected=Expected("assertionMethod", ASKED.challenge, ASKED.domain)), problems.PROOF),
        (presented(inside=[credential()]), problems.PARSING),
        (presented(inside=[{**signed(), "name": "Changed"}]), problems.CRYPTOGRAPHIC),
        (
            presented(
                inside=[
                    {"@context": VC, "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt,a.b.c"}
                ]
            ),
            problems.CRYPTOGRAPHIC,
        ),
    ],
    ids=[
        "another holder",
        "another challenge",
        "another domain",
        "another purpose",
        "unsigned inside",
        "changed inside",
        "a token inside",
    ],
)
def test_a_presentation_that_proves_nothing(document: Document, code: str) -> None:
    assert presenting(document).errors[0].code == code


def test_a_word_inside_a_presentation_cannot_vanish() -> None:
    """Inside `verifiableCredential` the standard's context defines no word at all, so processors drop what they like."""
    document = presented()
    document["verifiableCredential"][0]["bonus"] = "1"
    assert presenting(document).errors[0].code == problems.DATA_LOSS


@settings(deadline=None, max_examples=50)  # JSON-LD takes some milliseconds, and on a busy machine many
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda each: (
            st.lists(each, max_size=3)
            | st.dictionaries(
                st.sampled_from([*signed(), "proofValue", "@value", "@id", "@graph", "@context"]), each, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_hostile_documents_are_refused_and_nothing_else(found: Any) -> None:
    document = {**signed(), **found} if isinstance(found, dict) else found
    verdict = check(document, resolve_did_key, NOW)
    assert verdict.verified is (document == signed())


def official() -> OpenVocabulary:
    try:
        package = distribution("openbadgeslib")
    except PackageNotFoundError:
        pytest.skip("the official contexts come with openbadgeslib 4.6.3, which is not installed")
    content = Path(str(package.locate_file("openbadgeslib/ob3/contexts/credentials-v2.json"))).read_bytes()
    assert hashlib.sha256(content).hexdigest() in DIGESTS[VC]
    assert hashlib.sha384(content).hexdigest() in DIGESTS[VC]
    return OpenVocabulary({**TABLE, VC: json.loads(content)})


def test_the_official_context_gives_the_same_quads() -> None:
    theirs = official()
    for document in (*(credential(**parts) for parts in GOOD.values()), presented(), chain()):
        assert OPEN.canonical(document) == theirs.canonical(document)


@pytest.mark.parametrize("suite", ["rdfc", "jcs"])
def test_the_published_example_verifies(suite: str) -> None:
    """Data Integrity EdDSA Cryptosuites 1.0, appendix B; its issuer is another than the key, so only the proof is looked at."""
    vector = json.loads((Path("tests/vectors/vc-di-eddsa") / f"{suite}.json").read_text("utf-8"))
    document = {**vector["document"], "proof": {**vector["options"], "proofValue": vector["proof_value"]}}
    assert verify(document, resolve_did_key, NOW) == (f"did:key:{vector['public_key']}",)
    assert "by its issuer" in refused(document)


@pytest.mark.parametrize("id_", ["urn:uuid:9d1c7f7e-0d0c-4e3c-9f8e-2f3a0c1d5b6a", ...])
@pytest.mark.parametrize("name", ["credentialStatus", "validUntil"])
def test_a_status_or_an_end_cannot_be_hidden_under_another_name(name: str, id_: Any) -> None:
    """The same RDF, so the same signature; but whoever looks for the name does not find it."""
    made = sign(credential(id=id_, credentialStatus=STATUS, validUntil="2020-01-01T00:00:00Z"), KEY, METHOD, NOW)
    assert check(made, resolve_did_key, NOW).verified
    value = made.pop(name)
    full = value if isinstance(value, dict) else {"@value": value, "@type": "http://www.w3.org/2001/XMLSchema#dateTime"}
    address = f"https://www.w3.org/2018/credentials#{name}"
    for hidden in ({address: full}, {"@context": [VC, {"alias": {"@id": address}}], "alias": full}):
        verdict = check({**made, **hidden}, resolve_did_key, NOW)
        assert not verdict.verified
        assert "under another name" in verdict.errors[0].detail
