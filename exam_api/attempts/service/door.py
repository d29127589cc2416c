"""At the door: open the attempt, accept what is recorded, show the face."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import b64u
from exam_api.attempts import queries
from exam_api.attempts.queries import Place
from exam_api.attempts.schemas import AttemptOut, ConsentIn, ConsentTerms, ReferenceOut
from exam_api.attempts.service import channel
from exam_api.attempts.service.preparing import new_form
from exam_api.attempts.service.states import Status
from exam_api.db import evidence, ledger
from exam_api.db.models.attempts import Attempt, Consent, Reference
from exam_api.db.models.exams import Sitting
from exam_api.errors import ConsentNeeded, ReferenceNotUsable, SittingNotOpen, TooManyTries, WrongState
from exam_api.events import AttemptOpened, ConsentGiven, ReferenceSent
from exam_api.exams.service import entry, further
from exam_api.exams.service.entry import Arrival
from exam_api.installation import Installation, Keeping
from exam_api.web.i18n import _
from grading.exam import Exam

MAX_PHOTO = 4 * 2**20
MAX_PHOTOS = 10  # each costs the worker a look


def consent_terms(exam: Exam, keeping: Keeping, *, on_device: bool = False) -> ConsentTerms:
    """What this exam records, in the words that the candidate accepts. The version is the digest of the words.

    `on_device`: the candidate's own computer looks at the pictures (`Installation.on_device`).
    """
    asked = exam.proctoring
    terms = {"answers": _("Your answers, when you gave them, and from which device are kept with your result.")}
    if asked.camera:
        terms |= _pictures_here() if on_device else _pictures_sent()
        terms["face"] = _(
            "Your reference photo and these pictures are turned into numbers that say whether it is the same face. "
            "The numbers are used for this exam only and erased at its end; the photo is erased after {photo} days."
        ).format(photo=keeping.references)
        terms["name"] = _(
            "What your camera calls itself is looked at once, to see whether a program stands between it and us. The name is not "
            "kept."
        )
    if asked.microphone:
        terms["microphone"] = _(
            "During the exam, sound from your microphone is sent to us in pieces of ten seconds. A program listens for "
            "speech; what is said is not written down."
        )
    if asked.camera or asked.microphone:
        terms["retention"] = _(
            "Pictures are erased after {pictures} days, sound after {sound} days. What lies beside something that the "
            "program noted, video too, is erased after {beside} days, what it noted after {flags} days, and what it read off "
            "the pictures and the sound after {readings} days. A person, not a program, decides about any doubt."
        ).format(
            pictures=keeping.frames,
            sound=keeping.sounds,
            beside=keeping.clips,
            flags=keeping.flags,
            readings=keeping.readings,
        )
    if asked.screen:
        terms["screen"] = _(
            "You are asked to share your screen. What it shows stays on your computer; we note that it is shared, whether it "
            "is the whole screen, and when that ends."
        )
    if asked.rhythm:
        terms["rhythm"] = _(
            "How evenly you type is noted once a minute, as a number; which keys you press is not part of it."
        )
    terms["browser"] = _(
        "The exam page notes when it is hidden, loses the focus, leaves full screen or is printed, when text is copied or "
        "pasted (how long it is and whether it comes from this page, not what it says), when a second display is attached, "
        "and when the network or the clock of your computer fails."
    )
    text = list(terms.values())
    version = b64u(hashlib.sha256("\n".join([*terms, *text]).encode()).digest())[:16]
    return ConsentTerms(version=version, terms=list(terms), text=text)


def _pictures_sent() -> dict[str, str]:
    return {
        "camera": _(
            "During the exam, pictures from your camera are sent to us: usually one each second, four during a short check. "
            "A program looks in them for faces, the direction of your look, phones and other screens."
        ),
        "video": _(
            "The last 90 seconds of video stay in the memory of your computer. Less than a minute of it is sent to us, and "
            "only where the program noted something that a person should see."
        ),
    }


def _pictures_here() -> dict[str, str]:
    return {
        "camera": _(
            "During the exam, the pictures of your camera are looked at on your own computer, once a second. Only what was "
            "noticed leaves it, as numbers: faces and where they are, the direction of your look, the light. No video leaves it."
        ),
        "pictures": _(
            "Single pictures are sent to us: at the beginning of what is noticed, every few minutes at moments by chance, to "
            "compare what your computer says with its picture, and four each second during a short check that you are there. "
            "A program looks in them for faces, the direction of your look, phones and other screens."
        ),
        "fallback": _(
            "Where your browser cannot look at the pictures itself, all of them are sent to us instead, usually one each second, "
            "and less than a minute of video where the program noted something. The check-in and the exam page say which of the "
            "two it is."
        ),
    }


async def open_attempt(
    session: AsyncSession,
    here: Installation,
    sitting_id: UUID,
    arrival: Arrival,
    now: datetime,
    chance: Callable[[int], bytes],
    number: int | None = None,
) -> Place:
    """The candidate's attempt in this sitting; made when the sitting is open and its rules of entry are met. `number` one
    higher than what they have asks for a further one.

    Raises `NotFound`, `SittingNotOpen`, what `further.check` and what `entry.check` raise.
    """
    candidate_id = arrival.user_id
    sitting, on_roster, attempt = await queries.get_roster_place(session, sitting_id, candidate_id)
    if attempt is not None and number is not None and number > attempt.number:
        attempt = await _further(session, here, sitting, arrival, number, now, chance)
    elif attempt is None or attempt.status == Status.prepared:
        if not sitting.opens_at <= now < sitting.closes_at:
            raise SittingNotOpen
        await entry.check(session, here, sitting.id, arrival, now)
        if attempt is not None:
            is_first = await queries.open_prepared(session, attempt, now)
        else:
            attempt, is_first = await _make(session, here, sitting, candidate_id, now, chance)
        if is_first:
            await ledger.append(session, AttemptOpened(attempt.id, candidate_id), now, candidate_id)
    return Place(attempt, sitting, on_roster.extra_on(sitting.minutes))


async def _further(
    session: AsyncSession,
    here: Installation,
    sitting: Sitting,
    arrival: Arrival,
    number: int,
    now: datetime,
    chance: Callable[[int], bytes],
) -> Attempt:
    """The next attempt, with a seed and a form of its own. The former one is locked meanwhile: whoever releases its result
    locks it too, and a release ends the trying.
    """
    former = await queries.find_attempt_of(session, sitting.id, arrival.user_id, lock=True)
    assert former is not None
    if number <= former.number:  # another tab was faster
        return former
    further.check(sitting, former, now)
    await entry.check(session, here, sitting.id, arrival, now)
    attempt, is_first = await _make(session, here, sitting, arrival.user_id, now, chance, former.number + 1)
    if is_first:
        event = AttemptOpened(attempt.id, arrival.user_id, attempt.number)
        await ledger.append(session, event, now, arrival.user_id)
    return attempt


async def _make(
    session: AsyncSession,
    here: Installation,
    sitting: Sitting,
    candidate_id: UUID,
    now: datetime,
    chance: Callable[[int], bytes],
    number: int = 1,
) -> tuple[Attempt, bool]:
    """An attempt that nobody prepared, and whether it is new: two tabs may come through the door at once."""
    exam = await queries.get_exam(session, here, sitting.version_id)
    seed, form = new_form(exam, chance)
    attempt = Attempt(
        sitting_id=sitting.id,
        candidate_id=candidate_id,
        number=number,
        status=Status.ready,
        opened_at=now,
        seed=seed,
        form=form,
    )
    try:
        async with session.begin_nested():
            session.add(attempt)
    except IntegrityError:
        found = await queries.find_attempt_of(session, sitting.id, candidate_id)
        assert found is not None
        # Another tab was faster, or the worker made it ahead between our look and our insert: then it is still to be opened.
        return found, await queries.open_prepared(session, found, now)
    await session.refresh(attempt)
    return attempt, True


async def show(session: AsyncSession, here: Installation, place: Place, now: datetime) -> AttemptOut:
    """The attempt as its candidate sees it."""
    attempt, sitting = place.attempt, place.sitting
    exam = await queries.get_exam(session, here, sitting.version_id)
    reference = await queries.find_reference(session, attempt.id)
    return AttemptOut(
        id=attempt.id,
        sitting_id=sitting.id,
        number=attempt.number,
        title=exam.title,
        status=attempt.status,
        minutes=place.minutes,
        opens_at=sitting.opens_at,
        closes_at=sitting.closes_at,
        camera=exam.proctoring.camera,
        microphone=exam.proctoring.microphone,
        fullscreen=exam.proctoring.fullscreen,
        screen=exam.proctoring.screen,
        on_device=here.on_device(exam),
        sign_of_life=exam.proctoring.camera and exam.proctoring.sign_of_life,
        consent=consent_terms(exam, here.keeping, on_device=here.on_device(exam)),
        consented=await queries.find_consent(session, attempt.id) is not None,
        reference=ReferenceOut(state=reference.state, reason=reference.reason)
        if reference
        else ReferenceOut(state="none"),
        clock=channel.clock(attempt, now),
        seq=attempt.seq,
    )


async def give_consent(session: AsyncSession, here: Installation, place: Place, body: ConsentIn, now: datetime) -> None:
    """Keep the accepted terms with the very words shown. Raises `ConsentNeeded` when one is missing or outdated."""
    if place.attempt.status != Status.ready:
        raise WrongState
    exam = await queries.get_exam(session, here, place.sitting.version_id)
    terms = consent_terms(exam, here.keeping, on_device=here.on_device(exam))
    if body.version != terms.version or set(body.terms) != set(terms.terms):
        raise ConsentNeeded
    if await queries.find_consent(session, place.attempt.id) is None:
        session.add(
            Consent(
                attempt_id=place.attempt.id,
                version=terms.version,
                terms=terms.terms,
                text="\n".join(terms.text),
                given_at=now,
            )
        )
        event = ConsentGiven(place.attempt.id, terms.version, terms.terms)
        await ledger.append(session, event, now, place.attempt.candidate_id)


async def keep_reference(
    session: AsyncSession, here: Installation, place: Place, photo: bytes, chance: Callable[[int], bytes], now: datetime
) -> ReferenceOut:
    """Store a reference photo for the worker to look at; consent comes first."""
    if place.attempt.status != Status.ready:
        raise WrongState
    if await queries.find_consent(session, place.attempt.id) is None:
        raise ConsentNeeded
    if not photo.startswith(b"\xff\xd8") or len(photo) > MAX_PHOTO:
        raise ReferenceNotUsable("Please send a JPEG photo of at most 4 MB.")
    last = await queries.find_reference(session, place.attempt.id)
    number = last.number + 1 if last else 1
    if number > MAX_PHOTOS:
        raise TooManyTries("You have sent many photos. Please ask the invigilator for help.")
    key = await evidence.open_key(session, here.keyring, place.attempt.id, chance, now)
    name = f"references/{place.attempt.id}/{number}-{chance(8).hex()}"
    blob = await evidence.put(here.blobs, key, name, photo, chance)
    session.add(
        Reference(
            attempt_id=place.attempt.id,
            number=number,
            blob=blob,
            digest=b64u(hashlib.sha256(photo).digest()),
            state="checking",
            sent_at=now,
        )
    )
    await ledger.append(session, ReferenceSent(place.attempt.id, number), now, place.attempt.candidate_id)
    return ReferenceOut(state="checking")
