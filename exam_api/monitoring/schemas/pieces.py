"""What the camera and the microphone send: signed pieces over one socket."""

import hashlib
import json
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from credentials.canonical import b64u, digest, jcs
from credentials.errors import CredentialError
from exam_api.errors import Invalid
from exam_api.monitoring.schemas.seen import SeenIn
from exam_api.monitoring.schemas.wire import MAX_NUMBER, Wire

MAX_BODY = 512 * 1024  # bytes of one piece; a usual picture has 15 KB, ten seconds of sound 30 KB
MAX_HEADER = 2000
DIGEST = Field(min_length=43, max_length=43)
Kind = Literal["frame", "sound"]
KINDS: tuple[Kind, ...] = ("frame", "sound")
Looks = Literal["server", "device"]


class HelloIn(Wire):
    """The first message on the socket: the token and a proof for this very address. `looks`: who looks at the pictures."""

    token: Annotated[str, Field(max_length=2000)]
    proof: Annotated[str, Field(max_length=2000)]
    looks: Looks = "server"


class DeclineIn(Wire):
    """A sign of life that the candidate does not want to show."""

    challenge: int = Field(ge=1, le=MAX_NUMBER)
    declined: Literal[True]


class PieceHeader(Wire):
    """What stands before a piece. `previous` is the digest of the header before it, of either kind.

    `seen`: what the candidate's computer says of the picture, whether or not the picture itself follows (read apart, as
    `SeenIn`); `nonce`: the check that the picture answers.
    """

    n: int = Field(ge=1, le=MAX_NUMBER)
    kind: Kind
    taken_at: AwareDatetime
    digest: str = DIGEST
    previous: str = DIGEST
    signature: str = Field(min_length=86, max_length=86)
    challenge: int | None = Field(None, ge=1, le=MAX_NUMBER)
    seen: dict[str, Any] | None = None
    nonce: str | None = Field(None, min_length=22, max_length=22)


@dataclass(frozen=True)
class PieceIn:
    """One piece as it came. `header` is what was signed, with its signature; `link` names it in the next one.

    `fault` says why the body cannot be looked at, `unsaid` why what was said of the picture is not taken; the piece counts.
    """

    kind: Kind
    n: int
    taken_at: datetime
    challenge: int | None
    header: dict[str, Any]
    previous: str
    link: str
    body: bytes
    fault: str | None
    seen: SeenIn | None = None
    unsaid: str | None = None
    nonce: str | None = None

    @property
    def only_told(self) -> bool:
        """A picture that stayed where it was taken: only what was seen in it came."""
        return self.seen is not None and not self.body

    @property
    def signed(self) -> bytes:
        """The bytes that the device's key signed."""
        return jcs(_unsigned(self.header))


HELLO: TypeAdapter[HelloIn] = TypeAdapter(HelloIn)
DECLINE: TypeAdapter[DeclineIn] = TypeAdapter(DeclineIn)
HEADER: TypeAdapter[PieceHeader] = TypeAdapter(PieceHeader)


def genesis(attempt_id: UUID) -> str:
    """What the first piece of an attempt names as the one before it."""
    return b64u(hashlib.sha256(str(attempt_id).encode()).digest())


def read_piece(message: bytes) -> PieceIn:
    """Four bytes with the header's length (big-endian), the header as JSON, the body. Raises `Invalid`.

    A body that is no picture or sound, or a word about it that cannot be, is no reason to refuse: it is noted, and the chain
    goes on, or a page would send it for ever and nothing after it.
    """
    if len(message) < 6:
        raise Invalid("A piece is a header and a body.")
    (size,) = struct.unpack_from(">I", message)
    if size > MAX_HEADER:
        raise Invalid("A piece has a short header.")
    try:
        said = json.loads(message[4 : 4 + size])
        read = HEADER.validate_python(said)
        link = digest(_unsigned(said))
    except (ValidationError, ValueError, RecursionError, CredentialError) as error:
        raise Invalid("The piece's header cannot be read.") from error
    if read.nonce is not None and read.seen is None:
        raise Invalid("A picture that answers a check comes with the word about it.")
    body = message[4 + size :]
    if read.digest != b64u(hashlib.sha256(body).digest()):
        raise Invalid("The piece is not the one that its header names.")
    seen, unsaid = _word(read.seen) if read.kind == "frame" else (None, None)
    return PieceIn(
        kind=read.kind,
        n=read.n,
        taken_at=read.taken_at,
        challenge=read.challenge,
        header=said,
        previous=read.previous,
        link=link,
        body=body,
        fault=None if seen is not None and not body else _fault(read.kind, body),
        seen=seen,
        unsaid=unsaid,
        nonce=read.nonce if seen is not None else None,
    )


def _word(said: dict[str, Any] | None) -> tuple[SeenIn | None, str | None]:
    """What is said of a picture, or which part of it cannot be."""
    try:
        return (None if said is None else SeenIn.model_validate(said)), None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        return None, f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"[:200]


def _unsigned(header: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in header.items() if name != "signature"}


def _fault(kind: Kind, body: bytes) -> str | None:
    """Why nobody needs to look at this body: by its size and its first bytes only."""
    if not body:
        return "empty"
    if len(body) > MAX_BODY:
        return "too long"
    if kind == "frame":
        return None if body.startswith(b"\xff\xd8") else "no JPEG"
    known = body.startswith((b"\x1a\x45\xdf\xa3", b"RIFF")) or body[4:8] == b"ftyp"
    return None if known else "no WebM, MP4 or WAV"
