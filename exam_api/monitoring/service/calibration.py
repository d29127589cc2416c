"""Five looks at five points of the screen, before the start: from then on, where the eyes point can be told.

In `watchings.calibration`: `photos` (point → blob, until the worker has looked), `points` (point → line of sight), `fit`
(`Calibration.plain`) or `problem` (why it did not work: then nothing is said about gaze).
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts import queries as attempts
from exam_api.attempts.queries import Place
from exam_api.attempts.service.states import Status
from exam_api.db import evidence, ledger
from exam_api.errors import ConsentNeeded, ReferenceNotUsable, WrongState
from exam_api.events import CalibrationSent
from exam_api.installation import Installation
from exam_api.monitoring import queries
from exam_api.monitoring.schemas import genesis
from exam_api.monitoring.service.pieces import Chance, drop
from exam_api.web.i18n import _
from proctor.errors import BadCalibration
from proctor.vision.gaze import TARGETS, Calibration, CalibrationPoint, Sight, sight_of
from proctor.vision.reading import FrameReading

MAX_PHOTO = 512 * 1024


async def keep_point(
    session: AsyncSession, here: Installation, place: Place, point: int, photo: bytes, chance: Chance, now: datetime
) -> None:
    """Keep the look at one point until the worker has seen it. The same point again replaces it."""
    await _check(session, place)
    if not photo.startswith(b"\xff\xd8") or len(photo) > MAX_PHOTO:
        raise ReferenceNotUsable(_("Please send a JPEG picture of at most 512 KB."))
    attempt_id = place.attempt.id
    key = await evidence.open_key(session, here.keyring, attempt_id, chance, now)
    row = await queries.lock_watching(session, attempt_id, genesis(attempt_id))
    known = dict(row.calibration or {})
    photos = dict(known.get("photos", {}))
    before = photos.get(str(point))
    name = f"calibrations/{attempt_id}/{point}-{chance(8).hex()}"
    photos[str(point)] = await evidence.put(here.blobs, key, name, photo, chance)
    row.calibration = {"photos": photos, "points": known.get("points", {})}
    await drop(here, [before])
    await ledger.append(session, CalibrationSent(attempt_id, point), now, place.attempt.candidate_id)


async def skip(session: AsyncSession, here: Installation, place: Place) -> None:
    """The candidate goes on without: nothing is said about gaze then."""
    await _check(session, place)
    row = await queries.lock_watching(session, place.attempt.id, genesis(place.attempt.id))
    await drop(here, list((row.calibration or {}).get("photos", {}).values()))
    row.calibration = None


async def _check(session: AsyncSession, place: Place) -> None:
    if place.attempt.status != Status.ready:
        raise WrongState
    if await attempts.find_consent(session, place.attempt.id) is None:
        raise ConsentNeeded


def learn(known: dict[str, Any], readings: dict[str, FrameReading | None]) -> dict[str, Any]:
    """What is known after these looks; the photos of them are no longer needed. Pure."""
    photos = {point: blob for point, blob in known.get("photos", {}).items() if point not in readings}
    points = dict(known.get("points", {}))
    for point, reading in readings.items():
        sight = sight_of(reading) if reading is not None else None
        if sight is not None:
            points[point] = [sight.horizontal, sight.vertical]
    learnt: dict[str, Any] = {"photos": photos, "points": points}
    if photos:
        return learnt
    places = [CalibrationPoint(*TARGETS[int(point) - 1], Sight(*where)) for point, where in sorted(points.items())]
    try:
        return {**learnt, "fit": Calibration.fit(places).plain()}
    except BadCalibration as error:
        return {**learnt, "problem": str(error)}


def fitted(calibration: dict[str, Any] | None) -> Calibration | None:
    """What is kept, as the rules need it."""
    return Calibration.of(calibration["fit"]) if calibration and calibration.get("fit") else None


async def of_attempt(session: AsyncSession, attempt_id: UUID) -> Calibration | None:
    """The calibration of an attempt, if it worked."""
    return fitted(await queries.find_calibration(session, attempt_id))
