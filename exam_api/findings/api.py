"""Findings: JSON out."""

from fastapi import APIRouter

from exam_api.exams.access import LedSitting
from exam_api.findings.schemas import FindingsOut
from exam_api.findings.service import reading
from exam_api.web.deps import Session
from exam_api.web.problems import ERRORS

router = APIRouter(prefix="/api", tags=["findings"], responses=ERRORS(401, 403, 404, 422))


@router.get("/sittings/{sitting_id}/findings")
async def read_findings(sitting: LedSitting, session: Session) -> FindingsOut:
    """What the last look at this sitting's answers found: evidence for people, never a verdict."""
    return (await reading.read(session, sitting.sitting.id)).found
