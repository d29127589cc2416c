"""`python -m credentials bundle FILE`: everything about one certificate in a folder or ZIP file that works from a USB stick."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from credentials import files
from credentials.canonical import JsonObject, b64u_decode, load
from credentials.commands.shared import PROVEN, content, put, record_of, say, trusted, trusting
from credentials.errors import Malformed
from credentials.forms import offline, parcel
from credentials.forms.formats import open_file
from credentials.transparency import sources
from credentials.verification import bundling
from credentials.verification.verify import FORMAT


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "bundle",
        help="pack a certificate with its proof, keys, status, vocabularies and a page that checks it",
        description="A bundle is packed as it is. With --mirror its proof is made anew from a copy of the log; a bare certificate needs that, "
        "with --salt and --issuer.",
    )
    parser.add_argument(
        "file", metavar="FILE", help="the bundle, or the certificate, in any form; - reads standard input"
    )
    parser.add_argument("--out", metavar="PATH", required=True, help="a new folder, or a file that ends in .zip")
    trusting(parser)
    parser.add_argument("--salt", metavar="TEXT", help="the certificate's salt in the log, base64url")
    parser.add_argument("--issuer", metavar="FILE", help="the issuer's DID document")
    parser.add_argument("--status", metavar="FILE", help="the newest status list")
    parser.add_argument(
        "--library",
        metavar="FILE",
        help=f"{offline.LIBRARY} of the npm package jsonld, for the page that checks; without it there is no page",
    )
    parser.add_argument("--json", action="store_true", help="print what was packed as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Put it together, then write it."""
    opened = open_file(content(options.file))
    if opened.kind != "json":
        raise Malformed(
            "only our own certificates have a proof from the log; a token of another issuer stands for itself"
        )
    document = load(opened.content)
    found = _renewed(options, document)
    library = "" if options.library is None else _script(options.library)
    packed = parcel.contents(found, library)
    if not library:
        del packed["check.html"]
    out = Path(options.out)
    if out.suffix == ".zip":
        if out.exists():
            raise Malformed(f"{out} exists; name a new file")
        files.write(out, parcel.zipped(packed, out.stem))
    else:
        parcel.write(packed, out)
    if options.json:
        put({"packed": sorted(packed), "in": str(out)})
    else:
        say(
            f"PACKED  {len(packed)} files in {out}{'' if library else '; without --library there is no page that checks'}"
        )
    return PROVEN


def _renewed(options: argparse.Namespace, document: JsonObject) -> JsonObject:
    whole = document.get("format") == FORMAT
    given = {name: _json(getattr(options, name)) for name in ("issuer", "status") if getattr(options, name) is not None}
    if options.mirror is None:
        if not whole:
            raise Malformed("a bare certificate is packed with its proof: give --mirror, --salt and --issuer")
        return {**document, **given}
    logged = document.get("log") if whole else None
    salt = options.salt or (logged.get("salt") if isinstance(logged, dict) else None)
    issuer = given.get("issuer") or document.get("issuer") if whole else given.get("issuer")
    if not isinstance(salt, str) or not isinstance(issuer, dict):
        raise Malformed("its place in the log is found by --salt, and whose it is by --issuer")
    credential = document.get("credential") if whole else document
    if not isinstance(credential, dict):
        raise Malformed("the bundle holds no certificate")
    status = given.get("status") or (document.get("status") if whole else None)
    return bundling.bundle(
        credential,
        b64u_decode(salt),
        sources.open_source(options.mirror),
        record_of(options.mirror, trusted(options)),
        issuer=issuer,
        status_list=status,
        reasons=document.get("reasons") if whole else None,
    )


def _script(name: str) -> str:
    try:
        return content(name).decode()
    except UnicodeDecodeError as reason:
        raise Malformed(f"{name} is not a script in UTF-8") from reason


def _json(name: str) -> JsonObject:
    return load(content(name))
