"""C++20 with GCC, optimised."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.languages.base import PROGRAM, Command, Hello, Language, Step, run_program, sources

SUFFIXES = (".cpp", ".cc", ".cxx", ".c++", ".C")


def _compile(entry: str, names: Sequence[str]) -> Command:
    flags = ("-x", "c++", "-std=gnu++20", "-O2", "-pipe", "-Wall", "-fdiagnostics-color=never")
    return ("/usr/bin/g++", *flags, "-o", PROGRAM, *sources(entry, names, SUFFIXES))


CPP = Language(
    name="cpp",
    title="C++20",
    family="native",
    suffixes=SUFFIXES,
    compile=_compile,
    run=run_program,
    hello=Hello(b"#include <iostream>\nint main() { int a, b; std::cin >> a >> b; std::cout << a + b << '\\n'; }\n"),
    main="main.cpp",
    artefact=PROGRAM,
    step=Step(cpu_seconds=30, wall_seconds=120),
)
