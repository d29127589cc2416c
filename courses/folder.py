"""Read a course folder from disk into the plain mapping that `read_course` takes."""

from pathlib import Path

from courses.errors import ContentError, Problem
from courses.source import MAX_BYTES

MAX_FILES = 1000
_TEXTS = {".yaml", ".md"}


def read_folder(folder: Path) -> dict[str, str]:
    """Return every file by its name inside `folder` (`/` between parts); only .yaml and .md files with their text.

    Hidden files and symbolic links are left out: a course must not reach outside its folder.
    """
    files: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_symlink() or not path.is_file() or any(part.startswith(".") for part in inside.parts):
            continue
        name = inside.as_posix()
        files[name] = _text(path, name) if path.suffix in _TEXTS else ""
        if len(files) > MAX_FILES:
            raise ContentError((Problem(1, f"The folder has more than {MAX_FILES} files.", name),))
    return files


def _text(path: Path, name: str) -> str:
    if path.stat().st_size > MAX_BYTES:
        raise ContentError((Problem(1, f"The file is larger than {MAX_BYTES // 1_000_000} MB; split it.", name),))
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise ContentError((Problem(line, "This is not UTF-8 text; save the file as UTF-8.", name),)) from error
