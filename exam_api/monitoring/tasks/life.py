"""Signs of life: judged when their pictures are looked at, or when nobody has answered for long enough."""

from datetime import timedelta
from typing import Any

from exam_api.db.session import transaction
from exam_api.installation import Workshop
from exam_api.monitoring import queries
from exam_api.monitoring.service import life, raise_flags

SETTLED = timedelta(seconds=20)  # after asking, by which an answer is here


async def judge_life(workshop: Workshop, _payload: dict[str, Any]) -> None:
    """Each minute, whatever was asked for and can be judged now."""
    async with transaction(workshop.here.sessions) as session:
        asked = await queries.life_to_judge(session, workshop.now() - SETTLED)
    for sign in asked:
        async with transaction(workshop.here.sessions) as session:
            # Together, so that none is judged without its flags. From everything: the one before it was asked for longer ago
            # than what is computed anew otherwise.
            if await life.judge(session, sign, workshop.now()):
                await raise_flags(session, sign.attempt_id, workshop.now())
