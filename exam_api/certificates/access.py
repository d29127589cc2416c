"""Who may touch which certificate: everyone may verify, staff may revoke."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.accounts.access import Registrar, SignedIn, Visit
from exam_api.accounts.service import throttle
from exam_api.certificates import queries
from exam_api.certificates.queries import Held
from exam_api.db.models.giving import Batch
from exam_api.errors import ErasedCertificate, NotFound
from exam_api.web.deps import Here, Now, Session
from exam_api.web.i18n import _

UNKNOWN = _("There is no certificate at this address. Check it letter by letter, or ask its holder for the file.")


async def _held(session: AsyncSession, text: str, *, lock: bool = False) -> Held:
    """An id that is none is as unknown as one that nobody has."""
    try:
        certificate_id = UUID(text)
    except ValueError as error:
        raise NotFound(UNKNOWN) from error
    found = await queries.find_certificate(session, certificate_id, lock=lock)
    if found is None:
        raise NotFound(UNKNOWN) if await queries.find_erased(session, certificate_id) is None else ErasedCertificate
    return found


async def find_public(session: AsyncSession, text: str) -> Held:
    """A certificate for anyone, by its number. Raises `NotFound`."""
    return await _held(session, text)


async def _public(certificate_id: str, session: Session) -> Held:
    return await _held(session, certificate_id)


async def _revocable(certificate_id: str, _: Registrar, session: Session) -> Held:
    return await _held(session, certificate_id, lock=True)


async def _own(certificate_id: str, actor: SignedIn, session: Session) -> Held:
    """Its holder's alone; to anybody else it is not there."""
    held = await _held(session, certificate_id)
    if held.holder != actor.id:
        raise NotFound(UNKNOWN)
    return held


async def _own_locked(certificate_id: str, actor: SignedIn, session: Session) -> Held:
    held = await _held(session, certificate_id, lock=True)
    if held.holder != actor.id:
        raise NotFound(UNKNOWN)
    return held


async def _checking(visitor: Visit, here: Here, now: Now) -> None:
    await throttle.admit(here, [throttle.checking_door(here, visitor.address)], now)


async def _tables(visitor: Visit, here: Here, now: Now) -> None:
    await throttle.admit(here, [throttle.many_door(here, visitor.address)], now)


Checking = Depends(_checking)
"""Counts one look at a stranger's file or address, before anything is read of it."""
CheckingTable = Depends(_tables)
"""The same of a table, whose rows do not count one by one."""
PublicCertificate = Annotated[Held, Depends(_public)]
"""A certificate for anyone: its address is what its holder hands out."""
RevocableCertificate = Annotated[Held, Depends(_revocable)]
"""A certificate for an operator or instructor to revoke, locked."""
OwnCertificate = Annotated[Held, Depends(_own)]
"""A certificate of the one who is signed in."""
LockedCertificate = Annotated[Held, Depends(_own_locked)]
"""The same, locked: nobody erases it while something is written down about it."""


async def _batch(session: AsyncSession, batch_id: UUID, *, lock: bool = False) -> Batch:
    found = await queries.find_batch(session, batch_id, lock=lock)
    if found is None:
        raise NotFound
    return found


async def _read_batch(batch_id: UUID, _: Registrar, session: Session) -> Batch:
    return await _batch(session, batch_id)


async def _locked_batch(batch_id: UUID, _: Registrar, session: Session) -> Batch:
    return await _batch(session, batch_id, lock=True)


ReadBatch = Annotated[Batch, Depends(_read_batch)]
"""A list of certificates, for an operator or instructor."""
LockedBatch = Annotated[Batch, Depends(_locked_batch)]
"""The same, held until the transaction ends."""
