"""The exam and candidates of the certificates' tests, and ways to be noticed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from exam_api.db.models.findings import Finding
from exam_api.db.models.monitoring import Flag, Frame
from exam_api.db.session import transaction
from exam_api.installation import Installation
from tests.exam_api.certificates.conftest import hall, hand_in, release, workshop

__all__ = ["hall", "hand_in", "release", "workshop"]


@dataclass
class Noticed:
    """Writes what the worker would have written about an attempt."""

    installation: Installation
    made: list[Any] = field(default_factory=list)

    async def flag(self, attempt: str, severity: str = "high", rule: str = "two_people", frames: int = 2) -> None:
        """A flag; the first of its frames still has its picture, the others were erased."""
        at = datetime.now(UTC) - timedelta(seconds=30)
        rows: list[Any] = [
            Frame(
                attempt_id=UUID(attempt),
                number=number,
                taken_at=at,
                received_at=at,
                analysed_at=at,
                blob=f"frames/{attempt}/{number}.jpg" if number == 1 else None,
                digest="x",
                size=9,
            )
            for number in range(1, frames + 1)
        ]
        rows.append(
            Flag(
                attempt_id=UUID(attempt),
                rule=rule,
                severity=severity,
                started_at=at,
                ended_at=at + timedelta(seconds=9),
                threshold={"seconds": 3.0},
                reason="Two faces were seen for <9> s.",
                innocent=["A poster with a face on the wall."],
                evidence=[*(f"frame:{number}" for number in range(1, frames + 1)), "event:1"],
                confidence=0.9,
            )
        )
        await self.keep(*rows)
        if frames:
            await self.installation.blobs.put_async(f"frames/{attempt}/1.jpg", b"\xff\xd8 a picture")

    async def finding(self, sitting: str, *attempts: str) -> None:
        await self.keep(
            Finding(
                sitting_id=UUID(sitting),
                detector="shared_answers",
                attempts=list(attempts),
                p_value=1e-7,
                p_adjusted=1e-5,
                statistic=9.0,
                expected=1.5,
                explanation="The two share nine wrong answers.",
                innocent=["They learned from the same notes."],
                evidence={},
                made_at=datetime.now(UTC),
            )
        )

    async def keep(self, *rows: Any) -> None:
        async with transaction(self.installation.sessions) as session:
            session.add_all(rows)


@pytest.fixture
def noticed(installation: Installation) -> Noticed:
    return Noticed(installation)


Release = Callable[[], Awaitable[list[dict[str, Any]]]]
