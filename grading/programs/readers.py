"""Which format a path holds, and the problems in it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from grading.programs.archive import read_bytes, read_package
from grading.programs.coderunner import MAX_BYTES, read_coderunner
from grading.programs.dmoj import read_dmoj
from grading.programs.errors import ProblemError
from grading.programs.kattis import read_kattis
from grading.programs.problem import Problem

Rules = Literal["auto", "kattis", "domjudge"]


def read_problems(path: Path, rules: Rules = "auto") -> tuple[Problem | ProblemError, ...]:
    """The problem of a package, or those of a file of questions, with the reasons for those that are not read.

    `rules`: whose rules a Kattis package is scored by.

    Raises `ProblemError` for what is wrong with it, and `OSError` where it cannot be read.
    """
    if path.is_file() and path.suffix.lower() == ".xml":
        return read_coderunner(read_bytes(path, MAX_BYTES), path.name)
    package = read_package(path)
    if "init.yml" in package.files:
        return (read_dmoj(package),)
    if "problem.yaml" not in package.files and "domjudge-problem.ini" not in package.files:
        raise ProblemError(
            package.name, "there is neither a problem.yaml (Kattis, DOMjudge) nor an init.yml (DMOJ) in it"
        )
    return (read_kattis(package, None if rules == "auto" else rules),)
