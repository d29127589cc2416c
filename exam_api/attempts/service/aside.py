"""Beside the chain: what a device wrote and could not send before the attempt moved on. Kept, shown, never by itself a save."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.attempt.receipts import answer_hash
from credentials.attempt.session import Proof
from credentials.errors import Malformed
from exam_api.attempts import queries
from exam_api.attempts.queries import Place
from exam_api.attempts.schemas import AsideIn, AsideOut
from exam_api.attempts.service.states import STARTED, Status
from exam_api.db import ledger
from exam_api.db.models.attempts import AsideAnswer
from exam_api.errors import Invalid, NotAllowed, TooManyTries, UnknownItem, WrongState
from exam_api.events import AnswerSetAside
from exam_api.installation import Installation
from exam_api.web.i18n import _
from grading.errors import ResponseError
from grading.exam import Exam
from grading.item import check_response

MOST = 500  # per attempt: far more than questions, far less than a disk


async def set_aside(
    session: AsyncSession, here: Installation, place: Place, proof: Proof, body: AsideIn, now: datetime
) -> AsideOut:
    """Keep one answer beside the chain. The same one twice is kept once.

    Raises `NotAllowed` for a key that never held this attempt, `UnknownItem`, `Invalid`.
    """
    if place.attempt.status not in {*STARTED, Status.submitted}:
        raise WrongState
    if proof.jkt not in await queries.devices_of(session, place.attempt):
        raise NotAllowed(_("This device never had this attempt."))
    exam = await queries.get_form(session, here, place)
    row = AsideAnswer(
        attempt_id=place.attempt.id,
        source="device",
        jkt=proof.jkt,
        place=body.place,
        base=body.base,
        item=body.item,
        answer=body.answer,
        answer_hash=checked(exam, body.item, body.answer),
        created_at=body.created_at,
        received_at=now,
        counts=False,
    )
    if await queries.count_aside(session, place.attempt.id) >= MOST:
        raise TooManyTries("This attempt holds very many answers beside the chain. Please ask the invigilator.")
    kept, new = await queries.keep_aside(session, row)
    if new:
        event = AnswerSetAside(place.attempt.id, body.item, proof.jkt, body.place)
        await ledger.append(session, event, now, place.attempt.candidate_id)
    return shape(kept)


def checked(exam: Exam, item: str, answer: dict[str, object]) -> str:
    """The answer's digest, if the item exists and the answer has its shape. Raises `UnknownItem`, `Invalid`."""
    try:
        check_response(exam.item(item), answer)
        if "\x00" in repr(answer) or "\\x00" in repr(answer):
            raise Invalid("An answer cannot contain the NUL character.")
        return answer_hash(answer)
    except KeyError as error:
        raise UnknownItem from error
    except (ResponseError, Malformed) as error:
        raise Invalid(str(error)) from error


async def list_aside(session: AsyncSession, place: Place) -> list[AsideOut]:
    """Everything beside this attempt's chain, oldest first."""
    return [shape(row) for row in await queries.aside_of(session, place.attempt.id)]


def shape(row: AsideAnswer) -> AsideOut:
    """A row for the wire."""
    return AsideOut.model_validate(row, from_attributes=True)
