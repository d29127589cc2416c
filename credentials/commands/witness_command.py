"""`python -m credentials witness`: run a witness for other institutions' logs."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from credentials import files
from credentials.commands.every_command import answer, listening, serve
from credentials.errors import BadKey, Malformed
from credentials.keys.ed25519 import SigningKey
from credentials.keys.mldsa import LatticeSigningKey
from credentials.transparency import log, notes, serving
from credentials.transparency.cosignatures import CosigningKey, verifier
from credentials.transparency.notes import NoteKey, Verifier
from credentials.transparency.witness import Book, Witness, origin_hash

_KEYS, _LOGS = "keys.json", "logs"
_SEEDS = ("ed25519", "mldsa44")


def add(commands: Any) -> None:
    """Add the command and its parts."""
    parts = commands.add_parser("witness", help="cosign the checkpoints of logs: make the keys, name the logs, serve")
    actions = parts.add_subparsers(required=True, metavar="ACTION")
    for name, run, said in (
        ("init", _init, "make a witness's keys in a folder, once"),
        ("follow", _follow, "cosign the checkpoints of this log from now on"),
        ("show", _show, "its keys as others need them, and what it has cosigned"),
        ("serve", _serve, "answer logs that ask for cosignatures"),
    ):
        action = actions.add_parser(name, help=said)
        action.add_argument("file", metavar="FOLDER", help="where its keys and its book lie")
        action.add_argument("--json", action="store_true", help="print the facts as JSON")
        action.set_defaults(run=run)
        if name == "init":
            action.add_argument("--name", required=True, help="how it is called in notes, such as witness.example/w1")
        if name == "follow":
            action.add_argument("vkey", metavar="VKEY", help="the log's key, name+id+base64")
        if name == "serve":
            action.add_argument("--listen", metavar="HOST:PORT", default="127.0.0.1:8081")


def make_keys(folder: Path, name: str, chance: Callable[[int], bytes]) -> None:
    """A new witness's secrets, in a file that only its owner may read. Raises BadKey where there are some already."""
    notes.check_name(name)
    if (folder / _KEYS).exists():
        raise BadKey(f"{folder / _KEYS} holds keys already; a witness that changes its key is another witness")
    folder.mkdir(parents=True, exist_ok=True)
    secrets = {"name": name, **{kind: chance(32).hex() for kind in _SEEDS}}
    files.write(folder / _KEYS, json.dumps(secrets, indent=1).encode(), 0o600)


def open_keys(folder: Path) -> tuple[CosigningKey, CosigningKey]:
    """Its ML-DSA-44 and its Ed25519 key. Raises BadKey, also where others can read them."""
    path = folder / _KEYS
    try:
        if path.stat().st_mode & 0o077:
            raise BadKey(f"{path} can be read by others; chmod 600, and make new keys if somebody may have seen these")
        found = json.loads(path.read_text(encoding="utf-8"))
        plain, lattice = (bytes.fromhex(found[kind]) for kind in _SEEDS)
        name = str(found["name"])
    except (OSError, ValueError, KeyError, TypeError) as reason:
        raise BadKey(f"{path} is no key file of a witness; `witness init` makes one") from reason
    return CosigningKey(name, LatticeSigningKey.generate(lattice)), CosigningKey(name, SigningKey.generate(plain))


def open_witness(folder: Path) -> Witness:
    """The witness whose keys and book lie in a folder. Raises BadKey, Malformed."""
    return Witness(open_keys(folder), _logs(folder), Book(folder / "cosigned"))


def _logs(folder: Path) -> dict[str, list[Verifier]]:
    logs: dict[str, list[Verifier]] = {}
    path = folder / _LOGS
    for line in path.read_text(encoding="utf-8").split("\n") if path.exists() else ():
        if line.strip():
            key = verifier(line.strip())
            logs.setdefault(key.name, []).append(key)
    return logs


def _init(options: argparse.Namespace) -> int:
    make_keys(Path(options.file), options.name, os.urandom)
    return _show(options)


def _follow(options: argparse.Namespace) -> int:
    folder, key = Path(options.file), verifier(options.vkey)
    if not isinstance(key, NoteKey):
        raise BadKey("that is a witness's key; follow a log by the log's own")
    known = [each.vkey for keys in _logs(folder).values() for each in keys]
    if key.vkey not in known:
        files.write(folder / _LOGS, "".join(f"{each}\n" for each in [*known, key.vkey]).encode())
    return _show(options)


def _show(options: argparse.Namespace) -> int:
    own = open_witness(Path(options.file))
    vkeys = [key.public.vkey for key in own.keys]
    logs = {origin: _cosigned(own, origin) for origin in own.logs}
    lines = [f"witness {own.keys[0].name} {vkeys[0]}", f"# or with Ed25519: {vkeys[1]}"]
    lines += [f"# {origin}: {size} entries cosigned" for origin, size in logs.items()]
    return answer(options, {"name": own.keys[0].name, "vkeys": vkeys, "logs": logs}, *lines)


def _cosigned(own: Witness, origin: str) -> int:
    note = own.book.note(origin_hash(origin))
    return 0 if note is None else log.read_checkpoint(notes.parse(note).text).size


def _serve(options: argparse.Namespace) -> int:
    host, port = listening(options.listen)
    own = open_witness(Path(options.file))
    if not own.logs:
        raise Malformed("this witness follows no log yet; `witness follow` names one")
    server = serving.witness_server(own, host, port, lambda: int(options.now().timestamp()))
    return serve(server, f"the witness {own.keys[0].name}", as_json=options.json)
