"""The statements of a save, and the proofs that were seen. SQL, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.attempts import SeenProof
from exam_api.db.session import Sessions, at_once


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
    grace_minutes: int | None
    proof_is_new: bool


_LOCK_FOR_SAVE = text(
    """
    WITH seen AS (
      INSERT INTO seen_proofs (jti, expires_at) VALUES (:jti, :expires_at) ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT a.status, a.ends_at, a.seq, a.head, a.jkt, a.generation, s.version_id, a.seed, a.section, a.section_ends_at,
      a.paused_at, s.grace_minutes, EXISTS (SELECT FROM seen) AS proof_is_new
    FROM attempts a JOIN sittings s ON s.id = a.sitting_id
    WHERE a.id = :attempt_id FOR UPDATE OF a
    """
)


_KEEP = text(
    """
    WITH kept AS (
      INSERT INTO responses (attempt_id, seq, item, answer, answer_hash, created_at, written_at, received_at, receipt)
      VALUES (:attempt_id, :seq, :item, CAST(:answer AS jsonb), :answer_hash, :created_at, :written_at, :received_at,
              CAST(:receipt AS jsonb))
    )
    UPDATE attempts SET seq = :seq, head = :head WHERE id = :attempt_id
    """
)


# All conditions and changes of many saves in one statement. An attempt that somebody else has locked is left out rather
# than waited for, because a crowd would wait with it; whoever sent it comes again alone. Two processes that save to one
# attempt at the same moment: the second finds another head and changes nothing. Each attempt is looked up by its key and
# judged there: asked in one go, PostgreSQL believed its statistics from before the start, when nobody was running, and
# compared each attempt of the sitting with each of the saves.
_COLUMNS = {
    "attempt_id": "uuid",
    "seq": "int",
    "item": "text",
    "answer": "text",
    "answer_hash": "text",
    "created_at": "timestamptz",
    "written_at": "timestamptz",
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
    ), ready AS MATERIALIZED (
      SELECT asked.number FROM asked JOIN seen USING (jti) CROSS JOIN LATERAL (
        SELECT FROM attempts WHERE id = asked.attempt_id AND status = 'running'
          AND (ends_at >= asked.received_at OR (ends_at >= asked.oldest_end AND ends_at >= asked.written_at))
          AND seq = asked.seq - 1 AND head = asked.previous AND jkt = asked.jkt AND generation = asked.generation
          AND (asked.section IS NULL OR (asked.section = section
               AND (section_ends_at IS NULL OR section_ends_at >= asked.received_at)))
        FOR UPDATE SKIP LOCKED
      ) attempt
    ), moved AS (
      UPDATE attempts SET seq = asked.seq, head = asked.head
      FROM ready JOIN asked USING (number) WHERE attempts.id = asked.attempt_id
      RETURNING asked.number
    ), kept AS (
      INSERT INTO responses (attempt_id, seq, item, answer, answer_hash, created_at, written_at, received_at, receipt)
      SELECT attempt_id, seq, item, CAST(answer AS jsonb), answer_hash, created_at, written_at, received_at,
        CAST(receipt AS jsonb)
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
