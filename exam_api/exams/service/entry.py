"""Who may come in: what a sitting asks beyond its window and its roster."""

import asyncio
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from courses.content import Course
from credentials.canonical import b64u
from exam_api.accounts.service import throttle
from exam_api.accounts.service.password import hash_word, is_word
from exam_api.db import ledger
from exam_api.db.models.exams import EntryRules, RosterEntry
from exam_api.errors import (
    ExamPasswordNeeded,
    ExamPasswordWrong,
    Invalid,
    LessonsMissing,
    NetworkRefused,
    NotFound,
    SittingNotOpen,
)
from exam_api.events import EntryRulesChanged, RosterChanged
from exam_api.exams.queries import entry as queries
from exam_api.exams.queries import sittings as sitting_queries
from exam_api.exams.schemas import EntryIn, EntryOut
from exam_api.installation import Installation
from exam_api.learning import queries as learning
from exam_api.learning.service import content
from exam_api.web.i18n import _

NO_RULES = EntryOut(has_password=False, networks=[], lessons=False, link=None)


def shape(here: Installation, rules: EntryRules | None) -> EntryOut:
    """The rules as staff see them; a password is never shown again."""
    if rules is None:
        return NO_RULES
    return EntryOut(
        has_password=rules.password is not None,
        networks=rules.networks,
        lessons=rules.lessons,
        link=f"{here.public_url}/join/{rules.link}" if rules.link else None,
    )


async def change(
    session: AsyncSession,
    sitting_id: UUID,
    body: EntryIn,
    now: datetime,
    chance: Callable[[int], bytes],
    actor_id: UUID,
) -> EntryRules:
    """Set a sitting's rules. Raises `Invalid` where a network is none, or where lessons are asked for without a course."""
    networks = [_network(at, text) for at, text in enumerate(body.networks)]
    if body.lessons and await queries.find_course(session, sitting_id) is None:
        raise Invalid(problems=[{"where": ["body", "lessons"], "message": _("This exam belongs to no course.")}])
    await sitting_queries.lock_sitting(session, sitting_id)
    rules = await queries.find_rules(session, sitting_id)
    if rules is None:
        rules = EntryRules(sitting_id=sitting_id, networks=[], lessons=False)
        session.add(rules)
    if body.password is not None:
        rules.password = await asyncio.to_thread(hash_word, body.password) if body.password else None
    rules.networks, rules.lessons = networks, body.lessons
    if not body.link:
        rules.link = None
    elif rules.link is None:
        rules.link = b64u(chance(18))
    await session.flush()
    asked = {"password": rules.password, "networks": rules.networks, "lessons": rules.lessons, "link": rules.link}
    event = EntryRulesChanged(sitting_id, [name for name, value in asked.items() if value])
    await ledger.append(session, event, now, actor_id)
    return rules


def _network(at: int, text: str) -> str:
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError as error:
        message = _("{text} is no network. Write an address, or a range such as 192.0.2.0/24.").format(text=text)
        raise Invalid(problems=[{"where": ["body", "networks", str(at)], "message": message}]) from error


async def check_place(session: AsyncSession, sitting_id: UUID, address: str) -> None:
    """Where the candidate's computer is. Raises `NetworkRefused`."""
    rules = await queries.find_rules(session, sitting_id)
    if rules is not None:
        _check_network(rules, address)


@dataclass(frozen=True)
class Arrival:
    """Somebody at the door: who, from where, and the password they were told."""

    user_id: UUID
    address: str
    password: str | None = None


async def check(session: AsyncSession, here: Installation, sitting_id: UUID, arrival: Arrival, now: datetime) -> None:
    """Everything asked of somebody who comes for the first time.

    Raises `NetworkRefused`, `LessonsMissing`, `ExamPasswordNeeded`, `TooManyTries`; `ExamPasswordWrong`, after which the
    transaction must be committed all the same, because it holds the count of the tries.
    """
    rules = await queries.find_rules(session, sitting_id)
    if rules is None:
        return
    _check_network(rules, arrival.address)
    if rules.lessons and (missing := await _missing_lessons(session, sitting_id, arrival.user_id)):
        raise LessonsMissing(_("First do these lessons: {text}.").format(text=", ".join(missing)))
    if rules.password is not None:
        if not arrival.password:
            raise ExamPasswordNeeded
        door = throttle.exam_door(here, sitting_id, arrival.user_id)
        await throttle.count_here(session, door, now)
        if not await asyncio.to_thread(is_word, rules.password, arrival.password):
            raise ExamPasswordWrong
        await throttle.forgive(session, [door])


def _check_network(rules: EntryRules, address: str) -> None:
    if not rules.networks:
        return
    try:
        here = ipaddress.ip_address(address)
    except ValueError as error:
        raise NetworkRefused from error
    if isinstance(here, ipaddress.IPv6Address) and here.ipv4_mapped is not None:
        here = here.ipv4_mapped
    if not any(here in ipaddress.ip_network(network) for network in rules.networks):
        raise NetworkRefused(
            _("This exam is taken in certain networks only. Your computer has the address {text}.").format(text=here)
        )


async def _missing_lessons(session: AsyncSession, sitting_id: UUID, user_id: UUID) -> list[str]:
    record = await queries.find_course(session, sitting_id)
    if record is None:
        return []
    course: Course = content.course_of(record)
    done = (await learning.list_done(session, user_id, [record.id]))[record.id]
    return [lesson.title for lesson in course.lessons if lesson.id not in done]


async def join(session: AsyncSession, link: str, user_id: UUID, now: datetime) -> UUID:
    """Put whoever holds the link on the roster, and say where. Raises `NotFound`, `SittingNotOpen` after its end."""
    found = await queries.find_by_link(session, link)
    if found is None:
        raise NotFound
    if now >= found.closes_at:
        raise SittingNotOpen
    await sitting_queries.lock_sitting(session, found.id)
    if await session.get(RosterEntry, (found.id, user_id)) is None:
        await sitting_queries.add_entries(session, found.id, {user_id: sitting_queries.Extra(0, 0)}, now)
        await ledger.append(session, RosterChanged(found.id, user_id, 0, present=True), now, user_id)
    return found.id
