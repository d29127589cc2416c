"""TypeScript: checked for types, then bundled into one file for Node."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.languages.base import MIB, PROGRAM, SCRIPTS, Command, Hello, Language, Step, sources
from sandbox.languages.javascript import LEAST_MEMORY, LEAST_PIDS, NODE, heap

SUFFIXES = (".ts", ".mts", ".cts")


def _compile(entry: str, names: Sequence[str]) -> Command:
    return (f"{SCRIPTS}/typescript", PROGRAM, f"./{entry}", *sources(entry, names, SUFFIXES))


def _run(_entry: str, memory: int) -> Command:
    return (NODE, heap(memory), f"./{PROGRAM}")


TYPESCRIPT = Language(
    name="typescript",
    title="TypeScript",
    family="node",
    suffixes=SUFFIXES,
    compile=_compile,
    run=_run,
    hello=Hello(
        b"import { readFileSync } from 'fs';\n"
        b"const words: string[] = readFileSync(0, 'utf8').split(' ');\n"
        b"console.log(words.map(Number).reduce((a: number, b: number): number => a + b));\n"
    ),
    main="main.ts",
    artefact=PROGRAM,
    step=Step(pids=32, memory_bytes=640 * MIB),
    least_memory=LEAST_MEMORY,
    least_pids=LEAST_PIDS,
)
