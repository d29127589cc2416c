"""Certificates from the command line: issue, verify, bundle, keys, log, witness, mirror, receipts.

Each checks or makes a file alone, without asking anybody that was not named. Exit status: 0 proven or done, 1 not proven, 2 the input
cannot be used, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from credentials.commands import (
    bundle_command,
    issue_command,
    keys_command,
    log_command,
    mirror_command,
    receipts_command,
    verify_command,
    witness_command,
)
from credentials.commands.shared import INTERRUPTED, NOT_PROVEN, PROVEN, UNUSABLE, put, say
from credentials.errors import CredentialError, NotProven

__all__ = ["NOT_PROVEN", "PROVEN", "UNUSABLE", "main"]

COMMANDS = (
    verify_command,
    receipts_command,
    issue_command,
    bundle_command,
    keys_command,
    log_command,
    witness_command,
    mirror_command,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the clock and chance come from here only."""
    options = _parser().parse_args(arguments)
    options.now, options.chance = lambda: datetime.now(UTC), os.urandom
    as_json = getattr(options, "json", False)
    try:
        return int(options.run(options))
    except NotProven as reason:
        if as_json:
            put({"verdict": "not proven", "step": reason.step, "reason": reason.reason})
        else:
            say(f"NOT PROVEN  {reason}")
        return NOT_PROVEN
    except (CredentialError, OSError) as reason:
        if as_json:
            put({"verdict": "unusable", "reason": str(reason)})
        say(f"{options.file}: {reason}", sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m credentials",
        description="Certificates that outlive their issuer: issue them, check them, keep the public record.",
        epilog="Exit status: 0 proven or done, 1 not proven, 2 the input cannot be used, 130 interrupted.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for each in COMMANDS:
        each.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
