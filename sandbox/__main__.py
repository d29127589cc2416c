"""`python -m sandbox selftest | doctor | run LANG FILE | judge PACKAGE`: the sandbox without a server.

The engine is DOCKER_HOST, or what `--docker` says.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime

from grading.programs import command as judging
from grading.programs.compare import Tokens
from sandbox import run_command as running
from sandbox.doctor import examine
from sandbox.engines.docker import PREFIX, DockerEngine
from sandbox.errors import SandboxError
from sandbox.hostile import command as hostile
from sandbox.run import run


def doctor(engine: DockerEngine, _options: argparse.Namespace) -> int:
    """Say what holds, and how to mend what does not."""
    checks = []
    for check in examine(engine):
        checks.append(check)
        print(f"{'ok  ' if check.holds else 'FAIL'} {check.name:22} {check.found}", flush=True)
        if check.fix:
            print(f"     {check.fix}")
    return 0 if all(check.holds for check in checks) else 1


def run_file(engine: DockerEngine, options: argparse.Namespace) -> int:
    """Run one program as a candidate's, on standard input or on a folder of tests; exits 0 when all ended well."""
    return running.run_file(engine, options, Tokens().accepts)


def judge(engine: DockerEngine, options: argparse.Namespace) -> int:
    """Judge the submissions that come with a problem package, and compare with what they should end in."""
    return judging.judge(lambda work: run(work, engine), options)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument(
        "--docker", default=os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock"), help="the engine's address"
    )
    parser.add_argument("--prefix", default=PREFIX, help="the images' name before -FAMILY:current")
    parser.add_argument("--runtime", default="runc", help="runc, runsc or another that the engine knows")
    commands = parser.add_subparsers(required=True)
    for name, action in (("doctor", doctor), ("run", run_file), ("judge", judge)):
        command = commands.add_parser(name, help=(action.__doc__ or "").splitlines()[0])
        command.set_defaults(action=action)
        if name == "run":
            running.add_arguments(command)
        if name == "judge":
            judging.add_arguments(command)
    hostile.add(commands, datetime.now(UTC))
    options = parser.parse_args()
    try:
        owner = f"cli-{os.getpid()}"
        with DockerEngine(options.docker, prefix=options.prefix, runtime=options.runtime, owner=owner) as engine:
            return int(options.action(engine, options))
    except (SandboxError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
