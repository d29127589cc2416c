"""`python -m credentials keys`: make a key, show one in all its names, read the history of an issuer's keys."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from credentials.commands import every_command
from credentials.commands.log_command import facts
from credentials.commands.shared import PROVEN, asking_for_pin, pin_of, put, say, signer_of
from credentials.keys import did
from credentials.keys.ed25519 import PublicKey
from credentials.keys.signers import pem
from credentials.transparency import sources
from credentials.transparency.notes import NoteKey
from credentials.transparency.record import read


def add(commands: Any) -> None:
    """Add the command and its parts."""
    parts = commands.add_parser("keys", help="make a key, show its names, read the history of an issuer's keys")
    actions = parts.add_subparsers(required=True, metavar="ACTION")
    making = actions.add_parser("generate", help="a new Ed25519 key in a file that only you may read (PKCS#8, PEM)")
    making.add_argument("file", metavar="FILE", help="where it goes; there must be none yet")
    asking_for_pin(making)
    making.set_defaults(run=_generate)
    showing = actions.add_parser(
        "show", help="a key's names: Multikey, did:key, JWK, and as asked a DID document and a vkey"
    )
    showing.add_argument("file", metavar="KEY", help="a Multikey, or file:, pkcs11:, awskms:")
    asking_for_pin(showing)
    showing.set_defaults(run=_show)
    for parser in (making, showing):
        parser.add_argument("--did", metavar="DID", help="a did:web whose document is wanted")
        parser.add_argument("--name", metavar="NAME", help="a log's name, for its verifier key")
        parser.add_argument("--json", action="store_true", help="print the names as JSON")
    history = actions.add_parser("history", help="which keys a log names, from which entry to which")
    history.add_argument("file", metavar="SOURCE", help="the log's address, or a folder with its files")
    every_command.trusting(history)
    history.add_argument("--json", action="store_true", help="print the history as JSON")
    history.set_defaults(run=_history)


def names(key: PublicKey, did_web: str | None, name: str | None) -> dict[str, Any]:
    """All that a public key is called."""
    found: dict[str, Any] = {"multikey": key.multikey, "did_key": did.did_key(key), "jwk": key.jwk()}
    if did_web is not None:
        found |= {"did_document": did.document(did_web, [key]), "published_at": did.document_url(did_web)}
    if name is not None:
        found["vkey"] = NoteKey(name, key).vkey
    return found


def _generate(options: argparse.Namespace) -> int:
    key = pem.write_key(Path(options.file), options.chance(32), pin_of(options))
    return _tell(options, names(key.public, options.did, options.name))


def _show(options: argparse.Namespace) -> int:
    if options.file.startswith("z6Mk"):
        key = PublicKey.from_multikey(options.file)
    else:
        options.key = options.file
        key = signer_of(options).public
    return _tell(options, names(key, options.did, options.name))


def _tell(options: argparse.Namespace, found: dict[str, Any]) -> int:
    if options.json:
        put(found)
        return PROVEN
    for name, value in found.items():
        if name == "did_document":
            put(value)
        else:
            say(f"{name:<13} {value if isinstance(value, str) else ' '.join(f'{k}={v}' for k, v in value.items())}")
    return PROVEN


def _history(options: argparse.Namespace) -> int:
    record = read(sources.open_source(options.file), every_command.trusted(options))
    found = facts(record)["keys"]
    if options.json:
        put({"origin": record.head.origin, "size": record.head.size, "keys": found})
        return PROVEN
    say(f"PROVEN  what {record.head.size} entries of {record.head.origin} tell of its keys")
    for purpose, keys in found.items():
        for each in keys:
            ended = "" if each["retired"] is None else f", retired in entry {each['retired']}"
            stolen = "" if each["last_valid"] is None else f", stolen: counts up to entry {each['last_valid']}"
            say(f"  {purpose:<8} {each['key']} from entry {each['first']}{ended}{stolen}")
    return PROVEN
