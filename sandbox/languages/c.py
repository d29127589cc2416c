"""C17 with GCC, optimised, with the mathematics library: what contest judges agree on."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.languages.base import PROGRAM, Command, Hello, Language, run_program, sources

SUFFIXES = (".c",)


def _compile(entry: str, names: Sequence[str]) -> Command:
    flags = ("-x", "c", "-std=gnu17", "-O2", "-pipe", "-Wall", "-fdiagnostics-color=never")
    return ("/usr/bin/gcc", *flags, "-o", PROGRAM, *sources(entry, names, SUFFIXES), "-lm")


C = Language(
    name="c",
    title="C",
    family="native",
    suffixes=SUFFIXES,
    compile=_compile,
    run=run_program,
    hello=Hello(
        b"#include <stdio.h>\n"
        b'int main(void) { int a, b; if (scanf("%d %d", &a, &b) == 2) printf("%d\\n", a + b); return 0; }\n'
    ),
    main="main.c",
    artefact=PROGRAM,
)
