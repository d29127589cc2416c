"""Small problem packages of our own, as the files they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from grading.programs.archive import Package

ADD = b"a, b = map(int, input().split())\nprint(a + b)\n"
MINUS = b"a, b = map(int, input().split())\nprint(a - b)\n"
LOOP = b"while True:\n    pass\n"
CRASH = b"raise SystemExit(3)\n"
ZERO_ONLY = b"print(0)\n"

# Accepts any number at most the answer's distance from it, and scores by how near it is.
NEAR = b"""import pathlib, sys
right, got = int(pathlib.Path(sys.argv[2]).read_text()), sys.stdin.read().strip()
folder = pathlib.Path(sys.argv[3])
if not got.lstrip("-").isdigit():
    (folder / "judgemessage.txt").write_text("no number")
    sys.exit(43)
(folder / "score.txt").write_text(f"{max(0, 100 - abs(right - int(got))):.2f}")
sys.exit(42)
"""

# A talk: the program guesses a number between 1 and 100, and is told "more", "less" or "yes".
GUESS = b"""import pathlib, sys
secret = int(pathlib.Path(sys.argv[1]).read_text())
for _ in range(7):
    line = sys.stdin.readline().strip()
    if not line.isdigit():
        sys.exit(43)
    print("yes" if int(line) == secret else "more" if int(line) < secret else "less", flush=True)
    if int(line) == secret:
        sys.exit(42)
sys.exit(43)
"""
BISECT = b"""low, high = 1, 100
while True:
    middle = (low + high) // 2
    print(middle, flush=True)
    said = input()
    if said == "yes":
        break
    low, high = (middle + 1, high) if said == "more" else (low, middle - 1)
"""
MUTE = b"input()\n"
WILD = b"for _ in range(5000):\n    print('x', flush=True)\n"

# Two passes: the program doubles a number, and then what it said itself.
TWICE = b"""import pathlib, sys
folder = pathlib.Path(sys.argv[3])
given, got = int(pathlib.Path(sys.argv[1]).read_text()), sys.stdin.read().strip()
if got != str(2 * given):
    sys.exit(43)
with (folder / "judgemessage.txt").open("a") as log:
    log.write(f"{given} ")
if given < 5:
    (folder / "nextpass.in").write_text(got)
sys.exit(42)
"""


def package(files: Mapping[str, bytes] | Mapping[str, str] | Mapping[str, bytes | str], name: str = "sum") -> Package:
    return Package(name, {path: data.encode() if isinstance(data, str) else data for path, data in files.items()})


def laid(files: Mapping[str, bytes] | Mapping[str, str] | Mapping[str, bytes | str], folder: Path) -> Path:
    """The same files on the disk."""
    for path, data in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data.encode() if isinstance(data, str) else data)
    return folder


def plain(**more: bytes | str) -> dict[str, bytes | str]:
    """Add two numbers: one sample, two secret tests, a submission for each verdict."""
    return {
        "problem.yaml": "name: Sum\nlimits: {memory: 256}\n",
        ".timelimit": "1",
        "data/sample/1.in": "1 2\n", "data/sample/1.ans": "3\n",
        "data/secret/a.in": "2 2\n", "data/secret/a.ans": "4\n",
        "data/secret/b.in": "5 0\n", "data/secret/b.ans": "5\n",
        "submissions/accepted/add.py": ADD,
        "submissions/wrong_answer/minus.py": MINUS,
        "submissions/time_limit_exceeded/loop.py": LOOP,
        "submissions/run_time_error/crash.py": CRASH,
        "submissions/compiler_error/bad.py": b"print(\n",
        "submissions/no_output/silent.py": b"# @EXPECTED_RESULTS@: NO-OUTPUT\n",
        **more,
    }  # fmt: skip


def scored() -> dict[str, bytes | str]:
    """By DOMjudge's rules: two groups worth 40 and 60, and one submission that has the first only."""
    return {
        "problem.yaml": "name: Sum\ntype: scoring\n",
        ".timelimit": "1",
        "data/testdata.yaml": "grader_flags: sum\non_reject: continue\n",
        "data/sample/1.in": "1 2\n", "data/sample/1.ans": "3\n",
        "data/secret/testdata.yaml": "grader_flags: sum\non_reject: continue\n",
        "data/secret/easy/testdata.yaml": "accept_score: 40\n",
        "data/secret/easy/1.in": "5 0\n", "data/secret/easy/1.ans": "5\n",
        "data/secret/easy/2.in": "6 0\n", "data/secret/easy/2.ans": "6\n",
        "data/secret/hard/testdata.yaml": "accept_score: 60\n",
        "data/secret/hard/1.in": "5 1\n", "data/secret/hard/1.ans": "6\n",
        "submissions/accepted/add.py": ADD + b"# @EXPECTED_SCORE@: 100\n",
        "submissions/partial/minus.py": MINUS + b"# @EXPECTED_RESULTS@: WRONG-ANSWER\n# @EXPECTED_SCORE@: 40\n",
    }  # fmt: skip
