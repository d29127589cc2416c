"""What can be wrong with a credential of any kind, named as the standards name it for programs (RFC 9457 `type`)."""

from __future__ import annotations

from credentials.errors import CredentialError, NotProven

_VCDM = "https://www.w3.org/TR/vc-data-model#"
_SECURITY = "https://w3id.org/security#"
_STATUS = "https://www.w3.org/ns/credentials/status-list#"

PARSING = f"{_VCDM}PARSING_ERROR"
MALFORMED = f"{_VCDM}MALFORMED_VALUE_ERROR"
CRYPTOGRAPHIC = f"{_VCDM}CRYPTOGRAPHIC_SECURITY_ERROR"
RANGE = f"{_VCDM}RANGE_ERROR"
DATA_LOSS = f"{_SECURITY}DATA_LOSS_DETECTION_ERROR"
PROOF = f"{_SECURITY}PROOF_VERIFICATION_ERROR"
DOMAIN = f"{_SECURITY}INVALID_DOMAIN_ERROR"
CHALLENGE = f"{_SECURITY}INVALID_CHALLENGE_ERROR"
STATUS = f"{_STATUS}STATUS_VERIFICATION_ERROR"


class Nonconforming(CredentialError):
    """The document does not keep the rules of the data model. `code` is the standard's name for what is wrong."""

    def __init__(self, reason: str, code: str = MALFORMED) -> None:
        super().__init__(reason)
        self.code = code


class ProofRefused(NotProven):
    """A proof does not hold. `code` is the standard's name for why."""

    def __init__(self, reason: str, code: str = PROOF) -> None:
        super().__init__("proof", reason)
        self.code = code
