"""Statements that are signed on another device, where the exam's browser knows no passkeys."""

from uuid import UUID

from fastapi import APIRouter

from exam_api.accounts.access import Candidate
from exam_api.accounts.service import passkeys
from exam_api.attempts.schemas import SignatureIn, SignatureOut
from exam_api.web.deps import Now, Session
from exam_api.web.problems import ERRORS

router = APIRouter(prefix="/api/signatures", tags=["attempts"], responses=ERRORS(401, 403, 404, 422))


@router.put("/{challenge_id}", status_code=204)
async def give_signature(challenge_id: UUID, actor: Candidate, body: SignatureIn, session: Session, now: Now) -> None:
    """A passkey's answer, for the device that asked. It is looked at when that one uses it."""
    await passkeys.answer_for(session, actor.id, challenge_id, body.credential, now)


@router.get("/{challenge_id}")
async def read_signature(challenge_id: UUID, actor: Candidate, session: Session, now: Now) -> SignatureOut:
    """The answer, as soon as it is there."""
    return SignatureOut(credential=await passkeys.read_answer(session, actor.id, challenge_id, now))
