"""Any file that somebody holds up as a certificate: ours or another issuer's, as JSON, bundle, picture, PDF or token."""

from __future__ import annotations

from datetime import datetime

from credentials.canonical import JsonObject, load
from credentials.errors import CredentialError, Malformed
from credentials.foreign import proving
from credentials.forms import formats
from credentials.issuance import certificate, proof
from credentials.keys.controllers import Supplied
from credentials.transparency.record import Record
from credentials.verification import verify
from credentials.verification.report import Report
from credentials.verification.trust import Trust


def check(
    file: bytes, trust: Trust, at: datetime, record: Record | None = None, supplied: Supplied = proving.NOTHING
) -> tuple[Report, JsonObject]:
    """What the file proves at `at`, and the credential in it. `record` is of the issuer's log, `supplied` of other issuers.

    Raises Malformed where there is nothing to report on.
    """
    opened = formats.open_file(file)
    if opened.kind == "sd-jwt":
        raise Malformed(
            "this is a certificate as wallets carry it; show it from the wallet, or take the file or the picture"
        )
    if opened.kind == "jwt":
        return proving.verify(opened.content, trust, at, supplied)
    document = load(opened.content)
    if is_ours(document):
        inside = document.get("credential") if "format" in document else document
        return verify.verify(document, trust, at, record), inside if isinstance(inside, dict) else {}
    return proving.verify(document, trust, at, supplied)


def is_ours(document: JsonObject) -> bool:
    """Whether it has the form of what this program issues, whoever signed it. What has not is read by the standards' wider rules."""
    if "format" in document or "@context" not in document:
        return True
    try:
        certificate.read(document)
        proof.of(document)
    except CredentialError:
        return False
    return True
