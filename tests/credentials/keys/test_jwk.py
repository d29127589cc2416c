"""Other issuers' keys: the published signatures hold, each key serves its own algorithms only, and no secret is taken for a key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384

from credentials.canonical import b64u, b64u_decode
from credentials.errors import BadKey, NotProven
from credentials.keys.jwk import from_jwk, from_multikey
from tests.credentials.other_issuers import ED, jwk, sign_bytes

PUBLISHED: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors/jose/published.json").read_text()
)
ALL = {"RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519", "HS256", "none"}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_signatures_hold_and_no_others(name: str) -> None:
    found = PUBLISHED[name]
    key, data, signature = from_jwk(found["jwk"]), found["signing_input"].encode(), b64u_decode(found["signature"])
    key.verify(found["alg"], signature, data)
    with pytest.raises(NotProven, match="not made over these bytes"):
        key.verify(found["alg"], signature, data + b"x")
    with pytest.raises(NotProven):
        key.verify(found["alg"], signature[:-1], data)
    for other in ALL - set(key.algorithms):
        with pytest.raises(NotProven, match="its key is for"):
            key.verify(other, signature, data)


def test_an_ed25519_key_has_one_name_in_both_forms() -> None:
    found = from_jwk(PUBLISHED["RFC 8037 appendix A.4"]["jwk"])
    assert found.ed25519 is not None
    assert found.name == found.ed25519.multikey
    assert from_multikey(found.name).name == found.name


@pytest.mark.parametrize(("curve", "prefix"), [(ec.SECP256R1(), b"\x80\x24"), (ec.SECP384R1(), b"\x81\x24")])
def test_multikeys_of_other_curves(curve: ec.EllipticCurve, prefix: bytes) -> None:
    import base58
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    secret = ec.derive_private_key(0x1234_5678, curve)
    point = secret.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    key = from_multikey("z" + base58.b58encode(prefix + point).decode())
    assert key.algorithms == (("ES256",) if curve.name == "secp256r1" else ("ES384",))
    if curve.name == "secp384r1":
        r, s = decode_dss_signature(secret.sign(b"data", ec.ECDSA(SHA384())))
        key.verify("ES384", r.to_bytes(48, "big") + s.to_bytes(48, "big"), b"data")
    with pytest.raises(BadKey):
        from_multikey("z" + base58.b58encode(prefix + b"\x02" + b"\xff" * 32).decode())


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("z6Mk", "a JSON object"),
        ({"kty": "oct", "k": "AAAA"}, "shared secret"),
        ({**jwk("EdDSA"), "d": b64u(ED.seed)}, "private part"),
        ({**jwk("RS256"), "p": "AQAB"}, "private part"),
        ({**jwk("RS256"), "use": "enc"}, "not one for signatures"),
        ({**jwk("RS256"), "key_ops": ["encrypt"]}, "not one for signatures"),
        ({**jwk("RS256"), "key_ops": "verify"}, "not one for signatures"),
        ({**jwk("RS256"), "alg": "HS256"}, "a key of its kind cannot do"),
        ({**jwk("ES256"), "crv": "secp256k1"}, "are not read here"),
        ({**jwk("ES256"), "x": jwk("ES256")["y"]}, "not lie on the curve"),
        ({**jwk("ES256"), "x": "AA"}, "has 32 bytes"),
        ({**jwk("EdDSA"), "x": "AA"}, "has 32 bytes"),
        ({**jwk("EdDSA"), "x": "!"}, "not base64url"),
        ({**jwk("EdDSA"), "crv": ["Ed25519"]}, "are not read here"),
        ({**jwk("RS256"), "n": b64u(b"\xff" * 128)}, "2048 to 8192 bits"),
        ({**jwk("RS256"), "n": b64u(b"\xff" * 2048)}, "2048 to 8192 bits"),
        ({**jwk("RS256"), "e": "Aw"}, "exponent"),
        ({**jwk("RS256"), "e": b64u(b"\x01\x00\x00")}, "exponent"),
    ],
)
def test_what_is_no_public_key_of_a_kind_that_we_read(key: Any, reason: str) -> None:
    with pytest.raises(BadKey, match=reason):
        from_jwk(key)


def test_what_a_key_says_of_itself_binds_it() -> None:
    key = from_jwk({**jwk("RS256"), "alg": "RS256", "use": "sig", "key_ops": ["verify"]})
    key.verify("RS256", sign_bytes("RS256", b"data"), b"data")
    with pytest.raises(NotProven, match="is for RS256 only"):
        key.verify("PS256", sign_bytes("RS256", b"data"), b"data")


@pytest.mark.parametrize("text", ["", "z", "zQ3s", "m6Mk", "z0OIl", "z6Mk" + "1" * 200])
def test_what_is_no_multikey(text: str) -> None:
    with pytest.raises(BadKey):
        from_multikey(text)
