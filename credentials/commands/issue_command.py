"""`python -m credentials issue AWARD --key KEY`: sign one certificate, or one for each row of a table."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from pathlib import Path
from typing import Any

from credentials import files, times
from credentials.canonical import JsonObject
from credentials.commands.shared import PROVEN, asking_for_pin, content, put, say, signer_of
from credentials.errors import Malformed
from credentials.issuance import award_file, certificate
from credentials.issuance.certificate import Award
from credentials.keys import did

LIST = "issued.csv"


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "issue",
        help="sign a certificate from an award file, or many from a table",
        description="The award file is YAML or JSON; docs/certificate-commands.md shows one. Nothing is written unless all is signed.",
    )
    parser.add_argument("file", metavar="AWARD", help="the award file; - reads standard input")
    parser.add_argument(
        "--key",
        metavar="KEY",
        required=True,
        help="file:issuer.pem, pkcs11:…?module-path=…, or awskms:alias/…?region=…",
    )
    asking_for_pin(parser)
    parser.add_argument(
        "--method",
        metavar="ID",
        help="the key's name in the issuer's document; without, the issuer's id, # and the key",
    )
    parser.add_argument("--people", metavar="CSV", help="a table with name, email and more; needs --out FOLDER")
    parser.add_argument("--out", metavar="PATH", help="the file to write, or with --people a new folder")
    parser.add_argument("--at", metavar="TIME", help="when it is signed, such as 2027-03-01T10:42:07Z; now without")
    parser.add_argument("--json", action="store_true", help="print what was done as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Look at everything, then sign everything, then write everything."""
    if options.people is not None and options.out is None:
        raise Malformed("many certificates need a folder: --out FOLDER")
    common = award_file.read(content(options.file))
    rows = [] if options.people is None else award_file.people(content(options.people))
    key = signer_of(options)
    awards = award_file.awards(common, rows, f"did:key:{key.kid}", options.chance)
    documents = [certificate.build(each) for each in awards]
    for each in documents:
        certificate.read(each)  # what our own verifier would refuse is not signed
    now = options.now() if options.at is None else times.moment(options.at)
    method = options.method or did.method_id(awards[0].issuer_id, key.public)
    signed = [certificate.issue(each, key, method, now) for each in documents]
    if options.people is not None:
        return _many(options, awards, rows, signed)
    return _one(options, signed[0])


def _one(options: argparse.Namespace, signed: JsonObject) -> int:
    text = json.dumps(signed, ensure_ascii=False, indent=1) + "\n"
    if options.out is None:
        sys.stdout.write(text)
        return PROVEN
    if Path(options.out).exists():
        raise Malformed(f"{options.out} exists; a certificate is never written over")
    files.write(Path(options.out), text.encode())
    if options.json:
        put({"issued": [{"id": signed["id"], "file": options.out}]})
    else:
        say(f"ISSUED  {signed['id']} in {options.out}")
    return PROVEN


def _many(
    options: argparse.Namespace, awards: list[Award], rows: list[award_file.Person], signed: list[JsonObject]
) -> int:
    folder = Path(options.out)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Malformed(f"{folder} is not empty; name a new folder")
    width = len(str(len(signed)))
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["file", "id", "name", "email"])
    told = []
    for number, (award, row, document) in enumerate(zip(awards, rows, signed, strict=True), start=1):
        name = f"{number:0{width}}.json"
        files.write(folder / name, json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n")
        writer.writerow([name, award.id, row.name, row.email])
        told.append({"id": award.id, "file": str(folder / name)})
    files.write(folder / LIST, table.getvalue().encode(), 0o600)
    if options.json:
        put({"issued": told})
    else:
        say(f"ISSUED  {len(signed)} certificates in {folder}; {LIST} says which is whose")
    return PROVEN
