"""What the exam pages share: forms as flat mappings, sentences after a redirect, mistakes beside their fields."""

from dataclasses import dataclass, field
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from exam_api.errors import ExamError
from exam_api.exams.queries.exams import ExamListed
from exam_api.exams.service.checking import sentence
from exam_api.exams.service.form import field_of
from exam_api.web.i18n import _
from exam_api.web.render import Page
from grading.errors import ItemError

Problems = list[tuple[str, str]]


class Blank(dict[str, str]):
    """The values of a form's fields, or the mistakes beside them: what is not there is empty."""

    def __missing__(self, _: str) -> str:
        return ""


@dataclass(frozen=True, kw_only=True)
class FormPage(Page):
    """A page with a form; `errors` are (field, sentence) pairs."""

    errors: Problems = field(default_factory=list)

    @property
    def wrong(self) -> Blank:
        """The sentence beside each field; the first one counts."""
        return Blank(reversed(self.errors))


# What a page says once after a redirect; the address only carries the key.
SAID = {
    "prepared": _("The attempts are prepared."),
    "saved": _("Saved."),
    "nothing-to-try": _("Saved. There is no reference solution to try yet."),
    "created": _("The exam is there. Add questions, then look at it as a candidate will."),
    "moved": _("Moved."),
    "deleted": _("The question is deleted. Earlier published versions keep it."),
    "published": _("Published. This version can no longer change."),
    "unchanged": _("Nothing has changed since the newest version, so it stays the newest."),
    "planned": _("The sitting is planned."),
    "removed": _("Taken off the roster."),
    "enrolled": _("Enrolled."),
}


@dataclass(frozen=True)
class ExamHead:
    """The exam that a page is about."""

    id: UUID
    title: str
    revision: int
    version: int | None
    tab: str


def head(found: ExamListed, tab: str) -> ExamHead:
    return ExamHead(found.exam.id, found.exam.title, found.exam.revision, found.version, tab)


async def _form(request: Request) -> Blank:
    """The text fields of the form; the last wins where a name stands twice."""
    return Blank((name, value) for name, value in (await request.form()).items() if isinstance(value, str))


FormData = Annotated[Blank, Depends(_form)]


def _said(request: Request) -> str | None:
    return SAID.get(request.query_params.get("said", ""))


Said = Annotated[str | None, Depends(_said)]


def go(address: str, said: str | None = None) -> RedirectResponse:
    """See other: a reload then repeats nothing."""
    path, mark, fragment = address.partition("#")
    return RedirectResponse(f"{path}?said={said}{mark}{fragment}" if said else address, 303)


def revision_of(form: dict[str, str]) -> int:
    """The revision that the form was shown at; 0, which is never current, where it is missing."""
    text = form.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def item_problems(error: ItemError) -> Problems:
    return [(field_of(error), sentence(error))]


# What Pydantic calls a mistake, in words for whoever fills in a form.
NOT_A_NUMBER = _("Write a whole number.")
PLAIN = {
    **dict.fromkeys(("int_parsing", "int_type", "int_from_float", "int_parsing_size"), NOT_A_NUMBER),
    **dict.fromkeys(("datetime_parsing", "datetime_from_date_parsing", "datetime_type"), _("Give a date and a time.")),
    **dict.fromkeys(("literal_error", "enum", "uuid_parsing", "uuid_type"), _("Choose one of these.")),
    "missing": _("This is missing."),
    "string_too_short": _("Write something here."),
    "string_too_long": _("At most {most} characters fit here."),
    "greater_than_equal": _("The least that is possible here is {least}."),
    "less_than_equal": _("The most that is possible here is {most}."),
}


def shape_problems(error: ValidationError) -> Problems:
    """A mistake in a shape as (field, sentence) pairs."""
    return [(str(each["loc"][0]) if each["loc"] else "title", plain(each)) for each in error.errors()]


def plain(each: ErrorDetails) -> str:
    """One mistake as a sentence."""
    said, limits = PLAIN.get(each["type"]), each.get("ctx", {})
    if said is None:
        return each["msg"].removeprefix("Value error, ")
    most = limits.get("le", limits.get("max_length"))
    return said.format(least=limits.get("ge"), most=most)


def refusal_problems(error: ExamError) -> Problems:
    """A refusal as (field, sentence) pairs; where it names no field, it stands by the form's first one."""
    found = error.extra.get("problems")
    if not found:
        return [("title", str(error))]
    return [(str(each.get("where", ["title"])[-1]), each["message"]) for each in found]
