"""Bash with the tools every Debian has. A syntax error is a compile error."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.languages.base import MIB, Command, Hello, Language, Step


def _compile(entry: str, _names: Sequence[str]) -> Command:
    return ("/bin/bash", "-n", f"./{entry}")


def _run(entry: str, _memory: int) -> Command:
    return ("/bin/bash", f"./{entry}")


BASH = Language(
    name="bash",
    title="Bash",
    family="shell",
    suffixes=(".sh", ".bash"),
    compile=_compile,
    run=_run,
    hello=Hello(b"read -r a b\necho $((a + b))\n"),
    main="main.sh",
    step=Step(cpu_seconds=2, wall_seconds=5, memory_bytes=64 * MIB, file_bytes=MIB),
)
