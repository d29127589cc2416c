"""Status of wallet credentials: the IETF Token Status List (draft-ietf-oauth-status-list), two bits an entry."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from credentials.canonical import JsonObject, b64u, b64u_decode
from credentials.errors import Malformed, NotProven
from credentials.keys import jws
from credentials.keys.es256 import WalletKey, WalletSigner
from credentials.revocation import packed

TYP = "statuslist+jwt"
BITS = 2
_MAX_BYTES = 4 * 1024 * 1024
_NAME = "status list"


class State(IntEnum):
    """The registered status types (section 7)."""

    valid = 0
    invalid = 1
    suspended = 2


@dataclass(frozen=True)
class Listed:
    """A read list. `bits` an entry; entry 0 is in the lowest bits of the first byte (section 4.1)."""

    bits: int
    data: bytes

    def state(self, index: int) -> State:
        """Raises Malformed beyond the end, NotProven for a status that is not registered."""
        found = packed.get(self.data, index, self.bits, _NAME, low_first=True)
        try:
            return State(found)
        except ValueError as reason:
            raise NotProven("status", f"the list says {found}, which this reader does not know") from reason

    def encode(self) -> JsonObject:
        """The `status_list` member (section 4.2): ZLIB at its highest level."""
        return {"bits": self.bits, "lst": b64u(zlib.compress(self.data, 9))}

    @classmethod
    def decode(cls, member: object) -> Listed:
        """Raises Malformed."""
        if (
            not isinstance(member, dict)
            or member.get("bits") not in {1, 2, 4, 8}
            or not isinstance(member.get("lst"), str)
        ):
            raise Malformed("the status list is not in the form of its standard")
        wrong_size = f"must unpack to at most {_MAX_BYTES:,} bytes"
        data = packed.unpacked(b64u_decode(member["lst"]), packed.ZLIB, 0, _MAX_BYTES, _NAME, wrong_size)
        return cls(int(member["bits"]), data)


def listed(states: Mapping[int, State], size: int) -> Listed:
    """A list of `size` entries, valid but for `states`. Raises Malformed for an index beyond it."""
    data = bytearray(size * BITS // 8)
    for index, state in states.items():
        at, shift = packed.place(data, index, BITS, _NAME, low_first=True)
        data[at] |= state << shift
    return Listed(BITS, bytes(data))


def sign(url: str, found: Listed, key: WalletSigner, now: datetime, *, until: datetime, ttl: int = 3600) -> str:
    """The Status List Token that is served at `url` (section 5.1)."""
    claims = {
        "sub": url,
        "iat": int(now.timestamp()),
        "exp": int(until.timestamp()),
        "ttl": ttl,
        "status_list": found.encode(),
    }
    return jws.sign(TYP, claims, key, {"kid": key.kid})


def read(token: str, url: str, key: WalletKey, at: datetime) -> tuple[Listed, datetime]:
    """The list and when it was made, from a token that `key` signed for `url`. Raises NotProven, Malformed."""
    _, claims = jws.verify(token, TYP, key)
    if claims.get("sub") != url:
        raise NotProven("status", "it is not the list that the credential names")
    made, until = claims.get("iat"), claims.get("exp")
    if not isinstance(made, int) or isinstance(made, bool) or not (until is None or isinstance(until, int)):
        raise Malformed("the status list does not say when it was made")
    if until is not None and at.timestamp() >= until:
        raise NotProven("status", "the list was good for an earlier time only; ask for a fresh one")
    return Listed.decode(claims.get("status_list")), datetime.fromtimestamp(made, tz=at.tzinfo)


def entry(url: str, index: int) -> JsonObject:
    """The `status` claim of a credential (section 6)."""
    return {"status_list": {"idx": index, "uri": url}}


def read_entry(claim: object) -> tuple[str, int]:
    """Address and index. Raises Malformed."""
    found = claim.get("status_list") if isinstance(claim, dict) else None
    index, url = (found.get("idx"), found.get("uri")) if isinstance(found, dict) else (None, None)
    if isinstance(index, bool) or not isinstance(index, int) or index < 0 or not isinstance(url, str):
        raise Malformed("the credential's status names no list and index")
    return url, index
