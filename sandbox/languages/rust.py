"""Rust, edition 2021, optimised. The entry is the crate; its modules are found beside it."""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.languages.base import MIB, PROGRAM, Command, Hello, Language, Step, run_program


def _compile(entry: str, _names: Sequence[str]) -> Command:
    # A name of our own for the crate: it would otherwise be made out of the file's.
    flags = ("--edition", "2021", "-O", "--crate-name", "program", "--color", "never")
    return ("/usr/bin/rustc", *flags, "-o", PROGRAM, f"./{entry}")


RUST = Language(
    name="rust",
    title="Rust",
    family="rust",
    suffixes=(".rs",),
    compile=_compile,
    run=run_program,
    hello=Hello(
        b"use std::io;\nfn main() { let mut line = String::new(); io::stdin().read_line(&mut line).unwrap();\n"
        b'  let sum: i64 = line.split_whitespace().map(|word| word.parse::<i64>().unwrap()).sum(); println!("{}", sum); }\n'
    ),
    main="main.rs",
    artefact=PROGRAM,
    step=Step(cpu_seconds=60, wall_seconds=120, pids=32, memory_bytes=1024 * MIB, file_bytes=128 * MIB),
)
