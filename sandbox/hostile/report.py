"""The report of a self-test: a table for people, a document for machines, and a signature for both."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sandbox.errors import SandboxError
from sandbox.hostile.attack import HELD, NOT_BUILT, THROUGH, Finding
from sandbox.job import EngineInfo

VERSION: Final = 1
ALGORITHM: Final = "Ed25519"


class ReportNotProven(SandboxError):
    """This report is not what its signer signed."""


class KeyUnusable(SandboxError):
    """The file holds no Ed25519 key of the right kind in PEM form; make one with `openssl genpkey -algorithm ed25519`."""


def row(found: Finding) -> str:
    """One line of the table."""
    probe = found.probe
    why = "; ".join((*found.problems, *found.notes))
    missing = f"not built: {', '.join(found.not_built)}" if found.not_built else ""
    words = ". ".join(filter(None, (why, missing)))
    verdicts = " ".join(found.verdicts) or "-"
    return f"{probe.number:2}  {probe.name:38} {verdicts[:36]:36} {found.seconds:5.1f}  {found.state}{': ' if words else ''}{words}"


HEAD: Final = f" #  {'probe':38} {'verdicts':36} {'s':>5}  result"


def summary(findings: Sequence[Finding]) -> str:
    states = [one.state for one in findings]
    missing = sorted({language for one in findings for language in one.not_built})
    words = [f"{states.count(HELD)} of {len(states)} hold"]
    words += [f"{states.count(THROUGH)} got through"] if THROUGH in states else []
    words += [f"{states.count(NOT_BUILT)} not built"] if NOT_BUILT in states else []
    words += [f"attempts left out because no image is built: {', '.join(missing)}"] if missing else []
    return "; ".join(words)


def document(
    findings: Sequence[Finding], images: dict[str, EngineInfo], at: datetime, unseen: Sequence[str] = ()
) -> dict[str, Any]:
    """The report as JSON values. `images` by family; `unseen` is what of the host could not be looked at."""
    some = next(iter(images.values()))
    return {
        "report": "invigil sandbox selftest",
        "version": VERSION,
        "date": at.isoformat(timespec="seconds"),
        "engine": some.engine,
        "runtime": some.runtime,
        "kernel": some.kernel,
        "images": {
            family: {"digest": info.image, "tools": list(info.tools)} for family, info in sorted(images.items())
        },
        "holds": all(one.state != THROUGH for one in findings),
        "summary": summary(findings),
        "not seen of the host": list(unseen),
        "probes": [_entry(one) for one in sorted(findings, key=lambda one: one.probe.number)],
    }


def _entry(found: Finding) -> dict[str, Any]:
    probe = found.probe
    return {
        "number": probe.number,
        "name": probe.name,
        "tries": probe.tries,
        "holds when": probe.holds,
        "expected": list(probe.expected),
        "state": found.state,
        "attempts": [{"way": way, "verdict": verdict} for way, verdict in found.attempts],
        "not built": list(found.not_built),
        "seconds": round(found.seconds, 3),
        "problems": list(found.problems),
        "notes": list(found.notes),
    }


def canonical(report: dict[str, Any]) -> bytes:
    """The one byte form that is signed: the report without its signature, keys sorted, no blanks, UTF-8."""
    unsigned = {key: value for key, value in report.items() if key != "signature"}
    return json.dumps(unsigned, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def signed(report: dict[str, Any], pem: bytes) -> dict[str, Any]:
    """The report with its signature. Raises `KeyUnusable`."""
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError) as error:
        raise KeyUnusable(str(error)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(type(key).__name__)
    public = key.public_key().public_bytes_raw()
    value = key.sign(canonical(report))
    signature = {"algorithm": ALGORITHM, "public key": _text(public), "value": _text(value)}
    return {**report, "signature": signature}


def public_key(pem: bytes) -> bytes:
    """The 32 bytes of a public key in PEM form (`openssl pkey -in KEY -pubout`). Raises `KeyUnusable`."""
    try:
        key = serialization.load_pem_public_key(pem)
    except ValueError as error:
        raise KeyUnusable(str(error)) from error
    if not isinstance(key, Ed25519PublicKey):
        raise KeyUnusable(type(key).__name__)
    return key.public_bytes_raw()


def verify(report: dict[str, Any], public: bytes) -> None:
    """Raises `ReportNotProven` unless the holder of the key `public` (32 bytes) signed exactly this report."""
    try:
        signature = report["signature"]
        if signature["algorithm"] != ALGORITHM or base64.b64decode(signature["public key"], validate=True) != public:
            raise ReportNotProven("another key")
        Ed25519PublicKey.from_public_bytes(public).verify(
            base64.b64decode(signature["value"], validate=True), canonical(report)
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ReportNotProven(f"out of form: {error}") from error
    except InvalidSignature as error:
        raise ReportNotProven("the signature does not fit") from error


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
