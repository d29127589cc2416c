"""Receipts, certificates and the log that holds them: everything signed, and everything anyone can verify alone.

Modules: `receipts` (proof that an answer was stored), `certificate` and `status` (Open Badges 3.0 and revocation),
`log` (the append-only log), `verify` (all of it, from one file), `keys`, `did`, `canonical`, `errors`.
"""

from credentials.errors import BadKey, CredentialError, Malformed, NotProven
from credentials.keys import PublicKey, SigningKey

__all__ = ["BadKey", "CredentialError", "Malformed", "NotProven", "PublicKey", "SigningKey"]
