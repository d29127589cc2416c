"""What the worker does for certificates after they were issued."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from credentials.achievement.renewal import LETTERS, letter
from exam_api.certificates.queries import lock_rows
from exam_api.certificates.service import withdrawing
from exam_api.db.jobs import each_alone
from exam_api.db.models.renewing import FAILED
from exam_api.db.session import transaction
from exam_api.installation import Workshop
from exam_api.mail import MailRefused, MailWaits, send
from exam_api.upkeep import queries
from exam_api.upkeep.queries import Ending
from exam_api.upkeep.service import reminding, renewing
from exam_api.upkeep.service.reminding import Letter
from exam_api.web.i18n import _

log = logging.getLogger("exam_api.upkeep")
FORMER = _("The certificate that it renews was taken back.")
FOLLOWED = {"attempt-voided", "issued-in-error", "fraud"}  # codes that say that it was never earned
LATE = timedelta(days=30)  # whoever held a certificate when the worker slept through its end is still told


async def renew_ready(workshop: Workshop, _: dict[str, Any]) -> None:
    """Each hour: certificates whose window has opened and whose credits suffice are renewed."""
    now = workshop.now()
    async with transaction(workshop.here.sessions) as session:
        waiting = await queries.renewable(session, now)

    async def renew(certificate_id: UUID) -> None:
        async with transaction(workshop.here.sessions) as session:
            await renewing.renew(session, workshop.here, certificate_id, now, workshop.chance)

    await each_alone(waiting, renew)


async def join_exam(workshop: Workshop, payload: dict[str, Any]) -> None:
    """After a certificate was issued: where its exam renews an earlier one, it takes that one's place."""
    async with transaction(workshop.here.sessions) as session:
        await renewing.join_exam(session, workshop.here, UUID(payload["certificate_id"]), workshop.now())


async def follow_revocation(workshop: Workshop, payload: dict[str, Any]) -> None:
    """After a revocation that says that it was never earned: what only renewed it is revoked with it, and so on down."""
    code = payload.get("code", "unspecified")
    if code not in FOLLOWED:
        return
    async with transaction(workshop.here.sessions) as session:
        found = await lock_rows(session, await queries.followers(session, UUID(payload["certificate_id"])))
        rows = [row for row in found if row.revoked_at is None]
        if rows:  # in one version of the lists: the log is locked after all of them
            await withdrawing.revoke_all(session, workshop.here, rows, code, FORMER, None, workshop.now())


async def delete_files(workshop: Workshop, payload: dict[str, Any]) -> None:
    """After activities were taken back or erased: the files that were handed in with them. Running it twice changes nothing."""
    for blob in payload["blobs"]:
        with suppress(FileNotFoundError):
            await workshop.here.blobs.delete_async(blob)


async def remind(workshop: Workshop, _: dict[str, Any]) -> None:
    """Each hour: one letter to each holder whose certificate comes near its end. Without a mail server nobody is told, and
    nothing is noted: who switches one on later does not find the letters of the past gone out.

    A worker that dies between the server's word and our note sends the same letter again, under the same name. A letter that
    cannot be composed stops no other: it is noted as failed, which operators see, and tried again each hour.
    """
    here, now = workshop.here, workshop.now()
    if here.mail is None:
        return
    async with transaction(here.sessions) as session:
        found = await queries.ending(session, now - LATE, now + timedelta(days=max(LETTERS)))
    for each in found:
        until = each.certificate.valid_until
        days = None if until is None else letter(until, each.told, now)
        if days is not None and (state := await _write(workshop, each, days)) is not None:
            async with transaction(here.sessions) as session:
                await queries.put_reminder(session, each.certificate.id, days, state, now)


async def _write(workshop: Workshop, ending: Ending, days: int) -> str | None:
    """What became of the letter; None: the server wants it later."""
    here, row = workshop.here, ending.certificate
    assert here.mail is not None
    try:
        mail = await _compose(workshop, ending, days)
    except DBAPIError:  # that is no fault of the letter
        raise
    except Exception:
        log.exception("the letter about the end of certificate %s cannot be composed; the others go out", row.id)
        return FAILED
    try:
        await asyncio.to_thread(send, here.mail, mail, ending.person.email)
    except MailRefused as error:
        log.warning("the letter about the end of certificate %s was refused: %s", row.id, error)
        return "refused"
    except MailWaits as error:
        log.warning("the letter about the end of certificate %s waits: %s", row.id, error)
        return None
    return "sent"


async def _compose(workshop: Workshop, ending: Ending, days: int) -> EmailMessage:
    here, row, now = workshop.here, ending.certificate, workshop.now()
    assert here.mail is not None
    async with transaction(here.sessions) as session:
        rule = renewing.rule_of(await renewing.terms_of(session, here, row), row)
        progress = None if rule is None else await renewing.progress(session, row, rule, now)
    about = Letter(row, ending.person, days, progress, or_exam=rule is not None and rule.or_exam)
    return reminding.compose(here, here.mail, about, now)
