"""Everything that can go wrong here. Each docstring is a sentence for the person who meets the error."""

from __future__ import annotations


class CredentialError(Exception):
    """Something about this document or key is wrong."""

    def __str__(self) -> str:
        return super().__str__() or (type(self).__doc__ or "")


class Malformed(CredentialError):
    """We cannot read this document; get a fresh copy of the file."""


class NotProven(CredentialError):
    """The document does not prove what it says; do not rely on it."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"{step}: {reason}")
        self.step = step
        self.reason = reason


class BadKey(CredentialError):
    """We need an Ed25519 key in the form z6Mk…; check where this one was copied from."""


class SignerFailed(CredentialError):
    """The key cannot sign just now, and nothing was issued. Look at the token or the key service, then try again."""


class UndefinedTerm(Malformed):
    """The document uses a word that its vocabulary does not define, so no signature can cover it."""


class UnknownVocabulary(Malformed):
    """The document uses a vocabulary that is not known here, and none is ever fetched: its signature cannot be checked."""


class UnknownEntry(Malformed):
    """This entry of the log is of a kind that came after this program; a newer version may read it."""


class Unreachable(CredentialError):
    """A file of the log could not be read; try again later, or from a mirror."""


class Refused(CredentialError):
    """A witness does not cosign this. `status` is the answer's HTTP status, `body` what it says where the protocol asks."""

    def __init__(self, status: int, reason: str, body: str | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.body = body
