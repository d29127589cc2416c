"""Attempts made before they are needed: row, seed and form, so that a room full of people can start at the same moment."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import digest
from exam_api.attempts import queries
from exam_api.db import ledger
from exam_api.events import AttemptsPrepared
from exam_api.installation import Installation
from grading.deal import SEED_BYTES, deal
from grading.exam import Exam, public

Chance = Callable[[int], bytes]


def new_form(exam: Exam, chance: Chance) -> tuple[str, str]:
    """A fresh seed, and the digest of what its candidate will see: the start statement names it."""
    seed = chance(SEED_BYTES).hex()
    return seed, digest_of(deal(exam, seed).exam)


def digest_of(form: Exam) -> str:
    """Of the public part only: from the digest of a whole form, a few answers could be guessed and tried."""
    return digest(public(form))


async def prepare(session: AsyncSession, here: Installation, sitting_id: UUID, chance: Chance, now: datetime) -> int:
    """Make the missing attempts of everybody on the roster; how many were made. Twice at once makes each only once."""
    version_id, people = await queries.unprepared(session, sitting_id)
    if version_id is None or not people:
        return 0
    exam = await queries.get_exam(session, here, version_id)
    forms = await asyncio.to_thread(_forms, exam, people, chance)
    made = await queries.insert_prepared(session, sitting_id, forms, now)
    if made:
        await ledger.append(session, AttemptsPrepared(sitting_id, made), now)
    return made


def _forms(exam: Exam, people: Sequence[UUID], chance: Chance) -> list[tuple[UUID, str, str]]:
    return [(person, *new_form(exam, chance)) for person in people]
