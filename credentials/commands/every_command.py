"""What the commands about the log share: whom to trust, how to answer, how to serve until somebody stops it."""

from __future__ import annotations

import argparse
import json
import signal
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from credentials.errors import Malformed
from credentials.transparency import policy
from credentials.transparency.cosignatures import verifier
from credentials.transparency.policy import Log, Policy

PROVEN = 0


def trusting(parser: argparse.ArgumentParser) -> None:
    """Add `--log` and `--policy`."""
    parser.add_argument("--log", metavar="VKEY", action="append", default=[], help="a log's key, name+id+base64")
    parser.add_argument("--policy", metavar="FILE", help="logs, witnesses and their quorum (c2sp.org/tlog-policy)")


def trusted(options: argparse.Namespace) -> Policy:
    """What these options say. Raises Malformed where no log is named: then nothing could be believed."""
    found = Policy() if options.policy is None else policy.read(content(options.policy))
    more = tuple(Log(verifier(text)) for text in options.log)
    whole = Policy((*found.logs, *more), found.witnesses, found.groups, found.quorum)
    if not whole.logs:
        raise Malformed("name the log that you trust: --log VKEY, or a policy with a log line")
    return whole


def content(name: str) -> bytes:
    """A file's bytes. Raises Malformed."""
    try:
        return Path(name).read_bytes()
    except OSError as reason:
        raise Malformed(f"{name} cannot be read: {reason.strerror}") from reason


def answer(options: argparse.Namespace, facts: dict[str, Any], *lines: str) -> int:
    """Print the facts as JSON where that was asked for, or else the lines."""
    if options.json:
        print(json.dumps(facts, indent=2))
    else:
        for line in lines:
            print("".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in line))
    return PROVEN


def listening(text: str) -> tuple[str, int]:
    """`HOST:PORT`. Raises Malformed."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise Malformed(f"{text!r} is not HOST:PORT")
    return host.strip("[]"), int(port)


def serve(server: ThreadingHTTPServer, said: str, *, as_json: bool = False) -> int:
    """Answer until the process is asked to end; what was begun is finished. One line says where."""
    if threading.current_thread() is threading.main_thread():
        stop = lambda *_: threading.Thread(target=server.shutdown).start()  # noqa: E731
        for wanted in (signal.SIGTERM, signal.SIGINT):
            signal.signal(wanted, stop)
    host, port = server.server_address[:2]
    where = f"http://{host!s}:{port}"
    print(json.dumps({"listening": where}) if as_json else f"{said} at {where}", flush=True)
    with server:
        server.serve_forever(poll_interval=0.2)
    return PROVEN
