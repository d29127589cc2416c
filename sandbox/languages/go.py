"""Go. All files of the folder are one package, main; only the standard library is there."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.languages.base import MIB, PROGRAM, SCRIPTS, Command, Hello, Language, Step, run_program, sources

SUFFIXES = (".go",)


def _compile(entry: str, names: Sequence[str]) -> Command:
    return (f"{SCRIPTS}/go", PROGRAM, *sources(entry, names, SUFFIXES))


GO = Language(
    name="go",
    title="Go",
    family="go",
    suffixes=SUFFIXES,
    compile=_compile,
    run=run_program,
    hello=Hello(b'package main\nimport "fmt"\nfunc main() { var a, b int; fmt.Scan(&a, &b); fmt.Println(a + b) }\n'),
    main="main.go",
    artefact=PROGRAM,
    step=Step(cpu_seconds=60, wall_seconds=120, pids=96, memory_bytes=1024 * MIB, file_bytes=128 * MIB),
    least_memory=16 * MIB,
    least_pids=16,
)
