"""A certificate in whatever file it comes: JSON, a bundle, a baked PNG or SVG, a PDF with attachments, a token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from credentials.errors import Malformed
from credentials.forms import png, svg

Kind = Literal["json", "png", "svg", "pdf", "sd-jwt", "jwt"]
BUNDLE, CREDENTIAL = "certificate.bundle.json", "certificate.json"
MAX_BYTES = 16 * 1024 * 1024
_PDF = b"%PDF-"


@dataclass(frozen=True)
class Opened:
    """What stood in the file: JSON bytes, or the text of a token. `inside` is the kind of file that it came in."""

    kind: Literal["json", "sd-jwt", "jwt"]
    content: bytes
    inside: Kind


def recognise(file: bytes) -> Kind:
    """By its first bytes, never by its name. Raises Malformed for anything else."""
    head = file[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if file.startswith(png.MAGIC):
        return "png"
    if file.startswith(_PDF):
        return "pdf"
    if head.startswith(b"<"):
        return "svg"
    if head.startswith(b"{"):
        return "json"
    if head.startswith(b"ey"):
        return "sd-jwt" if b"~" in file else "jwt"
    raise Malformed("this is none of JSON, PNG, SVG, PDF or a signed token; a photograph or a scan proves nothing")


def open_file(file: bytes) -> Opened:
    """Find the certificate in a file. A PDF's bundle counts before its bare credential. Raises Malformed."""
    if len(file) > MAX_BYTES:
        raise Malformed(f"the file is larger than {MAX_BYTES // 1024 // 1024} MB")
    kind = recognise(file)
    unpack: dict[str, Callable[[bytes], bytes]] = {
        "png": lambda data: png.extract(data).encode(),
        "svg": lambda data: svg.extract(data).encode(),
        "pdf": _attached,
    }
    content = unpack[kind](file) if kind in unpack else file
    inner = recognise(content) if kind in unpack else kind
    if inner == "json":
        return Opened("json", content.removeprefix(b"\xef\xbb\xbf"), kind)
    if inner in {"sd-jwt", "jwt"}:
        return Opened("sd-jwt" if inner == "sd-jwt" else "jwt", content.strip(), kind)
    raise Malformed("what the file carries is no certificate")


def _attached(file: bytes) -> bytes:
    from credentials.forms import pdf  # a quarter of a second at the start of each web process that never reads one

    found = pdf.extract(file)
    for name in (BUNDLE, CREDENTIAL):
        if name in found:
            return found[name]
    others = [data for name, data in found.items() if name.endswith(".json")]
    if len(others) != 1:
        raise Malformed("the PDF carries no certificate; it may have been printed anew, which takes attachments out")
    return others[0]
