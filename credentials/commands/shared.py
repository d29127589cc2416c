"""What the commands about files share: how they read, whom they trust, how they speak."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from credentials.errors import Malformed
from credentials.forms.formats import MAX_BYTES
from credentials.keys.signers import Signer, open_signer
from credentials.transparency import policy, sources
from credentials.transparency.notes import NoteKey
from credentials.transparency.policy import Log, Policy
from credentials.transparency.record import Record, read
from credentials.verification.trust import Trust, trust_from

PROVEN, NOT_PROVEN, UNUSABLE, INTERRUPTED = 0, 1, 2, 130


def say(text: str, to: TextIO | None = None) -> None:
    """Print one line. What a stranger's file says must not steer the terminal, nor stop a terminal without Unicode."""
    out = to or sys.stdout
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    print(shown.encode(out.encoding or "utf-8", "backslashreplace").decode(out.encoding or "utf-8"), file=out)


def put(value: Any) -> None:
    """Print a JSON value."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def content(name: str) -> bytes:
    """A file's bytes; `-` is standard input. Raises Malformed."""
    try:
        if name == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(name).open("rb") as file:
            return file.read(MAX_BYTES + 1)  # one byte more than is accepted: whoever reads it refuses it by size
    except (OSError, ValueError) as reason:
        raise Malformed(f"cannot be read: {getattr(reason, 'strerror', None) or reason}") from reason


def trusting(parser: argparse.ArgumentParser) -> None:
    """Add `--trust`, `--policy` and `--mirror`."""
    parser.add_argument("--trust", metavar="TRUST.json", help="the keys that you trust, in a file")
    parser.add_argument("--policy", metavar="FILE", help="logs and witnesses that you trust (c2sp.org/tlog-policy)")
    parser.add_argument(
        "--mirror", metavar="SOURCE", help="a whole copy of the log, a folder or an address, to look into"
    )


def trusted(options: argparse.Namespace) -> Trust:
    """What these options say. Raises Malformed, BadKey."""
    trust = Trust() if options.trust is None else trust_from(content(options.trust))
    if options.policy is None:
        return trust
    return replace(trust, policy=policy.read(content(options.policy)))


def record_of(mirror: str, trust: Trust) -> Record:
    """All of the log, checked. Whom to believe about it must be said: a copy cannot vouch for itself."""
    source = sources.open_source(mirror)
    origin = trust.origin or sources.checkpoint(source).split("\n", 1)[0]
    logs = tuple(Log(NoteKey(origin, key)) for key in trust.log_keys)
    rules = trust.policy or Policy()
    if not logs and not rules.logs:
        raise Malformed("a mirror needs the log's key: --trust with log_keys, or --policy")
    return read(source, replace(rules, logs=(*rules.logs, *logs)))


def asking_for_pin(parser: argparse.ArgumentParser) -> None:
    """Add `--pin-file`."""
    parser.add_argument(
        "--pin-file", metavar="FILE", help="a file with the token's PIN, or the passphrase of the key's file"
    )


def pin_of(options: argparse.Namespace) -> str | None:
    """What stands in that file, without the end of its line. Raises Malformed."""
    if options.pin_file is None:
        return None
    try:
        return content(options.pin_file).decode().rstrip("\r\n")
    except UnicodeDecodeError as reason:
        raise Malformed("the file with the PIN is not text") from reason


def signer_of(options: argparse.Namespace) -> Signer:
    """The key that `--key` names. A bare path is that of a file. Raises BadKey, SignerFailed."""
    address = options.key if ":" in options.key else f"file:{options.key}"
    return open_signer(address, pin_of(options))
