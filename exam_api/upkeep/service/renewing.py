"""Keeping certificates valid: activities that their holders note and staff accept, and the renewal that follows from enough.

The former certificate stays valid until its own end, so that an address that was handed out does not turn red; the new one begins
now, names it, and ends as much later as the exam says, counted from the former's end.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import obstore
from sqlalchemy.ext.asyncio import AsyncSession

from credentials.achievement import renewal
from credentials.achievement.renewal import Activity, Progress, Rule
from credentials.issuance import certificate as core
from exam_api.attempts.queries import get_exam
from exam_api.certificates.queries import get_person, lock_row, lock_rows
from exam_api.certificates.schemas import TermsIn
from exam_api.certificates.service.awarding import Again, Gift, give
from exam_api.certificates.service.issuing import years_after
from exam_api.db import ledger
from exam_api.db.jobs import Later, enqueue
from exam_api.db.models.certificates import Certificate
from exam_api.db.models.renewing import CreditActivity
from exam_api.errors import Invalid, NotFound, WrongState
from exam_api.events import CertificateReplaced, CreditsDecided, CreditsNoted, CreditsTakenBack
from exam_api.installation import Installation, NotYet
from exam_api.upkeep import queries
from exam_api.upkeep.schemas import MAX_FILE, ActivityDecisionIn, ActivityIn
from exam_api.web.i18n import _
from grading.exam import Certificate as Terms

DELETE = "upkeep.tasks.delete_files"  # as the worker names it
MOST = 200  # activities of one certificate
KINDS = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
NO_RULE = _("This certificate is not renewed: what earned it names no rule for that, or it does not end.")
NOT_NOW = _("This certificate was taken back or has ended; nothing can be noted for it any more.")
OUTSIDE = _("The day has to lie within the time of the certificate, and not in the future.")
TOO_MANY = _("There are 200 activities already. Take back some that were not decided yet.")
DECIDED = _("This activity was decided already.")
NOT_OWN = _("Another person has to decide about your own activities.")
WRONG_FILE = _("Choose a PDF, PNG or JPEG file of at most 4 MB.")


async def terms_of(session: AsyncSession, here: Installation, row: Certificate) -> Terms | TermsIn | None:
    """What the exam behind a certificate says of it, or the list that it was given by; None where there is neither."""
    version_id = await queries.find_root(session, row.id)
    if version_id is not None:
        return (await get_exam(session, here, version_id)).certificate
    listed = await queries.find_list_terms(session, row.id)
    return None if listed is None else TermsIn.model_validate(listed)


def rule_of(terms: Terms | TermsIn | None, row: Certificate) -> Rule | None:
    """How this certificate is renewed; None: it is not."""
    if terms is None or terms.renewal is None or row.valid_until is None or not terms.valid_years:
        return None
    return Rule(terms.renewal.credits, terms.renewal.window_days, terms.renewal.or_exam)


async def progress(session: AsyncSession, row: Certificate, rule: Rule, now: datetime) -> Progress:
    """How far it has come."""
    assert row.valid_until is not None  # a rule needs an end
    done = [Activity(each.day, each.credits, each.accepted) for each in await queries.activities_of(session, row.id)]
    return renewal.progress(rule, done, core.read(row.document).valid_from, row.valid_until, now)


async def note(
    session: AsyncSession,
    here: Installation,
    row: Certificate,
    holder: UUID,
    body: ActivityIn,
    file: tuple[str, bytes] | None,
    now: datetime,
    chance: Callable[[int], bytes],
) -> CreditActivity:
    """Note something that its holder did. Raises `WrongState`, `Invalid`."""
    rule = rule_of(await terms_of(session, here, row), row)
    if rule is None:
        raise WrongState(NO_RULE)
    assert row.valid_until is not None
    if row.revoked_at is not None or row.valid_until <= now:
        raise WrongState(NOT_NOW)
    begins = core.read(row.document).valid_from
    if not renewal.within(body.day, begins, row.valid_until) or body.day > now.date():
        raise Invalid(OUTSIDE)
    if len(await queries.activities_of(session, row.id)) >= MOST:
        raise WrongState(TOO_MANY)
    activity = CreditActivity(certificate_id=row.id, **body.model_dump(), noted_at=now)
    session.add(activity)
    await session.flush()
    if file is not None:
        activity.file_name, activity.blob = file[0][-200:], f"credits/{activity.id}"
        await _keep(here, activity, file[1], chance)
    await ledger.append(session, CreditsNoted(row.id, activity.id), now, holder)
    return activity


async def _keep(here: Installation, activity: CreditActivity, content: bytes, chance: Callable[[int], bytes]) -> None:
    if not 0 < len(content) <= MAX_FILE or media_type(content) is None:
        raise Invalid(WRONG_FILE)
    sealed = here.keyring.seal(_purpose(activity.id), content, chance)
    await obstore.put_async(here.blobs, f"credits/{activity.id}", sealed)


async def read_file(here: Installation, activity: CreditActivity) -> tuple[bytes, str]:
    """The file of an activity and its kind. Raises `NotFound`."""
    if activity.blob is None:
        raise NotFound
    try:
        found = await obstore.get_async(here.blobs, activity.blob)
    except FileNotFoundError as error:
        raise NotFound from error
    content = here.keyring.unseal(_purpose(activity.id), bytes(await found.bytes_async()))
    return content, media_type(content) or "application/octet-stream"


def media_type(content: bytes) -> str | None:
    """By its first bytes, never by its name."""
    return next((kind for mark, kind in KINDS.items() if content.startswith(mark)), None)


def _purpose(activity_id: UUID) -> bytes:
    return b"credit-file:" + activity_id.bytes


async def take_back(session: AsyncSession, activity: CreditActivity, holder: UUID, now: datetime) -> None:
    """Its holder does not want it noted any more. Raises `WrongState` once it was decided."""
    if activity.decided_at is not None:
        raise WrongState(DECIDED)
    blob, told = activity.blob, CreditsTakenBack(activity.certificate_id, activity.id)
    await session.delete(activity)
    await session.flush()
    await ledger.append(session, told, now, holder)
    await forget_files(session, [] if blob is None else [blob])


async def forget_files(session: AsyncSession, blobs: Sequence[str]) -> None:
    """The worker deletes these once the transaction has committed: a row that stays never names a file that is gone."""
    if blobs:
        await enqueue(session, Later(DELETE, {"blobs": list(blobs)}))


async def decide(
    session: AsyncSession,
    here: Installation,
    activity: CreditActivity,
    body: ActivityDecisionIn,
    actor_id: UUID,
    now: datetime,
    chance: Callable[[int], bytes],
) -> Certificate | None:
    """Accept or refuse an activity that the caller has locked; the new certificate where it now is enough."""
    if activity.decided_at is not None:
        raise WrongState(DECIDED)
    holders = await queries.holders_of(session, [activity.certificate_id])
    if holders[activity.certificate_id].id == actor_id:
        raise WrongState(NOT_OWN)
    activity.decided_at, activity.decided_by = now, actor_id
    activity.accepted, activity.words = body.accepted, body.words
    await session.flush()
    told = CreditsDecided(activity.certificate_id, activity.id, body.accepted)
    await ledger.append(session, told, now, actor_id)
    return await renew(session, here, activity.certificate_id, now, chance)


async def renew(
    session: AsyncSession, here: Installation, certificate_id: UUID, now: datetime, chance: Callable[[int], bytes]
) -> Certificate | None:
    """The renewed certificate, made now if it is ready for that; else None. Running it twice makes one."""
    row = await lock_row(session, certificate_id)
    gone = row.revoked_at is not None or row.suspended_at is not None or row.erased_at is not None
    if gone or row.valid_until is None or await queries.was_renewed(session, row.id):
        return None
    terms = await terms_of(session, here, row)
    rule = rule_of(terms, row)
    if terms is None or rule is None or (await progress(session, row, rule, now)).state != "ready":
        return None
    holder = await get_person(session, (await queries.holders_of(session, [row.id]))[row.id].id)
    again = Again(core.read(row.document).recipient, now, years_after(row.valid_until, terms.valid_years or 0))
    made = await give(session, here, Gift(holder, again, replaces=row, linked=True), now, chance)
    await ledger.append(session, CertificateReplaced(made.id, row.id, "renewal"), now)
    return made


async def join_exam(session: AsyncSession, here: Installation, certificate_id: UUID, now: datetime) -> None:
    """A certificate that an exam earned now takes the place of the one that the same exam earned before, where its rule says
    that passing again renews it. The former stays valid until its own end.
    """
    row = await session.get_one(Certificate, certificate_id)
    version_id = await queries.find_root(session, row.id)
    if row.attempt_id is None or row.replaces_id is not None or version_id is None or row.revoked_at is not None:
        return
    terms = (await get_exam(session, here, version_id)).certificate
    place = await queries.find_sitting_of(session, row.attempt_id)
    exam_id = await queries.find_exam_id(session, version_id)
    if terms is None or terms.renewal is None or not terms.renewal.or_exam or place is None or exam_id is None:
        return
    former = await queries.former_of_exam(session, place.user_id, exam_id, place.sitting_id)
    if former is None or former.issued_at >= row.issued_at:
        return
    await lock_rows(session, [row.id, former.id])
    if row.revoked_at is not None or row.replaces_id is not None or former.revoked_at or former.erased_at:
        raise NotYet(timedelta(0))  # something happened to one of them meanwhile: look again
    row.replaces_id = former.id
    await session.flush()
    await ledger.append(session, CertificateReplaced(row.id, former.id, "result"), now)
