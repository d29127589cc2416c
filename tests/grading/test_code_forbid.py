"""What an exercise asks not to use is found where it is used, not in comments and texts, and never slowly."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.kinds.code.forbid import MOST, remarks
from grading.kinds.code.submission import Submission
from grading.kinds.code.values import MAX_CHARS, Forbid

RULES = Forbid(imports=("os", "stdlib.h", "fs", "java.util", "sys.path"), words=("eval", "std::sort", "sort"))


def found(language: str, text: str) -> list[tuple[int, str]]:
    return [(one.line, one.word) for one in remarks(RULES, Submission(language, {"main": text}))]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("python", "import os", [(1, "os")]),
        ("python", "import a, os.path as p", [(1, "os")]),
        ("python", "from os import path", [(1, "os")]),
        ("python", "from os.path import (\n  join,\n)", [(1, "os")]),
        ("python", "import \\\n  os", [(2, "os")]),
        ("python", "if x: import os", [(1, "os")]),
        ("python", "x = 1; import os", [(1, "os")]),
        ("python", "import sys.path.more", [(1, "sys.path")]),
        ("python", "import sys", []),
        ("python", "import osaka", []),
        ("python", "from . import os", []),
        ("python", "import a as os", []),
        ("python", "# import os\n'import os'\n'''\nimport os\n'''\nrb'eval'\neval(1)", [(7, "eval")]),
        ("python", 'x = f"{eval}" "\\"" # eval\n\n\neval', [(4, "eval")]),
        ("python", "evaluate()", []),
        ("python", '"""never ends\nimport os', []),
        ("c", '#include <stdlib.h>\n// #include <stdlib.h>\n/* eval */\nint sort; char *x = "eval";', [(1, "stdlib.h"), (4, "sort")]),
        ("cpp", "std::sort(a, b); // std::sort", [(1, "sort"), (1, "std::sort")]),
        ("javascript", "const a = require('fs');\nimport b from \"fs\";\nimport('fs'); eval('x')", [(1, "fs"), (2, "fs"), (3, "eval"), (3, "fs")]),
        ("java", "import java.util.List;\nimport static java.util.X.*;", [(1, "java.util"), (2, "java.util")]),
        ("bash", "# eval\neval x", [(2, "eval")]),
        ("sql", "select sort from eval", [(1, "eval"), (1, "sort")]),
    ],
)  # fmt: skip
def test_uses_are_found_with_their_lines(language: str, text: str, expected: list[tuple[int, str]]) -> None:
    assert found(language, text) == expected


def test_not_more_than_can_be_read() -> None:
    assert len(found("python", "eval\n" * 100)) == MOST
    assert remarks(Forbid(), Submission("python", {"main.py": "eval"})) == ()


HOSTILE = {
    name: text[:MAX_CHARS]
    for name, text in {
        "escaped": '"' + '\\"' * MAX_CHARS,
        "escaped_apostrophes": "'" + "\\'" * MAX_CHARS,
        "quotes": '"' * MAX_CHARS,
        "apostrophes": "'" * MAX_CHARS,
        "mixed": "\"'" * MAX_CHARS,
        "never_ends": '"""' + "\n" * MAX_CHARS,
        "triples": '""\'"' * MAX_CHARS,
        "prefixes": "rb" * MAX_CHARS,
        "comments": "/*" * MAX_CHARS,
        "backslashes": "\\\n" * MAX_CHARS,
        "brackets": "(" * MAX_CHARS,
        "imports": "import os," * MAX_CHARS,
        "requires": "require(" * MAX_CHARS,
        "from": "from '" * MAX_CHARS,
        "spaces": " " * MAX_CHARS,
        "letters": "a" * MAX_CHARS,
        "dots": "." * MAX_CHARS,
        "deep": "".join(" " * deep + "if 1:\n" for deep in range(350)),
    }.items()
}


@pytest.mark.parametrize("language", ["python", "javascript", "c", "go", "bash", "rust"])
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_source_keeps_us_busy(language: str, text: str) -> None:
    assert all(line >= 1 for line, _ in found(language, text))


@given(st.text(max_size=200), st.sampled_from(["python", "c", "javascript", "sql"]))
@settings(max_examples=200, deadline=None)
def test_any_text_can_be_read(text: str, language: str) -> None:
    lines = text.count("\n") + 1
    assert all(1 <= line <= lines for line, _ in found(language, text))
