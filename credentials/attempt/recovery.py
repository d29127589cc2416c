"""Recovery files: answers that a device could not send, sealed for the institution and signed by the device's key.

The last resort when a network does not come back. Only the institution can read the file (ECDH on P-256, HKDF-SHA256,
AES-256-GCM), and only the device that sat the exam can have written it (ES256 with the key that its proofs use, which
cannot leave the browser). Sources: RFC 5869; NIST SP 800-38D; RFC 7518 section 3.4; RFC 7638 (thumbprints).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
    derive_private_key,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from credentials.canonical import JsonObject, b64u, b64u_decode, digest, jcs, load
from credentials.errors import Malformed, NotProven
from credentials.keys import ecdsa
from credentials.keys.ed25519 import PublicKey
from credentials.keys.signers import Signer

FORMAT = "invigil-recovery/1"
MAX_ANSWERS = 2000
_FILE = {"format", "attempt", "device", "ephemeral", "sealed", "signature"}
_INSIDE = {"answers", "mark", "mark_wall", "wall", "steady"}
_ANSWER = {"place", "item", "answer", "created_at", "base"}
_MARK = {"type", "attempt", "jkt", "at", "kid", "signature"}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256


@dataclass(frozen=True)
class Unsent:
    """One answer that the device wrote down and had no receipt for. `created_at` is the device's word."""

    place: int
    item: str
    answer: JsonObject
    created_at: datetime
    base: int


@dataclass(frozen=True)
class Recovery:
    """What a file says. `contact_at` is ours: the last time at which this device spoke with us, signed then.

    `wall` and `steady` are the seconds since then by the device's clock and by one that nobody can set; they differ when
    the clock was changed or the computer slept.
    """

    attempt: str
    jkt: str
    answers: tuple[Unsent, ...]
    contact_at: datetime | None
    wall: float | None
    steady: float | None
    digest: str


def private_key(secret: bytes) -> EllipticCurvePrivateKey:
    """The institution's key, derived from a secret of at least 32 bytes."""
    seed = HKDF(SHA256(), 48, None, b"invigil-recovery-key/1").derive(secret)
    return derive_private_key(int.from_bytes(seed, "big") % (_ORDER - 1) + 1, SECP256R1())


def public_jwk(key: EllipticCurvePrivateKey | EllipticCurvePublicKey) -> dict[str, str]:
    """The public half, as browsers import it; in this order it is also the input of its thumbprint."""
    public = key.public_key() if isinstance(key, EllipticCurvePrivateKey) else key
    return ecdsa.jwk(public)


def mark_time(key: Signer, attempt: str, jkt: str, at: str) -> JsonObject:
    """Our signed word that this device spoke with us at this moment."""
    mark = {"type": "time", "attempt": attempt, "jkt": jkt, "at": at, "kid": key.kid}
    return {**mark, "signature": b64u(key.sign(jcs(mark)))}


def open_file(document: bytes, key: EllipticCurvePrivateKey, ours: Collection[PublicKey]) -> Recovery:
    """What the file says, proven to come from the device that it names. Raises `Malformed`, `NotProven`."""
    file = load(document)
    if file.get("format") != FORMAT or set(file) != _FILE or not isinstance(file["attempt"], str):
        raise Malformed("this is not a recovery file")
    device, jkt = _public(file["device"]), digest(file["device"])
    signed = {name: value for name, value in file.items() if name != "signature"}
    _check_signature(device, file["signature"], jcs(signed))
    inside = load(_unseal(key, file, jkt))
    if set(inside) != _INSIDE or not isinstance(inside["answers"], list) or len(inside["answers"]) > MAX_ANSWERS:
        raise Malformed("the recovery file does not hold what it should")
    return Recovery(
        attempt=file["attempt"],
        jkt=jkt,
        answers=tuple(_answer(each) for each in inside["answers"]),
        contact_at=None if inside["mark"] is None else read_mark(inside["mark"], file["attempt"], jkt, ours),
        wall=_seconds(inside["wall"], inside["mark_wall"]),
        steady=float(inside["steady"]) if isinstance(inside["steady"], int | float) else None,
        digest=digest(file),
    )


def seal_file(
    inside: JsonObject,
    attempt: str,
    device: EllipticCurvePrivateKey,
    to: EllipticCurvePublicKey,
    chance: Callable[[int], bytes],
) -> JsonObject:
    """Write a file as the browser does."""
    ephemeral = generate_private_key(SECP256R1())
    head = {
        "format": FORMAT,
        "attempt": attempt,
        "device": public_jwk(device),
        "ephemeral": public_jwk(ephemeral),
    }
    secret = _agreed(ephemeral.exchange(ECDH(), to), attempt, digest(head["device"]))
    iv = chance(12)
    signed = {**head, "sealed": b64u(iv + AESGCM(secret).encrypt(iv, jcs(inside), jcs(head)))}
    return {**signed, "signature": b64u(ecdsa.sign(device, jcs(signed)))}


def _agreed(shared: bytes, attempt: str, jkt: str) -> bytes:
    return HKDF(SHA256(), 32, None, f"{FORMAT}\n{attempt}\n{jkt}".encode()).derive(shared)


def _unseal(key: EllipticCurvePrivateKey, file: JsonObject, jkt: str) -> bytes:
    head = {name: file[name] for name in ("format", "attempt", "device", "ephemeral")}
    secret = _agreed(key.exchange(ECDH(), _public(file["ephemeral"])), file["attempt"], jkt)
    sealed = b64u_decode(str(file["sealed"]))
    try:
        return AESGCM(secret).decrypt(sealed[:12], sealed[12:], jcs(head))
    except (InvalidTag, ValueError) as error:
        raise NotProven("seal", "the file was changed, or it was made for another institution") from error


def _public(jwk: object) -> EllipticCurvePublicKey:
    if not isinstance(jwk, dict) or set(jwk) != {"crv", "kty", "x", "y"} or (jwk["crv"], jwk["kty"]) != ("P-256", "EC"):
        raise Malformed("a key in the recovery file is not a public P-256 key")
    x, y = (int.from_bytes(b64u_decode(str(jwk[name])), "big") for name in ("x", "y"))
    try:
        return EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
    except ValueError as error:
        raise Malformed("a key in the recovery file is not a point of P-256") from error


def _check_signature(device: EllipticCurvePublicKey, signature: object, data: bytes) -> None:
    raw = b64u_decode(str(signature))
    if len(raw) != 64:
        raise NotProven("signature", "it does not hold")
    try:
        ecdsa.verify(device, raw, data)
    except InvalidSignature as error:
        raise NotProven(
            "signature", "the file was not written by the device that it names, or it was changed"
        ) from error


def _answer(each: object) -> Unsent:
    if not isinstance(each, dict) or set(each) != _ANSWER:
        raise Malformed("an answer in the recovery file does not have its fields")
    place, item, answer, base = each["place"], each["item"], each["answer"], each["base"]
    if type(place) is not int or type(base) is not int or not isinstance(item, str) or not isinstance(answer, dict):
        raise Malformed("an answer in the recovery file has a field of the wrong kind")
    if not (0 <= place < 2**31 and 0 <= base < 2**31):
        raise Malformed("an answer in the recovery file has a number that cannot be")
    return Unsent(place, item, answer, _moment(each["created_at"]), base)


def read_mark(mark: object, attempt: str, jkt: str, ours: Collection[PublicKey]) -> datetime:
    """The moment at which we said, with one of our keys, what time it was to this device in this attempt.

    Raises `Malformed`, `NotProven`.
    """
    if not isinstance(mark, dict) or set(mark) != _MARK:
        raise NotProven("time", "this is not a signed time")
    if (mark["type"], mark["attempt"], mark["jkt"]) != ("time", attempt, jkt):
        raise NotProven("time", "the signed time is for another device or attempt")
    signed = {name: value for name, value in mark.items() if name != "signature"}
    key = next((each for each in ours if each.multikey == mark["kid"]), None)
    if key is None:
        raise NotProven("time", "the time was not signed with a key of ours")
    key.verify(b64u_decode(str(mark["signature"])), jcs(signed))
    return _moment(mark["at"])


def _moment(text: object) -> datetime:
    if not isinstance(text, str) or not _TIME.fullmatch(text):
        raise Malformed("a time in the recovery file must look like 2027-03-01T10:42:07.123Z")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Malformed("a time in the recovery file does not exist") from error


def _seconds(wall: object, since: object) -> float | None:
    """Seconds between two readings of the device's own clock, in milliseconds."""
    if isinstance(wall, int | float) and isinstance(since, int | float):
        return (wall - since) / 1000
    return None
