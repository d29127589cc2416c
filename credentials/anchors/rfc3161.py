"""Time stamps (RFC 3161): an authority signs the digest and the time. Complete at once; auditors know them.

Only the signed token is kept, whole. It is checked as of the moment that it was made: an authority's certificate may have
expired since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, load_der_x509_certificate

from credentials.anchors.anchor import STEP, Anchored, AnchorTrust, Evidence, Incapable, Transport, binary, digest
from credentials.canonical import JsonObject, b64u, b64u_decode
from credentials.errors import CredentialError, Malformed, NotProven

KIND = "rfc3161"
QUERY = "application/timestamp-query"
_MOST_ROOTS = 20
_SHA256 = "2.16.840.1.101.3.4.2.1"


@dataclass(frozen=True)
class TimeStamps:
    """An authority at an address, whose answers must lead to one of these roots."""

    url: str
    transport: Transport
    roots: tuple[Certificate, ...]

    @property
    def kind(self) -> str:
        """As `Anchor`."""
        return KIND

    def submit(self, text: str) -> Evidence:
        """As `Anchor`: complete at once. The answer must carry our request's nonce, or it could be an old one."""
        client = _library()
        asked = client.TimestampRequestBuilder(
            data=text.encode(), hash_algorithm=client.base.HashAlgorithm.SHA256
        ).build()
        answer = self.transport.post(self.url, asked.as_bytes(), QUERY)
        response = _response(answer)
        if response.tst_info.nonce != asked.nonce:
            raise NotProven(STEP, "the time stamp answers another request: its nonce is not ours")
        roots = [b64u(each.public_bytes(Encoding.DER)) for each in self.roots]
        evidence = Evidence(KIND, {"token": b64u(answer), "roots": roots}, complete=True)
        check(evidence.parts, text, AnchorTrust(authorities=self.roots))
        return evidence

    def upgrade(self, _text: str, pending: Evidence) -> Evidence:
        """As `Anchor`: there is nothing to wait for."""
        return pending


def check(parts: JsonObject, text: str, trusted: AnchorTrust) -> Anchored:
    """The time that the authority signed for this text. Raises Malformed, NotProven, Incapable."""
    response = _response(binary(parts, "token"))
    imprint = response.tst_info.message_imprint
    if imprint.hash_algorithm.dotted_string != _SHA256 or imprint.message != digest(text):
        raise NotProven(STEP, "the time stamp was made for another head than this one")
    signer = _signer(response)
    _check_chain(response, text, trusted.authorities or _claimed(parts))
    who = signer.subject.rfc4514_string()[:200]
    return Anchored(KIND, who, response.tst_info.gen_time, bool(trusted.authorities))


def _check_chain(response: Any, text: str, roots: Sequence[Certificate]) -> None:
    client = _library()
    try:
        client.VerifierBuilder(roots=list(roots)).build().verify_message(response, text.encode())
    except client.VerificationError as reason:
        made = response.tst_info.gen_time
        if not _valid_then(response, roots):
            raise NotProven(STEP, f"the authority's certificate was not valid at {made:%Y-%m-%d %H:%M}") from reason
        raise NotProven(STEP, f"no time-stamping authority that is trusted signed it: {reason}") from reason
    except (ValueError, TypeError) as reason:
        raise Malformed("the time stamp is damaged") from reason


def _valid_then(response: Any, roots: Sequence[Certificate]) -> bool:
    """Whether time is not what fails: the libraries below say so only in words that change."""
    made = response.tst_info.gen_time
    chain = (*roots, _signer(response))
    return all(each.not_valid_before_utc <= made <= each.not_valid_after_utc for each in chain)


def _claimed(parts: JsonObject) -> list[Certificate]:
    """The roots that the anchor itself names: whoever wrote the file chose them."""
    found = parts.get("roots")
    if (
        not isinstance(found, list)
        or not 0 < len(found) <= _MOST_ROOTS
        or not all(isinstance(each, str) for each in found)
    ):
        raise Malformed("a time stamp names the roots that it leads to")
    try:
        return [load_der_x509_certificate(b64u_decode(each)) for each in found]
    except ValueError as reason:
        raise Malformed("a root of a time stamp is no certificate") from reason


def _signer(response: Any) -> Certificate:
    try:
        signers = {(each.issuer, each.serial_number) for each in response.signed_data.signer_infos}
        found = [load_der_x509_certificate(data) for data in response.signed_data.certificates]
        for each in found:
            if (each.issuer, each.serial_number) in signers:
                return each
    except (ValueError, TypeError) as reason:
        raise Malformed("a certificate in the time stamp is damaged") from reason
    raise NotProven(STEP, "the time stamp does not carry its authority's certificate")


def _response(data: bytes) -> Any:
    client = _library()
    try:
        response = client.decode_timestamp_response(data)
        if response.status != client.tsp.PKIStatus.GRANTED:
            raise NotProven(
                STEP, f"the authority did not grant it: {'; '.join(response.status_string)[:200] or response.status}"
            )
        response.tst_info.message_imprint  # noqa: B018  (reads the token, which may be damaged)
    except CredentialError:
        raise
    except (ValueError, TypeError) as reason:
        raise Malformed("this is not an answer of a time-stamping authority") from reason
    return response


def _library() -> Any:
    try:
        import rfc3161_client
        import rfc3161_client.base
        import rfc3161_client.tsp
    except ImportError as reason:
        raise Incapable from reason
    return rfc3161_client
