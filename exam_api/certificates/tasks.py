"""What the worker does for certificates."""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts.queries import Place, find_place
from exam_api.certificates import queries
from exam_api.certificates.service import (
    anchoring,
    announcing,
    batches,
    checking,
    heads,
    issuing,
    withdrawing,
    witnessing,
)
from exam_api.db.jobs import each_alone
from exam_api.db.models.certificates import Certificate
from exam_api.db.session import transaction
from exam_api.errors import CertificateNotEarned
from exam_api.grades.service import standing
from exam_api.installation import NotYet, Workshop
from exam_api.web.i18n import _

log = logging.getLogger("exam_api.log")
VOID = "attempt-voided"
VOIDED = _("The attempt that earned it was voided by a person's decision.")


async def issue_if_earned(workshop: Workshop, payload: dict[str, Any]) -> None:
    """After a release: a pass gets its one certificate. Running it twice changes nothing."""
    async with transaction(workshop.here.sessions) as session:
        place = await find_place(session, UUID(payload["attempt_id"]))
        if place is None:
            return
        await _issue(session, workshop, place)


async def _issue(
    session: AsyncSession, workshop: Workshop, place: Place, instead_of: Certificate | None = None
) -> None:
    try:
        await issuing.issue(session, workshop.here, place, workshop.now(), workshop.chance, instead_of)
    except CertificateNotEarned:
        return


async def revoke_if_voided(workshop: Workshop, payload: dict[str, Any]) -> None:
    """After a decision: a certificate that rests on the voided attempt is revoked, and so is one that without it is earned no
    more, or with another score; where what is left is a pass, there is a new one, also where there was none. It was a person
    who voided it; this only follows. What a person revoked stays so.
    """
    if payload["outcome"] != "void":
        return
    async with transaction(workshop.here.sessions) as session:
        place = await find_place(session, UUID(payload["attempt_id"]))
        if place is None:
            return
        # Attempts, then the certificate, then the log: whoever issues takes them in this order too.
        left = await standing.of_person(session, workshop.here, place.sitting, place.attempt.candidate_id, lock=True)
        own = await queries.find_of_person(session, place.sitting.id, place.attempt.candidate_id)
        row = await queries.lock_row(session, own.id) if own else None
        if row is not None and row.revoked_at is None and not issuing.still_holds(row, left):
            await withdrawing.revoke(session, workshop.here, row, VOID, VOIDED, None, workshop.now())
        if row is None or (row.revoked_reason == VOIDED and row.erased_at is None):
            await _issue(session, workshop, place, instead_of=row)


async def log_heads(workshop: Workshop, _: dict[str, Any]) -> None:
    """After a submission: its seal goes into the public log, with all others that wait, a transaction for each batch."""
    while True:
        async with transaction(workshop.here.sessions) as session:
            if await heads.log_waiting(session, workshop.here, workshop.now(), workshop.chance) < heads.BATCH:
                return


async def ask_witnesses(workshop: Workshop, _: dict[str, Any]) -> None:
    """After each checkpoint, and each minute for those that did not answer: witnesses cosign it. Before, the log says who they are."""
    async with transaction(workshop.here.sessions) as session:
        await announcing.announce(session, workshop.here, workshop.now())
    await witnessing.ask(workshop.here)


async def anchor_heads(workshop: Workshop, _: dict[str, Any]) -> None:
    """Every few minutes: a head of the log goes to the places outside where it is time, and what waits there is looked after."""
    await anchoring.keep_up(workshop.here, workshop.now())


async def check_log(workshop: Workshop, _: dict[str, Any]) -> None:
    """Each night: nothing in the log was changed behind its signed heads. What differs is said in the worker's log."""
    async with transaction(workshop.here.sessions) as session:
        size = await checking.check(session, workshop.here)
    log.info("the public log was checked: %d entries", size)


async def issue_batch(workshop: Workshop, payload: dict[str, Any]) -> None:
    """After a list was approved: its certificates, some hundreds in a transaction. Running it twice, or after a kill, gives
    each row one certificate and no more. A list that is not what was approved is left alone, and said so.
    """
    batch_id = UUID(payload["batch_id"])
    async with transaction(workshop.here.sessions) as session:
        batch = await queries.find_batch(session, batch_id)
        if batch is None or batch.approved_at is None or batch.finished_at is not None:
            return
        if not await batches.intact(session, batch):
            log.error("the list %s is not what was approved: no certificate is given", batch_id)
            return
    while True:
        async with transaction(workshop.here.sessions) as session:
            if not await batches.give_some(session, workshop.here, batch_id, workshop.now(), workshop.chance):
                return


async def issue_batches_left(workshop: Workshop, _: dict[str, Any]) -> None:
    """Each minute: lists whose job was lost go on."""
    async with transaction(workshop.here.sessions) as session:
        waiting = await queries.unfinished_batches(session)
    await each_alone(waiting, lambda each: issue_batch(workshop, {"batch_id": str(each)}))


async def forget_listing(workshop: Workshop, payload: dict[str, Any]) -> None:
    """After a certificate was revoked or erased: nothing that finds it by name is left, also where it was a former name."""
    async with transaction(workshop.here.sessions) as session:
        await queries.unlist(session, UUID(payload["certificate_id"]))


async def forget_name(workshop: Workshop, payload: dict[str, Any]) -> None:
    """After a certificate was erased: the list that it came from forgets the name too, once all of that list is given; until
    then the name is part of what was approved.
    """
    async with transaction(workshop.here.sessions) as session:
        found = await queries.row_of(session, UUID(payload["certificate_id"]))
        if found is None:
            return
        row, batch = found
        if batch.finished_at is None:
            raise NotYet(timedelta(minutes=5))
        row.name, row.result, row.earned_on = "", None, None
