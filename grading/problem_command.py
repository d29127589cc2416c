"""`python -m grading problem PACKAGE`: a problem package as a question of an exam, or in another judge's format."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml

from grading.item import read_item
from grading.kinds.code.imported import item_of
from grading.programs.errors import ProblemError
from grading.programs.export import write_coderunner, write_dmoj, write_kattis, zipped
from grading.programs.problem import Problem
from grading.programs.readers import read_problems
from sandbox.languages import LANGUAGES

FORMATS = ("item", "kattis", "legacy", "dmoj", "coderunner")


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("package", type=Path, help="a folder, a zip or tar archive, or a CodeRunner XML file")
    command.add_argument("--to", choices=FORMATS, default="item", help="item: YAML to paste below an exam's items")
    command.add_argument("--points", type=float, default=10.0, help="of the item")
    command.add_argument("--languages", nargs="+", choices=tuple(LANGUAGES), default=(), help="of the item")
    command.add_argument("--out", type=Path, metavar="FILE", help="where to write; an item goes to standard output")


def convert(args: argparse.Namespace) -> int:
    """Read, convert, write; 1 where a problem could not be converted. Raises `ProblemError` and `OSError`."""
    if args.to != "item" and args.out is None:
        raise ProblemError("--out", "name the file to write")
    problems = read_problems(args.package)
    broken = [one for one in problems if isinstance(one, ProblemError)]
    for problem in broken:
        print(f"left out: {problem}", file=sys.stderr)
    found = [one for one in problems if isinstance(one, Problem)]
    if args.to == "item":
        _write(args.out, "".join(_item(one, args) for one in found).encode())
    elif len(found) == 1:
        _write(args.out, _exported(found[0], args.to))
    else:
        raise ProblemError(args.package.name, f"it holds {len(found)} problems, and a package is one")
    return 1 if broken else 0


def _item(problem: Problem, args: argparse.Namespace) -> str:
    made = item_of(problem, args.points, args.languages)
    read_item(made.data)  # what an exam would refuse is said now
    for note in made.notes:
        print(f"note: {problem.name}: {note}", file=sys.stderr)
    return yaml.dump([made.data], Dumper=_Plainly, sort_keys=False, allow_unicode=True, width=110)


def _exported(problem: Problem, form: str) -> bytes:
    if form == "coderunner":
        return write_coderunner(problem)
    return zipped(write_dmoj(problem) if form == "dmoj" else write_kattis(problem, legacy=form == "legacy"))


def _write(out: Path | None, data: bytes) -> None:
    if out:
        out.write_bytes(data)
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()


class _Plainly(yaml.SafeDumper):
    """Texts of several lines as they are, and every other text in quotes: `1e5` is an input, not a number."""

    def ignore_aliases(self, data: Any) -> bool:
        """No references: people read this."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    key = text.replace("_", "").isalpha() and text.isascii() and text.islower() and text not in _WORDS
    style = "|" if "\n" in text else None if key else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_WORDS = ("true", "false", "null", "yes", "no", "on", "off", "y", "n")
_Plainly.add_representer(str, _text)
