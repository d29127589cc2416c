"""Lists of certificates that two people give: JSON in, JSON out."""

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.accounts.access import Registrar
from exam_api.certificates import queries
from exam_api.certificates.access import LockedBatch, ReadBatch
from exam_api.certificates.schemas import ApproveIn, BatchIn, BatchOut, ProblemOut, WithdrawIn
from exam_api.certificates.service import batches
from exam_api.db.models.giving import Batch
from exam_api.errors import Invalid
from exam_api.web.deps import Now, Session
from exam_api.web.problems import ERRORS

router = APIRouter(prefix="/api/batches", tags=["certificates"])


async def _shape(session: AsyncSession, batch: Batch, problems: list[ProblemOut] | None = None) -> BatchOut:
    done = (await queries.progress(session, {batch.id}))[batch.id]
    return BatchOut(
        id=batch.id,
        title=batch.title,
        state=batches.state_of(batch),
        digest=batch.digest,
        rows=done.rows,
        issued=done.issued,
        not_given=done.problems,
        made_by=batch.made_by,
        approved_by=batch.approved_by,
        problems=problems or [],
    )


@router.post("", status_code=201, responses=ERRORS(401, 403, 422))
async def make_batch(body: BatchIn, actor: Registrar, session: Session, now: Now) -> BatchOut:
    """Look through every row and keep the list, if nothing stops it. The refusal names the problems of all rows."""
    found = await batches.check(session, body.terms, body.table.encode(), now)
    problems = [
        ProblemOut(line=each.line, who=each.who, text=each.text.replace("{name}", each.names), stops=each.stops)
        for each in found.problems
    ]
    if found.stops and not body.leave_out:
        raise Invalid(batches.STOPPED, rows=[each.model_dump() for each in problems[:1_000]])
    batch = await batches.make(session, " ".join(body.title.split()), body.terms, found.good, actor.id, now)
    return await _shape(session, batch, problems)


@router.get("/{batch_id}", responses=ERRORS(401, 403, 404))
async def read_batch(batch: ReadBatch, session: Session) -> BatchOut:
    """A list and how far it is."""
    return await _shape(session, batch)


@router.post("/{batch_id}/approve", responses=ERRORS(401, 403, 404, 409, 422))
async def approve_batch(body: ApproveIn, batch: LockedBatch, actor: Registrar, session: Session, now: Now) -> BatchOut:
    """Approve exactly what the digest names. Whoever made the list cannot."""
    await batches.approve(session, batch, body.digest, actor.id, now)
    return await _shape(session, batch)


@router.post("/{batch_id}/withdraw", responses=ERRORS(401, 403, 404, 409, 422))
async def withdraw_batch(
    body: WithdrawIn, batch: LockedBatch, actor: Registrar, session: Session, now: Now
) -> BatchOut:
    """Nothing of the list is given. Possible until it is approved."""
    await batches.withdraw(session, batch, body.reason, actor.id, now)
    return await _shape(session, batch)
