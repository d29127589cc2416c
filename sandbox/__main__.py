"""`python -m sandbox selftest | doctor | run FILE | judge PACKAGE`: the sandbox without a server.

The engine is DOCKER_HOST, or what `--docker` says.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from grading.programs import command as judging
from sandbox.doctor import examine
from sandbox.engines.docker import PREFIX, DockerEngine
from sandbox.errors import SandboxError
from sandbox.hostile import command as hostile
from sandbox.job import Job, Limits, Run, Verdict
from sandbox.languages import LANGUAGES
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
    """Run one file on standard input, as a candidate's; exits 0 when it ended well."""
    path: Path = options.file
    language = next((one for one in LANGUAGES.values() if one.suffix == path.suffix), None)
    if language is None:
        print(f"{path} ends in none of {', '.join(one.suffix for one in LANGUAGES.values())}", file=sys.stderr)
        return 2
    stdin = b"" if sys.stdin.isatty() else sys.stdin.buffer.read()
    limits = Limits(cpu_seconds=options.seconds, wall_seconds=3 * options.seconds)
    entry = f"main{language.suffix}"
    outcome = run(Job(language.name, {entry: path.read_bytes()}, entry, (Run("run", stdin),), limits), engine)
    one = outcome.runs[0]
    sys.stdout.buffer.write(one.stdout)
    sys.stdout.buffer.flush()
    sys.stderr.buffer.write(one.stderr)
    print(outcome.compile_log, file=sys.stderr, end="\n" if outcome.compile_log else "")
    ended = f"signal {one.signal}" if one.signal else f"exit {one.exit_code}"
    used = f"{one.cpu_seconds:.3f} s of processor, {one.wall_seconds:.3f} s, {one.peak_bytes / 1e6:.1f} MB"
    print(f"[{one.verdict}: {ended}, {used}]", file=sys.stderr)
    return 0 if one.verdict is Verdict.OK else 1


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
            command.add_argument("file", type=Path)
            command.add_argument("--seconds", type=float, default=5.0, help="processor time it may use")
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
