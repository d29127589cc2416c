"""Handing a certificate to a wallet: OpenID for Verifiable Credential Issuance 1.0, pre-authorised code flow.

Only what is said and checked; codes and tokens are the caller's.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from credentials.canonical import JsonObject
from credentials.errors import BadKey, CredentialError, NotProven
from credentials.forms.sdjwt_vc import TYP
from credentials.keys import jws
from credentials.keys.es256 import WalletKey

GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
CONFIGURATION = "certificate"
PROOF_TYP = "openid4vci-proof+jwt"
PROOF_AGE = 300  # seconds
CODE_LIFE, TOKEN_LIFE = 300, 300  # seconds
_CLAIMS = (
    ("achievement", "What was achieved", True),
    ("recipient", "Name", False),
    ("results", "Results", False),
    ("evidence", "How it was shown", False),
)


class WalletRefused(CredentialError):
    """The wallet's request is not one that a certificate can be handed out for. `code` is the protocol's own word."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code

    def as_json(self) -> JsonObject:
        """The error's body (section 8.3.1, RFC 6749 section 5.2)."""
        return {"error": self.code, "error_description": str(self)}


def offer(issuer: str, code: str) -> str:
    """The address that a wallet opens, for a link and for a QR code (section 4.1)."""
    said = {
        "credential_issuer": issuer,
        "credential_configuration_ids": [CONFIGURATION],
        "grants": {GRANT: {"pre-authorized_code": code}},
    }
    return "openid-credential-offer://?credential_offer=" + quote(json.dumps(said, separators=(",", ":")), safe="")


def issuer_metadata(issuer: str, name: str, vct: str) -> JsonObject:
    """`/.well-known/openid-credential-issuer` (section 12.2)."""
    return {
        "credential_issuer": issuer,
        "credential_endpoint": f"{issuer}/wallet/credential",
        "nonce_endpoint": f"{issuer}/wallet/nonce",
        "display": [{"name": name}],
        "credential_configurations_supported": {
            CONFIGURATION: {
                "format": TYP,
                "vct": vct,
                "cryptographic_binding_methods_supported": ["jwk"],
                "credential_signing_alg_values_supported": [jws.ALGORITHM],
                "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": [jws.ALGORITHM]}},
                "credential_metadata": {
                    "display": [{"name": f"Certificate by {name}", "locale": "en"}],
                    "claims": [_claim(*each) for each in _CLAIMS],
                },
            }
        },
    }


def server_metadata(issuer: str) -> JsonObject:
    """`/.well-known/oauth-authorization-server` (RFC 8414): this flow and no other."""
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/wallet/token",
        "grant_types_supported": [GRANT],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["none"],
        "pre-authorized_grant_anonymous_access_supported": True,
    }


def issuer_keys(issuer: str, key: WalletKey) -> JsonObject:
    """`/.well-known/jwt-vc-issuer` (draft-ietf-oauth-sd-jwt-vc section 4): the key that signs for this address."""
    return {
        "issuer": issuer,
        "jwks": {"keys": [{**key.jwk(), "kid": key.thumbprint, "use": "sig", "alg": jws.ALGORITHM}]},
    }


def type_metadata(vct: str, name: str) -> JsonObject:
    """What stands at the type's address (the same draft, section 5)."""
    return {
        "vct": vct,
        "name": f"Certificate by {name}",
        "description": "An examination passed, as issued and logged by its institution.",
        "display": [{"locale": "en", "name": f"Certificate by {name}"}],
        "claims": [
            {"path": [path], "sd": "never" if always else "always", "display": [{"locale": "en", "label": label}]}
            for path, label, always in _CLAIMS
        ],
    }


def read_proofs(body: JsonObject) -> str:
    """The one proof in a credential request (section 8.2). Raises WalletRefused."""
    if body.get("credential_configuration_id") != CONFIGURATION:
        raise WalletRefused(
            "unknown_credential_configuration", f"ask for {CONFIGURATION!r}; nothing else is issued here"
        )
    proofs = body.get("proofs")
    found: Any = proofs.get("jwt") if isinstance(proofs, dict) and set(proofs) == {"jwt"} else None
    if not isinstance(found, list) or len(found) != 1 or not isinstance(found[0], str):
        raise WalletRefused("invalid_proof", "the request must carry exactly one proof of the kind jwt")
    return found[0]


def holder_of(proof: str, issuer: str, now: datetime, nonce_good: Callable[[str], bool]) -> WalletKey:
    """The wallet's key, proven to be in its hands just now (appendix F.1). Raises WalletRefused."""
    try:
        header, _ = jws.peek(proof)
        key = WalletKey.from_jwk(header.get("jwk"))
        _, claims = jws.verify(proof, PROOF_TYP, key)
    except (BadKey, NotProven, CredentialError) as reason:
        raise WalletRefused("invalid_proof", f"the wallet's proof does not hold: {reason}") from reason
    nonce, made = claims.get("nonce"), claims.get("iat")
    if not isinstance(nonce, str) or not nonce_good(nonce):
        raise WalletRefused("invalid_nonce", "the proof needs a fresh nonce from the nonce endpoint")
    if claims.get("aud") != issuer:
        raise WalletRefused("invalid_proof", "the proof was made for another issuer")
    if isinstance(made, bool) or not isinstance(made, int) or abs(now.timestamp() - made) > PROOF_AGE:
        raise WalletRefused("invalid_proof", "the proof was not made just now")
    return key


def _claim(path: str, label: str, always: bool) -> JsonObject:
    return {"path": [path], "mandatory": always, "display": [{"name": label, "locale": "en"}]}
