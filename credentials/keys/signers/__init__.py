"""Where a signing key is kept: in a file, in a token that speaks PKCS#11, or with a cloud's key service. Who signs sees one interface.

    file:/etc/invigil/issuer.pem                                          PKCS#8, made by `python -m credentials keys generate`
    pkcs11:token=exams;object=issuer?module-path=/usr/lib/softhsm/libsofthsm2.so           RFC 7512; the PIN is never in the address
    awskms:alias/exam-issuer?region=eu-central-1                          AWS KMS, a key of the kind ECC_NIST_EDWARDS25519

All of them are Ed25519: one algorithm, deterministic signatures, the same bytes wherever the key is kept.
"""

from __future__ import annotations

from credentials.errors import BadKey
from credentials.keys.signers.signer import Signer

__all__ = ["Signer", "open_signer"]

SCHEMES = ("file", "pkcs11", "awskms")


def open_signer(address: str, pin: str | None = None) -> Signer:
    """The key at this address, its public half read. `pin`: the token's PIN, or the passphrase of an encrypted file.

    Raises BadKey for what can never sign (a wrong address, a key of another kind), SignerFailed for what cannot sign now.
    """
    scheme, colon, rest = address.partition(":")
    if not colon or scheme not in SCHEMES:
        raise BadKey(f"a key's address begins with one of {', '.join(each + ':' for each in SCHEMES)}")
    if scheme == "file":
        from credentials.keys.signers import pem

        return pem.open_key(rest.removeprefix("//"), pin)
    if scheme == "pkcs11":
        from credentials.keys.signers import token

        return token.open_key(rest, pin)
    from credentials.keys.signers import cloud

    return cloud.open_key(rest)
