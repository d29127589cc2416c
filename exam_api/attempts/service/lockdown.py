"""A locked-down sitting: the settings of its browser, and whether an attempt's browser has shown that it runs with them.

A check is a new part of an address, good for one attempt and three minutes: what a browser shows for it is worth nothing
anywhere else. Answers are never refused for what is said here. See decision 46.
"""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import b64u
from exam_api.attempts import queries
from exam_api.attempts.queries import Place
from exam_api.attempts.queries import lockdown as rows
from exam_api.attempts.schemas import BrowserCheckIn, BrowserCheckOut
from exam_api.attempts.service import channel
from exam_api.attempts.service.states import STARTED, Status
from exam_api.db import ledger
from exam_api.db.models.attempts import Attempt
from exam_api.db.models.exams import Sitting
from exam_api.db.models.lockdown import BrowserProof
from exam_api.errors import DeviceReplaced, Invalid, LockedBrowserNeeded, NotFound, SittingNotOpen, WrongState
from exam_api.events import BrowserChecked, BrowserExcused, LockdownRulesChanged
from exam_api.installation import Installation
from exam_api.web.i18n import _
from grading.exam import Exam
from grading.kinds.file import File
from lockdown.errors import BadExamKey
from lockdown.key import config_key
from lockdown.plist import Settings, write_plist
from lockdown.proof import browser_link, proves, read_exam_keys
from lockdown.settings import Lock, settings_of

CHECK_LIFE = timedelta(minutes=3)
LONGEST_GAP = timedelta(minutes=5)  # between two proofs; the page sends one every 30 seconds
LINK_LIFE = timedelta(minutes=10)


# --- the settings ---
def settings(here: Installation, sitting: Sitting, exam: Exam) -> Settings:
    """What Safe Exam Browser runs with in this sitting; the same each time that it is asked for."""
    place = f"{here.origin}/sittings/{sitting.id}"
    asked = exam.proctoring
    lock = Lock(
        start_url=f"{place}/start",
        quit_url=f"{place}/left",
        quit_password=quit_password(here, sitting.id),
        salt=_secret(here, "salt", sitting.id),
        camera=asked.camera,
        microphone=asked.microphone,
        screen=asked.screen,
        uploads=any(isinstance(item, File) for item in exam.items),
    )
    return settings_of(lock)


def quit_password(here: Installation, sitting_id: UUID) -> str:
    """What an invigilator types to end the browser early. 80 bits: its hash stands in a file that candidates can read."""
    letters = base64.b32encode(_secret(here, "quit", sitting_id)[:10]).decode().lower()
    return "-".join(letters[at : at + 4] for at in range(0, 16, 4))


def _secret(here: Installation, purpose: str, subject: UUID) -> bytes:
    return hmac.digest(here.keyring.vault, f"invigil-lockdown/1:{purpose}:{subject}".encode(), "sha256")


@dataclass(frozen=True)
class Ways:
    """How a candidate gets the settings: a link that opens the browser at once, and the file."""

    link: str
    file: str


def ways(here: Installation, sitting_id: UUID, user_id: UUID, now: datetime) -> Ways:
    """The link names its candidate: Safe Exam Browser follows it without their cookies."""
    path = f"/sittings/{sitting_id}/settings.seb"
    until = int((now + LINK_LIFE).timestamp())
    signed = f"{user_id}.{until}.{_seal(here, sitting_id, user_id, until)}"
    return Ways(browser_link(f"{here.origin}{path}?for={signed}"), path)


def bearer(here: Installation, sitting_id: UUID, link: str, now: datetime) -> UUID:
    """Whom a link's settings are for. Raises `NotFound` for one that we did not make or that has run out."""
    user, _, rest = link.partition(".")
    until, _, seal = rest.partition(".")
    end = _second(until)
    try:
        user_id = UUID(user)
    except ValueError as error:
        raise NotFound from error
    ours = hmac.compare_digest(seal.encode(), _seal(here, sitting_id, user_id, end).encode())
    if not ours or now.timestamp() >= end:
        raise NotFound
    return user_id


def _second(text: str) -> int:
    """A POSIX time that we wrote into an address; 0, which is long over, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else 0


def _seal(here: Installation, sitting_id: UUID, user_id: UUID, until: int) -> str:
    said = f"lockdown-link:{sitting_id}:{user_id}:{until}".encode()
    return b64u(hmac.digest(here.keyring.cookie, said, "sha256")[:16])


async def file_for(session: AsyncSession, here: Installation, sitting_id: UUID, user_id: UUID, now: datetime) -> bytes:
    """The settings file for somebody on the roster, while the sitting is open or they are at work in it.

    Raises `NotFound`, `SittingNotOpen`.
    """
    sitting, _entry, attempt = await queries.get_roster_place(session, sitting_id, user_id)
    exam = await queries.get_exam(session, here, sitting.version_id)
    if not exam.proctoring.locked_down:
        raise NotFound
    at_work = attempt is not None and attempt.status in STARTED
    if not at_work and not sitting.opens_at <= now < sitting.closes_at:
        raise SittingNotOpen
    return write_plist(settings(here, sitting, exam))


async def accept_exam_keys(
    session: AsyncSession, sitting_id: UUID, text: str, now: datetime, actor_id: UUID
) -> Sequence[str]:
    """Which builds of the browser a sitting accepts, one Browser Exam Key a line. Raises `Invalid`."""
    try:
        keys = read_exam_keys(text)
    except BadExamKey as error:
        message = _("Write one Browser Exam Key of 64 hexadecimal digits on each line, none of them twice.")
        raise Invalid(problems=[{"where": ["body", "exam_keys"], "message": message}]) from error
    await rows.keep_exam_keys(session, sitting_id, list(keys))
    await ledger.append(session, LockdownRulesChanged(sitting_id, len(keys)), now, actor_id)
    return keys


# --- the proof ---
def new_check(here: Installation, attempt_id: UUID, now: datetime) -> str:
    """A part of an address that nobody can guess, for this attempt and the next minutes."""
    return _check(here, attempt_id, int((now + CHECK_LIFE).timestamp()))


def _check(here: Installation, attempt_id: UUID, until: int) -> str:
    said = f"browser-check:{attempt_id}:{until}".encode()
    return f"{until}.{b64u(hmac.digest(here.keyring.cookie, said, 'sha256')[:16])}"


def is_fresh(here: Installation, attempt_id: UUID, check: str, now: datetime) -> bool:
    """Whether a check is one of ours for this attempt, and not run out."""
    until = _second(check.partition(".")[0])
    ours = hmac.compare_digest(check.encode(), _check(here, attempt_id, until).encode())
    return ours and now.timestamp() < until


@dataclass(frozen=True)
class Shown:
    """What one request shows: `path` is its own, with the check in its query; the headers' hashes are for that address, the
    page's for the page on which it was made.
    """

    path: str
    config_header: str | None
    exam_header: str | None
    page: BrowserCheckIn


async def check(
    session: AsyncSession, here: Installation, place: Place, jkt: str, shown: Shown, now: datetime
) -> BrowserCheckOut:
    """Judge what a browser shows, write down what changed, and hand out the next check.

    Raises `NotFound` where the exam is not locked down, `WrongState` before and after it, when a proof would say nothing
    about it any more, `DeviceReplaced` for another device than the live one.
    """
    exam = await queries.get_exam(session, here, place.sitting.version_id)
    attempt = place.attempt
    if not exam.proctoring.locked_down:
        raise NotFound
    if attempt.status not in {Status.ready, *STARTED}:
        raise WrongState
    if attempt.status in STARTED and attempt.jkt != jkt:
        raise DeviceReplaced
    proof = await rows.lock_proof(session, attempt.id)
    again = new_check(here, attempt.id, now)
    if proof.excused_at is not None:
        return BrowserCheckOut(state="excused", check=again)
    if not is_fresh(here, attempt.id, shown.page.check, now):
        return BrowserCheckOut(state="again", check=again)
    exam_keys = await rows.find_exam_keys(session, place.sitting.id)
    outcome = _judge(here, attempt.id, config_key(settings(here, place.sitting, exam)), exam_keys, shown)
    if outcome == "proven" and attempt.status in STARTED:
        await _note_unproven(session, attempt, proof, now, shown.page.client)
    for event in _note(attempt, proof, jkt, outcome, shown.page.client, now):
        await ledger.append(session, event, now, attempt.candidate_id)
        await channel.tell(session, [attempt])
    return BrowserCheckOut(state="proven" if outcome == "proven" else "refused", check=again)


def _judge(here: Installation, attempt_id: UUID, key: str, exam_keys: Sequence[str], shown: Shown) -> str:
    """`proven`, `mismatch`, or `missing` where the browser shows nothing at all. The addresses are written here, not believed."""
    page = shown.page
    asked = here.origin + shown.path
    seen = f"{here.origin}/attempts/{attempt_id}/{page.page}?check={page.check}"
    if not (page.config_key or shown.config_header):
        return "missing"
    known = proves(seen, [key], page.config_key) or proves(asked, [key], shown.config_header)
    built = not exam_keys or proves(seen, exam_keys, page.exam_key) or proves(asked, exam_keys, shown.exam_header)
    return "proven" if known and built else "mismatch"


def _note(
    attempt: Attempt, proof: BrowserProof, jkt: str, outcome: str, client: str, now: datetime
) -> list[BrowserChecked]:
    """Carry a check into the row; what is new about it."""
    noted: list[BrowserChecked] = []
    at_work = attempt.status in STARTED
    gap = _apart(now, proof.proven_at) if proof.proven_at is not None else timedelta(0)
    if at_work and proof.failed_at is None and gap > LONGEST_GAP:
        proof.lapses += 1
        noted.append(BrowserChecked(attempt.id, "late", client, int(gap.total_seconds())))
    if outcome == "proven":
        if proof.failed_at is not None or proof.jkt != jkt:
            noted.append(BrowserChecked(attempt.id, outcome, client))
        proof.jkt, proof.proven_at, proof.failed_at = jkt, now, None
    elif proof.failed_at is None:
        proof.failed_at = now
        proof.lapses += at_work
        noted.append(BrowserChecked(attempt.id, outcome, client))
    return noted


async def _note_unproven(
    session: AsyncSession, attempt: Attempt, proof: BrowserProof, now: datetime, client: str = ""
) -> None:
    """Write down where the live device has saved answers since another one proved its browser last."""
    if attempt.jkt in {None, proof.jkt} or proof.proven_at is None or proof.excused_at is not None:
        return
    if await rows.has_saved_since(session, attempt, proof.proven_at):
        proof.lapses += 1
        await ledger.append(session, BrowserChecked(attempt.id, "unproven", client), now, attempt.candidate_id)


async def before_move(session: AsyncSession, attempt: Attempt, now: datetime) -> None:
    """Before an attempt goes to another device: what the one that it leaves saved without a proof is not forgotten."""
    if await rows.find_proof(session, attempt.id) is not None:
        await _note_unproven(session, attempt, await rows.lock_proof(session, attempt.id), now)


def _apart(now: datetime, proven_at: datetime) -> timedelta:
    """Where a clock was set back, nobody knows how long no proof came: as far as it jumped, at least."""
    return abs(now - proven_at)


def stands(proof: BrowserProof | None, now: datetime, jkt: str | None) -> bool:
    """Whether questions may be shown: proven not long ago by this device (None: by whichever), or excused."""
    if proof is None:
        return False
    if proof.excused_at is not None:
        return True
    fresh = proof.failed_at is None and proof.proven_at is not None and _apart(now, proof.proven_at) <= LONGEST_GAP
    return fresh and jkt in {None, proof.jkt}


async def is_open(
    session: AsyncSession, here: Installation, place: Place, now: datetime, jkt: str | None = None
) -> bool:
    """Whether this attempt's browser is as the exam asks; always, where it asks for none."""
    exam = await queries.get_exam(session, here, place.sitting.version_id)
    return not exam.proctoring.locked_down or stands(await rows.find_proof(session, place.attempt.id), now, jkt)


async def require(session: AsyncSession, here: Installation, place: Place, now: datetime) -> None:
    """Before anything of the exam is shown to the live device. Raises `LockedBrowserNeeded`."""
    if not await is_open(session, here, place, now, place.attempt.jkt):
        raise LockedBrowserNeeded


async def excuse(session: AsyncSession, place: Place, reason: str, now: datetime, actor_id: UUID) -> None:
    """Let somebody sit without the browser, for the whole attempt. A second decision changes nothing.

    Raises `Invalid` without a reason, `WrongState` once the exam is handed in: how it was sat is over by then.
    """
    if place.attempt.status not in {Status.ready, *STARTED}:
        raise WrongState
    reason = reason.strip()
    if not 3 <= len(reason) <= 300 or "\0" in reason:
        raise Invalid(_("Write down why, in 3 to 300 characters."))
    proof = await rows.lock_proof(session, place.attempt.id)
    if proof.excused_at is not None:
        return
    proof.excused_at, proof.excused_by, proof.excused_why = now, actor_id, reason
    await ledger.append(session, BrowserExcused(place.attempt.id, reason), now, actor_id)
    await channel.tell(session, [place.attempt])


async def held(session: AsyncSession, attempt: Attempt) -> bool:
    """Whether the proofs of an attempt held from before its start to its end, without a gap longer than `LONGEST_GAP`, the last
    one from the device that handed in.
    """
    proof = await rows.find_proof(session, attempt.id)
    if proof is None or proof.proven_at is None or proof.excused_at is not None or proof.failed_at is not None:
        return False
    if proof.lapses or proof.jkt != attempt.jkt or attempt.submitted_at is None or attempt.ends_at is None:
        return False
    # From a recovery file of another device: whether that one was proven when it wrote, nobody knows any more.
    if any(each.counts and each.jkt != attempt.jkt for each in await queries.aside_of(session, attempt.id)):
        return False
    end = min(attempt.submitted_at, attempt.ends_at)
    return end - LONGEST_GAP <= proof.proven_at <= attempt.submitted_at + LONGEST_GAP
