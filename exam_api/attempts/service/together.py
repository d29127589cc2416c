"""Starts of a whole room at the same moment: what each has to know is read together, and what changes is written together.

This is the way of everybody for whom all is as it should be. Where anything is not, `start.start` looks step by step and
says what it is; both follow the same rules, and begin with the same `start.begin`.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from credentials.attempt.session import PROOF_AGE, Proof
from exam_api.accounts.queries.sessions import token_hash
from exam_api.accounts.service import passkeys
from exam_api.attempts.queries import Place, get_exam
from exam_api.attempts.queries.starting import Knock, look_together, start_together
from exam_api.attempts.schemas import AssertionIn, TokenOut
from exam_api.attempts.service.start import begin, may_begin, token
from exam_api.attempts.service.states import Status
from exam_api.db import ledger
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.exams import RosterEntry, Sitting
from exam_api.db.session import Sessions, transaction
from exam_api.db.together import Together
from exam_api.errors import ExamError
from exam_api.installation import Installation


@dataclass(frozen=True)
class Starts:
    """One per process."""

    look: Together[Knock, Row[Any] | None]
    keep: Together[dict[str, Any], tuple[bool, bool]]


def open_starts(sessions: Sessions) -> Starts:
    """What one web process shares among all who start."""
    return Starts(
        Together(partial(look_together, sessions), names=lambda knock: (knock.attempt_id,)),
        Together(
            partial(start_together, sessions), names=lambda row: (row["attempt_id"], row["jti"], row["passkey_id"])
        ),
    )


@dataclass(frozen=True)
class Outcome:
    """`granted` None: it has to be looked at step by step; `noted` says whether the proof counts as seen already."""

    granted: TokenOut | None = None
    noted: bool = False


async def start(
    here: Installation,
    starts: Starts,
    attempt_id: UUID,
    cookie: str,
    seen_since: datetime,
    proof: Proof,
    body: AssertionIn,
    now: datetime,
) -> Outcome:
    """Start if everything is as it should be."""
    try:
        credential_id = passkeys.credential_id(body.credential)
        knock = Knock(attempt_id, token_hash(cookie), body.id, credential_id, now, seen_since)
        found = await starts.look.keep(knock)
        if found is None:
            return Outcome()
        if found.version_id not in here.versions:  # once per process
            async with transaction(here.sessions) as session:
                await get_exam(session, here, found.version_id)
        place, row = _begun(here, found, proof, body, now)
    except ExamError:
        return Outcome()  # said by whoever looks step by step
    noted, kept = await starts.keep.keep(row)
    return Outcome(token(here, place, now) if kept else None, noted)


def _begun(
    here: Installation, found: Row[Any], proof: Proof, body: AssertionIn, now: datetime
) -> tuple[Place, dict[str, Any]]:
    """The attempt as it will run, and the row that makes it so. Raises what stands in the way."""
    place = _place(found)
    exam = here.versions[found.version_id]
    may_begin(place, exam, now, consented=True, photo=found.photo)
    known = passkeys.Known(found.candidate_id, found.public_key, found.sign_count)
    proven = passkeys.prove(here, found.challenge, body.credential, known)
    attempt = place.attempt
    events = begin(here, place, exam, proof, json.loads(found.context), body.credential, now)
    lines, end = [], ledger.End(found.line_seq, found.line_hash or ledger.GENESIS)
    for event in events:
        line = ledger.following(end, event, now, attempt.candidate_id)
        end = ledger.End.of(line)
        names = ("seq", "tag", "data", "previous", "hash")
        lines.append({name: getattr(line, name) for name in names} | {"actor_id": str(line.actor_id)})
    return place, {
        "attempt_id": attempt.id,
        "at": now,
        "ends_at": attempt.ends_at,
        "late": attempt.late,
        "statement": json.dumps(attempt.statement),
        "head": attempt.head,
        "jkt": attempt.jkt,
        "section": attempt.section,
        "section_from": attempt.section_from,
        "section_ends_at": attempt.section_ends_at,
        "jti": proof.jti,
        "expires_at": proof.issued_at + 2 * PROOF_AGE,
        "challenge_id": body.id,
        "passkey_id": found.passkey_id,
        "sign_count": found.sign_count,
        "new_count": proven.new_sign_count,
        "backed_up": proven.credential_backed_up,
        "extra_minutes": found.extra_minutes,
        "extra_percent": found.extra_percent,
        "incident_minutes": found.incident_minutes,
        "first_line": found.line_seq + 1,
        "lines": json.dumps(lines),
    }


def _place(found: Row[Any]) -> Place:
    """The rows as far as a start needs them; they belong to no session, so nothing is written by itself."""
    attempt = Attempt(
        id=found.id, candidate_id=found.candidate_id, sitting_id=found.sitting_id, seed=found.seed, status=Status.ready
    )
    attempt.section, attempt.section_from, attempt.section_ends_at = 0, None, None
    sitting = Sitting(
        id=found.sitting_id,
        version_id=found.version_id,
        minutes=found.minutes,
        late_minutes=found.late_minutes,
        opens_at=found.opens_at,
        closes_at=found.closes_at,
    )
    given = RosterEntry(
        extra_minutes=found.extra_minutes, extra_percent=found.extra_percent, incident_minutes=found.incident_minutes
    )
    return Place(attempt, sitting, given.extra_on(found.minutes))
