"""Certificates: JSON in, JSON out."""

from fastapi import APIRouter, Request

from exam_api.accounts.access import Registrar, SignedIn
from exam_api.certificates import queries
from exam_api.certificates.access import PublicCertificate, RevocableCertificate
from exam_api.certificates.schemas import MAX_UPLOAD, MineOut, ReportOut, RevokedOut, RevokeIn
from exam_api.certificates.service import issuing, proving
from exam_api.errors import Invalid
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
) -> RevokedOut:
    """Take a certificate back. Its signature still holds afterwards; its status no longer does."""
    return await issuing.revoke(session, here, held.certificate, body.reason, actor.id, now)


@router.post(
    "/verify",
    responses=ERRORS(422),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"type": "object"}},
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            },
        }
    },
)
async def verify(request: Request, here: Here, session: Session, now: Now) -> ReportOut:
    """Verify a certificate of at most 4 MB, ours or another issuer's: its file, the bare credential, a picture or a PDF that
    carries one. It is recognised by its bytes. Nothing is kept.
    """
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > MAX_UPLOAD:
            raise Invalid(proving.TOO_LARGE)
    found, _ = await proving.check(session, here, bytes(content), now)
    return found
