"""`python -m credentials mirror`: keep a checked copy of a log, and serve it."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from credentials.commands.every_command import answer, listening, serve, trusted, trusting
from credentials.commands.witness_command import open_keys
from credentials.transparency import mirror, serving, sources
from credentials.transparency.mirror import Announced


def add(commands: Any) -> None:
    """Add the command and its two parts."""
    parts = commands.add_parser("mirror", help="a checked copy of a log: make it, bring it up to date, serve it")
    actions = parts.add_subparsers(required=True, metavar="ACTION")
    copying = actions.add_parser("copy", help="copy what is new; refuse a log that does not continue the copy")
    copying.add_argument("file", metavar="SOURCE", help="the log's address, or a folder with its files")
    copying.add_argument("folder", metavar="FOLDER", type=Path, help="where the copy lies")
    copying.add_argument("--keys", metavar="FOLDER", type=Path, help="cosign the copy with the keys of this folder")
    trusting(copying)
    copying.add_argument("--json", action="store_true", help="print the facts as JSON")
    copying.set_defaults(run=_copy)
    serving_it = actions.add_parser("serve", help="serve the copy; it holds no secret")
    serving_it.add_argument("file", metavar="FOLDER", help="where the copy lies")
    serving_it.add_argument("--listen", metavar="HOST:PORT", default="127.0.0.1:8082")
    serving_it.add_argument("--json", action="store_true", help="print the address as JSON")
    serving_it.set_defaults(run=_serve)


def _copy(options: argparse.Namespace) -> int:
    policy, now = trusted(options), int(options.now().timestamp())
    key = None if options.keys is None else open_keys(options.keys)[0]
    done = mirror.copy(sources.open_source(options.file), options.folder, policy, key, now)
    facts: dict[str, Any] = {"origin": done.origin, "before": done.before, "size": done.size}
    facts["announced"] = None if done.announced is None else asdict(done.announced)
    said = (
        f"PROVEN  {done.size} entries of {done.origin} lie in {options.folder}, {done.size - done.before} of them new"
    )
    return answer(options, facts, said, *_announced(done.announced))


def _announced(found: Announced | None) -> list[str]:
    """What the log says of its own witnesses; whom to believe, the policy of whoever copies decides."""
    if found is None:
        return []
    who = ", ".join(found.witnesses) or "nobody"
    holds = "which is the quorum" if found.satisfied else "which is not the quorum (yet)"
    return [f"  by its own policy of entry {found.index}: cosigned by {who}, {holds}"]


def _serve(options: argparse.Namespace) -> int:
    host, port = listening(options.listen)
    return serve(
        serving.mirror_server(Path(options.file), host, port), f"the mirror in {options.file}", as_json=options.json
    )
