"""What a page is asked for on its socket: clips, signs of life, single pictures. Decided by chance once, kept, said until answered."""

import random
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts import queries as attempts
from exam_api.attempts.queries import Place
from exam_api.db.base import iso
from exam_api.db.models.monitoring import Clip, LifeSign
from exam_api.installation import Installation
from exam_api.monitoring import queries
from exam_api.monitoring.service import clips, spots
from exam_api.monitoring.service.pieces import Chance, Line
from proctor.liveness.challenge import SECONDS, choose

FIRST = (180.0, 480.0)  # seconds after the start, between which the first comes
NEXT = (900.0, 2100.0)  # seconds between two
SPARED = {"no_gaze", "tics", "screen_reader"}  # with these agreements nobody is asked to move


def plan(seed: bytes, started_at: datetime, ends_at: datetime) -> list[dict[str, object]]:
    """When to ask for which sign of life. Nobody who does not know the seed can tell; the same seed plans the same."""
    rng = random.Random(seed)  # noqa: S311  (the seed is the system's own chance, and is not kept)
    due = started_at + timedelta(seconds=rng.uniform(*FIRST))
    rows: list[dict[str, object]] = []
    while due < ends_at - timedelta(minutes=1):
        chosen = choose(rng, len(rows) + 1, due)
        rows.append({"number": chosen.n, "kind": chosen.kind, "colours": list(chosen.colours), "due_at": due})
        due += timedelta(seconds=rng.uniform(*NEXT))
    return rows


async def plan_life(session: AsyncSession, here: Installation, place: Place, seed: bytes) -> None:
    """Plan an attempt's signs of life where there is no plan yet, and nothing agreed speaks against it."""
    attempt = place.attempt
    if attempt.started_at is None or attempt.ends_at is None or await queries.has_plan(session, attempt.id):
        return
    exam = await attempts.get_exam(session, here, place.sitting.version_id)
    if not exam.proctoring.camera:
        return
    if SPARED & set(await queries.accommodations(session, attempt.id)):
        return
    await queries.plan_life(session, attempt.id, plan(seed, attempt.started_at, attempt.ends_at))


async def pending(
    session: AsyncSession, here: Installation, line: Line, now: datetime, chance: Chance, *, told: bool
) -> list[dict[str, Any]]:
    """What the page should hear now; it may have heard it before. `told`: words about pictures have just come; whatever the
    page said at its greeting, words are checked.
    """
    attempt_id = line.device.attempt_id
    said = [_clip(clip) for clip in await queries.clips_missing(session, attempt_id, now - clips.PATIENCE)]
    sign = await queries.life_due(session, attempt_id, now, now - timedelta(seconds=SECONDS))
    if sign is not None:
        await queries.life_sent(session, attempt_id, sign.number, now)
        said.append(_challenge(sign))
    if told:
        spot = await spots.due(session, attempt_id, spots.Pace(*here.spot_check_seconds), now, chance)
        said += [spot] if spot is not None else []
    return said


def _clip(clip: Clip) -> dict[str, Any]:
    return {"clip": {"flag": str(clip.flag_id), "from": iso(clip.from_at), "until": iso(clip.until_at)}}


def _challenge(sign: LifeSign) -> dict[str, Any]:
    asked = {"n": sign.number, "kind": sign.kind, "colours": sign.colours, "seconds": SECONDS}
    return {"challenge": asked}
