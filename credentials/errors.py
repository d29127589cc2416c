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


class UndefinedTerm(Malformed):
    """The document uses a word that its vocabulary does not define, so no signature can cover it."""
