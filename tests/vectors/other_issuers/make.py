"""Write the vectors of other issuers: `python -m tests.vectors.other_issuers.make`. The folder's name is the expected verdict.

Our own samples after Open Badges 3.0, CLR 2.0 and VC Data Model 1.1 and 2.0; nobody's files. Keys and moments are fixed, but for the RSA
key and the ECDSA signatures, which are drawn anew: after a change of the samples all files are written again. One file is not written here: `proven/badge-1.1-by-digitalcredentials.json`, our
sample as @digitalcredentials/vc signed it under the official contexts, with a key that exists nowhere else.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from credentials.canonical import b64u, jcs
from tests.credentials import other_issuers as other
from tests.credentials.other_issuers import (
    DID_WEB,
    HTTPS,
    badge,
    claims_of,
    compact,
    entry,
    jwk,
    record,
    signed,
    status_list,
    token,
)

HERE = Path(__file__).parent
Vectors = dict[str, "dict[str, Any] | str"]


def vectors() -> Vectors:
    """Path below this folder → document, or the text of a token. What is `given` is supplied to the check."""
    older = badge(model="1.1")
    older["@context"].append(other.ED2020)
    changed, injected = copy.deepcopy(signed(badge())), copy.deepcopy(signed(badge()))
    changed["credentialSubject"]["result"][0]["value"] = "A+"
    injected["credentialSubject"]["bonusGrade"] = "A+"
    ended = badge(validUntil="2027-01-01T00:00:00Z")
    listed = badge(credentialStatus=entry())
    head, body, _ = token().split(".")
    no_algorithm = f"{b64u(jcs({'alg': 'none'}))}.{body}."
    return {
        "proven/badge-rdfc.json": signed(badge()),
        "proven/badge-jcs.json": signed(badge(), "eddsa-jcs-2022"),
        "proven/badge-1.1-rdfc.json": signed(badge(model="1.1")),
        "proven/badge-1.1-ed25519-2020.json": signed(older, "Ed25519Signature2020"),
        "proven/badge-rs256.jwt": token(),
        "proven/badge-es256.jwt": token("ES256"),
        "proven/badge-eddsa.jwt": token("EdDSA"),
        "proven/badge-vc-jwt.jwt": compact({"alg": "ES256", "typ": "vc+jwt", "jwk": jwk("ES256")}, badge(HTTPS)),
        "proven/badge-did-web.jwt": token("RS256", DID_WEB, kid=f"{DID_WEB}#rs256"),
        "proven/record-rdfc.json": signed(record(signed(badge()), token("ES256"))),
        "proven/record-jcs.json": signed(record(signed(badge()), token("ES256")), "eddsa-jcs-2022"),
        "revoked/badge.json": signed(listed),
        "expired/badge.json": signed(ended),
        "expired/badge.jwt": compact({"alg": "EdDSA", "jwk": jwk("EdDSA")}, claims_of(badge(HTTPS, "1.1")) | _ended()),
        "bad-signature/changed-result.json": changed,
        "bad-signature/alg-none.jwt": no_algorithm,
        "bad-signature/another-body.jwt": f"{head}.{token('ES256').split('.')[1]}.{token('EdDSA').rpartition('.')[2]}",
        "injected-term/bonus-grade.json": injected,
        "unknown-vocabulary/badge.json": {
            **signed(badge()),
            "@context": [*badge()["@context"], "https://college.example/words.json"],
        },
        "given/did.json": other.document(),
        "given/status.json": signed(status_list(5)),
    }


def _ended() -> dict[str, Any]:
    """The claims of a token that ended before the moment that is asked about."""
    credential = badge(HTTPS, "1.1", expirationDate="2027-01-01T00:00:00Z")
    return {"exp": 1_798_761_600, "vc": credential}


def main() -> None:
    """Write all files."""
    for name, found in vectors().items():
        path = HERE / name
        path.parent.mkdir(exist_ok=True)
        text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
