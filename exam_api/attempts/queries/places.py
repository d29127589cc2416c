"""Attempts with what they belong to: sitting, roster, exam and form, consent, photo. SQL, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.accounts import User
from exam_api.db.models.attempts import Attempt, Consent, Reference, is_current
from exam_api.db.models.exams import ExamVersion, RosterEntry, Sitting
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.models.monitoring import Watching
from exam_api.errors import NotFound
from exam_api.events import DeviceChanged
from exam_api.installation import Installation
from grading.deal import deal
from grading.exam import Exam, read_exam


@dataclass(frozen=True)
class Place:
    """An attempt with the sitting it belongs to and all the time that was given to the candidate."""

    attempt: Attempt
    sitting: Sitting
    extra_minutes: int

    @property
    def minutes(self) -> int:
        return self.sitting.minutes + self.extra_minutes


async def find_place(session: AsyncSession, attempt_id: UUID, *, lock: bool = False) -> Place | None:
    """The attempt with its sitting; an attempt outlives its roster entry, then without extra time."""
    query = (
        select(Attempt, Sitting, RosterEntry)
        .join(Sitting, Sitting.id == Attempt.sitting_id)
        .outerjoin(
            RosterEntry,
            (RosterEntry.sitting_id == Attempt.sitting_id) & (RosterEntry.user_id == Attempt.candidate_id),
        )
        .where(Attempt.id == attempt_id)
    )
    row = (await session.execute(query.with_for_update(of=Attempt) if lock else query)).one_or_none()
    return Place(row[0], row[1], row[2].extra_on(row[1].minutes) if row[2] else 0) if row else None


async def find_roster_place(
    session: AsyncSession, sitting_id: UUID, user_id: UUID
) -> tuple[Sitting, RosterEntry, Attempt | None] | None:
    """A sitting that this person may sit, and their newest attempt if there is one."""
    row = (
        await session.execute(
            select(Sitting, RosterEntry, Attempt)
            .join(RosterEntry, (RosterEntry.sitting_id == Sitting.id) & (RosterEntry.user_id == user_id))
            .outerjoin(Attempt, (Attempt.sitting_id == Sitting.id) & (Attempt.candidate_id == user_id) & is_current())
            .where(Sitting.id == sitting_id)
        )
    ).one_or_none()
    return (row[0], row[1], row[2]) if row else None


async def get_roster_place(
    session: AsyncSession, sitting_id: UUID, user_id: UUID
) -> tuple[Sitting, RosterEntry, Attempt | None]:
    """As above. Raises `NotFound`."""
    found = await find_roster_place(session, sitting_id, user_id)
    if found is None:
        raise NotFound
    return found


async def list_of_sitting(session: AsyncSession, sitting_id: UUID) -> Sequence[Row[RosterEntry, User, Attempt]]:
    """Everybody on the roster, with their newest attempt if they have come, by name."""
    return (
        await session.execute(
            select(RosterEntry, User, Attempt)
            .join(User, User.id == RosterEntry.user_id)
            .outerjoin(
                Attempt,
                (Attempt.sitting_id == RosterEntry.sitting_id)
                & (Attempt.candidate_id == User.id)
                & (Attempt.status != "prepared")
                & is_current(),
            )
            .where(RosterEntry.sitting_id == sitting_id)
            .order_by(User.name, User.id)
        )
    ).all()


async def find_attempt_of(
    session: AsyncSession, sitting_id: UUID, user_id: UUID, *, lock: bool = False
) -> Attempt | None:
    """Somebody's newest attempt."""
    query = select(Attempt).where(Attempt.sitting_id == sitting_id, Attempt.candidate_id == user_id, is_current())
    return await session.scalar(query.with_for_update().execution_options(populate_existing=True) if lock else query)


async def find_released(session: AsyncSession, sitting_id: UUID, user_id: UUID) -> Attempt | None:
    """Somebody's newest attempt whose result is out, before any that was voided since."""
    query = select(Attempt).where(
        Attempt.sitting_id == sitting_id, Attempt.candidate_id == user_id, Attempt.released_at.is_not(None)
    )
    return await session.scalar(query.order_by(Attempt.status == "voided", Attempt.number.desc()).limit(1))


async def attempts_of(session: AsyncSession, sitting_id: UUID, user_id: UUID, *, lock: bool = False) -> list[Attempt]:
    """All attempts of one person in a sitting, in their order; one that was only prepared is none yet."""
    query = (
        select(Attempt)
        .where(Attempt.sitting_id == sitting_id, Attempt.candidate_id == user_id, Attempt.status != "prepared")
        .order_by(Attempt.id)  # everybody who locks several locks them in this order
    )
    locked = query.with_for_update().execution_options(populate_existing=True)
    return sorted(await session.scalars(locked if lock else query), key=lambda attempt: attempt.number)


async def all_of_sitting(session: AsyncSession, sitting_id: UUID) -> dict[UUID, list[Attempt]]:
    """Everybody's attempts in their order, by person; one that was only prepared is none yet."""
    query = select(Attempt).where(Attempt.sitting_id == sitting_id, Attempt.status != "prepared")
    found: dict[UUID, list[Attempt]] = {}
    for attempt in await session.scalars(query.order_by(Attempt.candidate_id, Attempt.number)):
        found.setdefault(attempt.candidate_id, []).append(attempt)
    return found


async def get_exam(session: AsyncSession, here: Installation, version_id: UUID) -> Exam:
    """The published exam; parsed once per process, because a version never changes."""
    if version_id not in here.versions:
        version = await session.get_one(ExamVersion, version_id)
        here.versions[version_id] = read_exam(version.definition)
        here.digests[version_id] = version.digest
    return here.versions[version_id]


MAX_FORMS = 4_000  # in memory at a time, each some kilobytes


def form_of(here: Installation, version_id: UUID, seed: str) -> Exam:
    """What the candidate with this seed got of a version that is parsed already."""
    key = (version_id, seed)
    if key not in here.forms:
        if len(here.forms) >= MAX_FORMS:
            here.forms.pop(next(iter(here.forms)), None)
        here.forms[key] = deal(here.versions[version_id], seed).exam
    return here.forms[key]


async def get_form(session: AsyncSession, here: Installation, place: Place) -> Exam:
    """What this candidate got: their items in their order, with their options and numbers."""
    await get_exam(session, here, place.sitting.version_id)
    return form_of(here, place.sitting.version_id, place.attempt.seed)


async def seeds_of(session: AsyncSession, sitting_id: UUID) -> dict[UUID, str]:
    """The seed of each attempt of a sitting."""
    return dict((await session.execute(select(Attempt.id, Attempt.seed).where(Attempt.sitting_id == sitting_id))).all())


async def find_consent(session: AsyncSession, attempt_id: UUID) -> Consent | None:
    return await session.get(Consent, attempt_id)


async def find_reference(session: AsyncSession, attempt_id: UUID) -> Reference | None:
    """The newest reference photo."""
    return await session.scalar(
        select(Reference).where(Reference.attempt_id == attempt_id).order_by(Reference.number.desc()).limit(1)
    )


async def find_check_in_sign(session: AsyncSession, attempt_id: UUID) -> str | None:
    """How the sign of life before the start stands."""
    state = Watching.check_in["state"].astext
    return await session.scalar(select(state).where(Watching.attempt_id == attempt_id))


async def devices_of(session: AsyncSession, attempt: Attempt) -> set[str]:
    """The thumbprints of every device that had this attempt."""
    query = select(LedgerLine.data["jkt"].astext).where(
        LedgerLine.stream == attempt.id, LedgerLine.tag == DeviceChanged.tag
    )
    first = (attempt.statement or {}).get("statement", {}).get("jkt")
    return {jkt for jkt in [first, attempt.jkt, *await session.scalars(query)] if jkt}


async def name_of(session: AsyncSession, user_id: UUID) -> str:
    return await session.scalar(select(User.name).where(User.id == user_id)) or ""


async def address_of(session: AsyncSession, user_id: UUID) -> str:
    """Somebody's mail address, for themselves."""
    return await session.scalar(select(User.email).where(User.id == user_id)) or ""


async def overdue(session: AsyncSession, now: datetime, grace: timedelta) -> list[UUID]:
    """Running attempts whose time is over, and also the grace (of their sitting, or else this) for what is on its way."""
    minutes = func.coalesce(Sitting.grace_minutes, grace.total_seconds() / 60)
    query = (
        select(Attempt.id)
        .join(Sitting, Sitting.id == Attempt.sitting_id)
        .where(Attempt.status == "running", Attempt.ends_at + minutes * timedelta(minutes=1) < now)
    )
    return list(await session.scalars(query))


async def accommodations(session: AsyncSession, attempt_id: UUID) -> list[str]:
    """What was agreed with the candidate of an attempt."""
    query = (
        select(RosterEntry.accommodations)
        .join(
            Attempt,
            (Attempt.sitting_id == RosterEntry.sitting_id) & (Attempt.candidate_id == RosterEntry.user_id),
        )
        .where(Attempt.id == attempt_id)
    )
    return list(await session.scalar(query) or ())
