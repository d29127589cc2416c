"""Take in a recovery file: prove where it comes from, show what is new in it, keep it beside the chain with who and why."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.attempt import recovery
from credentials.attempt.receipts import answer_hash
from credentials.attempt.recovery import Recovery, Unsent
from credentials.errors import CredentialError
from exam_api.attempts import queries
from exam_api.attempts.queries import Place
from exam_api.attempts.service.aside import checked
from exam_api.attempts.service.states import Status
from exam_api.db import ledger
from exam_api.db.models.attempts import AsideAnswer
from exam_api.errors import Invalid, UnknownItem, WrongState
from exam_api.events import RecoveryTaken
from exam_api.installation import Installation
from exam_api.web.i18n import _


class Weight(StrEnum):
    """What an answer in the file is, against what we hold."""

    new = "new"  # given in time, newer than what we hold: it will count
    held = "held"  # we have exactly this
    older = "older"  # we hold a newer answer to this question
    late = "late"  # written after the end


@dataclass(frozen=True)
class Held:
    """The answer that counts for one item now, and when it was given."""

    digest: str
    given_at: datetime


@dataclass(frozen=True)
class Weighed:
    """One answer of the file and its weight."""

    unsent: Unsent
    weight: Weight


@dataclass(frozen=True)
class Found:
    """A proven file, weighed."""

    file: Recovery
    answers: tuple[Weighed, ...]

    @property
    def new(self) -> int:
        return sum(each.weight is Weight.new for each in self.answers)


def weigh(answers: Iterable[Unsent], held: Mapping[str, Held], ends_at: datetime) -> tuple[Weighed, ...]:
    """Of each item at most one answer is new: the newest of the file that was given in time and after what we hold."""
    listed = sorted(answers, key=lambda each: each.place)
    newest = {each.item: each.place for each in listed if each.created_at <= ends_at}

    def weight(each: Unsent) -> Weight:
        ours = held.get(each.item)
        if ours is not None and ours.digest == answer_hash(each.answer):
            return Weight.held
        if each.created_at > ends_at:
            return Weight.late
        if newest[each.item] != each.place or (ours is not None and ours.given_at >= each.created_at):
            return Weight.older
        return Weight.new

    return tuple(Weighed(each, weight(each)) for each in listed)


async def read(session: AsyncSession, here: Installation, place: Place, document: bytes) -> Found:
    """What this file would add. Raises `WrongState` while the exam runs, `Invalid` for a file that proves nothing here."""
    attempt = place.attempt
    if attempt.status != Status.submitted or attempt.released_at is not None or attempt.ends_at is None:
        raise WrongState(
            _("A recovery file is taken in between the end of the exam and the release of the result, not now.")
        )
    try:
        file = recovery.open_file(document, here.keyring.recovery, here.keyring.time_keys)
    except CredentialError as error:
        raise Invalid(_("This file cannot be used: {text}").format(text=error)) from error
    if file.attempt != str(attempt.id):
        raise Invalid("This file belongs to another attempt.")
    if file.jkt not in await queries.devices_of(session, attempt):
        raise Invalid("This file was written by a device that never had this attempt.")
    exam = await queries.get_form(session, here, place)
    for each in file.answers:
        try:
            checked(exam, each.item, each.answer)
        except UnknownItem as error:
            raise Invalid(str(error)) from error
    return Found(file, weigh(file.answers, await _held(session, attempt.id), attempt.ends_at))


async def _held(session: AsyncSession, attempt_id: UUID) -> dict[str, Held]:
    held = {
        row.item: Held(row.answer_hash, min(row.created_at or row.received_at, row.received_at))
        for row in await queries.latest_responses(session, attempt_id)
    }
    taken = [row for row in await queries.aside_of(session, attempt_id) if row.counts]
    return held | {row.item: Held(row.answer_hash, row.created_at) for row in taken}


async def take(
    session: AsyncSession,
    here: Installation,
    place: Place,
    document: bytes,
    actor_id: UUID,
    reason: str,
    now: datetime,
) -> Found:
    """Keep what the file adds beside the chain: the chain and its seal stay as they are. Graded again afterwards."""
    if len(reason.strip()) < 3:
        raise Invalid("Say why in 3 characters or more: it is kept with the file.")
    found = await read(session, here, place, document)
    for each in found.answers:
        if each.weight is Weight.held:
            continue
        unsent = each.unsent
        await queries.keep_aside(
            session,
            AsideAnswer(
                attempt_id=place.attempt.id,
                source="file",
                jkt=found.file.jkt,
                place=unsent.place,
                base=unsent.base,
                item=unsent.item,
                answer=unsent.answer,
                answer_hash=answer_hash(unsent.answer),
                created_at=unsent.created_at,
                received_at=now,
                counts=each.weight is Weight.new,
                taken_by=actor_id,
                reason=reason.strip(),
            ),
        )
    event = RecoveryTaken(
        place.attempt.id, place.sitting.id, found.file.digest, found.file.jkt, found.new, reason.strip()
    )
    await ledger.append(session, event, now, actor_id)
    return found
