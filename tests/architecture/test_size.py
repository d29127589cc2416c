"""A file that fits into a head, a function that fits onto a screen."""

from __future__ import annotations

import ast

from tests.architecture.repository import name_of, python_files, tree

FILE_LINES = 400
FUNCTION_LINES = 60
# A migration is history: it lists the tables of its day and is never edited again.
HISTORY = "exam_api/db/migrations/versions/"


def _ours() -> list[tuple[str, ast.Module, int]]:
    return [
        (name_of(path), tree(path), len(path.read_text(encoding="utf-8").splitlines()))
        for path in python_files()
        if not name_of(path).startswith(HISTORY)
    ]


def test_no_file_is_too_long() -> None:
    assert not [f"{name}: {lines} lines" for name, _, lines in _ours() if lines > FILE_LINES]


def test_no_function_is_too_long() -> None:
    long = [
        f"{name}:{node.lineno}: {node.name} has {length} lines"
        for name, module, _ in _ours()
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    ]
    assert not long
