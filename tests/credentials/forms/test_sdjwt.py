"""Selective disclosure: the examples of RFC 9901, whatever is issued, and whatever a holder may try."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.canonical import b64u
from credentials.errors import CredentialError, Malformed, NotProven
from credentials.forms import sdjwt
from credentials.forms.sdjwt import Disclosure, SdJwt
from credentials.keys import jws
from credentials.keys.es256 import WalletSigningKey
from tests.credentials.samples import NOW

KEY = WalletSigningKey.generate(b"the wallet key of the test issue")
HOLDER = WalletSigningKey.generate(b"the key in the holder's own phon")
STRANGER = WalletSigningKey.generate(b"a key that nobody was told about")
TYP = "example+sd-jwt"

# RFC 9901 section 4.2: what a claim and a list element become, and section 4.2.3: what is signed for them.
RFC = [
    (
        "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0",
        ("_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius"),
        "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0",
    ),
    ("WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0", ("lklxF5jMYlGTPUovMNIvCA", None, "FR"), None),
]


def chance() -> Any:
    counter = itertools.count(1)
    return lambda size: next(counter).to_bytes(size, "big")


def issued(claims: dict[str, Any], hidden: list[str]) -> SdJwt:
    return sdjwt.issue(TYP, claims, hidden, KEY, chance())


@pytest.mark.parametrize(("text", "parts", "digest"), RFC)
def test_disclosures_of_the_standard(text: str, parts: tuple[str, str | None, str], digest: str | None) -> None:
    found = Disclosure.read(text)
    assert (found.salt, found.name, found.value) == parts
    assert Disclosure.of(*parts).text == text
    if digest is not None:
        assert found.digest == digest


values = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
claims = st.dictionaries(st.text("abcdeäß字", min_size=1, max_size=6), values, min_size=1, max_size=6)


@given(claims, st.data())
def test_a_reader_gets_what_is_shown_and_nothing_else(said: dict[str, Any], data: st.DataObject) -> None:
    hidden = data.draw(st.lists(st.sampled_from(sorted(said)), unique=True))
    shown = data.draw(st.lists(st.sampled_from(sorted(said)), unique=True))
    token = SdJwt.read(str(issued(said, hidden)))
    assert sdjwt.verify(token, TYP, KEY.public) == said
    wanted = {name: value for name, value in said.items() if name not in hidden or name in shown}
    assert sdjwt.verify(SdJwt.read(str(token.show(shown))), TYP, KEY.public) == wanted


def test_what_is_kept_does_not_stand_in_the_token() -> None:
    token = issued({"name": "Ada Lovelace", "course": "Engines"}, ["name"]).show([])
    _, payload = jws.peek(token.token)
    assert "Ada" not in str(payload)
    assert len(payload["_sd"]) == 1


def test_elements_of_lists_and_claims_inside_claims() -> None:
    country, inner = Disclosure.of("s1", None, "FR"), Disclosure.of("s2", "street", "Rue 1")
    outer = Disclosure.of("s3", "address", {"_sd": [inner.digest], "town": "Lyon"})
    payload = {"countries": ["DE", {"...": country.digest}, {"...": "a decoy"}], "_sd": [outer.digest, "decoy"]}
    assert sdjwt.reveal(payload, [country, outer, inner]) == {
        "countries": ["DE", "FR"],
        "address": {"town": "Lyon", "street": "Rue 1"},
    }
    assert sdjwt.reveal(payload, []) == {"countries": ["DE"]}
    token = SdJwt(jws.sign(TYP, payload, KEY), (country, outer, inner))
    assert sdjwt.verify(token.show(["street"]), TYP, KEY.public) == {"countries": ["DE", "FR"]}, (
        "its place is not shown"
    )


def test_a_claim_that_the_issuer_did_not_sign_is_refused() -> None:
    token = issued({"score": 60}, ["score"])
    better = Disclosure.of(token.disclosures[0].salt, "score", 100)
    with pytest.raises(NotProven, match="did not sign"):
        sdjwt.verify(SdJwt(token.token, (better,)), TYP, KEY.public)
    with pytest.raises(NotProven, match="did not sign"):
        sdjwt.verify(SdJwt(token.token, (*token.disclosures, Disclosure.of("s", "honours", True))), TYP, KEY.public)


def test_a_deep_disclosure_is_refused_before_a_parser_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json, "loads", None)
    with pytest.raises(Malformed, match="nested deeper"):
        Disclosure.read(b64u(b"[" * 100_000))


def test_a_disclosure_that_was_taken_out_cannot_come_back_under_a_binding() -> None:
    token = issued({"name": "Ada", "score": 60}, ["name", "score"])
    shown = token.show(["name"]).bind(HOLDER, "https://reader.example", "n-1", NOW)
    again = SdJwt(shown.token, token.disclosures, shown.binding)
    with pytest.raises(NotProven, match="other claims were shown"):
        again.check_binding(HOLDER.public, "https://reader.example", "n-1", NOW)


@pytest.mark.parametrize(
    ("payload", "shown", "why"),
    [
        ({"_sd": ["d0"], "name": 1}, [("s", "name", 2)], "there twice"),
        ({"_sd": ["d0", "d0"]}, [("s", "name", 2)], "one digest twice"),
        ({"_sd": ["d0"]}, [("s", None, 2)], "element of a list"),
        ({"list": [{"...": "d0"}]}, [("s", "name", 2)], "as an element"),
        ({"list": [{"...": "d0", "more": 1}]}, [("s", None, 2)], "form of the standard"),
        ({"_sd": "d0"}, [("s", "name", 2)], "form of the standard"),
        ({"_sd": ["d0"], "_sd_alg": "md5"}, [("s", "name", 2)], "must be made with"),
        ({"_sd": ["d0"]}, [("s", "name", 2), ("s", "name", 2)], "shown twice"),
    ],
)
def test_tokens_that_two_readers_would_read_differently(payload: Any, shown: Any, why: str) -> None:
    disclosures = [Disclosure.of(*each) for each in shown]

    def filled(node: Any) -> Any:
        if node == "d0":
            return disclosures[0].digest
        if isinstance(node, list):
            return [filled(each) for each in node]
        return {name: filled(each) for name, each in node.items()} if isinstance(node, dict) else node

    with pytest.raises(NotProven, match=why):
        sdjwt.reveal(filled(payload), disclosures)


def test_the_holder_proves_that_it_is_theirs_for_one_reader_and_now() -> None:
    bound = issued({"name": "Ada"}, ["name"]).bind(HOLDER, "https://reader.example", "n-1", NOW)
    read = SdJwt.read(str(bound))
    read.check_binding(HOLDER.public, "https://reader.example", "n-1", NOW)
    for key, audience, nonce, at in [
        (STRANGER.public, "https://reader.example", "n-1", NOW),
        (HOLDER.public, "https://other.example", "n-1", NOW),
        (HOLDER.public, "https://reader.example", "n-2", NOW),
        (HOLDER.public, "https://reader.example", "n-1", NOW + timedelta(hours=1)),
    ]:
        with pytest.raises(NotProven):
            read.check_binding(key, audience, nonce, at)
    with pytest.raises(NotProven, match="nobody signed"):
        issued({"name": "Ada"}, []).check_binding(HOLDER.public, "a", "b", NOW)


def forged(header: dict[str, Any]) -> str:
    token = issued({"name": "Ada"}, []).token
    return f"{b64u(str(header).replace(chr(39), chr(34)).encode())}.{token.split('.', 1)[1]}"


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ({"alg": "none", "typ": TYP}, "must be signed with ES256"),
        ({"alg": "HS256", "typ": TYP}, "must be signed with ES256"),
        ({"alg": "ES256", "typ": "JWT"}, "of the type"),
        ({"alg": "ES256", "typ": TYP, "crit": "x"}, "extensions"),
        ({"alg": "ES256", "typ": TYP, "kid": "x"}, "not made over these bytes"),
    ],
)
def test_the_algorithm_is_the_readers_choice(header: dict[str, Any], why: str) -> None:
    with pytest.raises(NotProven, match=why):
        jws.verify(forged(header), TYP, KEY.public)


@pytest.mark.parametrize("text", ["", "a.b.c", "~", "a.b.c~!~", "a.b.c~W10~", "é.b.c~", "a" * 2_000_000 + "~"])
def test_noise_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(CredentialError):
        sdjwt.verify(SdJwt.read(text), TYP, KEY.public)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = str(SdJwt.read(text))
    except Malformed as refused:
        found = str(refused)
    assert found
