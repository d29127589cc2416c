"""`python -m credentials log SOURCE`: show a log, and check all of it: entries, tiles, root, signatures, key history."""

from __future__ import annotations

import argparse
from typing import Any

from credentials.commands.every_command import answer, content, trusted, trusting
from credentials.errors import Malformed, NotProven
from credentials.keys.ed25519 import PublicKey
from credentials.times import from_seconds, stamp
from credentials.transparency import layout, log, sources
from credentials.transparency.history import History
from credentials.transparency.layout import Resource
from credentials.transparency.record import Record, read
from credentials.transparency.sources import Source
from credentials.transparency.tiles import WIDTH


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("log", help="a log, from an address or a folder: show it and check all of it")
    parser.add_argument("file", metavar="SOURCE", help="the log's address, or a folder with its files")
    trusting(parser)
    parser.add_argument("--entry", metavar="NUMBER", type=int, help="one entry, with its proof of inclusion")
    parser.add_argument("--since", metavar="FILE", help="an older checkpoint, which the log must continue")
    parser.add_argument("--json", action="store_true", help="print the facts as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read and check all of it; then what was asked for."""
    source, policy = sources.open_source(options.file), trusted(options)
    record = read(source, policy)
    if options.since is not None:
        older = policy.check(content(options.since).decode(errors="replace")).head
        record.continues(older)
    if options.entry is not None:
        return _entry(options, source, record)
    return answer(options, facts(record), *_lines(record, options.since))


def _entry(options: argparse.Namespace, source: Source, record: Record) -> int:
    index = options.entry
    if not 0 <= index < record.head.size:
        raise Malformed(f"the log has no entry {index}")
    width = min(WIDTH, record.head.size - index // WIDTH * WIDTH)
    wanted = Resource(None, index // WIDTH, width)
    entry = layout.unbundle(sources.resource(source, wanted), width)[index % WIDTH]
    tree = record.tree()
    if tree.leaf(index) != log.leaf_hash(entry):
        raise NotProven("log entries", f"entry {index} changed while it was read")
    proof = log.format_proof(index, tree.inclusion(index), record.note)
    said = {"index": index, "entry": entry.decode("utf-8", "backslashreplace"), "hex": entry.hex(), "proof": proof}
    if options.json:
        return answer(options, said)
    print(proof, end="")
    return 0


def facts(record: Record) -> dict[str, Any]:
    """The log as a JSON value."""
    return {
        "origin": record.head.origin,
        "size": record.head.size,
        "root": record.head.root.hex(),
        "witnesses": {name: stamp(from_seconds(at)) for name, at in record.witnesses.items()},
        "entries": dict(record.counts),
        "keys": {purpose: _keys(history) for purpose, history in record.histories.items()},
        "newest_status_list": record.newest_status(),
        "policies": [
            {"entry": index, "policy": each.text, "anchors": list(each.anchors)} for index, each in record.policies
        ],
    }


def _keys(history: History) -> list[dict[str, Any]]:
    return [_key(history, key) for key in history.spans]


def _key(history: History, key: PublicKey) -> dict[str, Any]:
    span = history.spans[key]
    said = {"key": key.multikey, "first": span.first, "retired": span.retired, "last_valid": span.last_valid}
    return {**said, "current": span.current}


def _lines(record: Record, since: str | None) -> list[str]:
    seen = [f"{name} at {stamp(from_seconds(at))}" for name, at in record.witnesses.items()]
    kinds = [f"{count} {kind}" for kind, count in record.counts.items()]
    lines = [
        f"PROVEN  {record.head.size} entries of {record.head.origin}, each in the tree that the log signed",
        f"  root       {record.head.root.hex()}",
        f"  entries    {', '.join(kinds) or 'none'}",
        f"  witnesses  {', '.join(seen) or 'none that the policy names'}",
    ]
    for purpose, history in record.histories.items():
        for key, span in history.spans.items():
            lines.append(
                f"  {purpose:<9}  {key.multikey} from entry {span.first}{_ended(span.retired, span.last_valid)}"
            )
    for index, each in record.policies:
        rules = each.text.strip().splitlines()[-1]
        lines.append(f"  policy     from entry {index}: {rules}; anchored: {', '.join(each.anchors) or 'nowhere'}")
    return lines if since is None else [*lines, f"  continues  {since}"]


def _ended(retired: int | None, last_valid: int | None) -> str:
    if last_valid is not None:
        return f", stolen: counts up to entry {last_valid}"
    return "" if retired is None else f", retired in entry {retired}"
