"""ECDSA in the form of JOSE: what was signed holds, in the length of its curve and in no other."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384
from hypothesis import given
from hypothesis import strategies as st

from credentials.canonical import b64u_decode
from credentials.keys import ecdsa

KEY, ANOTHER = derive_private_key(7, SECP256R1()), derive_private_key(8, SECP256R1())


@given(st.binary(max_size=100), st.integers(0, 63), st.integers(1, 255))
def test_a_signature_holds_over_these_bytes_by_this_key(data: bytes, at: int, flip: int) -> None:
    signature = ecdsa.sign(KEY, data)
    ecdsa.verify(KEY.public_key(), signature, data)
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    assert len(encode_dss_signature(r, s)) > len(signature) == 64
    changed = bytearray(signature)
    changed[at] ^= flip
    for key, shown, over in ((KEY, bytes(changed), data), (ANOTHER, signature, data), (KEY, signature, data + b"x")):
        with pytest.raises(InvalidSignature):
            ecdsa.verify(key.public_key(), shown, over)


@pytest.mark.parametrize("shown", [b"", b"\x00" * 64, b"\x01" * 63, b"\x01" * 65, b"\x01" * 96])
def test_another_length_is_refused(shown: bytes) -> None:
    with pytest.raises(InvalidSignature):
        ecdsa.verify(KEY.public_key(), shown, b"data")


def test_a_longer_curve_has_longer_signatures_and_coordinates() -> None:
    key = derive_private_key(7, SECP384R1())
    named = ecdsa.jwk(key.public_key(), "P-384")
    assert list(named) == ["crv", "kty", "x", "y"]
    assert [len(b64u_decode(named[name])) for name in ("x", "y")] == [48, 48]
    signature = ecdsa.sign(key, b"data")
    assert len(signature) == 96
    ecdsa.verify(key.public_key(), signature, b"data")
    with pytest.raises(InvalidSignature):
        ecdsa.verify(key.public_key(), signature, b"data", SHA384())
