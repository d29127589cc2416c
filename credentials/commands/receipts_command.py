"""`python -m credentials receipts FILE`: what a candidate's receipts prove."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from credentials.attempt.receipts_report import ReceiptReport, examine
from credentials.commands.shared import NOT_PROVEN, PROVEN, content, put, record_of, say, trusted, trusting
from credentials.keys.ed25519 import PublicKey


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("receipts", help="a candidate's receipt file")
    parser.add_argument("file", metavar="FILE", help="the JSON file; - reads standard input")
    parser.add_argument(
        "--key", metavar="MULTIKEY", action="append", default=[], help="a key that may sign receipts (repeatable)"
    )
    trusting(parser)
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check the file and say what it proves."""
    trust = trusted(options)
    more = tuple(PublicKey.from_multikey(text) for text in options.key)
    record = None if options.mirror is None else record_of(options.mirror, trust)
    report = examine(content(options.file), replace(trust, receipt_keys=(*trust.receipt_keys, *more)), record)
    if options.json:
        put(report.as_json())
    else:
        _show(report)
    return PROVEN if report.proven else NOT_PROVEN


def _show(report: ReceiptReport) -> None:
    count = "no receipts" if report.count == 0 else "1 receipt" if report.count == 1 else f"{report.count} receipts"
    if report.proven:
        say(f"PROVEN  {count} of attempt {report.attempt}, in order, none missing between them")
    else:
        say(f"NOT PROVEN  {report.refusal}")
    for number, name in enumerate(("chain", "seal", "start", "log", "keys"), start=1):
        fact = getattr(report, name)
        say(f"  {number} {name:<6} {fact.outcome:<11} {fact.reason}")
    say(f"  signed by  {', '.join(report.kids) or 'nobody: there is no receipt'}")
    if not report.pinned:
        say(
            "  No trusted key was given (--trust, --key). Only the file itself says that this key is the institution's."
        )
    if report.log.outcome == "proven" and not report.log.pinned:
        say("  No key of the log was given (--trust). Only the file itself says that this log is the institution's.")
