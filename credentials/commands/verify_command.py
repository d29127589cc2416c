"""`python -m credentials verify FILE`: what a certificate proves, ours or another issuer's."""

from __future__ import annotations

import argparse
from typing import Any

from credentials import checking, times
from credentials.canonical import Json, load
from credentials.commands.shared import NOT_PROVEN, PROVEN, content, put, record_of, say, trusted, trusting
from credentials.errors import Malformed
from credentials.keys.controllers import Supplied
from credentials.verification.report import Report


def add(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "verify", help="a certificate, its bundle, or another issuer's badge: as JSON, token, picture or PDF"
    )
    parser.add_argument("file", metavar="FILE", help="the file; - reads standard input")
    parser.add_argument(
        "--at", metavar="TIME", help="the moment to ask about, such as 2027-03-01T10:42:07Z; now without"
    )
    trusting(parser)
    parser.add_argument(
        "--given",
        metavar="ADDRESS=FILE",
        action="append",
        default=[],
        help="a document of another issuer's (keys, status list) that you have from this address (repeatable)",
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check the file and say what it proves."""
    trust = trusted(options)
    at = options.now() if options.at is None else times.moment(options.at)
    record = None if options.mirror is None else record_of(options.mirror, trust)
    report, _ = checking.check(content(options.file), trust, at, record, Supplied(_given(options.given)))
    if options.json:
        put(report.as_json())
    else:
        _show(report)
    return PROVEN if report.verdict == "proven" else NOT_PROVEN


def _given(pairs: list[str]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for pair in pairs:
        address, equals, name = pair.rpartition("=")
        if not equals:
            raise Malformed("--given takes ADDRESS=FILE")
        try:
            text = content(name).decode().strip()
            found[address] = load(text) if text.startswith("{") else text
        except (UnicodeDecodeError, Malformed) as reason:
            raise Malformed(f"{name} is neither JSON nor a token") from reason
    return found


def _show(report: Report) -> None:
    say(f"{report.verdict.upper()}  {report.sentence}")
    say("")
    _show_certificate(report)
    for number, name in enumerate(("signature", "log", "keys", "status", "dates", "anchors"), start=1):
        fact = getattr(report, name)
        say(f"  {number} {name:<10} {fact.outcome:<11} {fact.reason}")
    if report.domain is not None:
        say(f"  7 {'domain':<10} {report.domain.outcome:<11} {report.domain.reason}")
    for name, when in report.log.witnesses:
        say(f"    witnessed by {name} at {times.stamp(when)}")
    for anchor in report.anchors.anchors:
        say(f"    anchor {anchor.kind}: {anchor.outcome}: {anchor.reason}")
    if report.log.announced is not None:
        say(f"  Who its witnesses are, the log itself says (entry {report.log.announced}); --policy names yours.")
    if report.keys.outcome == "proven" and not report.keys.complete:
        say("  Whether the log says more about that key, only a copy of the whole log shows (--mirror).")
    if report.signature.outcome == "proven" and not report.signature.pinned:
        say(f"  No trusted key was given. The file claims {report.signature.key} as the issuer's.")
    for notice in report.notices:
        say(f"  Not looked at: {notice}.")
    for address in report.missing:
        say(f"  More could be told with the document at {address} (--given {address}=FILE).")


def _show_certificate(report: Report) -> None:
    found = report.certificate
    if found is None:
        return
    say(f"  recipient    {found.recipient or 'nobody by name'}")
    say(f"  certificate  {found.title} ({found.id})")
    say(f"  issuer       {found.issuer} ({found.issuer_id})")
    if found.kind:
        say(f"  form         {found.kind}; {report.form}")
    for name, value in found.results:
        say(f"  result       {name}: {value}")
    if found.refresh is not None and report.signature.outcome == "proven":
        say(f"  newest at    {found.refresh} (ask once; check the answer as this one)")
    for each in found.held:
        say(f"  holds        {each.title}{f' by {each.issuer}' if each.issuer else ''}: {each.state}")
    say("")
