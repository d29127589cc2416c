"""A program of the author: a checker, an interactor, a reference solution."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from sandbox.job import Job, Limits, Run
from sandbox.languages import LANGUAGES

LANGUAGE_OF: dict[str, str] = {
    ".py": "python", ".py3": "python",
    ".c": "c",
    ".cpp": "cpp", ".cc": "cpp", ".cxx": "cpp", ".c++": "cpp", ".C": "cpp",
    ".js": "javascript", ".mjs": "javascript", ".cjs": "javascript",
    ".ts": "typescript",
    ".java": "java",
    ".go": "go",
    ".rs": "rust",
    ".sh": "bash", ".bash": "bash",
}  # fmt: skip
"""What a file's ending says about its language, whether or not the sandbox has that language."""

_COMMENT = re.compile(rb"/\*|//")
_PYTHON_2 = re.compile(rb"#![^\n]*python2")
_JAVA_MAIN = re.compile(rb"\bvoid\s+main\s*\(")
_JAVA_CLASS = re.compile(rb"(?<![.\w$])(?:class|enum|interface|record)\s+([A-Za-z_$][A-Za-z0-9_$]*)|[{}]")

MAIN_NAMES = ("__main__", "main", "Main", "run")


@dataclass(frozen=True)
class Program:
    """Files of one language, and the one to start. `args` come after whatever the protocol passes."""

    language: str
    files: Mapping[str, bytes]
    entry: str
    args: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", dict(self.files))

    def job(self, runs: Sequence[Run], limits: Limits, collect: tuple[str, ...] = ()) -> Job:
        """What to run, as the sandbox takes it. Raises `InvalidJob` for an unsafe name or too much of anything."""
        return Job(self.language, self.files, self.entry, tuple(runs), limits, collect)


@dataclass(frozen=True)
class Sources:
    """Files of a program whose language and entry have yet to be found: by their endings, their names, a first line."""

    files: Mapping[str, bytes]
    language: str = ""
    entry: str = ""
    args: tuple[str, ...] = field(default=())

    def found(self) -> Program | None:
        """The program, or None where no ending tells the language. Whether the sandbox has it is not asked here."""
        language = self.language or _language(self.files)
        entry = _named(self.files, self.entry) or _entry(self.files, language)
        if not (language and entry):
            return None
        files = dict(self.files)
        if language == "python" and not self.language and _PYTHON_2.match(files[entry]):
            language = "python2"  # which nobody has any more
        if language == "java":
            entry = named_after_class(files, entry)
        return Program(language, files, entry, self.args)


def named_after_class(files: dict[str, bytes], entry: str) -> str:
    """Rename a Java file to the class in it that has `main`: contests do not ask for that, and the sandbox does."""
    name = java_main(files[entry])
    wanted = str(PurePosixPath(entry).with_name(f"{name}.java"))
    if name and wanted not in files:
        files[wanted] = files.pop(entry)
        return wanted
    return entry


def java_main(source: bytes) -> str:
    """The class whose body `main` stands in, "" where none is found."""
    text = _without_comments(source)
    main = _JAVA_MAIN.search(text)
    open_classes: list[str] = []
    coming = ""
    for token in _JAVA_CLASS.finditer(text, 0, main.start() if main else 0):
        if token[1]:
            coming = token[1].decode()
        elif token[0] == b"{":
            open_classes.append(coming)
            coming = ""
        elif open_classes:
            open_classes.pop()
    return next(filter(None, reversed(open_classes)), "")


def _without_comments(source: bytes) -> bytes:
    """In one pass: a search for `/*` up to `*/` would start again at each of a million that never end."""
    parts, at = [], 0
    while found := _COMMENT.search(source, at):
        parts.append(source[at : found.start()])
        end = source.find(b"*/" if found[0] == b"/*" else b"\n", found.end())
        at = len(source) if end < 0 else end + (2 if found[0] == b"/*" else 0)
    return b" ".join([*parts, source[at:]])


def is_known(language: str) -> bool:
    """Whether the sandbox can run it."""
    return language in LANGUAGES


def _language(files: Mapping[str, bytes]) -> str:
    if "run" in files:
        return shebang(files["run"])
    found = [LANGUAGE_OF[suffix] for name in sorted(files) if (suffix := PurePosixPath(name).suffix) in LANGUAGE_OF]
    # A C++ program may carry C headers and sources; C++ then decides.
    return "cpp" if "cpp" in found else next(iter(found), "") or _first_line(files)


def _first_line(files: Mapping[str, bytes]) -> str:
    return shebang(next(iter(files.values()))) if len(files) == 1 else ""


def shebang(text: bytes) -> str:
    """The language that a script's first line names, "" where it names none that is known."""
    line = text.split(b"\n", 1)[0]
    if not line.startswith(b"#!"):
        return ""
    words = line[2:].decode(errors="replace").replace("/", " ").split()
    names = {
        "sh": "bash",
        "bash": "bash",
        "dash": "bash",
        "python": "python",
        "python3": "python",
        "node": "javascript",
    }
    return next((names[word] for word in words if word in names), "")


def _named(files: Mapping[str, bytes], entry: str) -> str:
    """The file that is meant by "main.py" or, as Java and Python name it, by "Main" or "main"."""
    if entry in files:
        return entry
    stems = [name for name in sorted(files) if PurePosixPath(name).stem == entry]
    return stems[0] if entry and stems else ""


def _entry(files: Mapping[str, bytes], language: str) -> str:
    sources = [name for name in sorted(files) if LANGUAGE_OF.get(PurePosixPath(name).suffix) == language]
    for stem in MAIN_NAMES:
        for name in (*sources, *sorted(files)):
            if PurePosixPath(name).stem == stem and (name in sources or "." not in name):
                return name
    if language == "java":
        sources.sort(key=lambda name: b"public static void main" not in files[name])
    return next(iter(sources), "") or (next(iter(files)) if len(files) == 1 else "")
