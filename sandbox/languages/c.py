"""C17 with GCC, optimised, with the mathematics library: what contest judges agree on."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.languages.base import PROGRAM, Command, Language


def _compile(entry: str, names: Sequence[str]) -> Command:
    sources = sorted({entry, *(name for name in names if name.endswith(".c"))})
    flags = ("-x", "c", "-std=gnu17", "-O2", "-pipe", "-Wall", "-fdiagnostics-color=never")
    return ("/usr/bin/gcc", *flags, "-o", PROGRAM, *sources, "-lm")


def _run(_entry: str) -> Command:
    return (f"./{PROGRAM}",)


C = Language(name="c", suffix=".c", compile=_compile, run=_run, artefact=PROGRAM)
