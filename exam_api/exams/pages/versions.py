"""The whole exam as a candidate sees it; publishing, and what was published."""

import hashlib
import json
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from exam_api.db.models.exams import ExamVersion
from exam_api.errors import NotTried, ReferenceFails, status_of
from exam_api.exams.access import ExamStaff, OwnExam, OwnVersion
from exam_api.exams.pages.frame import ExamHead, FormData, Said, go, head
from exam_api.exams.pages.items import FIRST_SEED, rendered
from exam_api.exams.queries import exams as queries
from exam_api.exams.schemas import ExamCheckOut, PublishIn
from exam_api.exams.service import checklist, drafts, publishing
from exam_api.exams.service.checking import read_draft
from exam_api.installation import Installation
from exam_api.web.context import show
from exam_api.web.deps import Here, Now, Session
from exam_api.web.formulas import mistakes
from exam_api.web.markdown import to_html
from exam_api.web.render import Page
from grading.deal import deal
from grading.exam import public
from grading.kinds.code import Code
from grading.room import Stimulus

router = APIRouter(prefix="/exams/{exam_id}")
Seed = Annotated[str, Query(pattern="^[0-9a-f]{32}$")]


@dataclass(frozen=True)
class Preview(Page):
    """Every question as a candidate will see it, one below the other."""

    template: ClassVar[str] = "exams/preview.html"
    exam: ExamHead
    shown: dict[str, Any]
    description: Markup
    items: list[dict[str, Any]]
    seed: str
    other_seed: str
    differs: bool
    stimuli: list[tuple[Stimulus, Markup, list[str]]]


@dataclass(frozen=True)
class Publish(Page):
    """The last look before a version is frozen, and the versions there are."""

    template: ClassVar[str] = "exams/publish.html"
    exam: ExamHead
    points: list[checklist.Point]
    versions: list[tuple[ExamVersion, str]]
    is_new: bool
    check: ExamCheckOut
    untried: list[Code]  # programs that are published only by somebody who says so
    tried: int
    problem: str | None
    said: str | None


@dataclass(frozen=True)
class Version(Page):
    """A frozen version: its digest and the JSON the digest covers."""

    template: ClassVar[str] = "exams/version.html"
    exam: ExamHead
    version: ExamVersion
    published_by: str
    definition: str
    is_whole: bool
    said: str | None


@router.get("/preview")
async def preview(request: Request, exam: OwnExam, seed: Seed = FIRST_SEED) -> HTMLResponse:
    """The draft as the candidate with this seed sees it."""
    draft = read_draft(exam.exam.source)
    other = hashlib.sha256(seed.encode()).hexdigest()[:32]
    forms = [deal(draft, each).exam for each in (seed, other)]
    shown = public(forms[0])
    for section in shown.get("sections", []):
        section["html"] = to_html(section.get("intro", ""))
    page = Preview(
        exam=head(exam, "preview"),
        shown=shown,
        description=to_html(draft.description),
        items=[rendered(item) for item in shown["items"]],
        seed=seed,
        other_seed=other,
        differs=forms[0] != forms[1],
        stimuli=[(each, to_html(each.text), mistakes(each.text)) for each in draft.stimuli],
    )
    return show(request, page)


async def _publish(
    exam: OwnExam, session: Session, here: Installation, said: str | None = None, problem: str | None = None
) -> Publish:
    draft = read_draft(exam.exam.source)
    versions = list(await queries.list_versions(session, exam.exam.id))
    fingerprint = drafts.digest_of(draft)
    tried, bare = publishing.programs_of(draft)
    check = await publishing.state_of(session, exam.exam.id, fingerprint)
    return Publish(
        exam=head(exam, "publish"),
        points=checklist.checklist(draft, looks_at_life=here.looks_at_life),
        versions=versions,
        is_new=not versions or versions[0][0].digest != fingerprint,
        check=check,
        untried=[*bare, *(tried if check.state == "unable" else [])],
        tried=len(tried),
        problem=problem,
        said=said,
    )


@router.get("/publish")
async def publish_page(request: Request, exam: OwnExam, session: Session, here: Here, said: Said) -> HTMLResponse:
    """The checklist, the button, what the reference solutions showed, the versions."""
    return show(request, await _publish(exam, session, here, said))


@router.post("/publish")
async def publish(
    request: Request, form: FormData, exam: OwnExam, actor: ExamStaff, session: Session, here: Here, now: Now
) -> Response:
    """Freeze the draft and show what was frozen; or have its programs tried first, or only tried, and show how that goes."""
    if form["action"] == "try":
        await publishing.ask(session, exam.exam.id, now, actor.id)
        return go(f"/exams/{exam.exam.id}/publish#publish")
    body = PublishIn(untried=bool(form["untried"]), again=bool(form["again"]))
    try:
        version = await publishing.publish(session, exam.exam.id, body, now, actor.id)
    except (NotTried, ReferenceFails) as error:
        return show(request, await _publish(exam, session, here, problem=str(error)), status_of(error))
    if version is None:
        return go(f"/exams/{exam.exam.id}/publish#publish")
    said = "unchanged" if version.number == exam.version else "published"
    return go(f"/exams/{exam.exam.id}/versions/{version.number}", said)


@router.get("/versions/{number}")
async def version_page(request: Request, exam: OwnExam, version: OwnVersion, said: Said) -> HTMLResponse:
    """What a version says, to the letter."""
    text = json.dumps(drafts.definition_of(version.row), indent=2, ensure_ascii=False, sort_keys=True)
    whole = drafts.is_whole(version.row)
    page = Version(head(exam, "publish"), version.row, version.published_by, text, whole, said)
    return show(request, page)


@router.get("/versions/{number}/file")
async def version_file(version: OwnVersion) -> Response:
    """The file that this version was frozen from."""
    name = f"exam-{version.row.exam_id}-v{version.row.number}.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(version.row.source, media_type="application/yaml", headers=headers)
