"""Who may touch what of a certificate's later life: its holder, and staff who look after people."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends

from exam_api.accounts.access import Registrar, Role, SignedIn, access_account
from exam_api.certificates import queries as certificates
from exam_api.certificates.access import UNKNOWN, LockedCertificate, OwnCertificate
from exam_api.certificates.queries import Held
from exam_api.db.models.accounts import User
from exam_api.db.models.renewing import CreditActivity, NameChange
from exam_api.errors import ErasedCertificate, NotFound
from exam_api.upkeep import queries
from exam_api.web.deps import Session

__all__ = [
    "ErasableCertificate",
    "LockedActivity",
    "LockedCertificate",
    "LockedChange",
    "OwnActivity",
    "OwnCertificate",
    "SeenActivity",
    "SomeAccount",
]


async def _erasable(certificate_id: UUID, actor: SignedIn, session: Session) -> Held:
    """Its holder's, or anybody's for an operator whom the holder asked; locked. To others it is not there."""
    held = await certificates.find_certificate(session, certificate_id, lock=True)
    if held is None and await certificates.find_erased(session, certificate_id) is not None:
        raise ErasedCertificate
    if held is None or not (held.holder == actor.id or actor.may(Role.operator)):
        raise NotFound(UNKNOWN)
    return held


async def _locked_change(change_id: UUID, _: Registrar, session: Session) -> NameChange:
    found = await queries.find_change(session, change_id, lock=True)
    if found is None:
        raise NotFound
    return found


async def _locked_activity(activity_id: UUID, _: Registrar, session: Session) -> CreditActivity:
    found = await queries.lock_activity(session, activity_id)
    if found is None:
        raise NotFound
    return found


async def _own_activity(activity_id: UUID, actor: SignedIn, session: Session) -> CreditActivity:
    found = await queries.lock_activity(session, activity_id)
    if found is None or not await _holds(session, actor, found):
        raise NotFound
    return found


async def _seen_activity(activity_id: UUID, actor: SignedIn, session: Session) -> CreditActivity:
    found = await queries.find_activity(session, activity_id)
    if found is None or not (actor.may(Role.operator, Role.instructor) or await _holds(session, actor, found)):
        raise NotFound
    return found


async def _holds(session: Session, actor: SignedIn, activity: CreditActivity) -> bool:
    number = activity.certificate_id
    return (await queries.holders_of(session, [number]))[number].id == actor.id


async def _some_account(user_id: UUID, actor: Registrar, session: Session) -> User:
    return await access_account(session, actor, user_id)


ErasableCertificate = Annotated[Held, Depends(_erasable)]
"""A certificate of one's own, or for an operator anybody's, locked."""
LockedChange = Annotated[NameChange, Depends(_locked_change)]
"""A wish for another name, for a registrar to decide, locked."""
LockedActivity = Annotated[CreditActivity, Depends(_locked_activity)]
"""An activity, for staff to decide, locked."""
OwnActivity = Annotated[CreditActivity, Depends(_own_activity)]
"""An activity about one's own certificate, locked."""
SeenActivity = Annotated[CreditActivity, Depends(_seen_activity)]
"""An activity, for its holder and for staff."""
SomeAccount = Annotated[User, Depends(_some_account)]
"""An account that a registrar looks after."""
