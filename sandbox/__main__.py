"""`python -m sandbox selftest | doctor | run LANG FILE | judge PACKAGE`: the sandbox without a server.

Exit codes: 0 all is as it should be; 1 something is not (a verdict, a difference, a probe that got through, a check that
fails); 2 nothing could be said (bad input, no engine, no image); 130 or 143 after Ctrl-C or SIGTERM.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime

from grading.programs import command as judging
from grading.programs.compare import Tokens
from sandbox import doctor_command, interrupts
from sandbox import run_command as running
from sandbox.engines.docker import PREFIX, DockerEngine
from sandbox.errors import SandboxError
from sandbox.hostile import command as hostile
from sandbox.hostile.report import ReportNotProven
from sandbox.run import run

COULD_NOT = 2
PIPE_CLOSED = 141  # as a shell says it of a program that SIGPIPE ended


def run_file(engine: DockerEngine, options: argparse.Namespace) -> int:
    """Run one program as a candidate's, on standard input or on a folder of tests; exits 0 when all ended well."""
    return running.run_file(engine, options, Tokens().accepts)


def judge(engine: DockerEngine, options: argparse.Namespace) -> int:
    """Judge the submissions that come with a problem package, and compare with what they should end in."""
    engine.check_runtime()
    return judging.judge(lambda work: run(work, engine), options)


def main() -> int:
    options = _parser().parse_args()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a package may have names that are no text
    try:
        owner = f"cli-{os.getpid()}"
        with (
            DockerEngine(options.docker, prefix=options.prefix, runtime=options.runtime, owner=owner) as engine,
            interrupts.stopping(engine),
        ):
            return int(options.action(engine, options))
    except interrupts.Interrupted as interrupt:
        print("interrupted; nothing is left running", file=sys.stderr)
        return interrupt.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except ReportNotProven as error:
        print(error, file=sys.stderr)
        return 1
    except (SandboxError, OSError) as error:
        print(error, file=sys.stderr)
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        said = f"{type(error).__name__}: {error}"
        print(f"A mistake of ours ({said}); `python -X dev -m sandbox ...` shows where.", file=sys.stderr)
    return COULD_NOT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    address = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    _add_engine(parser, address, PREFIX, "runc")
    engine = argparse.ArgumentParser(add_help=False)
    _add_engine(engine, *([argparse.SUPPRESS] * 3))
    commands = parser.add_subparsers(required=True)
    for name, action, add_arguments in (
        ("doctor", doctor_command.doctor, doctor_command.add_arguments),
        ("run", run_file, running.add_arguments),
        ("judge", judge, judging.add_arguments),
        ("selftest", hostile.selftest, lambda command: hostile.add_arguments(command, datetime.now(UTC))),
    ):
        about = (action.__doc__ or "").splitlines()[0]
        command = commands.add_parser(name, help=about, description=about, parents=[engine])
        command.set_defaults(action=action)
        add_arguments(command)
    return parser


def _add_engine(parser: argparse.ArgumentParser, docker: str, prefix: str, runtime: str) -> None:
    """Which engine, before the command's name or behind it."""
    parser.add_argument("--docker", default=docker, metavar="URL", help="the engine's address; else DOCKER_HOST")
    parser.add_argument("--prefix", default=prefix, help="the images' name before -FAMILY:current")
    parser.add_argument("--runtime", default=runtime, help="runc, runsc or another that the engine knows")


if __name__ == "__main__":
    sys.exit(main())
