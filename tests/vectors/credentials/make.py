"""Write the certificate vectors: `python -m tests.vectors.credentials.make`. The folder's name is the expected verdict.

Fixed seeds and moments: the same files every time (the packed status list may differ between zlib versions).
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from credentials.attempt import receipts
from credentials.canonical import b64u
from credentials.issuance import proof
from tests.credentials import samples

HERE = Path(__file__).parent


def vectors() -> dict[str, dict[str, Any]]:
    """Path below this folder → document."""
    proven = samples.full_bundle()
    changed, injected, context = (copy.deepcopy(proven) for _ in range(3))
    changed["credential"]["credentialSubject"]["result"][0]["value"] = "100"
    injected["credential"]["credentialSubject"]["bonusGrade"] = "A+"
    context["credential"]["@context"][1] = "https://attacker.example/context.json"
    chain = samples.chain([{"choice": ["b"]}, {"text": "Grüße"}, {"number": 3}])
    reordered = chain | {"receipts": chain["receipts"][::-1]}
    return {
        "proven/bundle.json": proven,
        "proven/smallest.json": samples.full_bundle(samples.issued(score=None, evidence=None, valid_until=None)),
        "bad-signature/changed-score.json": changed,
        "bad-signature/swapped-context.json": context,
        "bad-signature/another-key.json": _by_another_key(),
        "revoked/bundle.json": samples.full_bundle(None, samples.INDEX),
        "not-in-ledger/another-log.json": _with_proof(proven, samples.logged(proven["credential"], samples.OTHER)),
        "not-in-ledger/another-certificate.json": _with_proof(proven, samples.logged(samples.issued(score=None))),
        "injected-term/bonus-grade.json": injected,
        "receipts/proven.json": chain,
        "receipts/reordered.json": reordered,
        "receipts/truncated.json": chain | {"receipts": chain["receipts"][:-1], "answers": {}},
        **{f"receipts/{name}.json": file for name, file in _logged_receipts(chain).items()},
        "trust.json": {
            "issuer_keys": [samples.KEY.kid],
            "log_keys": [samples.LOG_KEY.kid],
            "receipt_keys": [samples.KEY.kid],
            "origin": samples.ORIGIN,
        },
    }


def _logged_receipts(chain: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The same receipts after they were logged, and every way to say so falsely."""
    logged = samples.with_log(chain)
    cut = {"receipts": chain["receipts"][:-1], "answers": {}}
    head = receipts.link(chain["receipts"][-2])
    shorter = receipts.seal(samples.KEY, samples.ATTEMPT, len(chain["receipts"]) - 1, head, "2027-03-01T11:30:00.000Z")
    others = samples.with_log(samples.chain([{"choice": ["c"]}]))
    text = logged["log"]["proof"]
    lines = text.split("\n")
    lines[2], lines[3] = lines[3], lines[2]
    return {
        "logged": logged,
        "logged-wrong-leaf": logged | {"log": logged["log"] | {"salt": b64u(b"another salt of sixteen bytes")}},
        "logged-other-checkpoint": samples.with_log(chain, samples.OTHER),
        "logged-forged-path": logged | {"log": logged["log"] | {"proof": "\n".join(lines)}},
        "logged-another-attempts-head": logged | {"log": others["log"]},
        "logged-truncated": logged | cut,
        "logged-truncated-without-seal": logged | cut | {"seal": None},
        # Signed with the institution's own key, so only the log knows that more was submitted.
        "logged-truncated-and-sealed-again": logged | cut | {"seal": shorter},
    }


def _with_proof(bundle: dict[str, Any], text: str) -> dict[str, Any]:
    return bundle | {"log": bundle["log"] | {"proof": text}}


def _by_another_key() -> dict[str, Any]:
    bundle = samples.full_bundle()
    unsigned = {name: value for name, value in bundle["credential"].items() if name != "proof"}
    signed = proof.sign(unsigned, samples.OTHER, samples.METHOD, samples.ISSUED)
    return bundle | {"credential": signed, "log": bundle["log"] | {"proof": samples.logged(signed)}}


def main() -> None:
    """Write every vector."""
    for name, document in vectors().items():
        path = HERE / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
