"""The two statements of a start, each for many people at once. SQL, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, Row, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from exam_api.db import ledger
from exam_api.db.session import Sessions, at_once, transaction


@dataclass(frozen=True)
class Knock:
    """Who asks to start: the attempt, the session's cookie as we keep it, the challenge, the passkey that answered it."""

    attempt_id: UUID
    token_hash: str
    challenge_id: UUID
    credential_id: bytes
    at: datetime
    seen_since: datetime  # a session that nobody used since then has ended


# Everything that a start has to know, and nothing of anybody who may not start: such a row is missing from the answer.
# Each table is looked up by its key for each row (OFFSET 0 keeps PostgreSQL from joining in another order). Left to
# itself it planned twelve tables for 20 ms, and from statistics of a minute ago, when nobody was ready yet, it made a
# plan that went through every attempt for each of a hundred.
_LOOK = text(
    """
    SELECT asked.number, a.id, a.candidate_id, a.seed, a.sitting_id, s.version_id, s.minutes, s.late_minutes, s.opens_at,
      s.closes_at, r.extra_minutes, r.extra_percent, r.incident_minutes, c.challenge, c.context, p.id AS passkey_id,
      p.public_key, p.sign_count, photo.state AS photo, coalesce(line.seq, 0) AS line_seq, line.hash AS line_hash
    FROM unnest(CAST(:attempt_id AS uuid[]), CAST(:token_hash AS text[]), CAST(:challenge_id AS uuid[]), :credential_id,
        CAST(:at AS timestamptz[]), CAST(:seen_since AS timestamptz[]))
      WITH ORDINALITY AS asked(attempt_id, token_hash, challenge_id, credential_id, at, seen_since, number)
    CROSS JOIN LATERAL (
      SELECT user_id FROM login_sessions WHERE token_hash = asked.token_hash AND revoked_at IS NULL
        AND expires_at > asked.at AND seen_at > asked.seen_since AND method <> 'activation' OFFSET 0
    ) l
    CROSS JOIN LATERAL (SELECT id FROM users WHERE id = l.user_id AND disabled_at IS NULL OFFSET 0) u
    CROSS JOIN LATERAL (
      SELECT id, candidate_id, seed, sitting_id FROM attempts
      WHERE id = asked.attempt_id AND candidate_id = u.id AND status = 'ready' OFFSET 0
    ) a
    CROSS JOIN LATERAL (
      SELECT WHERE NOT EXISTS (SELECT FROM attempts WHERE sitting_id = a.sitting_id AND candidate_id = a.candidate_id
        AND released_at IS NOT NULL) OFFSET 0
    ) unreleased
    CROSS JOIN LATERAL (
      SELECT version_id, minutes, late_minutes, opens_at, closes_at FROM sittings WHERE id = a.sitting_id OFFSET 0
    ) s
    CROSS JOIN LATERAL (
      SELECT extra_minutes, extra_percent, incident_minutes FROM roster
      WHERE sitting_id = a.sitting_id AND user_id = a.candidate_id OFFSET 0
    ) r
    CROSS JOIN LATERAL (SELECT FROM consents WHERE attempt_id = a.id OFFSET 0) given
    CROSS JOIN LATERAL (
      SELECT challenge, context::text AS context FROM challenges
      WHERE id = asked.challenge_id AND kind = 'start' AND user_id = u.id AND expires_at > asked.at OFFSET 0
    ) c
    CROSS JOIN LATERAL (
      SELECT id, public_key, sign_count FROM passkeys
      WHERE credential_id = asked.credential_id AND user_id = u.id OFFSET 0
    ) p
    LEFT JOIN LATERAL (
      SELECT state FROM reference_photos WHERE attempt_id = a.id ORDER BY number DESC LIMIT 1
    ) photo ON true
    LEFT JOIN LATERAL (
      SELECT seq, hash FROM ledger WHERE stream = a.id ORDER BY seq DESC LIMIT 1
    ) line ON true
    """
).bindparams(bindparam("credential_id", type_=ARRAY(LargeBinary)))

# All conditions and changes of many starts in one statement. What somebody else has locked is left out rather than waited
# for. The roster's row is locked and compared: whoever gives time holds the attempts first and writes the roster, so time
# that was given meanwhile either shows here, or waits for us and finds an attempt that runs.
_COLUMNS = {
    "attempt_id": "uuid",
    "at": "timestamptz",
    "ends_at": "timestamptz",
    "late": "interval",
    "statement": "text",
    "head": "text",
    "jkt": "text",
    "section": "int",
    "section_from": "timestamptz",
    "section_ends_at": "timestamptz",
    "jti": "text",
    "expires_at": "timestamptz",
    "challenge_id": "uuid",
    "passkey_id": "uuid",
    "sign_count": "bigint",
    "new_count": "bigint",
    "backed_up": "bool",
    "extra_minutes": "int",
    "extra_percent": "int",
    "incident_minutes": "int",
    "first_line": "int",
    "lines": "text",
}
_KEEP = text(
    f"""
    WITH asked AS MATERIALIZED (
      SELECT * FROM unnest({", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _COLUMNS.items())})
        WITH ORDINALITY AS asked({", ".join(_COLUMNS)}, number)
    ), seen AS (
      INSERT INTO seen_proofs (jti, expires_at) SELECT jti, expires_at FROM asked ORDER BY jti
      ON CONFLICT DO NOTHING RETURNING jti
    ), ready AS MATERIALIZED (
      SELECT asked.number FROM asked JOIN seen USING (jti)
      CROSS JOIN LATERAL (
        SELECT sitting_id, candidate_id FROM attempts WHERE id = asked.attempt_id AND status = 'ready'
        FOR UPDATE SKIP LOCKED
      ) a
      CROSS JOIN LATERAL (
        SELECT FROM roster WHERE sitting_id = a.sitting_id AND user_id = a.candidate_id
          AND extra_minutes = asked.extra_minutes AND extra_percent = asked.extra_percent
          AND incident_minutes = asked.incident_minutes
        FOR UPDATE SKIP LOCKED
      ) r
      CROSS JOIN LATERAL (SELECT FROM challenges WHERE id = asked.challenge_id FOR UPDATE SKIP LOCKED) c
      CROSS JOIN LATERAL (
        SELECT FROM passkeys WHERE id = asked.passkey_id AND sign_count = asked.sign_count FOR UPDATE SKIP LOCKED
      ) p
      WHERE NOT EXISTS (SELECT FROM ledger WHERE stream = asked.attempt_id AND seq >= asked.first_line)
        AND NOT EXISTS (SELECT FROM attempts WHERE sitting_id = a.sitting_id AND candidate_id = a.candidate_id
          AND released_at IS NOT NULL)
    ), moved AS (
      UPDATE attempts SET status = 'running', started_at = asked.at, ends_at = asked.ends_at,
        late = asked.late, statement = CAST(asked.statement AS jsonb), head = asked.head, jkt = asked.jkt, generation = 1,
        section = asked.section, section_from = asked.section_from, section_ends_at = asked.section_ends_at
      FROM ready JOIN asked USING (number) WHERE attempts.id = asked.attempt_id
      RETURNING asked.number
    ), used AS (
      DELETE FROM challenges USING moved JOIN asked USING (number) WHERE challenges.id = asked.challenge_id
    ), counted AS (
      UPDATE passkeys SET sign_count = asked.new_count, backed_up = asked.backed_up, last_used_at = asked.at
      FROM moved JOIN asked USING (number) WHERE passkeys.id = asked.passkey_id
    ), noted AS (
      INSERT INTO ledger (stream, seq, at, actor_id, tag, data, previous, hash)
      SELECT asked.attempt_id, line.seq, asked.at, line.actor_id, line.tag, line.data, line.previous, line.hash
      FROM moved JOIN asked USING (number), jsonb_to_recordset(CAST(asked.lines AS jsonb))
        AS line(seq int, actor_id uuid, tag text, data jsonb, previous text, hash text)
      RETURNING id
    )
    SELECT asked.jti IN (SELECT jti FROM seen) AS proof_is_new, asked.number IN (SELECT number FROM moved) AS kept,
      (SELECT array_agg(id) FROM noted) AS noted
    FROM asked ORDER BY asked.number
    """  # noqa: S608  (made of the names above)
)


async def look_together(sessions: Sessions, knocks: Sequence[Knock]) -> list[Row[Any] | None]:
    """What a start has to know of each; None for whoever may not start like this."""
    names = ("attempt_id", "token_hash", "challenge_id", "credential_id", "at", "seen_since")
    values = {name: [getattr(knock, name) for knock in knocks] for name in names}
    found = {row.number: row for row in await at_once(sessions, _LOOK, values)}
    return [found.get(number) for number in range(1, len(knocks) + 1)]


async def start_together(sessions: Sessions, rows: Sequence[dict[str, Any]]) -> list[tuple[bool, bool]]:
    """Let these attempts run; of each: (the proof is new, it runs)."""
    async with transaction(sessions) as session:
        done = (await session.execute(_KEEP, {name: [row[name] for row in rows] for name in _COLUMNS})).all()
        if done and done[0].noted:
            await ledger.spread(session, done[0].noted)
    return [(row.proof_is_new, row.kept) for row in done]
