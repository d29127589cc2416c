"""Java with OpenJDK. The entry is the file of the class that has `main`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from sandbox.languages.base import MIB, PROGRAM, SCRIPTS, Command, Hello, Language, Step, sources

SUFFIXES = (".java",)
OWN_BYTES = 64 * MIB  # what the virtual machine needs beside the heap


def _compile(entry: str, names: Sequence[str]) -> Command:
    return (f"{SCRIPTS}/java", PROGRAM, PurePosixPath(entry).stem, *sources(entry, names, SUFFIXES))


def _run(_entry: str, memory: int) -> Command:
    heap = max(16, (memory - OWN_BYTES) // MIB)
    # One collector thread and the first compiler only: a run has one core, and most runs are short.
    flags = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss64m", f"-Xmx{heap}m", "-Xshare:auto")
    return ("/usr/bin/java", *flags, "-XX:-UsePerfData", "-Dfile.encoding=UTF-8", "-jar", PROGRAM)


JAVA = Language(
    name="java",
    title="Java",
    family="java",
    suffixes=SUFFIXES,
    compile=_compile,
    run=_run,
    hello=Hello(
        b"import java.util.Scanner;\n"
        b"public class Main { public static void main(String[] args) {\n"
        b"  Scanner in = new Scanner(System.in); System.out.println(in.nextInt() + in.nextInt()); } }\n"
    ),
    main="Main.java",
    artefact=PROGRAM,
    step=Step(pids=64, memory_bytes=640 * MIB, wall_seconds=100),
    least_memory=96 * MIB,
    least_pids=32,
)
