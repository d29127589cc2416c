"""Which tables hold rows about a person, and how they are found: what the export of one's own data gives. SQL, nothing else.

Every table that leads to a person stands here, or in `ELSEWHERE` with the reason why not; a test walks all tables.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.base import Base
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.badges import AppConsent, BadgeProfile, ConnectedApp, HeldCredential
from exam_api.db.models.certificates import Certificate
from exam_api.db.models.exams import RosterEntry
from exam_api.db.models.giving import Batch, BatchRow, CertificateListing
from exam_api.db.models.learning import Enrolment, LessonProgress
from exam_api.db.models.pathways import StackedPart, StackNotice
from exam_api.db.models.renewing import CreditActivity, NameChange, Reminder

Whose = Callable[[Table, UUID], ColumnElement[bool]]


@dataclass(frozen=True)
class Kept:
    """How a person's rows are found, and which columns are left out: secrets, and what is about others."""

    whose: Whose
    without: frozenset[str] = frozenset()


def _by(column: str) -> Whose:
    return lambda table, user_id: table.c[column] == user_id


def _certificates(user_id: UUID) -> Select[UUID]:
    query = select(Certificate.id).outerjoin(Attempt, Attempt.id == Certificate.attempt_id)
    return query.where(or_(Certificate.holder_id == user_id, Attempt.candidate_id == user_id))


def _of_certificate(table: Table, user_id: UUID) -> ColumnElement[bool]:
    return table.c.certificate_id.in_(_certificates(user_id))


def _given_by(table: Table, user_id: UUID) -> ColumnElement[bool]:
    return table.c.id.in_(select(BatchRow.batch_id).where(BatchRow.holder_id == user_id))


def _let_in(table: Table, user_id: UUID) -> ColumnElement[bool]:
    held = select(HeldCredential.app_id).where(HeldCredential.user_id == user_id)
    return table.c.id.in_(select(AppConsent.app_id).where(AppConsent.user_id == user_id).union(held))


def _whole(table: Table, user_id: UUID) -> ColumnElement[bool]:
    return table.c.id.in_(_certificates(user_id))


KEPT: dict[type[Base], Kept] = {
    Certificate: Kept(_whole, frozenset({"salt"})),  # the salt stands in the certificate's own file
    CertificateListing: Kept(_of_certificate),
    Reminder: Kept(_of_certificate),
    CreditActivity: Kept(_of_certificate, frozenset({"blob", "decided_by"})),
    StackNotice: Kept(_of_certificate, frozenset({"settled_by"})),
    StackedPart: Kept(_of_certificate),
    BatchRow: Kept(_by("holder_id")),
    Batch: Kept(_given_by, frozenset({"digest", "approved_digest", "made_by", "approved_by"})),
    NameChange: Kept(_by("user_id"), frozenset({"decided_by"})),
    AppConsent: Kept(_by("user_id")),
    ConnectedApp: Kept(_let_in, frozenset({"secret_hash", "registration"})),
    HeldCredential: Kept(_by("user_id")),
    BadgeProfile: Kept(_by("user_id")),
    Attempt: Kept(_by("candidate_id"), frozenset({"seed", "form", "head"})),  # how its paper was dealt
    RosterEntry: Kept(_by("user_id")),
    Enrolment: Kept(_by("user_id")),
    LessonProgress: Kept(_by("user_id")),
}
_ACCOUNT = "the export gives it under account, ways_in, sessions, consents or ledger"
_HIDDEN = "a secret, or the hash of one; what it opens is in the export"
_EXAM = (
    "part of an attempt, which the export names: answers, receipts and results are on that exam's page, and pictures, sounds and what "
    "was concluded from them are kept and erased with the attempt (decision 32)"
)
ELSEWHERE: dict[str, str] = {
    **dict.fromkeys(("users", "passkeys", "login_sessions", "consents", "ledger"), _ACCOUNT),
    **dict.fromkeys(("activation_codes", "challenges", "app_codes", "app_tokens"), _HIDDEN),
    **dict.fromkeys(
        (
            *("aside_answers", "attachments", "attachment_chunks", "responses", "grades", "decisions", "trials"),
            *("browser_proofs", "browser_signals", "clips", "erasures", "evidence_keys", "flags", "frames", "left_out"),
            *(
                "life_signs",
                "lookalikes",
                "receipt_heads",
                "receipt_mails",
                "reference_photos",
                "sounds",
                "spot_checks",
            ),
            *("watchings", "findings", "cohort_runs"),
        ),
        _EXAM,
    ),
}
# Columns that say who did something in office. What a person did is in the ledger, under what they did it to.
IN_OFFICE = frozenset(
    {
        *("created_by", "made_by", "approved_by", "decided_by", "settled_by", "published_by", "asked_by", "owner_id"),
        *("taken_by", "excused_by"),
    }
)


async def rows_of(session: AsyncSession, user_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """For each table its rows about this person, by column."""
    found = {}
    for model, kept in KEPT.items():
        table = Base.metadata.tables[model.__tablename__]
        columns = [column for column in table.c if column.name not in kept.without]
        query = select(*columns).where(kept.whose(table, user_id)).order_by(*table.primary_key.columns)
        found[table.name] = [dict(row) for row in (await session.execute(query)).mappings()]
    return found
