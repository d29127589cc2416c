"""What the worker does for accounts."""

from datetime import timedelta
from typing import Any

from exam_api.accounts.queries import sessions
from exam_api.db.session import transaction
from exam_api.installation import Workshop

KEEP = timedelta(days=90)  # how long a person can look up where the account was used


async def sweep(workshop: Workshop, _: dict[str, Any]) -> None:
    """Forget challenges, counters, sessions and codes that have run out."""
    async with transaction(workshop.here.sessions) as session:
        await sessions.sweep(session, workshop.now(), KEEP)
