"""Python 3, as Debian ships it. A syntax error is a compile error, said once and not once per test."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.languages.base import MIB, Command, Hello, Language, Step

# Reads the file as bytes, so that an encoding declaration is honoured. -I -S: no site, nothing of the candidate's
# is imported by the check.
_CHECK = "import sys\ncompile(open(sys.argv[1], 'rb').read(), sys.argv[1], 'exec', dont_inherit=True)"


def _compile(entry: str, _names: Sequence[str]) -> Command:
    return ("/usr/bin/python3", "-I", "-S", "-B", "-c", _CHECK, entry)


def _run(entry: str, _memory: int) -> Command:
    return ("/usr/bin/python3", "-B", "-s", entry)


PYTHON = Language(
    name="python",
    title="Python 3",
    family="python",
    suffixes=(".py", ".py3"),
    compile=_compile,
    run=_run,
    hello=Hello(b"print(sum(map(int, input().split())))\n"),
    main="main.py",
    step=Step(cpu_seconds=5, wall_seconds=15, memory_bytes=256 * MIB, file_bytes=MIB),
    least_memory=16 * MIB,
)
