"""Certificates in another name: a person changed theirs, or it was misspelt. All that hold are issued once more, in one go.

The former ones are revoked as superseded. Whether the new ones name them, and their pages lead on, is the holder's choice: who
left a name behind may not want it found. Unasked, nothing links the two but a number that only we see.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.issuance import certificate as core
from exam_api.accounts.queries import people
from exam_api.certificates.service import withdrawing
from exam_api.certificates.service.awarding import Again, Gift, give_all
from exam_api.db import ledger
from exam_api.db.models.accounts import User
from exam_api.db.models.certificates import Certificate
from exam_api.db.models.renewing import NameChange
from exam_api.errors import Invalid, NotFound, WrongState
from exam_api.events import CertificateReplaced, NameAsked, NameDecided, NameTakenBack, ProfileChanged
from exam_api.installation import Installation
from exam_api.upkeep import queries
from exam_api.upkeep.schemas import NameDecisionIn, NameIn
from exam_api.web.i18n import _

SAME = _("This is the name that your certificates carry already.")
ONE = _("A wish of yours already waits for an answer. You can take it back.")
DECIDED = _("This wish was decided already.")
NOT_OWN = _("Another person has to decide about your own name.")
SUPERSEDED = _("It was issued once more in another name.")


@dataclass(frozen=True)
class By:
    """Who does it, and when; `chance` gives numbers and salts."""

    actor_id: UUID
    now: datetime
    chance: Callable[[int], bytes]


async def ask(session: AsyncSession, user_id: UUID, body: NameIn, now: datetime) -> NameChange:
    """Note the holder's wish. Raises `Invalid`, `WrongState` while another one waits."""
    user = await _lock(session, user_id)
    if any(each.decided_at is None for each in await queries.changes_of(session, user_id)):
        raise WrongState(ONE)
    held = await queries.good_of(session, user_id, now)
    if body.name == user.name and all(core.read(row.document).recipient == body.name for row in held):
        raise Invalid(SAME)
    row = NameChange(user_id=user_id, name=body.name, note=body.note, linked=body.linked, asked_at=now)
    session.add(row)
    await session.flush()
    await ledger.append(session, NameAsked(user_id, row.id, row.linked), now, user_id)
    return row


async def take_back(session: AsyncSession, user_id: UUID, change_id: UUID, now: datetime) -> None:
    """The holder's wish is gone as if it had not been. Raises `NotFound`, `WrongState`."""
    row = await queries.find_change(session, change_id, lock=True)
    if row is None or row.user_id != user_id:
        raise NotFound
    if row.decided_at is not None:
        raise WrongState(DECIDED)
    await session.delete(row)
    await session.flush()
    await ledger.append(session, NameTakenBack(user_id, change_id), now, user_id)


async def decide(
    session: AsyncSession, here: Installation, row: NameChange, body: NameDecisionIn, by: By
) -> list[Certificate]:
    """Grant or refuse a wish that the caller has locked; the new certificates. Raises `WrongState`."""
    if row.decided_at is not None:
        raise WrongState(DECIDED)
    if row.user_id == by.actor_id:
        raise WrongState(NOT_OWN)
    await _lock(session, row.user_id)  # before their stream of the ledger, as whoever changes the account does
    row.decided_at, row.decided_by, row.granted, row.words = by.now, by.actor_id, body.granted, body.words
    row.note = ""  # what proved it has done its work
    await session.flush()
    await ledger.append(session, NameDecided(row.user_id, row.id, body.granted), by.now, by.actor_id)
    if not body.granted:
        return []
    return await rename(session, here, row.user_id, row.name, by, linked=row.linked)


async def correct(session: AsyncSession, here: Installation, user_id: UUID, body: NameIn, by: By) -> list[Certificate]:
    """A registrar mends a name that was misspelt, without anybody's wish. Raises `Invalid`, `WrongState`."""
    if user_id == by.actor_id:  # before there is a wish, which a page that says so would keep
        raise WrongState(NOT_OWN)
    row = await ask(session, user_id, body, by.now)
    return await decide(session, here, row, NameDecisionIn(granted=True, words=body.note), by)


async def rename(
    session: AsyncSession, here: Installation, user_id: UUID, name: str, by: By, *, linked: bool
) -> list[Certificate]:
    """Issue everything that holds once more in this name, revoke the former ones; the account carries it too."""
    user = await _lock(session, user_id)
    if user.name != name:
        user.name = name
        await ledger.append(session, ProfileChanged(user_id, ["name"]), by.now, by.actor_id)
    held = await queries.good_of(session, user_id, by.now, lock=True)
    former = [row for row in held if core.read(row.document).recipient != name]
    if not former:
        return []
    # First these: an attempt has one certificate that holds.
    await withdrawing.revoke_all(session, here, former, "superseded", SUPERSEDED, by.actor_id, by.now)
    await session.flush()
    gifts = [_gift(user, row, name, linked=linked) for row in former]
    made = await give_all(session, here, gifts, by.now, by.chance, by.actor_id)
    told = []
    for new, old in zip(made, former, strict=True):
        await queries.hand_on(session, old.id, new.id)
        told.append(CertificateReplaced(new.id, old.id, "name"))
    await ledger.append_all(session, told, by.now, by.actor_id)
    return made


def _gift(user: User, row: Certificate, name: str, *, linked: bool) -> Gift:
    """The dates stay: the name is new, not what was achieved."""
    again = Again(name, core.read(row.document).valid_from, row.valid_until)
    return Gift(user, again, attempt_id=row.attempt_id, replaces=row, linked=linked)


async def _lock(session: AsyncSession, user_id: UUID) -> User:
    user = await people.lock_user(session, user_id)
    if user is None:
        raise NotFound
    return user
