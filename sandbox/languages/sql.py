"""SQL on a throw-away database: what a run reads sets it up, the program's statements then run, and their rows are printed.

SQLite, in memory. Each result is a line of column names and a line for each row, with tabs between; NULL is an empty
field; a result that has no columns prints nothing. Other databases, extensions and settings are out of reach.
"""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.languages.base import MIB, SCRIPTS, Command, Hello, Language, Step


def _compile(_entry: str, _names: Sequence[str]) -> Command:
    return ()


def _run(entry: str, _memory: int) -> Command:
    return ("/usr/bin/python3", "-I", "-S", "-B", f"{SCRIPTS}/sql", f"./{entry}")


SQL = Language(
    name="sql",
    title="SQL",
    family="python",
    suffixes=(".sql",),
    compile=_compile,
    run=_run,
    hello=Hello(
        b"select sum(n) as total from numbers;\n",
        b"create table numbers (n integer); insert into numbers values (20), (22);\n",
        b"total\n42\n",
    ),
    main="main.sql",
    step=Step(cpu_seconds=1, wall_seconds=2, memory_bytes=32 * MIB, file_bytes=MIB),
    least_memory=24 * MIB,
    set_up_failed=3,
)
