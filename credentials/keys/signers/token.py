"""A key in a hardware token or HSM: PKCS#11 with CKM_EDDSA (PKCS#11 3.0, section 2.3.14), named by an RFC 7512 address.

The key is made in the token and never leaves it. One session is kept and one thread at a time uses it, as most modules want; where it
breaks (the token was taken out, the daemon restarted) the next signature logs in again.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from credentials.errors import BadKey, SignerFailed
from credentials.keys.ed25519 import PublicKey
from credentials.keys.signers.signer import checked

_PATH = {"token", "object", "id", "type", "serial", "manufacturer", "model", "slot-id"}
_QUERY = {"module-path"}


@dataclass(frozen=True)
class Address:
    """What an RFC 7512 address says: the module, and how to find token and key."""

    module: str
    token: str | None
    serial: bytes | None
    label: str | None
    id: bytes | None

    @classmethod
    def read(cls, text: str) -> Address:
        """`text` is what stands after `pkcs11:`. Raises BadKey."""
        path, _, query = text.partition("?")
        found, asked = _pairs(path, ";", _PATH), _pairs(query, "&", _QUERY)
        if "module-path" not in asked:
            raise BadKey("the token's address needs ?module-path=, the library that its maker delivers")
        if not {"object", "id"} & set(found):
            raise BadKey("the token's address names no key: object= (its label) or id=")
        if found.get("type", b"private") != b"private":
            raise BadKey("the token's address names something else than a private key")
        try:
            return cls(
                asked["module-path"].decode(),
                found["token"].decode() if "token" in found else None,
                found.get("serial"),
                found["object"].decode() if "object" in found else None,
                found.get("id"),
            )
        except UnicodeDecodeError as reason:
            raise BadKey("the token's address holds a name that is not in UTF-8") from reason


def _pairs(text: str, between: str, known: set[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in filter(None, text.split(between)):
        name, equals, value = part.partition("=")
        if name in {"pin-value", "pin-source"}:
            raise BadKey("a PIN does not belong into an address, which ends up in logs; give it apart")
        if not equals or name not in known or name in found:
            raise BadKey(f"the token's address says {name[:40]!r}, which we do not know, or says it twice")
        found[name] = unquote_to_bytes(value)
    return found


@dataclass
class TokenKey:
    """A key in a token. It never shows the PIN in a log or a traceback."""

    public: PublicKey
    address: Address
    _pin: str | None = field(repr=False)
    _session: Any = field(default=None, repr=False)
    _secret: Any = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def kid(self) -> str:
        """Its name: the Multikey."""
        return self.public.multikey

    def sign(self, data: bytes) -> bytes:
        """Ask the token; a broken session is opened anew, once. Raises SignerFailed."""
        import pkcs11

        with self._lock:
            for again in (False, True):
                try:
                    if self._session is None:
                        self._session = _log_in(self.address, self._pin)
                        self._secret = _find(self._session, self.address, pkcs11.ObjectClass.PRIVATE_KEY)
                    signature = self._secret.sign(data, mechanism=pkcs11.Mechanism.EDDSA)
                except (pkcs11.PKCS11Error, RuntimeError) as reason:
                    self._forget()
                    # A wrong PIN is not tried twice: tokens lock themselves after a few.
                    if again or isinstance(reason, (pkcs11.PinIncorrect, pkcs11.PinLocked)):
                        raise SignerFailed(f"{_name(self.address)} did not sign: {_why(reason)}") from reason
                else:
                    return checked(bytes(signature), data, self.public, _name(self.address))
        raise AssertionError  # the loop returns or raises

    def _forget(self) -> None:
        session, self._session, self._secret = self._session, None, None
        if session is not None:
            _close(session)


def open_key(text: str, pin: str | None) -> TokenKey:
    """The key at the address (without its `pkcs11:`). Raises BadKey for what never will do, SignerFailed for what does not now."""
    address = Address.read(text)
    try:
        import pkcs11
    except ImportError as reason:
        raise BadKey("tokens need the package python-pkcs11: pip install 'invigil[hsm]'") from reason
    try:
        session = _log_in(address, pin)
        with contextlib.ExitStack() as undo:
            undo.callback(_close, session)
            public = _find(session, address, pkcs11.ObjectClass.PUBLIC_KEY)
            secret = _find(session, address, pkcs11.ObjectClass.PRIVATE_KEY)
            point, kind = bytes(public[pkcs11.Attribute.EC_POINT]), public.key_type
            if kind != pkcs11.KeyType.EC_EDWARDS:
                raise BadKey(f"{_name(address)} holds a key of another kind; certificates need an Ed25519 key")
            undo.pop_all()
    except (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange) as reason:
        raise BadKey(
            f"the PIN is not that of {_name(address)}; most tokens lock themselves after a few wrong ones"
        ) from reason
    except (pkcs11.PKCS11Error, RuntimeError) as reason:
        raise SignerFailed(f"{_name(address)} cannot be used: {_why(reason)}") from reason
    # The point is an OCTET STRING in DER (PKCS#11 3.0), or with some modules the bare 32 bytes.
    raw = point[2:] if len(point) == 34 and point[:2] == b"\x04\x20" else point
    return TokenKey(PublicKey(raw), address, pin, session, secret)


def _log_in(address: Address, pin: str | None) -> Any:
    import pkcs11

    found: Mapping[str, Any] = {"token_label": address.token, "token_serial": address.serial}
    token = pkcs11.lib(address.module).get_token(**{name: value for name, value in found.items() if value is not None})
    try:
        return token.open(user_pin=pin)
    except pkcs11.UserAlreadyLoggedIn:  # a process logs in to a token once, for all its sessions
        return token.open()


def _close(session: Any) -> None:
    with contextlib.suppress(Exception):  # one that broke may not close either
        session.close()


def _find(session: Any, address: Address, kind: Any) -> Any:
    import pkcs11

    wanted: dict[Any, Any] = {pkcs11.Attribute.CLASS: kind}
    if address.label is not None:
        wanted[pkcs11.Attribute.LABEL] = address.label
    if address.id is not None:
        wanted[pkcs11.Attribute.ID] = address.id
    found = list(session.get_objects(wanted))
    if len(found) != 1:
        what = "public" if kind == pkcs11.ObjectClass.PUBLIC_KEY else "private"
        raise BadKey(f"{_name(address)} has {len(found)} {what} keys of that name, not one")
    return found[0]


def _name(address: Address) -> str:
    return f"the token {(address.token or address.module)[:60]!r}"


def _why(reason: Exception) -> str:
    said = str(reason) or (type(reason).__doc__ or "").strip().split("\n")[0]
    return f"{type(reason).__name__}{f' ({said[:120]})' if said else ''}"
