"""Reviews: SQL, nothing else."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.accounts import User
from exam_api.db.models.attempts import Attempt, Response
from exam_api.db.models.exams import Sitting
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.models.monitoring import Flag, Frame, Sound
from exam_api.db.models.reviews import Decision
from exam_api.events import DecisionMade
from proctor.flag import MOST_EVIDENCE, Severity
from proctor.flag import Flag as CoreFlag

QUALITY = "quality"  # about the camera or the line, never about the candidate


@dataclass(frozen=True)
class Named:
    """An attempt and whose it is."""

    attempt: Attempt
    name: str


@dataclass(frozen=True)
class Decided:
    """A decision and who made it."""

    decision: Decision
    name: str


@dataclass(frozen=True)
class Line:
    """A line of an attempt's ledger and who did it (None: the platform)."""

    line: LedgerLine
    actor: str | None


@dataclass(frozen=True)
class SittingCount:
    """A sitting with how many attempts were handed in or voided, and how many of them are done with."""

    sitting: Sitting
    attempts: int
    closed: int


@dataclass(frozen=True)
class Saves:
    """How often answers were saved, and when."""

    count: int
    first: datetime | None
    last: datetime | None


async def attempts_of(
    session: AsyncSession, sitting_id: UUID, only: Collection[UUID] | None = None, *, lock: bool = False
) -> list[Named]:
    """Everybody in a sitting who handed in or was voided, by name; `only` names attempts in any state."""
    query = (
        select(Attempt, User.name)
        .join(User, User.id == Attempt.candidate_id)
        .where(Attempt.sitting_id == sitting_id)
        .order_by(Attempt.id)
        .execution_options(populate_existing=True)
    )
    closed = or_(Attempt.submitted_at.is_not(None), Attempt.status == "voided")
    query = query.where(closed if only is None else Attempt.id.in_(only))
    rows = await session.execute(query.with_for_update(of=Attempt) if lock else query)
    return sorted((Named(*row) for row in rows), key=lambda each: (each.name.casefold(), each.attempt.id))


async def of_the_same_people(
    session: AsyncSession, sitting_id: UUID, attempts: Collection[UUID] | None, *, lock: bool = False
) -> list[UUID]:
    """All attempts of the people whose attempts these are; None: of everybody who handed in or was voided."""
    handed_in = or_(Attempt.submitted_at.is_not(None), Attempt.status == "voided")
    wanted = handed_in if attempts is None else Attempt.id.in_(attempts)
    people = select(Attempt.candidate_id).where(Attempt.sitting_id == sitting_id, wanted)
    query = select(Attempt.id).where(
        Attempt.sitting_id == sitting_id, Attempt.candidate_id.in_(people), Attempt.status != "prepared"
    )
    if lock:
        # Whoever begins a further attempt locks the former one: what they made while we waited is seen by the second look.
        await session.execute(query.order_by(Attempt.id).with_for_update())
    return list(await session.scalars(query))


async def name_of(session: AsyncSession, user_id: UUID) -> str:
    return (await session.scalars(select(User.name).where(User.id == user_id))).one()


async def serious_flags(session: AsyncSession, attempts: Collection[UUID]) -> dict[UUID, list[Flag]]:
    """The flags above quality, by attempt."""
    found: dict[UUID, list[Flag]] = {}
    query = select(Flag).where(Flag.attempt_id.in_(attempts), Flag.severity != QUALITY).order_by(Flag.started_at)
    for flag in await session.scalars(query):
        found.setdefault(flag.attempt_id, []).append(flag)
    return found


def core_flag(row: Flag) -> CoreFlag:
    """The row as the core's value, for the picture."""
    return CoreFlag(
        rule=row.rule,
        severity=Severity(row.severity),
        start=row.started_at,
        end=row.ended_at,
        threshold=row.threshold,
        reason=row.reason,
        innocent=tuple(row.innocent),
        evidence=tuple(row.evidence),
        confidence=row.confidence,
    )


async def newest_decisions(session: AsyncSession, attempts: Collection[UUID]) -> dict[UUID, Decision]:
    """The decision that counts, by attempt."""
    rows = await session.scalars(
        select(Decision)
        .ext(distinct_on(Decision.attempt_id))
        .where(Decision.attempt_id.in_(attempts))
        .order_by(Decision.attempt_id, Decision.decided_at.desc(), Decision.id)
    )
    return {row.attempt_id: row for row in rows}


async def decided_about(session: AsyncSession, attempts: Collection[UUID]) -> dict[UUID, frozenset[str]]:
    """Which flags and findings the newest decision looked at: the ledger keeps it beside the decision."""
    rows = await session.execute(
        select(LedgerLine.stream, LedgerLine.data)
        .ext(distinct_on(LedgerLine.stream))
        .where(LedgerLine.stream.in_(attempts), LedgerLine.tag == DecisionMade.tag)
        .order_by(LedgerLine.stream, LedgerLine.seq.desc())
    )
    return {stream: frozenset(data.get("about", ())) for stream, data in rows}


async def list_decisions(session: AsyncSession, attempt_id: UUID) -> list[Decided]:
    """All decisions about an attempt, the newest first."""
    rows = await session.execute(
        select(Decision, User.name)
        .join(User, User.id == Decision.decided_by)
        .where(Decision.attempt_id == attempt_id)
        .order_by(Decision.decided_at.desc(), Decision.id)
    )
    return [Decided(*row) for row in rows]


async def list_lines(session: AsyncSession, attempt_id: UUID) -> list[Line]:
    """The attempt's chain in the ledger, in order."""
    rows = await session.execute(
        select(LedgerLine, User.name)
        .outerjoin(User, User.id == LedgerLine.actor_id)
        .where(LedgerLine.stream == attempt_id)
        .order_by(LedgerLine.seq)
    )
    return [Line(*row) for row in rows]


async def count_saves(session: AsyncSession, attempt_id: UUID) -> Saves:
    row = await session.execute(
        select(func.count(), func.min(Response.received_at), func.max(Response.received_at)).where(
            Response.attempt_id == attempt_id
        )
    )
    return Saves(*row.one())


async def late_responses(session: AsyncSession, attempt_id: UUID, ends_at: datetime) -> list[Response]:
    """What arrived after the end, in order."""
    query = select(Response).where(Response.attempt_id == attempt_id, Response.received_at > ends_at)
    return list(await session.scalars(query.order_by(Response.seq)))


async def kept_frames(session: AsyncSession, attempt_id: UUID, numbers: Collection[int]) -> set[int]:
    """Which of these frames still have their picture."""
    query = select(Frame.number).where(
        Frame.attempt_id == attempt_id, Frame.number.in_(numbers), Frame.blob.is_not(None)
    )
    return set(await session.scalars(query))


async def told_frames(session: AsyncSession, attempt_id: UUID, numbers: Collection[int]) -> set[int]:
    """Of which of these frames only the word of the candidate's computer came, and never a picture."""
    query = select(Frame.number).where(
        Frame.attempt_id == attempt_id, Frame.number.in_(numbers), Frame.size == 0, Frame.claimed.is_not(None)
    )
    return set(await session.scalars(query))


async def pictures_between(session: AsyncSession, attempt_id: UUID, since: datetime, until: datetime) -> list[int]:
    """Frames of this time whose picture is here, the first of them."""
    query = select(Frame.number).where(Frame.attempt_id == attempt_id, Frame.blob.is_not(None))
    query = query.where(Frame.taken_at.between(since, until)).order_by(Frame.number).limit(MOST_EVIDENCE)
    return list(await session.scalars(query))


async def kept_sounds(session: AsyncSession, attempt_id: UUID, numbers: Collection[int]) -> set[int]:
    """Which of these pieces can still be heard."""
    query = select(Sound.number).where(
        Sound.attempt_id == attempt_id, Sound.number.in_(numbers), Sound.blob.is_not(None)
    )
    return set(await session.scalars(query))


async def count_sounds(session: AsyncSession, attempt_id: UUID) -> int:
    """How many pieces of ten seconds came, listened to or not."""
    query = select(func.count()).select_from(Sound).where(Sound.attempt_id == attempt_id)
    return (await session.execute(query)).scalar_one()


async def sittings_to_review(session: AsyncSession, limit: int = 200) -> Sequence[SittingCount]:
    """Sittings in which somebody handed in, the latest first."""
    closed = or_(Attempt.released_at.is_not(None), Attempt.status == "voided")
    rows = await session.execute(
        select(Sitting, func.count(), func.count(case((closed, 1))))
        .join(Attempt, Attempt.sitting_id == Sitting.id)
        .where(or_(Attempt.submitted_at.is_not(None), Attempt.status == "voided"))
        .group_by(Sitting.id)
        .order_by(Sitting.opens_at.desc(), Sitting.id)
        .limit(limit)
    )
    return [SittingCount(*row) for row in rows]
