"""What becomes of a programme's certificate when what it rests on is revoked, is suspended or ends.

Nothing is revoked by a program. Where the rule is still met, by others or by a reissue, nothing happens. Where it is not, a person
is told; a programme that says `follows: true` suspends its certificate meanwhile, and lets it hold again once the rule is met.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.achievement.stacking import Progress, lasting, look
from exam_api.certificates import queries as certificates
from exam_api.certificates.service import withdrawing
from exam_api.db import ledger
from exam_api.db.models.certificates import Certificate
from exam_api.db.models.pathways import StackNotice
from exam_api.errors import NotFound, WrongState
from exam_api.events import StackNoticed, StackSettled
from exam_api.installation import Installation
from exam_api.pathways import queries
from exam_api.pathways.schemas import NoticeOut
from exam_api.pathways.service import files, holdings
from exam_api.web.i18n import _

CODE = "requirements-due"
NO_LONGER = _("What it rests on does not hold at the moment. A person is looking at it.")
AGAIN = _("The rule is met again.")
GONE = _("The certificate itself was revoked.")
SETTLED = _("Somebody has settled this already.")


async def look_again(
    session: AsyncSession, here: Installation, certificate_id: UUID, now: datetime, *, settled_stays: bool = False
) -> None:
    """Compare a programme's certificate with its rule. `settled_stays`: where a person has already let one stand in spite of
    a rule that is not met, nothing new happened since.
    """
    row = await _current(session, certificate_id)
    found = holdings.programme_of(here, row) if row else None
    programme = await queries.find_programme(session, *found) if found else None
    if row is None or programme is None:
        return
    notice = await queries.open_notice(session, row.id)
    if row.revoked_at is not None:
        await _settle(session, notice, None, GONE, now)
        return
    if row.valid_until is not None and row.valid_until <= now:
        return
    file = files.read_programme(programme.source)
    holder = await queries.holder_of(session, row.id)
    held, _rows = await holdings.of_person(session, here, holder) if holder else ([], {})
    progress = look(lasting(file.rule), [each for each in held if each.id != str(row.id)], now)
    if progress.met:
        await _holds_again(session, here, row, notice, now)
    elif notice is None and not (settled_stays and await queries.was_settled(session, row.id)):
        await _tell(session, here, row, why(progress), now, suspend=file.follows)


async def _current(session: AsyncSession, certificate_id: UUID) -> Certificate | None:
    """The certificate, or the one that took its place, locked."""
    for _step in range(20):
        later = await queries.replacement_of(session, certificate_id)
        if later is None:
            break
        certificate_id = later.id
    held = await certificates.find_certificate(session, certificate_id, lock=True)
    return held.certificate if held else None


def why(progress: Progress) -> str:
    """What speaks against a rule, from the first leaf that is not met: a certificate that fell away before one that never was."""
    found = [each for each in _unmet(progress) if each != "missing"]
    return found[0] if found else "missing"


def _unmet(progress: Progress) -> list[str]:
    if progress.met:
        return []
    if progress.why:
        return [progress.why]
    return [each for part in progress.of for each in _unmet(part)]


async def _tell(
    session: AsyncSession, here: Installation, row: Certificate, what: str, now: datetime, *, suspend: bool
) -> None:
    suspend = suspend and row.suspended_at is None
    if suspend:
        await withdrawing.suspend(session, here, row, CODE, NO_LONGER, None, now)
    session.add(StackNotice(certificate_id=row.id, what=what, at=now, suspended=suspend))
    await session.flush()
    await ledger.append(session, StackNoticed(row.id, what, suspend), now)


async def _holds_again(
    session: AsyncSession, here: Installation, row: Certificate, notice: StackNotice | None, now: datetime
) -> None:
    if notice is not None and notice.suspended and row.suspended_at is not None and row.suspended_code == CODE:
        await withdrawing.reinstate(session, here, row, AGAIN, None, now)
    await _settle(session, notice, None, AGAIN, now)


async def _settle(
    session: AsyncSession, notice: StackNotice | None, actor_id: UUID | None, words: str, now: datetime
) -> None:
    if notice is None:
        return
    notice.settled_at, notice.settled_by, notice.settled_words = now, actor_id, words
    await ledger.append(session, StackSettled(notice.certificate_id, words), now, actor_id)


async def settle(
    session: AsyncSession, here: Installation, notice_id: UUID, words: str, actor_id: UUID, now: datetime
) -> None:
    """A person lets the certificate stand; one that was suspended for this holds again. Raises `NotFound`, `WrongState`."""
    notice = await queries.find_notice(session, notice_id)
    if notice is None:
        raise NotFound
    held = await certificates.find_certificate(session, notice.certificate_id, lock=True)
    await session.refresh(notice, with_for_update=True)
    if notice.settled_at is not None:
        raise WrongState(SETTLED)
    row = held.certificate if held else None
    if held is not None and held.holder == actor_id:
        raise WrongState(withdrawing.NOT_OWN)
    if row is not None and notice.suspended and row.suspended_at is not None and row.suspended_code == CODE:
        await withdrawing.reinstate(session, here, row, words, actor_id, now)
    await _settle(session, notice, actor_id, words, now)


async def notices(session: AsyncSession) -> list[NoticeOut]:
    """What waits for a person, the oldest first."""
    return [
        NoticeOut.model_validate(
            {
                "id": notice.id,
                "certificate_id": row.id,
                "certificate": row.document["name"],
                "holder": name,
                "what": notice.what,
                "at": notice.at,
                "suspended": notice.suspended,
            }
        )
        for notice, row, name in await queries.open_notices(session)
    ]
