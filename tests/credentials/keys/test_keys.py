"""Ed25519 by RFC 8032's vectors, Multikey by the W3C's."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.canonical import b64u_decode
from credentials.errors import BadKey, NotProven
from credentials.keys.ed25519 import PublicKey, SigningKey
from tests.credentials.samples import KEY, OTHER

seeds = st.binary(min_size=32, max_size=32)


def test_rfc8032_section_7_1_test_2() -> None:
    key = SigningKey.generate(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    assert key.public.raw.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert key.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_multikey_of_the_open_badges_vector() -> None:
    raw = bytes.fromhex("4bdeafde2ea8beefadd8c699b5c7e0704cf51154d52e17b20b71337ca04cc5a5")
    assert PublicKey(raw).multikey == "z6MkjZRZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi"
    assert PublicKey.from_multikey("z6MkjZRZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi").raw == raw


@given(seeds)
@settings(max_examples=25, deadline=None)
def test_a_key_survives_being_written_down(seed: bytes) -> None:
    key = SigningKey.generate(seed)
    assert PublicKey.from_multikey(key.kid) == key.public
    assert b64u_decode(key.public.jwk()["x"]) == key.public.raw
    assert SigningKey.generate(key.seed).kid == key.kid


@pytest.mark.parametrize(
    "text",
    [
        "",
        "z",
        "6Mk",
        "z0OIl",
        "zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme",
        "z6Mk" + "1" * 200,
        KEY.kid[:-1],
        "z🙂",
    ],
)
def test_other_texts_are_no_keys(text: str) -> None:
    with pytest.raises(BadKey):
        PublicKey.from_multikey(text)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_seed_has_32_bytes(size: int) -> None:
    with pytest.raises(BadKey):
        SigningKey.generate(bytes(size))


def test_only_the_right_key_over_the_right_bytes_verifies() -> None:
    signature = KEY.sign(b"this")
    KEY.public.verify(signature, b"this")
    for key, what, over in [(OTHER, signature, b"this"), (KEY, signature, b"that"), (KEY, signature[:-1], b"this")]:
        with pytest.raises(NotProven):
            key.public.verify(what, over)


def test_a_key_never_shows_its_secret() -> None:
    assert KEY.seed.hex() not in repr(KEY)
    assert repr(KEY.seed) not in repr(KEY)
