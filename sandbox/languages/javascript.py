"""JavaScript with Node. A syntax error is a compile error."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.languages.base import MIB, SCRIPTS, Command, Hello, Language, Step, sources

NODE = "/usr/bin/node"
SUFFIXES = (".js", ".mjs", ".cjs")
LEAST_MEMORY = 64 * MIB
LEAST_PIDS = 16


def heap(memory: int) -> str:
    """V8's heap may grow as far as the run's limit: then the limit, not V8, ends the program."""
    return f"--max-old-space-size={max(16, memory // MIB)}"


def _compile(entry: str, names: Sequence[str]) -> Command:
    files = sources(entry, names, SUFFIXES)
    return (NODE, "--check", *files) if len(files) == 1 else (NODE, f"{SCRIPTS}/javascript", *files)


def _run(entry: str, memory: int) -> Command:
    return (NODE, heap(memory), f"./{entry}")


JAVASCRIPT = Language(
    name="javascript",
    title="JavaScript",
    family="node",
    suffixes=SUFFIXES,
    compile=_compile,
    run=_run,
    hello=Hello(
        b"const words = require('fs').readFileSync(0, 'utf8').split(' ');\n"
        b"console.log(words.map(Number).reduce((a, b) => a + b));\n"
    ),
    main="main.js",
    step=Step(cpu_seconds=5, wall_seconds=15, memory_bytes=256 * MIB, file_bytes=MIB, pids=LEAST_PIDS),
    least_memory=LEAST_MEMORY,
    least_pids=LEAST_PIDS,
)
