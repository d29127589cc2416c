"""Rosters: who may sit, with how much extra time."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.accounts.schemas import RowIn, RowOut
from exam_api.accounts.service.people import import_candidates
from exam_api.db import ledger
from exam_api.db.models.exams import RosterEntry, Sitting
from exam_api.errors import Invalid, NotFound, SittingInUse
from exam_api.events import RosterChanged
from exam_api.exams.queries import sittings as queries
from exam_api.exams.schemas import MAX_ROSTER, ExtraTimeIn, RosterAdded, RosterRowIn
from exam_api.installation import Installation
from exam_api.web.i18n import _


async def add(
    session: AsyncSession,
    here: Installation,
    sitting_id: UUID,
    rows: Sequence[RosterRowIn],
    now: datetime,
    chance: Callable[[int], bytes],
    actor_id: UUID,
) -> list[RosterAdded]:
    """Put people on the roster; who has no account gets one. Whoever is on it already gets the row's extra time, or
    keeps theirs where the row says nothing about it.

    Raises `Invalid` for an address that stands twice, and for more than `MAX_ROSTER` people.
    """
    check_rows(rows)
    sitting = await queries.lock_sitting(session, sitting_id)
    there = await queries.list_entries(session, sitting_id)
    people = await _accounts(session, here, rows, now, chance, actor_id)
    added = [_added(row, people[row.email], there) for row in rows]
    new = {person.user_id: _extra(person) for person in added if person.user_id not in there}
    if len(there) + len(new) > MAX_ROSTER:
        raise Invalid(_("A sitting can have at most 5,000 people; plan a second one."))
    await queries.add_entries(session, sitting_id, new, now)
    for row, person in zip(rows, added, strict=True):
        if person.user_id not in there:
            event = RosterChanged(
                sitting_id, person.user_id, person.extra_minutes, present=True, extra_percent=person.extra_percent
            )
            await ledger.append(session, event, now, actor_id)
        elif _says_time(row):
            await _set_extra(session, sitting, there[person.user_id], _extra(person), now, actor_id, who=person.email)
    return added


async def _accounts(
    session: AsyncSession,
    here: Installation,
    rows: Sequence[RosterRowIn],
    now: datetime,
    chance: Callable[[int], bytes],
    actor_id: UUID,
) -> dict[str, RowOut]:
    """Each address's account. A name that nobody gave is the part before the @, until its owner changes it."""
    asked = [RowIn(email=row.email, name=row.name or row.email.split("@")[0]) for row in rows]
    results = (await import_candidates(session, here, asked, actor_id, now, chance)).rows if asked else []
    wrong = [
        {"where": ["body", "roster", str(each.row - 1)], "message": each.problem} for each in results if not each.id
    ]
    if wrong:
        raise Invalid(problems=wrong[:50])
    return {each.email: each for each in results}


def _says_time(row: RosterRowIn) -> bool:
    return bool(row.model_fields_set & {"extra_minutes", "extra_percent"})


def _added(row: RosterRowIn, account: RowOut, there: Mapping[UUID, RosterEntry]) -> RosterAdded:
    assert account.id is not None  # rows without an account were refused above
    extra = there[account.id] if account.id in there and not _says_time(row) else row
    return RosterAdded(
        user_id=account.id,
        email=row.email,
        name=row.name or "",
        extra_minutes=extra.extra_minutes,
        extra_percent=extra.extra_percent,
        created=account.status == "created",
        activation_code=account.code,
        activation_link=account.link,
    )


def _extra(person: RosterAdded | ExtraTimeIn) -> queries.Extra:
    return queries.Extra(person.extra_minutes, person.extra_percent)


def check_rows(rows: Sequence[RosterRowIn]) -> None:
    """Raises `Invalid` where an address stands twice."""
    twice = {email for email, count in Counter(row.email for row in rows).items() if count > 1}
    if twice:
        problems = [
            {"where": ["body", "roster", str(at)], "message": _("This e-mail address stands here twice.")}
            for at, row in enumerate(rows)
            if row.email in twice
        ]
        raise Invalid(problems=problems[:50])


async def set_extra(
    session: AsyncSession, sitting_id: UUID, user_id: UUID, extra: ExtraTimeIn, now: datetime, actor_id: UUID
) -> queries.OnRoster:
    """Give somebody other extra time. Raises `NotFound`, `SittingInUse`."""
    sitting = await queries.lock_sitting(session, sitting_id)
    found = await _get(session, sitting_id, user_id)
    await _set_extra(session, sitting, found.entry, _extra(extra), now, actor_id, started=_started(found))
    return found


async def remove(session: AsyncSession, sitting_id: UUID, user_id: UUID, now: datetime, actor_id: UUID) -> None:
    """Take somebody off the roster. Raises `NotFound`; `SittingInUse` once they have opened the exam."""
    await queries.lock_sitting(session, sitting_id)
    found = await _get(session, sitting_id, user_id)
    if found.attempt is not None and found.attempt.status != "prepared":
        raise SittingInUse(_("This person has already opened the exam and stays on the roster."))
    await queries.remove_entry(session, sitting_id, user_id)
    await ledger.append(session, RosterChanged(sitting_id, user_id, 0, present=False), now, actor_id)


async def _get(session: AsyncSession, sitting_id: UUID, user_id: UUID) -> queries.OnRoster:
    found = await queries.find_on_roster(session, sitting_id, user_id)
    if found is None:
        raise NotFound
    return found


def _started(person: queries.OnRoster) -> bool:
    return person.attempt is not None and (person.attempt.started_at is not None or person.attempt.number > 1)


async def _set_extra(
    session: AsyncSession,
    sitting: Sitting,
    entry: RosterEntry,
    extra: queries.Extra,
    now: datetime,
    actor_id: UUID,
    *,
    started: bool | None = None,
    who: str | None = None,
) -> None:
    if (entry.extra_minutes, entry.extra_percent) == (extra.minutes, extra.percent):
        return
    if started is None:
        started = _started(await _get(session, entry.sitting_id, entry.user_id))
    before = entry.extra_on(sitting.minutes)
    entry.extra_minutes, entry.extra_percent = extra.minutes, extra.percent
    if entry.extra_on(sitting.minutes) < before and started:
        if who is not None:
            raise SittingInUse(
                _("{name} has already started; their time can get longer, not shorter.").format(name=who)
            )
        raise SittingInUse(_("This person has already started; their time can get longer, not shorter."))
    await session.flush()
    event = RosterChanged(entry.sitting_id, entry.user_id, extra.minutes, present=True, extra_percent=extra.percent)
    await ledger.append(session, event, now, actor_id)
