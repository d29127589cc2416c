"""`python -m lockdown key FILE` says the Config Key of a settings file; `seal FILE OUT` locks it with a password."""

import argparse
import os
import sys
from pathlib import Path

from lockdown import config_key, read, seal
from lockdown.errors import LockdownError


def main(arguments: list[str] | None = None) -> int:
    """Return 0 when it was done, 1 when it could not be."""
    options = _parser().parse_args(arguments)
    try:
        password = options.password_file and options.password_file.read_text(encoding="utf-8").strip()
        data = options.file.read_bytes()
        if options.command == "key":
            print(config_key(read(data, password)))
        else:
            options.out.write_bytes(seal(read(data), password, os.urandom))
    except (LockdownError, OSError, UnicodeDecodeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lockdown", description="Settings files of Safe Exam Browser.")
    commands = parser.add_subparsers(dest="command", required=True)
    key = commands.add_parser("key", help="the Config Key of a settings file")
    sealing = commands.add_parser("seal", help="seal a settings file with a password, for an exam's computers")
    for command in (key, sealing):
        command.add_argument("file", type=Path, help="the settings (.seb)")
    sealing.add_argument("out", type=Path, help="the sealed file to write")
    for command, needed in ((key, False), (sealing, True)):
        command.add_argument("--password-file", type=Path, required=needed, help="a file that holds the password")
    return parser


if __name__ == "__main__":
    sys.exit(main())
