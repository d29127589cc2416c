"""A key that did not answer when a process began: its public half is known from before, and it is asked again for each signature.

An exam must not wait for the token that signs certificates; so whoever starts without it starts, and issues later.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from credentials.errors import BadKey
from credentials.keys.ed25519 import PublicKey
from credentials.keys.signers.signer import Signer


@dataclass
class Later:
    """`find` opens the key (as `open_signer` does) once it answers; it must then be the very key that is expected."""

    public: PublicKey
    find: Callable[[], Signer] = field(repr=False)
    _found: Signer | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def kid(self) -> str:
        """Its name: the Multikey."""
        return self.public.multikey

    def sign(self, data: bytes) -> bytes:
        """The signature. Raises SignerFailed while the key does not answer, BadKey where another one answers in its place."""
        with self._lock:
            if self._found is None:
                found = self.find()
                if found.public != self.public:
                    raise BadKey(f"at the key's address there is another key now, {found.kid}, and not {self.kid}")
                self._found = found
        return self._found.sign(data)
