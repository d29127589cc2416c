"""Course material: a readable format, and the rules of what is done, open and next."""

from courses.content import Course, ExamRef, Lesson, Module, read_course
from courses.errors import CourseError
from courses.folder import read_folder
from courses.progress import Step, next_step
from courses.source import read

__all__ = [
    "Course",
    "CourseError",
    "ExamRef",
    "Lesson",
    "Module",
    "Step",
    "next_step",
    "read",
    "read_course",
    "read_folder",
]
