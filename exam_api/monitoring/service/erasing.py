"""Proof of what was erased: signed, for the candidate and whoever asks later."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import b64u, jcs
from exam_api.db import ledger
from exam_api.db.base import iso
from exam_api.db.models.monitoring import Erasure
from exam_api.events import EvidenceErased
from exam_api.installation import Installation
from exam_api.monitoring import queries


async def prove(
    session: AsyncSession,
    here: Installation,
    attempt_id: UUID,
    counts: Mapping[str, int],
    now: datetime,
    *,
    whole: bool = False,
) -> None:
    """Note what was erased just now: in the ledger, and as a statement that our receipt key signs.

    `whole`: the key of all the attempt's evidence is gone, so what a copy of the store may still hold opens no more.
    """
    key = here.keyring.receipt
    said: dict[str, Any] = {
        "type": "erasure",
        "attempt": str(attempt_id),
        "at": iso(now),
        "erased": dict(counts),
        "whole": whole,
        "kid": key.kid,
    }
    session.add(Erasure(attempt_id=attempt_id, at=now, record={**said, "signature": b64u(key.sign(jcs(said)))}))
    await ledger.append(session, EvidenceErased(attempt_id, dict(counts), whole), now)


async def erasures(session: AsyncSession, attempt_id: UUID) -> list[dict[str, Any]]:
    """The signed statements about an attempt, in order of time."""
    return [row.record for row in await queries.erasures_of(session, attempt_id)]
