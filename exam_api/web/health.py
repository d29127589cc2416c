"""Whether this process can work: asked by load balancers, the supervisor and pages that wait for a restart."""

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import text

from exam_api.web.deps import Session
from exam_api.web.problems import ERRORS

router = APIRouter(prefix="/api", tags=["platform"])


class Health(BaseModel):
    """`ok` when the database answers; otherwise the answer is a 503 problem."""

    status: str


@router.get("/health", responses=ERRORS(503))
async def health(session: Session) -> Health:
    """Ask the database for a sign of life."""
    await session.execute(text("SELECT 1"))
    return Health(status="ok")
