"""A certificate inside an SVG picture: Open Badges 3.0 section 5.3.2."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from credentials.errors import Malformed

NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
MAX_BYTES = 8 * 1024 * 1024
_SVG = "http://www.w3.org/2000/svg svg"
_OURS = f"{NAMESPACE} credential"
_MAX_DEPTH = 200
_TOKEN = re.compile(r"[A-Za-z0-9_.~-]+", re.ASCII)


def bake(picture: bytes, credential: str) -> bytes:
    """The picture with the credential directly under its root, first of all: JSON as text, a signed token as `verify`.

    Raises Malformed for a picture that carries one already, that is no SVG, or that is not in UTF-8.
    """
    found = _read(picture)
    if found.credentials:
        raise Malformed("the picture carries a certificate already; use the plain picture")
    if _TOKEN.fullmatch(credential):
        element = f'<openbadges:credential xmlns:openbadges="{NAMESPACE}" verify="{credential}"/>'
    else:
        text = credential.replace("]]>", "]]]]><![CDATA[>")
        element = f'<openbadges:credential xmlns:openbadges="{NAMESPACE}"><![CDATA[{text}]]></openbadges:credential>'
    end = _end_of_tag(picture, found.root_at)
    if picture[end - 2 : end] == b"/>":
        name = re.split(rb"[\s/>]", picture[found.root_at + 1 : end], maxsplit=1)[0]
        return picture[: end - 2] + b">" + element.encode() + b"</" + name + b">" + picture[end:]
    return picture[:end] + element.encode() + picture[end:]


def extract(picture: bytes) -> str:
    """The credential in the picture. Raises Malformed where there is none, more than one, or one in the wrong place."""
    found = _read(picture).credentials
    if not found:
        raise Malformed("the picture carries no certificate; some programs take it out when they save a picture anew")
    if len(found) > 1:
        raise Malformed(f"the picture carries {len(found)} certificates; one of them may be there to mislead")
    depth, token, text = found[0]
    if depth != 2:
        raise Malformed("the certificate in the picture is not in its place, directly under the picture's root")
    if (token is None) == (not text.strip()):
        raise Malformed("the certificate in the picture must be one text, or one signed token")
    return text.strip() if token is None else token


@dataclass
class _Found:
    """`credentials`: depth (the root has 1), `verify`, text."""

    root_at: int = -1
    credentials: list[tuple[int, str | None, str]] = field(default_factory=list)


def _read(picture: bytes) -> _Found:
    if len(picture) > MAX_BYTES:
        raise Malformed(f"the picture is larger than {MAX_BYTES // 1024 // 1024} MB")
    try:
        picture.decode()
    except UnicodeDecodeError as reason:
        raise Malformed("the picture is not an SVG picture in UTF-8") from reason
    parser = expat.ParserCreate("UTF-8", " ")
    reader = _Reader(parser)
    parser.StartDoctypeDeclHandler = reader.doctype  # no entities, so none that grow
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(picture, True)
    except expat.ExpatError as reason:
        raise Malformed(f"the picture is not SVG: {str(reason)[:80]}") from reason
    return reader.found


class _Reader:
    def __init__(self, parser: expat.XMLParserType) -> None:
        self.parser = parser
        self.found = _Found()
        self.depth = 0
        self.inside = 0  # the depth of the credential that is being read
        self.token: str | None = None
        self.parts: list[str] = []

    def doctype(self, *_: object) -> NoReturn:
        raise Malformed("the picture declares a document type; such pictures are not read")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise Malformed(f"the picture is nested deeper than {_MAX_DEPTH} levels")
        if self.depth == 1:
            if name != _SVG:
                raise Malformed("this is not an SVG picture")
            self.found.root_at = self.parser.CurrentByteIndex
        if self.inside:
            raise Malformed("the certificate in the picture holds other elements")
        if name == _OURS:
            self.inside, self.token, self.parts = self.depth, attributes.get("verify"), []

    def end(self, _: str) -> None:
        if self.inside == self.depth:
            self.found.credentials.append((self.depth, self.token, "".join(self.parts)))
            self.inside = 0
        self.depth -= 1

    def text(self, data: str) -> None:
        if self.inside:
            self.parts.append(data)


def _end_of_tag(picture: bytes, at: int) -> int:
    """Where the tag that begins at `at` is over; a `>` inside quotes does not end it."""
    quote = 0
    for place in range(at, len(picture)):
        byte = picture[place]
        if quote:
            quote = 0 if byte == quote else quote
        elif byte in b"\"'":
            quote = byte
        elif byte == ord(">"):
            return place + 1
    raise Malformed("the picture is cut off")
