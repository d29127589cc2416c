"""Certificates: JSON in, JSON out."""

from fastapi import APIRouter

from exam_api.accounts.access import Registrar, SignedIn
from exam_api.certificates import queries
from exam_api.certificates.access import PublicCertificate, RevocableCertificate
from exam_api.certificates.schemas import MineOut, ReinstateIn, ReportOut, RevokeIn, SuspendIn, WithdrawnOut
from exam_api.certificates.service import proving, withdrawing
from exam_api.web.deps import Here, Now, Session
from exam_api.web.problems import ERRORS

router = APIRouter(prefix="/api", tags=["certificates"])


@router.get("/me/certificates", responses=ERRORS(401, 403))
async def read_mine(actor: SignedIn, here: Here, session: Session) -> list[MineOut]:
    """One's own certificates, the newest first."""
    return [proving.shape_mine(here, row) for row in await queries.list_of_person(session, actor.id)]


@router.get("/certificates/{certificate_id}", responses=ERRORS(404))
async def read_report(held: PublicCertificate, here: Here, session: Session, now: Now) -> ReportOut:
    """What a certificate proves now. No account is needed."""
    return await proving.report(await proving.prove(session, here, held.certificate), now)


@router.post("/certificates/{certificate_id}/revoke", responses=ERRORS(401, 403, 404, 409, 422))
async def revoke(
    body: RevokeIn, held: RevocableCertificate, actor: Registrar, here: Here, session: Session, now: Now
) -> WithdrawnOut:
    """Take a certificate back for ever. Its signature still holds afterwards; its status no longer does."""
    return await withdrawing.revoke(session, here, held.certificate, body.code, body.reason, actor.id, now)


@router.post("/certificates/{certificate_id}/suspend", responses=ERRORS(401, 403, 404, 409, 422))
async def suspend(
    body: SuspendIn, held: RevocableCertificate, actor: Registrar, here: Here, session: Session, now: Now
) -> WithdrawnOut:
    """Take a certificate back until it is reinstated or revoked."""
    return await withdrawing.suspend(session, here, held.certificate, body.code, body.reason, actor.id, now)


@router.post("/certificates/{certificate_id}/reinstate", responses=ERRORS(401, 403, 404, 409, 422))
async def reinstate(
    body: ReinstateIn, held: RevocableCertificate, actor: Registrar, here: Here, session: Session, now: Now
) -> WithdrawnOut:
    """Let a suspended certificate hold again."""
    return await withdrawing.reinstate(session, here, held.certificate, body.reason, actor.id, now)
