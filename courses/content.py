"""What a course is, and how it is read from a folder: `course.yaml` for the structure, one Markdown file per lesson."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from courses.errors import ContentError, Problem, UnknownLesson
from courses.fields import Fields
from courses.lesson_text import text_problems
from courses.source import Path, read

OUTLINE = "course.yaml"
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_COURSE_KEYS = ("slug", "title", "summary", "language", "mastery", "modules", "exams")
_LESSON_KEYS = ("id", "title", "minutes", "objectives", "after", "file")


@dataclass(frozen=True)
class Lesson:
    """One sitting's reading: `body_markdown` starts at heading level 2; `after` names the lessons to finish before."""

    id: str
    title: str
    minutes: int
    body_markdown: str
    objectives: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Module:
    """Lessons that belong together, in reading order."""

    id: str
    title: str
    lessons: tuple[Lesson, ...]


@dataclass(frozen=True)
class ExamRef:
    """An exam of the course by its slug. It opens once the lessons in `after` are done."""

    slug: str
    title: str
    after: tuple[str, ...]


@dataclass(frozen=True)
class Course:
    """A course as its author wrote it. `mastery` is the share of an exam's points (0-1) that counts as mastered."""

    slug: str
    title: str
    summary: str
    language: str
    modules: tuple[Module, ...]
    exams: tuple[ExamRef, ...] = ()
    mastery: float = 0.8

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """All lessons in reading order."""
        return tuple(lesson for module in self.modules for lesson in module.lessons)

    @property
    def minutes(self) -> int:
        return sum(lesson.minutes for lesson in self.lessons)

    def lesson(self, lesson_id: str) -> Lesson:
        """Return the lesson of that id. Raises `UnknownLesson`."""
        for lesson in self.lessons:
            if lesson.id == lesson_id:
                return lesson
        raise UnknownLesson(lesson_id)


def read_course(files: Mapping[str, str]) -> Course:
    """Build the course from its files (name with `/` → text). Raises `SourceError` or `ContentError` with every problem.

    `course.yaml` must be among them. A file whose text is not needed (a picture) may map to an empty text: only its name
    counts, so that links to it can be checked.
    """
    if OUTLINE not in files:
        raise ContentError((Problem(1, f"There is no {OUTLINE} in this folder.", OUTLINE),))
    reader = _Reader(files)
    course = reader.course()
    if reader.problems:
        raise ContentError(tuple(sorted(reader.problems, key=lambda found: (found.file, found.line))))
    return course


class _Reader:
    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files
        self.fields = Fields(read(files[OUTLINE], OUTLINE))
        self.seen: list[str] = []  # lesson ids in reading order: what may be named in `after`
        self.used: set[str] = {OUTLINE}
        self.found: list[Problem] = []

    @property
    def problems(self) -> list[Problem]:
        return self.fields.problems + self.found

    def course(self) -> Course:
        fields = self.fields
        fields.group((), _COURSE_KEYS)
        modules = tuple(self.module(("modules", at)) for at in range(fields.entries(("modules",), least=1)))
        exams = tuple(self.exam(("exams", at)) for at in range(fields.entries(("exams",))))
        self.unique([module.id for module in modules], "modules")
        self.unique([exam.slug for exam in exams], "exams")
        for name in sorted(self.files):
            if name.endswith(".md") and name not in self.used and "/" in name:
                self.found.append(
                    Problem(1, f"No lesson in {OUTLINE} uses this file; list it there or delete it.", name)
                )
        return Course(
            slug=fields.slug(("slug",)),
            title=fields.text(("title",)),
            summary=fields.text(("summary",), longest=1000),
            language=fields.text(("language",), default="en", like=_LANGUAGE),
            modules=modules,
            exams=exams,
            mastery=fields.number(("mastery",), 0, 1, default=0.8),
        )

    def module(self, path: Path) -> Module:
        self.fields.group(path, ("id", "title", "lessons"))
        count = self.fields.entries((*path, "lessons"), least=1)
        return Module(
            id=self.fields.slug((*path, "id")),
            title=self.fields.text((*path, "title")),
            lessons=tuple(self.lesson((*path, "lessons", at)) for at in range(count)),
        )

    def lesson(self, path: Path) -> Lesson:
        fields = self.fields
        fields.group(path, _LESSON_KEYS)
        lesson_id = fields.slug((*path, "id"))
        file = fields.text((*path, "file"), default=f"lessons/{lesson_id}.md")
        lesson = Lesson(
            id=lesson_id,
            title=fields.text((*path, "title")),
            minutes=round(fields.number((*path, "minutes"), 1, 240)),
            body_markdown=self.body(path, file),
            objectives=fields.texts((*path, "objectives")),
            after=self.after(path, ()),
        )
        if lesson_id in self.seen:
            fields.note((*path, "id"), f'Two lessons have the id "{lesson_id}".')
        self.seen.append(lesson_id)
        return lesson

    def body(self, path: Path, file: str) -> str:
        if file not in self.files:
            self.fields.note((*path, "file"), f"The file {file} is not in this folder.")
            return ""
        if file in self.used:
            self.fields.note((*path, "file"), f"The file {file} is used twice.")
        self.used.add(file)
        self.found.extend(text_problems(file, self.files[file], self.files))
        return self.files[file]

    def exam(self, path: Path) -> ExamRef:
        self.fields.group(path, ("slug", "title", "after"))
        return ExamRef(
            slug=self.fields.slug((*path, "slug")),
            title=self.fields.text((*path, "title")),
            after=self.after(path, tuple(self.seen)),
        )

    def after(self, path: Path, default: tuple[str, ...]) -> tuple[str, ...]:
        """Read what must be done before. Only what stands earlier may be named, so nobody can ever be locked out."""
        if not self.fields.has((*path, "after")):
            return default
        names = self.fields.texts((*path, "after"))
        for at, name in enumerate(names):
            if name not in self.seen:
                self.fields.note((*path, "after", at), f'"after" names "{name}", but no lesson above has that id.')
        return names

    def unique(self, names: list[str], key: str) -> None:
        for at, name in enumerate(names):
            if name and name in names[:at]:
                self.fields.note((key, at), f'"{name}" stands twice in "{key}".')
