"""`python -m credentials verify FILE` and `… receipts FILE`: check a file alone, without asking anybody.

`… log`, `… witness` and `… mirror`: read a public log, cosign it, keep a copy of it.
Exit status: 0 proven, 1 not proven, 2 the input cannot be used.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from credentials import policy, sources, times
from credentials.canonical import MAX_BYTES
from credentials.commands import log_command, mirror_command, witness_command
from credentials.errors import CredentialError, Malformed, NotProven
from credentials.keys import PublicKey
from credentials.notes import NoteKey
from credentials.policy import Log, Policy
from credentials.receipts_report import ReceiptReport, examine
from credentials.record import Record, read
from credentials.report import Report
from credentials.trust import Trust, trust_from
from credentials.verify import verify

PROVEN, NOT_PROVEN, UNUSABLE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the clock is read here only, and only where no --at is given."""
    options = _parser().parse_args(arguments)
    options.now = lambda: datetime.now(UTC)
    try:
        return int(options.run(options))
    except NotProven as reason:
        if getattr(options, "json", False):
            print(json.dumps({"verdict": "not proven", "step": reason.step, "reason": reason.reason}, indent=2))
        else:
            _say(f"NOT PROVEN  {reason}")
        return NOT_PROVEN
    except (CredentialError, OSError) as reason:
        _say(f"{options.file}: {reason}", sys.stderr)
        return UNUSABLE


def _say(text: str, to: TextIO | None = None) -> None:
    """Print one line. What a stranger's file says must not steer the terminal, nor stop a terminal without Unicode."""
    out = to or sys.stdout
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    print(shown.encode(out.encoding or "utf-8", "backslashreplace").decode(out.encoding or "utf-8"), file=out)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m credentials", description=__doc__.split("\n", 1)[0] if __doc__ else ""
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = commands.add_parser("verify", help="a certificate or its bundle")
    check.add_argument("file", metavar="FILE", help="the JSON file; - reads standard input")
    check.add_argument("--trust", metavar="TRUST.json", help="the keys that you trust, in a file")
    check.add_argument(
        "--at", metavar="TIME", help="the moment to ask about, such as 2027-03-01T10:42:07Z; now without"
    )
    check.add_argument("--policy", metavar="FILE", help="logs and witnesses that you trust (c2sp.org/tlog-policy)")
    check.add_argument(
        "--mirror", metavar="SOURCE", help="a whole copy of the log, a folder or an address, to look into"
    )
    check.add_argument("--json", action="store_true", help="print the report as JSON")
    check.set_defaults(run=_verify)
    chain = commands.add_parser("receipts", help="a candidate's receipt file")
    chain.add_argument("file", metavar="FILE", help="the JSON file; - reads standard input")
    chain.add_argument("--trust", metavar="TRUST.json", help="the keys that you trust, in a file")
    chain.add_argument(
        "--key", metavar="MULTIKEY", action="append", default=[], help="a key that may sign receipts (repeatable)"
    )
    chain.add_argument("--policy", metavar="FILE", help="logs and witnesses that you trust (c2sp.org/tlog-policy)")
    chain.add_argument("--mirror", metavar="SOURCE", help="a whole copy of the log, which tells whose keys were when")
    chain.add_argument("--json", action="store_true", help="print the report as JSON")
    chain.set_defaults(run=_receipts)
    for command in (log_command, witness_command, mirror_command):
        command.add(commands)
    return parser


def _verify(options: argparse.Namespace) -> int:
    trust = Trust() if options.trust is None else trust_from(_content(options.trust))
    at = datetime.now(UTC) if options.at is None else times.moment(options.at)
    if options.policy is not None:
        trust = replace(trust, policy=policy.read(_content(options.policy)))
    report = verify(
        _content(options.file), trust, at, None if options.mirror is None else _record(options.mirror, trust)
    )
    if options.json:
        print(json.dumps(report.as_json(), indent=2))
    else:
        _show(report)
    return PROVEN if report.verdict == "proven" else NOT_PROVEN


def _record(mirror: str, trust: Trust) -> Record:
    """All of the log, checked. Whom to believe about it must be said: a copy cannot vouch for itself."""
    source = sources.open_source(mirror)
    origin = trust.origin or sources.checkpoint(source).split("\n", 1)[0]
    logs = tuple(Log(NoteKey(origin, key)) for key in trust.log_keys)
    rules = trust.policy or Policy()
    if not logs and not rules.logs:
        raise Malformed("a mirror needs the log's key: --trust with log_keys, or --policy")
    return read(source, replace(rules, logs=(*rules.logs, *logs)))


def _show(report: Report) -> None:
    _say(f"{report.verdict.upper()}  {report.sentence}")
    _say("")
    if report.certificate is not None:
        _say(f"  recipient    {report.certificate.recipient}")
        _say(f"  certificate  {report.certificate.title} ({report.certificate.id})")
        _say(f"  issuer       {report.certificate.issuer} ({report.certificate.issuer_id})")
        for name, value in report.certificate.results:
            _say(f"  result       {name}: {value}")
        _say("")
    for number, name in enumerate(("signature", "log", "keys", "status", "dates", "anchors"), start=1):
        fact = getattr(report, name)
        _say(f"  {number} {name:<10} {fact.outcome:<11} {fact.reason}")
    for name, when in report.log.witnesses:
        _say(f"    witnessed by {name} at {times.stamp(when)}")
    for anchor in report.anchors.anchors:
        _say(f"    anchor {anchor.kind}: {anchor.outcome}: {anchor.reason}")
    if report.log.announced is not None:
        _say(f"  Who its witnesses are, the log itself says (entry {report.log.announced}); --policy names yours.")
    if report.keys.outcome == "proven" and not report.keys.complete:
        _say("  Whether the log says more about that key, only a copy of the whole log shows (--mirror).")
    if report.signature.outcome == "proven" and not report.signature.pinned:
        _say(f"  No trusted key was given. The file claims {report.signature.key} as the issuer's.")


def _receipts(options: argparse.Namespace) -> int:
    trust = Trust() if options.trust is None else trust_from(_content(options.trust))
    if options.policy is not None:
        trust = replace(trust, policy=policy.read(_content(options.policy)))
    more = tuple(PublicKey.from_multikey(text) for text in options.key)
    record = None if options.mirror is None else _record(options.mirror, trust)
    report = examine(_content(options.file), replace(trust, receipt_keys=(*trust.receipt_keys, *more)), record)
    if options.json:
        print(json.dumps(report.as_json(), indent=2))
    else:
        _show_receipts(report)
    return PROVEN if report.proven else NOT_PROVEN


def _show_receipts(report: ReceiptReport) -> None:
    count = "no receipts" if report.count == 0 else "1 receipt" if report.count == 1 else f"{report.count} receipts"
    if report.proven:
        _say(f"PROVEN  {count} of attempt {report.attempt}, in order, none missing between them")
    else:
        _say(f"NOT PROVEN  {report.refusal}")
    for number, name in enumerate(("chain", "seal", "start", "log", "keys"), start=1):
        fact = getattr(report, name)
        _say(f"  {number} {name:<6} {fact.outcome:<11} {fact.reason}")
    _say(f"  signed by  {', '.join(report.kids) or 'nobody: there is no receipt'}")
    if not report.pinned:
        _say(
            "  No trusted key was given (--trust, --key). Only the file itself says that this key is the institution's."
        )
    if report.log.outcome == "proven" and not report.log.pinned:
        _say("  No key of the log was given (--trust). Only the file itself says that this log is the institution's.")


def _content(name: str) -> bytes:
    try:
        if name == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(name).open("rb") as file:
            return file.read(MAX_BYTES + 1)  # one byte more than is accepted: `load` refuses it by size
    except (OSError, ValueError) as reason:
        raise Malformed(f"cannot be read: {getattr(reason, 'strerror', None) or reason}") from reason


if __name__ == "__main__":
    sys.exit(main())
