"""A sign of life before the start: asked for at the check-in, judged by the worker from pictures that came in one request.

In `watchings.check_in`: `n` (the try), `kind`, `colours`, `asked_at`, `state`, `blob` (the pictures, until they are looked
at) and `signal`. Whoever has agreed on it is not asked; nobody has to do it unless the exam says so. Where nobody can look at
pictures, everybody goes on without, and that is noted (`off`).
"""

import random
import struct
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts import queries as attempts
from exam_api.attempts.queries import Place
from exam_api.attempts.service.states import Status
from exam_api.db import evidence, ledger
from exam_api.db.base import iso
from exam_api.errors import CheckInIncomplete, ConsentNeeded, ReferenceNotUsable, TooManyTries, WrongState
from exam_api.events import CheckInSignEnded, CheckInSignSent
from exam_api.installation import Installation
from exam_api.monitoring import queries
from exam_api.monitoring.schemas import CheckInSignOut, genesis
from exam_api.monitoring.service.asks import SPARED
from exam_api.monitoring.service.life import plain
from exam_api.monitoring.service.pieces import Chance, drop
from exam_api.web.i18n import _
from proctor.liveness.challenge import KINDS, SECONDS, Challenge, choose, judge
from proctor.signal import SignalKind
from proctor.vision.reading import FrameReading

MOST_TRIES = 8
# From asking to the pictures being here: six seconds, and what 400 KB take at 50 kbit/s, the slowest line that a camera is
# sent over. Who has hours makes a film of what was asked.
ANSWER = timedelta(minutes=2)
MOST_PICTURES = 40  # four a second for six seconds, and as many more
MOST_BYTES = 2 * 2**20
ENDED = {
    SignalKind.life_shown: "shown",
    SignalKind.life_not_shown: "not_shown",
    SignalKind.life_unanswered: "unclear",
}


async def ask(session: AsyncSession, here: Installation, place: Place, now: datetime, chance: Chance) -> CheckInSignOut:
    """Ask for a sign of life; each try is another one than before. Raises `TooManyTries`."""
    await _check(session, here, place)
    row = await queries.lock_watching(session, place.attempt.id, genesis(place.attempt.id))
    known = row.check_in or {}
    if (why := await _not_asked(session, here, place.attempt.id)) is not None:
        await drop(here, [known.get("blob")])
        row.check_in = {"n": 0, "state": why}
        if known.get("state") != why:
            await ledger.append(session, CheckInSignEnded(place.attempt.id, 0, why), now)
        return shape(row.check_in)
    number = known.get("n", 0) + 1
    if number > MOST_TRIES:
        raise TooManyTries(_("You have tried this often enough. Go on without, or ask the invigilator for help."))
    rng = random.Random(chance(16))  # noqa: S311  (seeded by the system's own chance, and not kept)
    asked = choose(rng, number, now, [kind for kind in KINDS if kind != known.get("kind")])
    await drop(here, [known.get("blob")])
    row.check_in = {
        "n": number,
        "kind": asked.kind,
        "colours": list(asked.colours),
        "asked_at": iso(now),
        "state": "asked",
    }
    return shape(row.check_in)


async def _not_asked(session: AsyncSession, here: Installation, attempt_id: UUID) -> str | None:
    """Why nobody is asked: `spared` by agreement, or `off`, as this installation cannot look at pictures."""
    if SPARED & set(await queries.accommodations(session, attempt_id)):
        return "spared"
    return None if here.looks_at_life else "off"


async def keep(
    session: AsyncSession, here: Installation, place: Place, number: int, body: bytes, chance: Chance, now: datetime
) -> CheckInSignOut:
    """Keep the pictures of a try until the worker has looked.

    Raises `ReferenceNotUsable` where they are no pictures or came too late.
    """
    await _check(session, here, place)
    unpack(body)
    attempt_id = place.attempt.id
    row = await queries.lock_watching(session, attempt_id, genesis(attempt_id))
    known = row.check_in or {}
    if known.get("n") != number or known.get("state") != "asked":
        raise WrongState
    if now > datetime.fromisoformat(known["asked_at"]) + ANSWER:
        raise ReferenceNotUsable(_("The pictures came too late. Please try again: it will ask for something else."))
    key = await evidence.open_key(session, here.keyring, attempt_id, chance, now)
    blob = await evidence.put(here.blobs, key, f"check-ins/{attempt_id}/{number}-{chance(8).hex()}", body, chance)
    row.check_in = {**known, "state": "checking", "blob": blob}
    await ledger.append(session, CheckInSignSent(attempt_id, number), now, place.attempt.candidate_id)
    return shape(row.check_in)


async def decline(session: AsyncSession, here: Installation, place: Place, now: datetime) -> CheckInSignOut:
    """Go on without; that is noted, and alone says nothing against anybody. Raises `CheckInIncomplete` where the exam needs it."""
    exam = await _check(session, here, place)
    if exam.proctoring.sign_of_life:
        raise CheckInIncomplete(
            _("This exam does not start without this check. Try again, or ask the invigilator for help.")
        )
    row = await queries.lock_watching(session, place.attempt.id, genesis(place.attempt.id))
    known = row.check_in or {"n": 0}
    await drop(here, [known.get("blob")])
    row.check_in = {**known, "blob": None, "state": "declined"}
    event = CheckInSignEnded(place.attempt.id, known["n"], "declined")
    await ledger.append(session, event, now, place.attempt.candidate_id)
    return shape(row.check_in)


async def find(session: AsyncSession, attempt_id: UUID) -> CheckInSignOut:
    """How it stands."""
    row = await queries.find_watching(session, attempt_id)
    return shape((row.check_in if row is not None else None) or {"n": 0, "state": "none"})


async def _check(session: AsyncSession, here: Installation, place: Place) -> Any:
    if place.attempt.status != Status.ready:
        raise WrongState
    exam = await attempts.get_exam(session, here, place.sitting.version_id)
    if not exam.proctoring.camera:
        raise WrongState
    if await attempts.find_consent(session, place.attempt.id) is None:
        raise ConsentNeeded
    return exam


def shape(known: dict[str, Any]) -> CheckInSignOut:
    """What the page hears."""
    asked = known.get("state") == "asked"
    return CheckInSignOut(
        n=known["n"],
        state=known["state"],
        kind=known.get("kind") if asked else None,
        colours=known.get("colours", []) if asked else [],
        seconds=SECONDS,
        left=max(0, MOST_TRIES - known["n"]),
    )


def unpack(body: bytes) -> list[tuple[float, bytes]]:
    """The pictures of one request: for each four bytes with its length and four with its milliseconds (big-endian), the JPEG.

    Seconds and picture of each. Raises `ReferenceNotUsable`.
    """
    found: list[tuple[float, bytes]] = []
    at = 0
    while at + 8 <= len(body) <= MOST_BYTES and len(found) < MOST_PICTURES:
        length, milliseconds = struct.unpack_from(">II", body, at)
        picture = body[at + 8 : at + 8 + length]
        if len(picture) != length or not picture.startswith(b"\xff\xd8"):
            break
        found.append((milliseconds / 1000, picture))
        at += 8 + length
    if not found or at != len(body):
        raise ReferenceNotUsable(_("The pictures of this check cannot be read. Please try again."))
    return found


def unlooked(known: dict[str, Any]) -> dict[str, Any]:
    """What is known of a try that no worker here can look at: nobody is held up by it. Pure."""
    return {**known, "blob": None, "state": "off"}


def learn(known: dict[str, Any], readings: Sequence[FrameReading]) -> dict[str, Any]:
    """What is known of a try after its pictures were looked at. Pure."""
    asked = Challenge(
        known["n"], known["kind"], datetime.fromisoformat(known["asked_at"]), tuple(known.get("colours", ()))
    )
    signal = judge(asked, readings)
    return {**known, "blob": None, "state": ENDED[signal.kind], "signal": plain(signal)}


def moment(known: dict[str, Any], seconds: float) -> datetime:
    """When a picture of a try was taken, by the page's own count."""
    return datetime.fromisoformat(known["asked_at"]) + timedelta(seconds=min(seconds, 600.0))
