"""A sitting's policy: how often one may try and what counts, writing late, and the time that answers may be on their way."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db import ledger
from exam_api.db.models.exams import Sitting
from exam_api.errors import Invalid, SittingInUse
from exam_api.events import PolicyChanged
from exam_api.exams.queries import sittings as queries
from exam_api.exams.schemas import PolicyIn
from exam_api.installation import Installation
from exam_api.web.i18n import _
from grading.scale import late_percent

STRICTER = {
    "attempts": _("Candidates have already started; there can be more attempts, not fewer."),
    "delay_minutes": _("Candidates have already started; the wait can get shorter, not longer."),
    "counts": _("Candidates have already started; what counts can only become the best attempt."),
    "late_minutes": _("Candidates have already started; the time for writing late can get longer, not shorter."),
    "late_percent": _("Candidates have already started; writing late can cost less, not more."),
    "grace_minutes": _("Candidates have already started; answers can get more time to arrive, not less."),
}


def policy_of(sitting: Sitting) -> PolicyIn:
    """The policy in a sitting's row."""
    return PolicyIn.model_validate({name: getattr(sitting, name) for name in PolicyIn.model_fields})


def grace_of(sitting: Sitting, default: timedelta) -> timedelta:
    """How long after the last moment of writing an answer may still arrive."""
    return default if sitting.grace_minutes is None else timedelta(minutes=sitting.grace_minutes)


def put(sitting: Sitting, body: PolicyIn) -> None:
    """Write a policy into a sitting's row. Raises `Invalid` for a price without a time to pay it in."""
    if body.late_percent and not body.late_minutes:
        message = _("Say for how many minutes one may go on writing, or let it cost nothing.")
        raise Invalid(problems=[{"where": ["body", "late_minutes"], "message": message}])
    for name, value in body.model_dump().items():
        setattr(sitting, name, value)


def said(sitting: Sitting) -> PolicyChanged:
    """The event that keeps a policy in the ledger."""
    return PolicyChanged(sitting.id, policy_of(sitting).model_dump())


async def change(
    session: AsyncSession, here: Installation, sitting_id: UUID, body: PolicyIn, now: datetime, actor_id: UUID
) -> Sitting:
    """Set the policy. Once somebody has started it can only get more generous, and then it is so for everybody: also what
    writing late costs those who have handed in, as long as their result is not released.

    Raises `Invalid`, `SittingInUse`.
    """
    sitting = await queries.lock_sitting(session, sitting_id)
    stricter = stricter_in(policy_of(sitting), body, here.grace)
    if stricter and await queries.count_started(session, sitting_id):
        problems = [{"where": ["body", name], "message": STRICTER[name]} for name in stricter]
        raise SittingInUse(STRICTER[stricter[0]], problems=problems)
    put(sitting, body)
    for attempt in await queries.late_attempts(session, sitting_id):
        attempt.late_percent = late_percent(attempt.late_seconds, body.late_percent, body.late_each)
    await ledger.append(session, said(sitting), now, actor_id)
    return sitting


def stricter_in(old: PolicyIn, new: PolicyIn, grace: timedelta) -> list[str]:
    """In what a candidate would be worse off with the new policy. `grace` is what holds where a policy names none."""
    own = grace.total_seconds() / 60
    most = float("inf")
    worse = {
        "attempts": (new.attempts or most) < (old.attempts or most),
        "delay_minutes": new.delay_minutes > old.delay_minutes,
        "counts": new.counts not in {old.counts, "best"},
        "late_minutes": new.late_minutes < old.late_minutes,
        "late_percent": any(
            late_percent(at, new.late_percent, new.late_each) > late_percent(at, old.late_percent, old.late_each)
            for at in range(60, 60 * old.late_minutes + 1, 60)
        ),
        "grace_minutes": _minutes(new, own) < _minutes(old, own),
    }
    return [name for name, is_worse in worse.items() if is_worse]


def _minutes(policy: PolicyIn, own: float) -> float:
    return own if policy.grace_minutes is None else policy.grace_minutes
