"""Courses: shapes on the wire."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from exam_api.accounts.schemas import Email

MAX_FILES = 1_000
MAX_FILE = 1_000_000
MAX_TOTAL = 10_000_000
FILE_NAME = r"^(?!\.)[^/\\\x00-\x1f]{1,100}(/(?!\.)[^/\\\x00-\x1f]{1,100}){0,9}$"
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"

# The lookahead (no hidden file, no `..`) is not in the pattern language of pydantic's own engine.
FileName = Annotated[str, StringConstraints(min_length=1, max_length=300)]
FileText = Annotated[str, StringConstraints(max_length=MAX_FILE)]


class Shape(BaseModel):
    """An unknown field is a mistake, said at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CourseIn(Shape):
    """A course folder: file names with `/`, and their texts."""

    files: Annotated[dict[FileName, FileText], Field(min_length=1, max_length=MAX_FILES)]


class CourseSaved(Shape):
    """`changed` is false where exactly these files were here already."""

    slug: str
    title: str
    revision: int
    changed: bool


class CourseRow(Shape):
    """One line of a list of courses. `percent` is the reader's own progress; None where they are not enrolled."""

    slug: str
    title: str
    summary: str
    lessons: int
    minutes: int
    percent: int | None


class LessonRow(Shape):
    id: str
    title: str
    minutes: int
    objectives: list[str]
    state: Literal["done", "open", "locked"]
    missing: list[str]


class ModuleOut(Shape):
    id: str
    title: str
    lessons: list[LessonRow]


class CourseExam(Shape):
    """An exam of the course; `missing` names the lessons that still keep it closed."""

    slug: str
    title: str
    open: bool
    missing: list[str]


class NextStep(Shape):
    kind: Literal["lesson", "exam"]
    id: str
    title: str


class CourseOut(CourseRow):
    """A course as one person has it before them. `mastery` is the share of points that counts as mastered."""

    language: str
    mastery: float
    revision: int
    modules: list[ModuleOut]
    exams: list[CourseExam]
    next: NextStep | None


class LessonOut(LessonRow):
    body_markdown: str


class EnrolIn(Shape):
    emails: Annotated[list[Email], Field(min_length=1, max_length=5_000)]


class EnrolRow(Shape):
    """What became of one address."""

    email: str
    status: Literal["enrolled", "already", "unknown"]


class DoneOut(Shape):
    """Progress after a lesson."""

    percent: int
    next: NextStep | None
