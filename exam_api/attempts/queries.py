"""Attempts: SQL, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.accounts import User
from exam_api.db.models.attempts import AsideAnswer, Attempt, Consent, Reference, Response, SeenProof
from exam_api.db.models.exams import ExamVersion, RosterEntry, Sitting
from exam_api.db.models.ledger import LedgerLine
from exam_api.db.session import Sessions, at_once
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


@dataclass(frozen=True)
class Live:
    """The few columns a save needs, locked until it is done."""

    status: str
    ends_at: datetime | None
    seq: int
    head: str
    jkt: str | None
    generation: int
    version_id: UUID
    seed: str
    section: int
    section_ends_at: datetime | None
    paused_at: datetime | None
    proof_is_new: bool


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
    """A sitting that this person may sit, and their attempt if there is one."""
    row = (
        await session.execute(
            select(Sitting, RosterEntry, Attempt)
            .join(RosterEntry, (RosterEntry.sitting_id == Sitting.id) & (RosterEntry.user_id == user_id))
            .outerjoin(Attempt, (Attempt.sitting_id == Sitting.id) & (Attempt.candidate_id == user_id))
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
    """Everybody on the roster, with the attempt if they have come, by name."""
    return (
        await session.execute(
            select(RosterEntry, User, Attempt)
            .join(User, User.id == RosterEntry.user_id)
            .outerjoin(
                Attempt,
                (Attempt.sitting_id == RosterEntry.sitting_id)
                & (Attempt.candidate_id == User.id)
                & (Attempt.status != "prepared"),
            )
            .where(RosterEntry.sitting_id == sitting_id)
            .order_by(User.name, User.id)
        )
    ).all()


async def find_attempt_of(session: AsyncSession, sitting_id: UUID, user_id: UUID) -> Attempt | None:
    return await session.scalar(
        select(Attempt).where(Attempt.sitting_id == sitting_id, Attempt.candidate_id == user_id)
    )


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


_LOCK_FOR_SAVE = text(
    """
    WITH seen AS (
      INSERT INTO seen_proofs (jti, expires_at) VALUES (:jti, :expires_at) ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT a.status, a.ends_at, a.seq, a.head, a.jkt, a.generation, s.version_id, a.seed, a.section, a.section_ends_at,
      a.paused_at, EXISTS (SELECT FROM seen) AS proof_is_new
    FROM attempts a JOIN sittings s ON s.id = a.sitting_id
    WHERE a.id = :attempt_id FOR UPDATE OF a
    """
)
_KEEP = text(
    """
    WITH kept AS (
      INSERT INTO responses (attempt_id, seq, item, answer, answer_hash, created_at, received_at, receipt)
      VALUES (:attempt_id, :seq, :item, CAST(:answer AS jsonb), :answer_hash, :created_at, :received_at,
              CAST(:receipt AS jsonb))
    )
    UPDATE attempts SET seq = :seq, head = :head WHERE id = :attempt_id
    """
)


# All conditions and changes of many saves in one statement. An attempt that somebody else has locked is left out rather
# than waited for, because a crowd would wait with it; whoever sent it comes again alone. Two processes that save to one
# attempt at the same moment: the second finds another head and changes nothing.
_COLUMNS = {
    "attempt_id": "uuid",
    "seq": "int",
    "item": "text",
    "answer": "text",
    "answer_hash": "text",
    "created_at": "timestamptz",
    "received_at": "timestamptz",
    "oldest_end": "timestamptz",
    "receipt": "text",
    "head": "text",
    "previous": "text",
    "jkt": "text",
    "generation": "int",
    "jti": "text",
    "expires_at": "timestamptz",
    "section": "int",
}
_KEEP_TOGETHER = text(
    f"""
    WITH asked AS MATERIALIZED (
      SELECT * FROM unnest({", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _COLUMNS.items())})
        WITH ORDINALITY AS asked({", ".join(_COLUMNS)}, number)
    ), seen AS (
      INSERT INTO seen_proofs (jti, expires_at) SELECT jti, expires_at FROM asked ORDER BY jti
      ON CONFLICT DO NOTHING RETURNING jti
    ), ready AS (
      SELECT attempts.id, asked.number FROM asked JOIN seen USING (jti) JOIN attempts ON attempts.id = asked.attempt_id
      FOR UPDATE OF attempts SKIP LOCKED
    ), moved AS (
      UPDATE attempts SET seq = asked.seq, head = asked.head
      FROM ready JOIN asked USING (number)
      WHERE attempts.id = ready.id AND status = 'running'
        AND (ends_at >= asked.received_at OR (ends_at >= asked.oldest_end AND ends_at >= asked.created_at))
        AND attempts.seq = asked.seq - 1 AND attempts.head = asked.previous AND attempts.jkt = asked.jkt
        AND attempts.generation = asked.generation
        AND (asked.section IS NULL OR (asked.section = attempts.section
             AND (section_ends_at IS NULL OR section_ends_at >= asked.received_at)))
      RETURNING asked.number
    ), kept AS (
      INSERT INTO responses (attempt_id, seq, item, answer, answer_hash, created_at, received_at, receipt)
      SELECT attempt_id, seq, item, CAST(answer AS jsonb), answer_hash, created_at, received_at, CAST(receipt AS jsonb)
      FROM asked JOIN moved USING (number)
    )
    SELECT asked.jti IN (SELECT jti FROM seen) AS proof_is_new, asked.number IN (SELECT number FROM moved) AS kept
    FROM asked ORDER BY asked.number
    """  # noqa: S608  (made of the names above)
)


async def keep_together(sessions: Sessions, rows: Sequence[dict[str, Any]]) -> list[tuple[bool, bool]]:
    """Keep answers whose places in their chains are known; of each: (the proof is new, the answer is kept)."""
    values = {name: [row[name] for row in rows] for name in _COLUMNS}
    return [(row.proof_is_new, row.kept) for row in await at_once(sessions, _KEEP_TOGETHER, values)]


async def lock_for_save(session: AsyncSession, attempt_id: UUID, jti: str, expires_at: datetime) -> Live | None:
    """Note the proof and lock the attempt in one round trip."""
    row = (
        await session.execute(_LOCK_FOR_SAVE, {"attempt_id": attempt_id, "jti": jti, "expires_at": expires_at})
    ).one_or_none()
    return Live(*row) if row else None


async def keep_response(session: AsyncSession, values: dict[str, Any]) -> None:
    """Append the answer and move the head of the chain, in one round trip."""
    await session.execute(_KEEP, values)


async def see_proof(session: AsyncSession, jti: str, expires_at: datetime) -> bool:
    """Whether this proof is seen for the first time."""
    query = text(
        "INSERT INTO seen_proofs (jti, expires_at) VALUES (:jti, :expires_at) ON CONFLICT DO NOTHING RETURNING 1"
    )
    return (await session.execute(query, {"jti": jti, "expires_at": expires_at})).first() is not None


async def forget_proofs(session: AsyncSession, now: datetime) -> None:
    await session.execute(delete(SeenProof).where(SeenProof.expires_at < now))


async def find_response(session: AsyncSession, attempt_id: UUID, seq: int) -> Response | None:
    return await session.get(Response, (attempt_id, seq))


async def latest_responses(session: AsyncSession, attempt_id: UUID) -> list[Response]:
    """The newest answer to each item."""
    found = await session.scalars(
        select(Response)
        .ext(distinct_on(Response.item))
        .where(Response.attempt_id == attempt_id)
        .order_by(Response.item, Response.seq.desc())
    )
    return list(found)


async def counting_answers(session: AsyncSession, attempt_id: UUID) -> dict[str, dict[str, Any]]:
    """The answer that counts, per item: the newest of the chain, or what a person took in from a recovery file."""
    latest = {row.item: row.answer for row in await latest_responses(session, attempt_id)}
    return latest | {row.item: row.answer for row in await aside_of(session, attempt_id) if row.counts}


async def aside_of(session: AsyncSession, attempt_id: UUID) -> list[AsideAnswer]:
    """What is kept beside the chain, oldest first."""
    query = select(AsideAnswer).where(AsideAnswer.attempt_id == attempt_id)
    return list(await session.scalars(query.order_by(AsideAnswer.received_at, AsideAnswer.jkt, AsideAnswer.place)))


async def count_aside(session: AsyncSession, attempt_id: UUID) -> int:
    query = select(func.count()).select_from(AsideAnswer).where(AsideAnswer.attempt_id == attempt_id)
    return await session.scalar(query) or 0


async def keep_aside(session: AsyncSession, row: AsideAnswer) -> tuple[AsideAnswer, bool]:
    """Keep it once; the row that stands there, and whether it is new."""
    same = select(AsideAnswer).where(
        AsideAnswer.attempt_id == row.attempt_id,
        AsideAnswer.jkt == row.jkt,
        AsideAnswer.place == row.place,
        AsideAnswer.answer_hash == row.answer_hash,
    )
    if (kept := await session.scalar(same)) is not None:
        # A file can bring what the device itself also sent: then a person's word is added, and nothing is taken away.
        if row.counts and not kept.counts:
            kept.counts, kept.taken_by, kept.reason = True, row.taken_by, row.reason
        return kept, False
    session.add(row)
    await session.flush()
    return row, True


async def devices_of(session: AsyncSession, attempt: Attempt) -> set[str]:
    """The thumbprints of every device that had this attempt."""
    query = select(LedgerLine.data["jkt"].astext).where(
        LedgerLine.stream == attempt.id, LedgerLine.tag == DeviceChanged.tag
    )
    first = (attempt.statement or {}).get("statement", {}).get("jkt")
    return {jkt for jkt in [first, attempt.jkt, *await session.scalars(query)] if jkt}


async def all_responses(session: AsyncSession, attempt_id: UUID) -> list[Response]:
    """The whole chain in order."""
    found = await session.scalars(select(Response).where(Response.attempt_id == attempt_id).order_by(Response.seq))
    return list(found)


async def name_of(session: AsyncSession, user_id: UUID) -> str:
    return await session.scalar(select(User.name).where(User.id == user_id)) or ""


async def overdue(session: AsyncSession, now: datetime) -> list[UUID]:
    """Running attempts whose time is over."""
    return list(await session.scalars(select(Attempt.id).where(Attempt.status == "running", Attempt.ends_at < now)))


# --- made ahead ---


async def unprepared(session: AsyncSession, sitting_id: UUID) -> tuple[UUID | None, list[UUID]]:
    """The version of a sitting, and who on its roster has no attempt yet."""
    version_id = await session.scalar(select(Sitting.version_id).where(Sitting.id == sitting_id))
    has_one = select(Attempt.id).where(
        Attempt.sitting_id == RosterEntry.sitting_id, Attempt.candidate_id == RosterEntry.user_id
    )
    people = select(RosterEntry.user_id).where(RosterEntry.sitting_id == sitting_id, ~has_one.exists())
    return version_id, list(await session.scalars(people))


async def insert_prepared(
    session: AsyncSession, sitting_id: UUID, forms: Sequence[tuple[UUID, str, str]], now: datetime
) -> int:
    """Rows for these people, seeds and digests; how many were not there yet."""
    people, seeds, digests = zip(*forms, strict=True)
    made = await session.execute(
        text(
            """
            INSERT INTO attempts (sitting_id, candidate_id, status, opened_at, seed, form)
            SELECT :sitting_id, person, 'prepared', :now, seed, form
            FROM unnest(CAST(:people AS uuid[]), CAST(:seeds AS text[]), CAST(:digests AS text[])) AS r(person, seed, form)
            ON CONFLICT DO NOTHING RETURNING 1
            """
        ),
        {"sitting_id": sitting_id, "now": now, "people": list(people), "seeds": list(seeds), "digests": list(digests)},
    )
    return len(made.all())


async def open_prepared(session: AsyncSession, attempt: Attempt, now: datetime) -> bool:
    """Make a prepared attempt ready; whether this call did it. The row then holds what the database says."""
    query = (
        update(Attempt)
        .where(Attempt.id == attempt.id, Attempt.status == "prepared")
        .values(status="ready", opened_at=now)
        .returning(Attempt.id)
    )
    opened = (await session.execute(query)).first() is not None
    await session.refresh(attempt)
    return opened


async def sittings_to_prepare(session: AsyncSession, now: datetime, ahead: timedelta) -> list[UUID]:
    """Sittings that open soon or are open, with somebody on the roster who has no attempt."""
    has_one = select(Attempt.id).where(
        Attempt.sitting_id == RosterEntry.sitting_id, Attempt.candidate_id == RosterEntry.user_id
    )
    missing = select(RosterEntry.user_id).where(RosterEntry.sitting_id == Sitting.id, ~has_one.exists())
    query = select(Sitting.id).where(Sitting.opens_at <= now + ahead, Sitting.closes_at > now, missing.exists())
    return list(await session.scalars(query.order_by(Sitting.opens_at)))
