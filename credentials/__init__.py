"""Receipts, certificates and the log that holds them: everything signed, and everything anyone can verify alone.

One idea a folder; each may import those below it, never those above (a contract in pyproject.toml):

commands/      what `python -m credentials` does; `checking` beside it takes any file that somebody holds up
vcdm/          credentials and presentations of any kind, as programs send them to a VC-API
foreign/       what other issuers signed · forms/ a certificate as picture, PDF, wallet token, folder · attempt/ session and receipts
verification/  what a certificate's file proves: `verify`, and the facts of its `report`
issuance/      our certificate and its signature: `certificate`, `proof`
achievement/   what was achieved, and what adds up · revocation/ status lists and reasons · transparency/ the public log and who
               watches it · anchors/ who else says how old it is
keys/          who signs, and whose key it was · linked_data/ what the words mean, as the bytes that are signed
canonical, times, files, errors: what all of them stand on
"""

from credentials.errors import BadKey, CredentialError, Malformed, NotProven
from credentials.keys.ed25519 import PublicKey, SigningKey

__all__ = ["BadKey", "CredentialError", "Malformed", "NotProven", "PublicKey", "SigningKey"]
