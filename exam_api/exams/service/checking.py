"""The exam file → an exam, or every mistake with its line."""

from dataclasses import dataclass
from typing import Any

from courses.errors import SourceError
from courses.source import Source, read
from exam_api.errors import ExamFileWrong
from exam_api.exams.schemas import OutlineItem, OutlineOut, ProblemOut
from grading.errors import ItemError
from grading.exam import Exam, read_exam
from grading.item import read_item

MAX_SHOWN = 50


@dataclass(frozen=True)
class Checked:
    """A file as read. `exam` is None exactly when there are problems."""

    exam: Exam | None
    source: Source | None
    problems: tuple[ProblemOut, ...] = ()

    @property
    def outline(self) -> OutlineOut | None:
        """What the file says, in short."""
        if self.exam is None or self.source is None:
            return None
        return OutlineOut(
            title=self.exam.title,
            duration_minutes=self.exam.duration_minutes,
            pass_percent=self.exam.pass_percent,
            max_points=self.exam.max_points,
            items=[
                OutlineItem(
                    id=item.id,
                    kind=item.kind,
                    title=item.title,
                    points=item.points,
                    line=self.source.line(("items", at)),
                )
                for at, item in enumerate(self.exam.items)
            ],
        )


def check(text: str) -> Checked:
    """Read an exam file and find what is wrong in it; never raises for what an author wrote."""
    try:
        source = read(text)
    except SourceError as error:
        found = (ProblemOut(line=each.line, path="", message=each.message) for each in error.problems)
        return Checked(None, None, tuple(found))
    try:
        return Checked(read_exam(source.data), source)
    except ItemError as first:
        return Checked(None, source, _problems(source, first))


def read_draft(text: str) -> Exam:
    """The exam that a file describes. Raises `ExamFileWrong` with every mistake and its line."""
    checked = check(text)
    if checked.exam is None:
        raise ExamFileWrong(problems=[problem.model_dump() for problem in checked.problems])
    return checked.exam


def _problems(source: Source, first: ItemError) -> tuple[ProblemOut, ...]:
    """The core stops at the first mistake; an author wants one per item, so each item is read by itself too."""
    errors = {(first.path, first.message): first}
    for at, entry in enumerate(_items(source.data)):
        try:
            read_item(entry, ("items", at))
        except ItemError as error:
            errors.setdefault((error.path, error.message), error)
    found = [ProblemOut(line=source.line(e.path), path=place(e.path), message=sentence(e)) for e in errors.values()]
    return tuple(sorted(found, key=lambda problem: problem.line)[:MAX_SHOWN])


def _items(data: Any) -> list[Any]:
    items = data.get("items") if isinstance(data, dict) else None
    return items[:MAX_SHOWN] if isinstance(items, list) else []


def place(path: tuple[str | int, ...]) -> str:
    """`("items", 3, "points")` → `items[3].points`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def sentence(error: ItemError) -> str:
    """The mistake with the name of what it is about: `"points" is missing`."""
    names = [step for step in error.path if isinstance(step, str)]
    end = "" if error.message.endswith("?") else "."
    if error.message.startswith("unknown key") or not names:
        return f"{error.message[:1].upper()}{error.message[1:]}{end}"
    last = error.path[-1]
    what = f'Entry {last + 1} of "{names[-1]}"' if isinstance(last, int) else f'"{names[-1]}"'
    return f"{what}: {error.message}{end}"
