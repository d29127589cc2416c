"""Python 3, as Debian ships it. A syntax error is a compile error, said once and not once per test."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.languages.base import MIB, Command, Hello, Language, Step, sources

# Reads the file as bytes, so that an encoding declaration is honoured. -I -S: no site, nothing of the candidate's
# is imported by the check.
_CHECK = """import sys
for name in sys.argv[1:]:
    try:
        compile(open(name, 'rb').read(), name, 'exec', dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        import traceback
        sys.exit(''.join(traceback.format_exception_only(error)).rstrip())
"""
SUFFIXES = (".py", ".py3")


def _compile(entry: str, names: Sequence[str]) -> Command:
    # Every file: the entry may be ours, and import the candidate's.
    return ("/usr/bin/python3", "-I", "-S", "-B", "-c", _CHECK, *sources(entry, names, SUFFIXES))


def _run(entry: str, _memory: int) -> Command:
    return ("/usr/bin/python3", "-B", "-s", entry)


PYTHON = Language(
    name="python",
    title="Python 3",
    family="python",
    suffixes=SUFFIXES,
    compile=_compile,
    run=_run,
    hello=Hello(b"print(sum(map(int, input().split())))\n"),
    main="main.py",
    step=Step(cpu_seconds=5, wall_seconds=15, memory_bytes=256 * MIB, file_bytes=MIB),
    least_memory=16 * MIB,
)
