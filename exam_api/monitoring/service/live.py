"""A sitting as its invigilators see it, and how they hear of changes."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.attempts import queries as attempts
from exam_api.attempts.service import lockdown
from exam_api.attempts.service.states import STARTED, Status
from exam_api.db import news
from exam_api.db.listening import Ear, Ended, Listening
from exam_api.installation import Installation
from exam_api.monitoring import queries
from exam_api.monitoring.queries.live import Watched
from exam_api.monitoring.schemas import LiveOut, LookalikeOut, SeatOut, TimeGivenOut, WatchedOut
from exam_api.web.i18n import _
from grading.exam import Exam
from proctor.capabilities import capabilities

GATHER = 1.0  # seconds between two news of a sitting, however many of its people change
BEAT = 15.0  # seconds without news after which a stream shows that it lives
LIFE = 300.0  # seconds after which a stream ends and its page asks again: so nobody watches whose right has ended
WATCHERS = 100  # who watch one sitting through one process
WORST = {rank: name for name, rank in queries.SEVERITY.items()}


# What is missing where a part is off, in the order in which it matters to whoever watches.
OFF: Mapping[str, str] = {
    "faces": _("Pictures of cameras are not looked at here: the models for faces are absent. Look at them yourself."),
    "head_and_eyes": _("Head, eyes and mouth are not looked at: their model is absent."),
    "things": _("Phones, second screens and books are not looked for: their model is absent."),
    "speech": _("Nobody listens to the sound: the model for speech is absent."),
}
ON_DEVICE = _(
    "The candidates' computers look at the pictures themselves. Phones and second screens are looked for only in the few "
    "pictures that are sent."
)
NO_SIGN = _(
    "This exam asks for a sign of life before the start. Nobody can look at one here, so everybody starts without it, and that is "
    "noted."
)
NOT_ON_DEVICE = _(
    "This exam asks that the candidates' computers look at the pictures. This installation lacks what they need for it, so the "
    "pictures are sent and looked at here, and the candidates were told so."
)


def off(here: Installation, exam: Exam) -> tuple[str, ...]:
    """What is not looked for or listened to in this exam on this installation, a sentence each."""
    asked = exam.proctoring
    here_is = {each.name: each.on for each in capabilities(here.models_dir)} if here.models_dir is not None else {}
    watched = {"faces", "head_and_eyes", "things"} if asked.camera else set()
    listened = {"speech"} if asked.microphone else set()
    said = [words for name, words in OFF.items() if name in watched | listened and not here_is.get(name)]
    if asked.camera and asked.sign_of_life and not here.looks_at_life:
        said.append(NO_SIGN)
    if asked.camera and asked.watching == "device":
        said.append(ON_DEVICE if here.on_device(exam) else NOT_ON_DEVICE)
    return tuple(said)


async def tell_watchers(session: AsyncSession, attempts: Collection[UUID]) -> None:
    """Say to whoever watches these attempts' sittings that there is something to see."""
    await news.tell(session, await queries.sittings_of(session, attempts))


async def watch(session: AsyncSession, sitting_id: UUID, now: datetime) -> LiveOut:
    """A sitting as an invigilator sees it: those who need a person stand first."""
    people = [
        WatchedOut(
            attempt_id=each.attempt_id,
            name=each.name,
            status=each.status or "absent",
            ends_at=each.ends_at,
            saves=each.saves or 0,
            frames=each.frames,
            analysed=each.frames - each.waiting,
            passed=each.passed,
            last_frame_at=each.last_frame_at,
            sounds=each.sounds,
            last_sound_at=each.last_sound_at,
            flags=each.flags,
            worst=WORST.get(each.worst) if each.worst else None,
            left_out=each.left_out,
            browser=_browser(each, now),
        )
        for each in await queries.watched(session, sitting_id)
    ]
    pairs = [
        LookalikeOut(one=pair.one, other=pair.other, names=[one, other], distance=pair.distance)
        for pair, one, other in await queries.lookalikes_of(session, sitting_id)
    ]
    return LiveOut(now=now, people=people, lookalikes=pairs)


def _browser(each: Watched, now: datetime) -> str | None:
    """How the locked-down browser of somebody stands, where it has shown anything or a person let them in without."""
    if each.proof is None:
        return None
    if each.proof.excused_at is not None:
        return "excused"
    at_work = each.status in STARTED
    return "unproven" if at_work and not lockdown.stands(each.proof, now, each.jkt) else "proven"


async def seats(session: AsyncSession, sitting_id: UUID, minutes: int) -> list[SeatOut]:
    """Everybody on the roster by name, with how their time stands."""
    return [
        SeatOut(
            user_id=user.id,
            name=user.name,
            status=attempt.status if attempt and attempt.status != Status.prepared else "absent",
            ends_at=attempt.ends_at if attempt else None,
            paused_at=attempt.paused_at if attempt else None,
            extra_minutes=entry.extra_on(minutes),
        )
        for entry, user, attempt in await attempts.list_of_sitting(session, sitting_id)
    ]


async def times_given(session: AsyncSession, sitting_id: UUID) -> list[TimeGivenOut]:
    """What was done with the time of a sitting's people, the newest first."""
    names = {str(user.id): user.name for _, user, _ in await attempts.list_of_sitting(session, sitting_id)}
    return [
        TimeGivenOut(
            at=line.at,
            by=by,
            change=line.data["change"],
            amount=line.data["amount"],
            reason=line.data["reason"],
            people=[names.get(each, "–") for each in line.data["people"]],
        )
        for line, by in await queries.times_given(session, sitting_id)
    ]


async def watch_news(listening: Listening, ear: Ear) -> AsyncIterator[str]:
    """Server-sent events without content: something in the sitting has changed, look again."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + LIFE
    try:
        yield "retry: 1000\ndata: \n\n"
        while (left := ends - loop.time()) > 0:
            if await ear.next(min(BEAT, left)) is None:
                yield ":\n\n"
                continue
            yield "data: \n\n"
            await asyncio.sleep(GATHER)  # what changes meanwhile is said together
    except Ended:
        return
    finally:
        listening.leave(ear)
