"""Signs of life: judged when their pictures are looked at, or when nobody has answered for long enough."""

from datetime import timedelta
from typing import Any

from exam_api.db.session import transaction
from exam_api.installation import Workshop
from exam_api.monitoring import queries
from exam_api.monitoring.service import life
from exam_api.monitoring.tasks.flags import judge_whole

SETTLED = timedelta(seconds=20)  # after asking, by which an answer is here


async def judge_life(workshop: Workshop, _payload: dict[str, Any]) -> None:
    """Each minute, whatever was asked for and can be judged now."""
    async with transaction(workshop.here.sessions) as session:
        asked = await queries.life_to_judge(session, workshop.now() - SETTLED)
    for sign in asked:
        async with transaction(workshop.here.sessions) as session:
            judged = await life.judge(session, sign, workshop.now())
        if judged:  # from everything: the one before it was asked for longer ago than what is computed anew otherwise
            await judge_whole(workshop, {"attempt_id": str(sign.attempt_id)})
