"""A key with AWS Key Management Service: `Sign` with ED25519_SHA_512 over a raw message, a key of the kind ECC_NIST_EDWARDS25519.

Who may use the key is decided there, by the role of the machine; no secret of it is ever here. A signature costs a request over the network
and a fee, so a timeout is short and a failure is tried again by whoever asked for the certificate.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from credentials.errors import BadKey, SignerFailed
from credentials.keys.ed25519 import PublicKey
from credentials.keys.signers.signer import checked

ALGORITHM = "ED25519_SHA_512"
MAX_MESSAGE = 4096  # bytes of a raw message, by the service's own limit
_SECONDS = 3
_OPTIONS = {"region", "endpoint"}


@dataclass(frozen=True)
class CloudKey:
    """A key that a cloud keeps. `name` is the key's id, ARN or alias."""

    public: PublicKey
    name: str
    _client: Any = field(repr=False, compare=False)

    @property
    def kid(self) -> str:
        """Its name elsewhere: the Multikey."""
        return self.public.multikey

    def sign(self, data: bytes) -> bytes:
        """Ask the service. Raises SignerFailed."""
        if len(data) > MAX_MESSAGE:
            raise SignerFailed(
                f"the key service signs messages of at most {MAX_MESSAGE:,} bytes, this has {len(data):,}"
            )
        answer = _ask(
            self.name, self._client.sign, KeyId=self.name, Message=data, MessageType="RAW", SigningAlgorithm=ALGORITHM
        )
        return checked(bytes(answer["Signature"]), data, self.public, f"the key service, for {self.name[:80]!r},")


def open_key(text: str, client: Any = None) -> CloudKey:
    """The key named after `awskms:`, as `alias/name?region=eu-central-1` or an ARN. `client`: a ready boto3 client.

    Raises BadKey for what never will do, SignerFailed for what does not now.
    """
    name, _, query = text.removeprefix("///").partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    if not name or set(options) - _OPTIONS:
        raise BadKey("the key's address must be awskms:KEY?region=REGION")
    if client is None:
        client = _client(options)
    answer = _ask(name, client.get_public_key, KeyId=name)
    try:
        key = load_der_public_key(bytes(answer["PublicKey"]))
    except (ValueError, UnsupportedAlgorithm) as reason:
        raise BadKey(f"the key service names a key for {name[:80]!r} that cannot be read") from reason
    if not isinstance(key, Ed25519PublicKey) or ALGORITHM not in answer.get("SigningAlgorithms", []):
        raise BadKey(f"the key {name[:80]!r} is of another kind; certificates need ECC_NIST_EDWARDS25519, for signing")
    return CloudKey(PublicKey(key.public_bytes_raw()), name, client)


def _client(options: dict[str, str]) -> Any:
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError as reason:
        raise BadKey("AWS keys need the package boto3: pip install 'invigil[kms]'") from reason
    limits = Config(connect_timeout=_SECONDS, read_timeout=_SECONDS, retries={"total_max_attempts": 2})
    try:
        return boto3.client(
            "kms", region_name=options.get("region"), endpoint_url=options.get("endpoint"), config=limits
        )
    except (BotoCoreError, ValueError) as reason:
        raise BadKey(f"the key service cannot be addressed: {str(reason)[:160]}") from reason


def _ask(name: str, request: Any, **arguments: Any) -> dict[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer: dict[str, Any] = request(**arguments)
    except ClientError as reason:
        code = str(reason.response.get("Error", {}).get("Code", ""))
        if code in {"NotFoundException", "InvalidKeyUsageException", "UnsupportedOperationException"}:
            raise BadKey(f"the key service cannot sign with {name[:80]!r}: {code}") from reason
        raise SignerFailed(f"the key service refused to work with {name[:80]!r}: {code[:80]}") from reason
    except BotoCoreError as reason:
        raise SignerFailed(f"the key service does not answer: {type(reason).__name__}") from reason
    return answer
