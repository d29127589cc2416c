"""Certificates for many at once: one person makes the list, another approves exactly that, then the worker gives them.

Each row gets its certificate in the same transaction that signs and logs it, so a process that is killed leaves every row with
one certificate or with none, and whoever goes on finds those that wait.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import JsonObject, jcs
from credentials.issuance import certificate as core
from exam_api.certificates import queries
from exam_api.certificates.schemas import TermsIn
from exam_api.certificates.service import awarding, institution, preflight
from exam_api.certificates.service.awarding import Gift, Wanted, plain
from exam_api.certificates.service.issuing import years_after
from exam_api.certificates.service.preflight import Entry, Found
from exam_api.db import ledger
from exam_api.db.models.accounts import User
from exam_api.db.models.giving import Batch, BatchRow
from exam_api.errors import FourEyes, Invalid, WrongState
from exam_api.events import BatchApproved, BatchFinished, BatchMade, BatchWithdrawn
from exam_api.installation import Installation
from exam_api.web.i18n import _

State = Literal["waits", "withdrawn", "approved", "given"]
AT_ONCE = 200  # a lock on the log of some 0.2 s
NAMES = UUID("6b1f3f0e-6a57-4f63-9d0e-1d4c3b8f2a10")  # the space of the achievements that no exam stands behind
STOPPED = _("The list has rows that cannot be given. Mend them, or leave them out.")
NOBODY = _("No row of the list can be given.")
CHANGED = _("This is not the list that you looked at. Read it again; nothing was approved.")
DECIDED = _("This list was approved or withdrawn already.")
TAMPERED = _("The list is not what was approved, so nothing more is given. Tell an operator.")
HAS_IT = preflight.HAS_IT
ON_THEIR_WORD = (
    "Given by the issuer's staff: one person made the list of recipients, and another one checked and approved it. "
    "No exam of this platform stands behind it."
)


def achievement_id(terms: TermsIn) -> str:
    """The same words are the same achievement, so that nobody gets it twice; other words are another one."""
    said = terms.model_dump(mode="json")
    if terms.renewal is None:  # lists that were made before there was such a thing are the same achievement still
        del said["renewal"]
    return f"urn:uuid:{uuid5(NAMES, jcs(said).decode())}"


async def check(session: AsyncSession, terms: TermsIn, content: bytes, now: datetime) -> Found:
    """Every problem of every row. Raises `Invalid` where it is no table of this form."""
    # Some seconds for ten thousand rows, most of it about e-mail addresses; other requests need not wait for it.
    read = await asyncio.to_thread(preflight.read, content, terms.name, now.date())
    users = await queries.users_by_email(session, {entry.email for entry in read.entries if entry.email})
    having = await queries.having(session, {user.id for user in users.values()}, achievement_id(terms))
    problems = [*read.problems, *preflight.against(read.entries, users, having)]
    return Found(read.entries, sorted(problems, key=lambda each: (not each.stops, each.line)))


async def make(
    session: AsyncSession, title: str, terms: TermsIn, entries: Sequence[Entry], actor_id: UUID, now: datetime
) -> Batch:
    """A list of these rows, none of which anything stops. Nothing is given before another person approves it."""
    if not entries:
        raise Invalid(NOBODY)
    users = await queries.users_by_email(session, {entry.email for entry in entries})
    rows = [
        BatchRow(
            number=number,
            holder_id=users[entry.email].id,
            name=entry.name,
            earned_on=entry.earned_on,
            result=entry.result,
        )
        for number, entry in enumerate(entries, start=1)
    ]
    batch = Batch(title=title, terms=terms.model_dump(mode="json"), made_by=actor_id, made_at=now, digest="")
    batch.digest = digest(batch, rows)
    session.add(batch)
    await session.flush()
    for row in rows:
        row.batch_id = batch.id
    session.add_all(rows)
    await session.flush()
    await ledger.append(session, BatchMade(batch.id, batch.digest, len(rows)), now, actor_id)
    return batch


def digest(batch: Batch, rows: Sequence[BatchRow]) -> str:
    """SHA-256, hexadecimal, over the JCS form of everything that the list says: what is approved is this."""
    said = [
        {
            "number": row.number,
            "holder": str(row.holder_id),
            "name": row.name,
            "earned_on": row.earned_on.isoformat() if row.earned_on else None,
            "result": row.result,
        }
        for row in rows
    ]
    whole: JsonObject = {"title": batch.title, "terms": batch.terms, "rows": said}
    return hashlib.sha256(jcs(whole)).hexdigest()


def state_of(batch: Batch) -> State:
    """Where a list stands."""
    if batch.withdrawn_at is not None:
        return "withdrawn"
    if batch.approved_at is None:
        return "waits"
    return "approved" if batch.finished_at is None else "given"


async def approve(session: AsyncSession, batch: Batch, seen: str, actor_id: UUID, now: datetime) -> None:
    """Another person says that all of it is right. `seen` is the digest of what they looked at. The batch is locked.

    Raises `FourEyes`, `WrongState`.
    """
    if batch.made_by == actor_id:
        raise FourEyes
    if batch.approved_at is not None or batch.withdrawn_at is not None:
        raise WrongState(DECIDED)
    if not seen == batch.digest == digest(batch, await queries.batch_rows(session, batch.id)):
        raise WrongState(CHANGED)
    batch.approved_by, batch.approved_at, batch.approved_digest = actor_id, now, seen
    await session.flush()
    await ledger.append(session, BatchApproved(batch.id, seen), now, actor_id)


async def withdraw(session: AsyncSession, batch: Batch, reason: str, actor_id: UUID, now: datetime) -> None:
    """Before it is approved, anybody who may give certificates may withdraw it. The batch is locked. Raises `WrongState`."""
    if batch.approved_at is not None or batch.withdrawn_at is not None:
        raise WrongState(DECIDED)
    batch.withdrawn_at = now
    await session.flush()
    await ledger.append(session, BatchWithdrawn(batch.id, reason.strip()), now, actor_id)


async def intact(session: AsyncSession, batch: Batch) -> bool:
    """Whether rows and terms are still what was approved."""
    return batch.approved_digest == digest(batch, await queries.batch_rows(session, batch.id))


async def give_some(
    session: AsyncSession, here: Installation, batch_id: UUID, now: datetime, chance: Callable[[int], bytes]
) -> int:
    """Give the next rows of an approved list; how many were looked at, 0 at its end. The list is locked until then."""
    batch = await queries.find_batch(session, batch_id, lock=True)
    if batch is None or batch.approved_at is None or batch.finished_at is not None:
        return 0
    waiting = await queries.waiting_rows(session, batch.id, AT_ONCE)
    if not waiting:
        await _finish(session, batch, now)
        return 0
    terms = TermsIn.model_validate(batch.terms)
    await queries.lock_log(session)  # before looking who has it: two lists with one person wait for each other here
    have = await queries.having(session, {row.holder_id for row, _ in waiting}, achievement_id(terms))
    fresh = [(row, user) for row, user in waiting if row.holder_id not in have]
    for row, _user in waiting:
        if row.holder_id in have:  # it was given meanwhile, by another list
            row.problem = HAS_IT
    gifts = [Gift(user, wanted(terms, row, now)) for row, user in fresh]
    made = await awarding.give_all(session, here, gifts, now, chance, batch.approved_by)
    for (row, _user), given in zip(fresh, made, strict=True):
        row.certificate_id = given.id
    await session.flush()
    return len(waiting)


async def _finish(session: AsyncSession, batch: Batch, now: datetime) -> None:
    done = (await queries.progress(session, {batch.id}))[batch.id]
    batch.finished_at = now
    await session.flush()
    await ledger.append(session, BatchFinished(batch.id, done.issued, done.problems), now)


def wanted(terms: TermsIn, row: BatchRow, now: datetime) -> Wanted:
    """What the certificate of a row says."""
    shown = terms.shown or ON_THEIR_WORD
    on = f"Shown on {row.earned_on.isoformat()}. " if row.earned_on else ""
    return Wanted(
        achievement=core.Achievement(
            id=achievement_id(terms),
            name=plain(terms.name),
            description=plain(terms.description),
            criteria=plain(terms.criteria),
            kind=terms.kind,
        ),
        valid_until=years_after(now, terms.valid_years) if terms.valid_years else None,
        score=core.Score(row.result, "100") if row.result is not None else None,
        evidence=core.Evidence(plain(terms.name), plain(on + shown)),
        name=plain(row.name),
        refresh=terms.renewal is not None,
    )


def draft(here: Installation, batch: Batch, row: BatchRow, holder: User, now: datetime) -> dict[str, Any]:
    """The certificate of a row as it will be, unsigned, with an address that is the draft's own."""
    terms = TermsIn.model_validate(batch.terms)
    document = awarding.draft(here, Gift(holder, wanted(terms, row, now)), batch.id, 0, now, "draft-draft-draft")
    return {**document, "id": f"{institution.base(here)}/certificates/batches/{batch.id}/{row.number}"}
