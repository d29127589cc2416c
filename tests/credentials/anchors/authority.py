"""A time-stamping authority for tests (RFC 3161): a root, a certificate below it, and honest or wrong answers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
STAMPED = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@dataclass
class Authority:
    """Its answers say what they are asked, at `at`; `nonce` changes the request's; not `grants`: it rejects. `ends`: of its own certificate."""

    name: str = "Test Authority"
    at: datetime = STAMPED
    ends: datetime = BEGAN + timedelta(days=3_650)
    nonce: Callable[[int | None], int | None] = lambda asked: asked
    grants: bool = True
    root: x509.Certificate = field(init=False)
    certificate: x509.Certificate = field(init=False)

    def __post_init__(self) -> None:
        root_key, self._key = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
        top = _name(f"{self.name} Root")
        self.root = self._certify(top, top, root_key, root_key, BEGAN + timedelta(days=7_300), authority=True)
        self.certificate = self._certify(_name(self.name), top, self._key, root_key, self.ends, authority=False)

    @staticmethod
    def _certify(
        name: x509.Name,
        issuer: x509.Name,
        key: EllipticCurvePrivateKey,
        by: EllipticCurvePrivateKey,
        ends: datetime,
        *,
        authority: bool,
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(BEGAN)
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(authority, None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        )
        if not authority:
            use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(use, critical=True)
        return builder.sign(by, hashes.SHA256())

    def answer(self, request: bytes) -> bytes:
        """The response to a request's bytes."""
        asked = tsp.TimeStampReq.load(request)
        nonce = self.nonce(asked["nonce"].native)
        info = {
            "version": "v1",
            "policy": "1.3.6.1.4.1.99999.1",
            "message_imprint": asked["message_imprint"],
            "serial_number": 7,
            "gen_time": self.at,
        } | ({} if nonce is None else {"nonce": nonce})
        if not self.grants:
            return bytes.fromhex("30053003020102")  # a status alone: rejection
        token = self._signed(tsp.TSTInfo(info).dump())
        return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())

    def _signed(self, info: bytes) -> cms.ContentInfo:
        own = asn1_x509.Certificate.load(self.certificate.public_bytes(Encoding.DER))
        sha256 = algos.DigestAlgorithm({"algorithm": "sha256"})
        hashed = {"cert_hash": hashlib.sha256(own.dump()).digest()}
        named = tsp.SigningCertificateV2({"certs": [tsp.ESSCertIDv2(hashed)]})
        attributes = cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
                cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(info).digest()]}),
                cms.CMSAttribute({"type": "signing_certificate_v2", "values": [named]}),
            ]
        )
        signature = self._key.sign(attributes.dump(), ECDSA(hashes.SHA256()))
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier(
                    {
                        "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                            {"issuer": own.issuer, "serial_number": own.serial_number}
                        )
                    }
                ),
                "digest_algorithm": sha256,
                "signed_attrs": attributes,
                "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
                "signature": signature,
            }
        )
        content = {"content_type": "tst_info", "content": core.ParsableOctetString(info)}
        whole = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [sha256],
                "encap_content_info": content,
                "certificates": [own],
                "signer_infos": [signer],
            }
        )
        return cms.ContentInfo({"content_type": "signed_data", "content": whole})
