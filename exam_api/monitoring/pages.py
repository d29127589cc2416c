"""The live view of a sitting, and its time and breaks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from pydantic import ValidationError

from exam_api.accounts.access import Invigilator
from exam_api.attempts import queries as attempts
from exam_api.attempts.schemas import TimeIn
from exam_api.attempts.service import time
from exam_api.attempts.service.time import CHANGES
from exam_api.db.listening import Listening
from exam_api.errors import ExamError, Invalid, WrongState
from exam_api.exams.access import SeenSitting
from exam_api.monitoring import service
from exam_api.monitoring.schemas import LiveOut, SeatOut, TimeGivenOut
from exam_api.web.context import checked_form, show
from exam_api.web.deps import Here, Now, Session
from exam_api.web.i18n import _
from exam_api.web.render import Page

router = APIRouter(include_in_schema=False, dependencies=[Depends(checked_form)])
FIELDS = ("change", "amount", "reason", "who")


@dataclass(frozen=True)
class LivePage(Page):
    """Everybody in a sitting; those who need a person stand first."""

    template: ClassVar[str] = "monitoring/live.html"
    sitting_id: UUID
    title: str
    live: LiveOut
    locked_down: bool
    off: tuple[str, ...]  # what this installation does not look for, so that nobody takes silence for a clean exam


@dataclass(frozen=True)
class TimePage(Page):
    """Give time, stop clocks, start them again; and what was given so far."""

    template: ClassVar[str] = "monitoring/time.html"
    sitting_id: UUID
    title: str
    seats: list[SeatOut]
    given: list[TimeGivenOut]
    now: datetime
    values: dict[str, str]
    chosen: frozenset[str]
    error: str | None = None
    done: tuple[int, int, int] | None = None


@router.get("/sittings/{sitting_id}/live")
async def live(
    request: Request, sitting: SeenSitting, _actor: Invigilator, here: Here, session: Session, now: Now
) -> HTMLResponse:
    """The live view; a script renews its table, without one the page is reloaded by hand."""
    seen = await service.watch(session, sitting.sitting.id, now)
    exam = await attempts.get_exam(session, here, sitting.sitting.version_id)
    off, locked_down = service.off(here, exam), exam.proctoring.locked_down
    return show(request, LivePage(sitting.sitting.id, sitting.sitting.title, seen, locked_down, off))


@router.get("/sittings/{sitting_id}/live/news")
async def live_news(request: Request, sitting: SeenSitting, _actor: Invigilator) -> StreamingResponse:
    """Says when the live view should be looked at again, at most once a second."""
    listening: Listening = request.state.listening
    ear = listening.listen(sitting.sitting.id, most=service.WATCHERS)
    told = service.watch_news(listening, ear)
    return StreamingResponse(told, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _time_page(session: Session, sitting: SeenSitting, now: datetime, **more: Any) -> TimePage:
    planned = sitting.sitting
    return TimePage(
        sitting_id=planned.id,
        title=planned.title,
        seats=await service.seats(session, planned.id, planned.minutes),
        given=await service.times_given(session, planned.id),
        now=now,
        **more,
    )


@router.get("/sittings/{sitting_id}/time")
async def time_page(
    request: Request, sitting: SeenSitting, _actor: Invigilator, session: Session, now: Now, done: str = ""
) -> HTMLResponse:
    """Time and breaks; the address may name a person who is then chosen already, or say what was just done."""
    counts = [int(each) for each in done.split("-") if each.isascii() and each.isdigit() and len(each) < 6]
    said = (counts[0], counts[1], counts[2]) if len(counts) == 3 else None
    chosen = frozenset(request.query_params.getlist("person"))
    return show(
        request, await _time_page(session, sitting, now, values=dict.fromkeys(FIELDS, ""), chosen=chosen, done=said)
    )


@router.post("/sittings/{sitting_id}/time")
async def give_time(
    request: Request, sitting: SeenSitting, actor: Invigilator, here: Here, session: Session, now: Now
) -> Response:
    """Do what the form says."""
    form = await request.form()
    values = {name: str(form.get(name, "")).strip() for name in FIELDS}
    chosen = frozenset(str(each) for each in form.getlist("people"))
    try:
        body = _time_in(values, chosen)
        async with session.begin_nested():
            found = await time.change(session, here, sitting.sitting.id, body, now, actor.id)
    except (ValidationError, Invalid, WrongState) as error:
        page = await _time_page(session, sitting, now, values=values, chosen=chosen, error=_sentence(error))
        return show(request, page, 409 if isinstance(error, WrongState) else 422)
    done = f"{found.people}-{found.running}-{len(found.left_out)}"
    return RedirectResponse(f"/sittings/{sitting.sitting.id}/time?done={done}#given", 303)


def _time_in(values: dict[str, str], chosen: frozenset[str]) -> TimeIn:
    """The form as a change. Raises `Invalid` in the form's own words, `ValidationError` in the shape's."""
    everybody = values["who"] == "everybody"
    if everybody and chosen:
        raise Invalid(_("You ticked people and chose everybody. Choose one of the two."))
    if not everybody and not chosen:
        raise Invalid(_("Tick the people whose time should change, or choose everybody."))
    if values["change"] not in CHANGES:
        raise Invalid(_("Choose what to do with the time."))
    if len(values["reason"]) < 3:
        raise Invalid(_("Write down why; the candidate reads it too."))
    stands = values["change"] in {"pause", "resume"}
    if not stands and not (values["amount"].isascii() and values["amount"].isdigit() and int(values["amount"][:6])):
        raise Invalid(_("Say how much time is given: a whole number above zero."))
    return TimeIn(
        change=values["change"],
        amount=0 if stands else int(values["amount"][:6]),
        reason=values["reason"],
        people=None if everybody else [_uuid(each) for each in chosen],
    )


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Invalid(_("Somebody among these people is not on the roster.")) from error


def _sentence(error: ValidationError | ExamError) -> str:
    if isinstance(error, ExamError):
        return "; ".join(each["message"] for each in error.extra.get("problems", ())) or str(error)
    return "; ".join(each["msg"].removeprefix("Value error, ") for each in error.errors())
