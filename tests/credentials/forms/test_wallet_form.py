"""The certificate as a wallet carries it: SD-JWT VC, its status list, and the keys behind both."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.canonical import b64u_decode
from credentials.errors import BadKey, Malformed, NotProven
from credentials.forms import sdjwt_vc
from credentials.forms.sdjwt import SdJwt
from credentials.issuance.certificate import build
from credentials.keys.es256 import WalletKey, WalletSigningKey
from credentials.revocation import token_status
from credentials.revocation.token_status import Listed, State
from tests.credentials.samples import INDEX, ISSUED, NOW, award

KEY = WalletSigningKey.generate(b"the wallet key of the test issue")
HOLDER = WalletSigningKey.generate(b"the key in the holder's own phon")
BY = sdjwt_vc.Issued(
    "https://exams.example", "https://exams.example/types/certificate", "https://exams.example/status/w1"
)
READER = ("https://reader.example", "a fresh question")


def chance() -> Any:
    counter = itertools.count(1)
    return lambda size: next(counter).to_bytes(size, "big")


def issued(holder: WalletKey | None = HOLDER.public, **changes: Any) -> SdJwt:
    return sdjwt_vc.issue(build(award(**changes)), BY, holder, KEY, ISSUED, chance())


def listed(states: dict[int, State], key: WalletSigningKey = KEY, url: str = BY.status_url) -> str:
    found = token_status.listed(states, 131_072)
    return token_status.sign(url, found, key, NOW, until=NOW + timedelta(days=1))


def test_the_list_of_the_drafts_example() -> None:
    """draft-ietf-oauth-status-list section 4.1: sixteen entries of one bit, 0xB9A3."""
    bits = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]
    found = Listed.decode({"bits": 1, "lst": "eNrbuRgAAhcBXQ"})
    assert found.data == b"\xb9\xa3"
    assert [found.state(index) for index in range(16)] == bits
    assert found.encode() == {"bits": 1, "lst": "eNrbuRgAAhcBXQ"}


@given(st.dictionaries(st.integers(0, 199), st.sampled_from(State)))
def test_each_entry_keeps_its_state(states: dict[int, State]) -> None:
    found = Listed.decode(token_status.listed(states, 200).encode())
    assert {index: found.state(index) for index in range(200)} == {
        index: states.get(index, State.valid) for index in range(200)
    }


def test_a_holder_shows_what_a_reader_needs() -> None:
    shown = issued().show(["results"]).bind(HOLDER, *READER, NOW)
    found = sdjwt_vc.verify(str(shown), KEY.public, BY.issuer, NOW, status=(listed({}), KEY.public), challenge=READER)
    assert found.claims["results"] == [{"name": "Score", "value": "87"}, {"name": "Status", "value": "Completed"}]
    assert found.claims["achievement"]["name"] == "Analytical Engines"
    assert "recipient" not in found.claims
    assert (found.state, found.as_of, found.bound) == (State.valid, NOW, True)


@pytest.mark.parametrize("state", [State.invalid, State.suspended])
def test_what_was_taken_back_is_told_apart(state: State) -> None:
    found = sdjwt_vc.verify(
        str(issued()), KEY.public, BY.issuer, NOW, status=(listed({INDEX: state, 5: State.valid}), KEY.public)
    )
    assert found.state == state
    assert sdjwt_vc.verify(str(issued()), KEY.public, BY.issuer, NOW).state is None, "unknown is not valid"


def test_refusals() -> None:
    text = str(issued())
    other = WalletSigningKey.generate(b"a key that nobody was told about")
    with pytest.raises(NotProven, match="not made over these bytes"):
        sdjwt_vc.verify(text, other.public, BY.issuer, NOW)
    with pytest.raises(NotProven, match="another issuer"):
        sdjwt_vc.verify(text, KEY.public, "https://else.example", NOW)
    with pytest.raises(NotProven, match="not valid yet"):
        sdjwt_vc.verify(text, KEY.public, BY.issuer, ISSUED - timedelta(days=1))
    with pytest.raises(NotProven, match="expired"):
        sdjwt_vc.verify(text, KEY.public, BY.issuer, NOW + timedelta(days=9999))
    with pytest.raises(NotProven, match="nobody signed"):
        sdjwt_vc.verify(text, KEY.public, BY.issuer, NOW, challenge=READER)
    with pytest.raises(NotProven, match="bound to no key"):
        sdjwt_vc.verify(str(issued(None).bind(HOLDER, *READER, NOW)), KEY.public, BY.issuer, NOW, challenge=READER)
    with pytest.raises(NotProven, match="none was given"):
        sdjwt_vc.verify(str(issued().bind(HOLDER, *READER, NOW)), KEY.public, BY.issuer, NOW)


def test_another_list_a_strangers_list_and_an_old_list_prove_nothing() -> None:
    other = WalletSigningKey.generate(b"a key that nobody was told about")
    for token, key, at, why in [
        (listed({}, url="https://exams.example/status/w2"), KEY, NOW, "not the list"),
        (listed({}, other), KEY, NOW, "not made over"),
        (listed({}), KEY, NOW + timedelta(days=2), "earlier time"),
    ]:
        with pytest.raises(NotProven, match=why):
            sdjwt_vc.verify(str(issued()), KEY.public, BY.issuer, at, status=(token, key.public))


def test_a_claim_that_must_be_open_cannot_be_kept_back() -> None:
    from credentials.forms import sdjwt

    claims = {"iss": BY.issuer, "vct": BY.vct, "exp": 1}
    token = sdjwt.issue(sdjwt_vc.TYP, claims, ["exp"], KEY, chance())
    with pytest.raises(NotProven, match="in the open"):
        sdjwt_vc.verify(str(token), KEY.public, BY.issuer, NOW)


@pytest.mark.parametrize(
    "member",
    [None, {}, {"bits": 3, "lst": "eNrbuRgAAhcBXQ"}, {"bits": 1, "lst": "AAAA"}, {"bits": 1, "lst": "eNrbuRgAAhcB"}],
)
def test_lists_that_cannot_be_read(member: Any) -> None:
    with pytest.raises(Malformed):
        Listed.decode(member)


def test_a_list_that_unpacks_to_a_flood_is_refused() -> None:
    with pytest.raises(Malformed, match="at most"):
        Listed.decode(Listed(1, bytes(5 * 1024 * 1024)).encode())


def test_keys_go_through_their_public_form_only() -> None:
    assert WalletKey.from_jwk(KEY.public.jwk()) == KEY.public
    assert WalletKey.from_jwk({**KEY.public.jwk(), "alg": "ES256", "kid": "x"}) == KEY.public
    assert "_secret" not in repr(KEY)
    assert WalletSigningKey.generate(b"the wallet key of the test issue").public == KEY.public
    with pytest.raises(BadKey, match="secret part"):
        WalletKey.from_jwk({**KEY.public.jwk(), "d": "AQ"})
    with pytest.raises(BadKey, match="not lie on the curve"):
        WalletKey(KEY.public.x, KEY.public.y ^ 1)
    for broken in (None, {}, {"kty": "EC", "crv": "P-256"}, {"kty": "EC", "crv": "P-256", "x": "AQ", "y": "AQ"}):
        with pytest.raises(BadKey):
            WalletKey.from_jwk(broken)
    with pytest.raises(BadKey, match="32 random bytes"):
        WalletSigningKey.generate(b"short")


@given(st.binary(max_size=100))
def test_a_signature_holds_for_its_bytes_only(data: bytes) -> None:
    signature = KEY.sign(data)
    KEY.public.verify(signature, data)
    for wrong in (signature[:-1], bytes(64), signature[:32] + bytes(32)):
        with pytest.raises(NotProven):
            KEY.public.verify(wrong, data)
    with pytest.raises(NotProven):
        KEY.public.verify(signature, data + b".")


def test_the_signature_of_rfc_7515() -> None:
    """Appendix A.3."""
    key = WalletKey.from_jwk(
        {
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        }
    )
    signed = (
        b"eyJhbGciOiJFUzI1NiJ9."
        b"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    )
    signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    key.verify(b64u_decode(signature), signed)
    with pytest.raises(NotProven):
        key.verify(b64u_decode(signature), signed + b"x")
