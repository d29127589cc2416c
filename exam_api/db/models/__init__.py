"""All tables, so that one import knows the whole schema."""

from exam_api.db.models import (
    accounts,
    attempts,
    badges,
    certificates,
    exams,
    findings,
    giving,
    grades,
    learning,
    ledger,
    monitoring,
    proofs,
    record,
    renewing,
    reviews,
    trials,
)

__all__ = [
    "accounts",
    "attempts",
    "badges",
    "certificates",
    "exams",
    "findings",
    "giving",
    "grades",
    "learning",
    "ledger",
    "monitoring",
    "proofs",
    "record",
    "renewing",
    "reviews",
    "trials",
]
