"""One question: its form, and beside it what a candidate will see."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from exam_api.errors import EditedElsewhere, NothingToTry
from exam_api.exams.access import ExamStaff, OwnExam
from exam_api.exams.pages.drafts import KIND_NAMES
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
from exam_api.exams.service import drafts, editing, publishing
from exam_api.exams.service import form as forms
from exam_api.exams.service.checking import read_draft
from exam_api.web.context import show
from exam_api.web.deps import Now, Session
from exam_api.web.formulas import mistakes
from exam_api.web.markdown import to_html
from exam_api.web.render import Page
from grading.attachment import MEDIA_TYPES
from grading.deal import deal_item
from grading.errors import ItemError
from grading.exam import to_data
from grading.item import public, read_item
from grading.room import Stimulus
from grading.skills import Skill
from sandbox.languages import LANGUAGES

router = APIRouter(prefix="/exams/{exam_id}/items/{item_id}")

# How many empty rows follow the filled ones, and the most there can be.
SPARE = {
    "option": (2, 26),
    "pair": (2, 26),
    "distractor": (1, 26),
    "answer": (1, 200),
    "reject": (1, 200),
    "criterion": (1, 50),
    "test": (1, 100),
    "group": (1, 50),
}
MORE = 4
# What a preview shows unless told: numbers and an order of some candidate.
FIRST_SEED = "0" * 32


@dataclass(frozen=True)
class Question(Page):
    """A question as a candidate sees it, alone: what the live preview loads."""

    template: ClassVar[str] = "exams/question.html"
    item: dict[str, Any] | None
    errors: Problems


@dataclass(frozen=True)
class ItemEditor(FormPage):
    """The form of one question. `rows` says how many rows each list of it shows."""

    template: ClassVar[str] = "exams/item.html"
    exam: ExamHead
    item_id: str
    kind: str
    kind_name: str
    values: Blank
    rows: dict[str, int]
    item: dict[str, Any] | None
    revision: int
    neighbours: tuple[str | None, str | None]
    kept: tuple[str, ...] = ()  # what is edited in the text only
    compares: bool = True
    stimuli: tuple[Stimulus, ...] = ()
    skills: tuple[Skill, ...] = ()
    program_languages: tuple[str, ...] = tuple(LANGUAGES)
    file_types: tuple[str, ...] = tuple(MEDIA_TYPES)
    said: str | None = None
    conflict: str | None = None


def as_candidate(data: dict[str, Any], seed: str = FIRST_SEED) -> dict[str, Any]:
    """The public part of a question as the candidate with this seed sees it, its Markdown rendered. Raises `ItemError`."""
    item = read_item(data)
    own_order = {"shuffle": True} if data.get("shuffle") else {}
    return rendered({**public(deal_item(item, bytes.fromhex(seed))), **own_order})


def rendered(shown: dict[str, Any]) -> dict[str, Any]:
    """The public part of a question with its Markdown as HTML, and the formulas that cannot be drawn."""
    lists = {
        name: [{**each, "html": to_html(each["text"])} for each in shown.get(name, [])] for name in ("options", "left")
    }
    texts = [shown["prompt"], *(each["text"] for entries in lists.values() for each in entries)]
    wrong = [formula for text in texts for formula in mistakes(text)]
    return {**shown, "html": to_html(shown["prompt"]), **lists, "wrong_formulas": wrong}


def _preview(data: dict[str, Any]) -> tuple[dict[str, Any] | None, Problems]:
    try:
        return as_candidate(data), []
    except ItemError as error:
        return None, item_problems(error)


def _page(
    exam: OwnExam,
    item_id: str,
    data: dict[str, Any],
    revision: int,
    errors: Problems,
    said: str | None = None,
    more: str = "",
) -> ItemEditor:
    draft = read_draft(exam.exam.source)
    ids = [item.id for item in draft.items]
    at = ids.index(item_id)
    values = forms.item_form(data)
    return ItemEditor(
        exam=head(exam, "questions"),
        item_id=item_id,
        kind=str(data["kind"]),
        kind_name=KIND_NAMES[str(data["kind"])],
        values=Blank(values),
        rows={prefix: _rows(values, prefix, more) for prefix in SPARE},
        kept=tuple(forms.kept(data)),
        compares=forms.compares(data),
        item=_preview(data)[0],
        revision=revision,
        neighbours=(ids[at - 1] if at else None, ids[at + 1] if at + 1 < len(ids) else None),
        errors=errors,
        stimuli=draft.stimuli,
        skills=draft.certificate.skills if draft.certificate else (),
        said=said,
    )


def _rows(values: dict[str, str], prefix: str, more: str) -> int:
    spare, most = SPARE[prefix]
    numbers = [int(name.split("-")[1]) for name in values if name.startswith(f"{prefix}-")]
    filled = max(numbers, default=-1) + 1
    return min(filled + (MORE if more == prefix else spare), most)


def _data(form: dict[str, str], exam: OwnExam, item_id: str) -> dict[str, Any]:
    items = to_data(read_draft(exam.exam.source))["items"]
    return forms.changed_item(form, items[editing.find(items, item_id)])


@router.get("")
async def item_editor(request: Request, item_id: str, exam: OwnExam, said: Said) -> HTMLResponse:
    """The form of one question."""
    items = to_data(read_draft(exam.exam.source))["items"]
    data = items[editing.find(items, item_id)]
    return show(request, _page(exam, item_id, data, exam.exam.revision, [], said))


@router.post("")
async def change_item(
    request: Request, item_id: str, form: FormData, exam: OwnExam, actor: ExamStaff, session: Session, now: Now
) -> Response:
    """Save, or only look, or show more rows: what is typed stays in the form either way."""
    data, revision = _data(form, exam, item_id), revision_of(form)
    action, _colon, more = form.get("action", "save").partition(":")
    if action not in {"save", "try"}:
        errors = _preview(data)[1] if action == "preview" else []
        return show(request, _page(exam, item_id, data, revision, errors, more=more))
    try:
        source = editing.changed(exam.exam.source, editing.replace_item(item_id, data))
        await drafts.change(session, exam.exam, source, revision, now, actor.id)
    except ItemError as error:
        return show(request, _page(exam, item_id, data, revision, item_problems(error)), 422)
    except EditedElsewhere as error:
        page = _page(exam, item_id, data, revision, [])
        return show(request, replace(page, conflict=str(error)), 409)
    if action == "try":
        try:
            await publishing.ask(session, exam.exam.id, now, actor.id)
        except NothingToTry:  # the question is saved all the same
            return go(f"/exams/{exam.exam.id}/items/{data['id']}", "nothing-to-try")
        return go(f"/exams/{exam.exam.id}/publish", "saved")
    return go(f"/exams/{exam.exam.id}/items/{data['id']}", "saved")


@router.post("/preview")
async def preview_item(request: Request, item_id: str, form: FormData, exam: OwnExam) -> HTMLResponse:
    """The question of the form as a candidate would see it; nothing is kept."""
    item, errors = _preview(_data(form, exam, item_id))
    return show(request, Question(item, errors))
