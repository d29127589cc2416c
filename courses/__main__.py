"""`python -m courses check DIR` says what to mend; `python -m courses outline DIR` shows the course."""

import argparse
import sys
from pathlib import Path

from courses.content import Course, read_course
from courses.errors import ProblemsError
from courses.folder import read_folder


def main(arguments: list[str] | None = None) -> int:
    """Return 0 when the course is in order, 1 when it is not."""
    parser = argparse.ArgumentParser(prog="python -m courses", description="Check or show a course folder.")
    parser.add_argument("command", choices=["check", "outline"])
    parser.add_argument("folder", type=Path, metavar="DIR")
    options = parser.parse_args(arguments)
    if not options.folder.is_dir():
        print(f"There is no folder {options.folder}.", file=sys.stderr)
        return 1
    try:
        course = read_course(read_folder(options.folder))
    except ProblemsError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        return 1
    print(_outline(course) if options.command == "outline" else f"{course.title}: in order.")
    return 0


def _outline(course: Course) -> str:
    lines = [f"{course.title} ({course.slug}, {course.language}, {course.minutes} min)", f"  {course.summary}"]
    for module in course.modules:
        lines.append(f"- {module.title}")
        for lesson in module.lessons:
            after = f"  after: {', '.join(lesson.after)}" if lesson.after else ""
            lines.append(f"  - {lesson.title} ({lesson.id}, {lesson.minutes} min){after}")
            lines.extend(f"      can: {objective}" for objective in lesson.objectives)
    lines.extend(f"- Exam: {exam.title} ({exam.slug})  after: {', '.join(exam.after)}" for exam in course.exams)
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
