"""Exam drafts: the list, a new one, its questions and settings, and the file as text."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from exam_api.errors import EditedElsewhere, ExamFileWrong
from exam_api.exams.access import ExamStaff, OwnExam, owner_filter
from exam_api.exams.pages.frame import (
    Blank,
    ExamHead,
    FormData,
    FormPage,
    Problems,
    Said,
    go,
    head,
    item_problems,
    revision_of,
)
from exam_api.exams.queries import exams as queries
from exam_api.exams.schemas import ExamIn, OutlineItem, ProblemOut, Search
from exam_api.exams.service import arranging, checking, drafts, editing, writing
from exam_api.exams.service import form as forms
from exam_api.web.context import show
from exam_api.web.deps import Now, Session
from exam_api.web.i18n import _
from exam_api.web.render import Page
from grading.errors import ItemError
from grading.exam import read_exam, to_data
from grading.sections import Pool, Section
from grading.skills import TYPES

router = APIRouter()

KINDS = (
    ("choice", _("Choice: one or several")),
    ("match", _("Match: pairs of two sides")),
    ("numeric", _("Number with tolerance and unit")),
    ("short", _("Short answer")),
    ("essay", _("Essay")),
    ("code", _("Program with tests")),
    ("drawing", _("Drawing")),
    ("file", _("Files handed in")),
    ("recording", _("Recording: audio or video")),
)
KIND_NAMES = dict(KINDS)
CERTIFICATE_KINDS = (
    ("certification", _("Certification: a whole exam of a subject")),
    ("micro-credential", _("Micro-credential: a part that others add to")),
    ("competency", _("Competency: one thing that somebody can do")),
)
STEPS = {"up": -1, "down": 1}

TOOLS = (
    ("calculator", _("Calculator")),
    ("scientific", _("Scientific calculator")),
    ("highlighter", _("Highlighter")),
    ("notes", _("Notes")),
    ("eliminate", _("Striking options out")),
    ("line_reader", _("Line reader")),
    ("zoom", _("Larger text")),
    ("contrast", _("High contrast")),
    ("read_aloud", _("Reading aloud")),
)


@dataclass(frozen=True)
class ExamList(Page):
    template: ClassVar[str] = "exams/list.html"
    exams: list[queries.ExamListed]
    search: str


@dataclass(frozen=True)
class NewExam(FormPage):
    template: ClassVar[str] = "exams/new.html"
    title: str = ""
    minutes: str = "60"
    source: str = ""
    problems: list[ProblemOut] = field(default_factory=list)


@dataclass(frozen=True)
class Editor(FormPage):
    """The page editor: the questions in order, and the exam's settings."""

    template: ClassVar[str] = "exams/editor.html"
    exam: ExamHead
    items: list[OutlineItem]
    points: float
    settings: Blank
    comments: int
    sections: tuple[Section, ...] = ()
    pools: tuple[Pool, ...] = ()
    titles: dict[str, str] = field(default_factory=dict)
    kinds: tuple[tuple[str, str], ...] = KINDS
    kind_names: dict[str, str] = field(default_factory=lambda: KIND_NAMES)
    tools: tuple[tuple[str, str], ...] = TOOLS
    certificate_kinds: tuple[tuple[str, str], ...] = CERTIFICATE_KINDS
    skill_types: tuple[str, ...] = TYPES
    said: str | None = None
    conflict: str | None = None

    @property
    def skill_rows(self) -> int:
        """The filled rows and two more."""
        return 2 + sum(bool(self.settings[f"skill-{at}-name"] or self.settings[f"skill-{at}-url"]) for at in range(40))


@dataclass(frozen=True)
class TextEditor(Page):
    """The file as text, with what is wrong in it by line."""

    template: ClassVar[str] = "exams/text.html"
    exam: ExamHead
    source: str
    revision: int
    problems: list[ProblemOut]
    conflict: str | None = None
    said: str | None = None
    updated_at: datetime | None = None


@router.get("/exams")
async def exam_list(request: Request, actor: ExamStaff, session: Session, search: Search = "") -> HTMLResponse:
    """The exams one may edit."""
    return show(request, ExamList(await queries.list_exams(session, owner_filter(actor), search), search))


@router.get("/exams/new")
async def new_exam(request: Request, _: ExamStaff) -> HTMLResponse:
    """Start from a title, or from a file."""
    return show(request, NewExam())


@router.post("/exams/new")
async def create_exam(request: Request, form: FormData, actor: ExamStaff, session: Session, now: Now) -> Response:
    """Keep the new draft and go to its editor."""
    source = form.get("source", "").replace("\r\n", "\n")
    title, minutes = form.get("title", "").strip(), form.get("minutes", "60").strip()
    try:
        if not source.strip():
            number = forms.settings_data({"duration_minutes": minutes}, {}).get("duration_minutes")
            source = writing.write(read_exam(editing.starter(title, number)))
        record = await drafts.create(session, ExamIn(source=source), now, actor.id)
    except ItemError as error:
        named = [("minutes" if name == "duration_minutes" else name, text) for name, text in item_problems(error)]
        return show(request, NewExam(title, minutes, errors=named), 422)
    except ExamFileWrong as error:
        found = [ProblemOut(**each) for each in error.extra["problems"]]
        return show(request, NewExam(title, minutes, source, found), 422)
    return go(f"/exams/{record.id}", "created")


@router.get("/exams/{exam_id}")
async def editor(request: Request, exam: OwnExam, said: Said) -> Response:
    """The page editor; a file that today's rules do not accept opens as text."""
    checked = checking.check(exam.exam.source)
    if checked.exam is None:
        return go(f"/exams/{exam.exam.id}/text")
    return show(request, _editor(exam, forms.settings_form(to_data(checked.exam)), said=said))


def _editor(
    exam: queries.ExamListed,
    settings: dict[str, str],
    errors: Problems | None = None,
    said: str | None = None,
    conflict: str | None = None,
) -> Editor:
    checked = checking.check(exam.exam.source)
    draft, outline = checked.exam, checked.outline
    return Editor(
        exam=head(exam, "questions"),
        items=outline.items if outline else [],
        points=outline.max_points if outline else 0,
        settings=Blank(settings),
        comments=writing.count_comments(exam.exam.source),
        sections=draft.sections if draft else (),
        pools=draft.pools if draft else (),
        titles={item.id: item.title for item in draft.items} if draft else {},
        errors=errors or [],
        said=said,
        conflict=conflict,
    )


@router.post("/exams/{exam_id}/settings")
async def change_settings(
    request: Request, form: FormData, exam: OwnExam, actor: ExamStaff, session: Session, now: Now
) -> Response:
    """Write the exam's own settings into the file."""
    try:
        source = editing.changed(exam.exam.source, lambda data: forms.settings_data(form, data))
        await drafts.change(session, exam.exam, source, revision_of(form), now, actor.id)
    except ItemError as error:
        return show(request, _editor(exam, form, item_problems(error)), 422)
    except EditedElsewhere as error:
        page = _editor(exam, form, conflict=str(error))
        # The form keeps the revision it was filled in at: a second click must not write over theirs unseen.
        return show(request, replace(page, exam=replace(page.exam, revision=revision_of(form))), 409)
    return go(f"/exams/{exam.exam.id}", "saved")


@router.post("/exams/{exam_id}/items")
async def change_items(
    request: Request, form: FormData, exam: OwnExam, actor: ExamStaff, session: Session, now: Now
) -> Response:
    """Add, move or delete a question, move a section: one button each."""
    action, _colon, name = form.get("action", "").partition(":")
    address, said = f"/exams/{exam.exam.id}", "moved"
    if action == "add":
        name = editing.free_id(exam.exam.source, form.get("kind", ""))
        change, address, said = editing.add_item(form.get("kind", ""), name), f"{address}/items/{name}", ""
    elif action == "delete":
        change, said = editing.delete_item(name), "deleted"
    elif action in ("up", "down"):
        change, address = editing.move_item(name, STEPS[action]), f"{address}#item-{name}"
    else:
        kind, _dash, way = action.partition("-")
        moved = arranging.move_section if kind == "section" else arranging.move_entry
        change, address = moved(name, STEPS.get(way, 1)), f"{address}#sections"
    try:
        source = editing.changed(exam.exam.source, change)
        await drafts.change(session, exam.exam, source, revision_of(form), now, actor.id)
    except (ItemError, EditedElsewhere) as error:
        settings = forms.settings_form(to_data(checking.read_draft(exam.exam.source)))
        if isinstance(error, EditedElsewhere):
            return show(request, _editor(exam, settings, conflict=str(error)), 409)
        return show(request, _editor(exam, settings, [("questions", _("An exam needs at least one question."))]), 409)
    return go(address, said)


@router.get("/exams/{exam_id}/text")
async def text_editor(request: Request, exam: OwnExam, said: Said) -> HTMLResponse:
    """The file as it stands."""
    problems = list(checking.check(exam.exam.source).problems)
    return show(request, TextEditor(head(exam, "text"), exam.exam.source, exam.exam.revision, problems, said=said))


@router.post("/exams/{exam_id}/text")
async def change_text(
    request: Request, form: FormData, exam: OwnExam, actor: ExamStaff, session: Session, now: Now
) -> Response:
    """Keep the text if it is a right exam file; else show it again with its problems. Nothing typed is lost."""
    source, revision = form.get("source", "").replace("\r\n", "\n"), revision_of(form)
    page_head = head(exam, "text")
    try:
        await drafts.change(session, exam.exam, source, revision, now, actor.id)
    except ExamFileWrong as error:
        problems = [ProblemOut(**each) for each in error.extra["problems"]]
        return show(request, TextEditor(page_head, source, revision, problems), 422)
    except EditedElsewhere as error:
        return show(request, TextEditor(page_head, source, revision, [], conflict=str(error)), 409)
    return go(f"/exams/{exam.exam.id}/text", "saved")


@router.get("/exams/{exam_id}/file")
async def download_file(exam: OwnExam) -> Response:
    """The exam file, to keep or to bring into another installation."""
    headers = {"Content-Disposition": f'attachment; filename="exam-{exam.exam.id}.yaml"'}
    return Response(exam.exam.source, media_type="application/yaml", headers=headers)
