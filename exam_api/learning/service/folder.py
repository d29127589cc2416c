"""Course folders in and out: files as the author wrote them."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from courses.content import OUTLINE, read_course
from courses.errors import Problem, ProblemsError
from exam_api.db import ledger
from exam_api.db.models.learning import Course as CourseRecord
from exam_api.errors import CourseFilesWrong, EditedElsewhere
from exam_api.events import CourseImported
from exam_api.learning import queries
from exam_api.learning.schemas import FILE_NAME, MAX_FILE, MAX_FILES, MAX_TOTAL, CourseSaved
from exam_api.web.i18n import _

_NAME = re.compile(FILE_NAME)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_TEXTS = (".yaml", ".md")
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first date a ZIP file knows; equal courses make equal files


async def import_files(session: AsyncSession, files: dict[str, str], now: datetime, actor_id: UUID) -> CourseSaved:
    """Create the course, or bring it up to these files. Raises `CourseFilesWrong` with file and line."""
    _check_files(files)
    try:
        course = read_course(files)
    except ProblemsError as error:
        raise wrong(error.problems) from error
    record = await queries.lock_course(session, course.slug)
    if record is not None and record.files == files:
        return CourseSaved(slug=course.slug, title=course.title, revision=record.revision, changed=False)
    if record is None:
        record = await queries.insert_course(session, course.slug, course.title, files, now)
        if record is None:  # made by somebody else in this very moment
            raise EditedElsewhere
    else:
        record.title, record.files, record.updated_at = course.title, files, now
        record.revision += 1
        await session.flush()
    await ledger.append(session, CourseImported(record.id, record.revision), now, actor_id)
    return CourseSaved(slug=course.slug, title=course.title, revision=record.revision, changed=True)


def wrong(problems: Sequence[Problem]) -> CourseFilesWrong:
    shown = [{"file": each.file, "line": each.line, "message": each.message} for each in problems[:50]]
    return CourseFilesWrong(problems=shown)


def _check_files(files: Mapping[str, str]) -> None:
    problems = []
    for name, text in files.items():
        if not _NAME.fullmatch(name) or _UNSTORABLE.search(name):
            problems.append(
                Problem(1, _("This file name cannot be used; write letters, digits, hyphens and dots."), "")
            )
        strange = _UNSTORABLE.search(text)
        if strange is not None:
            line = text.count("\n", 0, strange.start()) + 1
            problems.append(Problem(line, _("A character that cannot be stored stands here; delete it."), name))
    if sum(map(len, files.values())) > MAX_TOTAL:
        problems.append(
            Problem(1, _("The files are larger than {size} MB together.").format(size=MAX_TOTAL // 10**6), "")
        )
    if problems:
        raise wrong(problems)


def pack(record: CourseRecord) -> bytes:
    """The folder as a ZIP file, ready to be imported again."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(record.files):
            archive.writestr(zipfile.ZipInfo(f"{record.slug}/{name}", _EARLIEST), record.files[name])
    return buffer.getvalue()


def unpack(uploads: Sequence[tuple[str, bytes]]) -> dict[str, str]:
    """The files of an upload: one ZIP file, or the files themselves. Raises `CourseFilesWrong`."""
    if len(uploads) == 1 and uploads[0][0].lower().endswith(".zip"):
        uploads = _unzip(uploads[0][1])
    names = [name.replace("\\", "/").lstrip("/") for name, _content in uploads]
    top = _top_folder(names)
    files: dict[str, str] = {}
    for name, (_name, content) in zip(names, uploads, strict=True):
        inside = name.removeprefix(top)
        if any(part.startswith((".", "__MACOSX")) for part in inside.split("/")):
            continue
        files[inside] = _text(inside, content) if inside.endswith(_TEXTS) else ""
    return files


def _unzip(content: bytes) -> list[tuple[str, bytes]]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = [member for member in archive.infolist() if not member.is_dir()]
        # The sizes are what the archive claims; reading stops at the claimed size, so a bomb cannot unfold further.
        if len(members) > MAX_FILES or sum(member.file_size for member in members) > MAX_TOTAL:
            said = _("The archive holds more than {files} files or {size} MB.")
            raise wrong([Problem(1, said.format(files=MAX_FILES, size=MAX_TOTAL // 10**6), "")])
        return [(member.filename, archive.read(member)) for member in members]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise wrong(
            [Problem(1, _("This ZIP file cannot be read; is it complete, and without a password?"), "")]
        ) from error


def _top_folder(names: Sequence[str]) -> str:
    """The folder that all files lie in, when `course.yaml` lies directly in it."""
    tops = {name.split("/", 1)[0] for name in names}
    top = f"{next(iter(tops))}/" if len(tops) == 1 else ""
    return top if f"{top}{OUTLINE}" in names else ""


def _text(name: str, content: bytes) -> str:
    if len(content) > MAX_FILE:
        raise wrong([Problem(1, _("The file is larger than 1 MB; split it."), name)])
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise wrong([Problem(line, _("This is not UTF-8 text; save the file as UTF-8."), name)]) from error
