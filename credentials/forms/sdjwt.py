"""Selective disclosure for JSON Web Tokens: RFC 9901.

The issuer signs digests of claims; the holder shows the claims that a reader needs and keeps the rest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from credentials.canonical import Json, JsonObject, b64u, b64u_decode, check, check_depth
from credentials.errors import Malformed, NotProven
from credentials.keys import jws
from credentials.keys.es256 import WalletKey, WalletSigner

HASH = "sha-256"
KEY_BINDING = "kb+jwt"
MAX_DISCLOSURES = 500
_RESERVED = {"_sd", "...", "_sd_alg"}


@dataclass(frozen=True)
class Disclosure:
    """One claim that can be shown or kept (section 4.2). `name` is None for an element of a list.

    `text` is the base64url that was hashed: another reader may write the same JSON with other spaces, so it is kept.
    """

    salt: str
    name: str | None
    value: Json
    text: str

    @classmethod
    def of(cls, salt: str, name: str | None, value: Json) -> Disclosure:
        """A new one; `salt` is base64url of 16 random bytes, used once."""
        if name in _RESERVED:
            raise Malformed(f"a claim cannot be called {name!r}")
        content = [salt, value] if name is None else [salt, name, value]
        return cls(salt, name, value, b64u(json.dumps(content, ensure_ascii=False).encode()))

    @classmethod
    def read(cls, text: str) -> Disclosure:
        """Read one that came with a token. Raises Malformed."""
        try:
            plain = b64u_decode(text).decode()
            check_depth(plain)
            content = json.loads(plain, parse_constant=_no_constant, object_pairs_hook=_once)
        except (ValueError, RecursionError) as reason:
            raise Malformed("a disclosure of the token cannot be read") from reason
        check(content)
        if not isinstance(content, list) or len(content) not in {2, 3} or not isinstance(content[0], str):
            raise Malformed("a disclosure holds a salt, perhaps a name, and a value")
        if len(content) == 3 and (not isinstance(content[1], str) or content[1] in _RESERVED):
            raise Malformed("a disclosure of the token has a name that no claim can have")
        return cls(content[0], content[1] if len(content) == 3 else None, content[-1], text)

    @property
    def digest(self) -> str:
        """What the issuer signed in the claim's place: base64url SHA-256 of the text."""
        return _digest(self.text)


@dataclass(frozen=True)
class SdJwt:
    """`<issuer's token>~<disclosure>~…~<key binding or nothing>` taken apart; nothing is proven by that."""

    token: str
    disclosures: tuple[Disclosure, ...]
    binding: str | None = None

    @classmethod
    def read(cls, text: str) -> SdJwt:
        """Raises Malformed."""
        if len(text) > 2 * jws.MAX_CHARACTERS or not text.isascii():
            raise Malformed("the token is too long, or holds characters that no token has")
        token, *rest = text.strip().split("~")
        if not rest:
            raise Malformed("a token with disclosures ends with ~")
        *shown, binding = rest
        if len(shown) > MAX_DISCLOSURES:
            raise Malformed(f"the token comes with more than {MAX_DISCLOSURES} disclosures")
        return cls(token, tuple(Disclosure.read(each) for each in shown), binding or None)

    def __str__(self) -> str:
        return self._unbound() + (self.binding or "")

    def show(self, names: Iterable[str]) -> SdJwt:
        """The same token with only these claims shown (by name, wherever they stand). What lies inside a shown claim
        stays as it is; the holder's key is not bound.
        """
        wanted = set(names)
        kept = tuple(each for each in self.disclosures if each.name is None or each.name in wanted)
        return SdJwt(self.token, _reachable(self.token, kept))

    def bind(self, key: WalletSigner, audience: str, nonce: str, at: datetime) -> SdJwt:
        """Sign this very presentation for one reader with the holder's key (section 4.3)."""
        unbound = self._unbound()
        claims = {"iat": int(at.timestamp()), "aud": audience, "nonce": nonce, "sd_hash": _digest(unbound)}
        return SdJwt(self.token, self.disclosures, jws.sign(KEY_BINDING, claims, key))

    def check_binding(self, holder: WalletKey, audience: str, nonce: str, at: datetime, *, seconds: int = 300) -> None:
        """Return when the holder's key signed this very presentation for this reader, lately. Raises NotProven."""
        if self.binding is None:
            raise NotProven("holder", "nobody signed this presentation")
        _, claims = jws.verify(self.binding, KEY_BINDING, holder)
        if claims.get("sd_hash") != _digest(self._unbound()):
            raise NotProven("holder", "other claims were shown than those that the holder signed for")
        if claims.get("aud") != audience or claims.get("nonce") != nonce:
            raise NotProven("holder", "the presentation was made for another reader or another question")
        made = claims.get("iat")
        if isinstance(made, bool) or not isinstance(made, int) or abs(at.timestamp() - made) > seconds:
            raise NotProven("holder", "the presentation was not made just now")

    def _unbound(self) -> str:
        return "~".join([self.token, *(each.text for each in self.disclosures)]) + "~"


def issue(
    typ: str,
    claims: JsonObject,
    hidden: Iterable[str],
    key: WalletSigner,
    chance: Callable[[int], bytes],
    header: Mapping[str, Any] | None = None,
) -> SdJwt:
    """A token in which the top-level claims `hidden` are digests. `chance(n)` gives n random bytes."""
    names = sorted(set(hidden))
    if missing := [name for name in names if name not in claims]:
        raise Malformed(f"there is no claim {missing[0]!r} to hide")
    if found := _RESERVED & set(claims):
        raise Malformed(f"a claim cannot be called {min(found)!r}")
    disclosures = tuple(Disclosure.of(b64u(chance(16)), name, claims[name]) for name in names)
    open_claims = {name: value for name, value in claims.items() if name not in set(names)}
    if disclosures:  # sorted by digest, so that the order tells nothing (section 4.2.4.1)
        open_claims |= {"_sd": sorted(each.digest for each in disclosures), "_sd_alg": HASH}
    return SdJwt(jws.sign(typ, open_claims, key, header), disclosures)


def verify(found: SdJwt, typ: str, key: WalletKey) -> JsonObject:
    """The claims that the issuer signed and the holder shows (section 7.1). Raises NotProven, Malformed."""
    _, payload = jws.verify(found.token, typ, key)
    return reveal(payload, found.disclosures)


def reveal(payload: JsonObject, disclosures: Iterable[Disclosure]) -> JsonObject:
    """Put disclosed claims into their places, each once; digests of what is kept, and decoys, go. Raises NotProven."""
    if payload.get("_sd_alg", HASH) != HASH:
        raise NotProven("disclosure", f"digests must be made with {HASH}")
    work = _Revealing({})
    for each in disclosures:
        if each.digest in work.known:
            raise NotProven("disclosure", "one of the claims is shown twice")
        work.known[each.digest] = each
    claims = work.object({name: value for name, value in payload.items() if name != "_sd_alg"}, 0)
    if unused := set(work.known) - work.used:
        name = work.known[min(unused)].name
        raise NotProven("disclosure", f"the issuer did not sign the claim {name!r} that is shown here")
    return claims


@dataclass
class _Revealing:
    known: dict[str, Disclosure]
    used: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)

    def value(self, value: Json, depth: int) -> Json:
        if depth > 32:
            raise Malformed("the token is nested deeper than 32 levels")
        if isinstance(value, dict):
            return self.object(value, depth + 1)
        if not isinstance(value, list):
            return value
        return [shown for each in value for shown in self._element(each, depth)]

    def object(self, node: JsonObject, depth: int) -> JsonObject:
        digests = node.get("_sd", [])
        if not isinstance(digests, list) or not all(isinstance(each, str) for each in digests) or "..." in node:
            raise NotProven("disclosure", "the token's digests are not in the form of the standard")
        shown = {name: self.value(each, depth) for name, each in node.items() if name != "_sd"}
        for each in digests:
            disclosure = self._take(each)
            if disclosure is None:
                continue
            if disclosure.name is None:
                raise NotProven("disclosure", "an element of a list is shown as a claim")
            if disclosure.name in shown:
                raise NotProven("disclosure", f"the claim {disclosure.name!r} is there twice")
            shown[disclosure.name] = self.value(disclosure.value, depth + 1)
        return shown

    def _element(self, element: Json, depth: int) -> list[Json]:
        if not isinstance(element, dict) or "..." not in element:
            return [self.value(element, depth + 1)]
        if set(element) != {"..."} or not isinstance(element["..."], str):
            raise NotProven("disclosure", "the token's digests are not in the form of the standard")
        disclosure = self._take(element["..."])
        if disclosure is None:
            return []
        if disclosure.name is not None:
            raise NotProven("disclosure", "a claim is shown as an element of a list")
        return [self.value(disclosure.value, depth + 1)]

    def _take(self, digest: str) -> Disclosure | None:
        if digest in self.seen:
            raise NotProven("disclosure", "the token names one digest twice")
        self.seen.add(digest)
        found = self.known.get(digest)
        if found is not None:
            self.used.add(digest)
        return found


def _reachable(token: str, disclosures: tuple[Disclosure, ...]) -> tuple[Disclosure, ...]:
    """Without those whose digest stands only inside something that is not shown."""
    _, payload = jws.peek(token)
    work = _Revealing({each.digest: each for each in disclosures})
    work.object({name: value for name, value in payload.items() if name != "_sd_alg"}, 0)
    return tuple(each for each in disclosures if each.digest in work.used)


def _digest(text: str) -> str:
    return b64u(hashlib.sha256(text.encode("ascii")).digest())


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is not a JSON number")


def _once(pairs: list[tuple[str, Json]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice in one object")
    return found
