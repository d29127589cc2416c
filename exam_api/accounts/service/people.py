"""Accounts: make them one by one or by the list, change what they may do, switch them off."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api import events
from exam_api.accounts.queries import people as queries
from exam_api.accounts.schemas import (
    AccountIn,
    AccountOut,
    AccountsOut,
    CodeOut,
    Email,
    ImportOut,
    PersonName,
    Role,
    RowIn,
    RowOut,
    SearchIn,
    plain_email,
)
from exam_api.accounts.service import codes, sessions
from exam_api.db import ledger
from exam_api.db.models.accounts import User
from exam_api.errors import EmailTaken, LastOperator, NotFound
from exam_api.installation import Installation
from exam_api.web.i18n import _

PAGE = 50
EMAIL: TypeAdapter[str] = TypeAdapter(Email)
NAME: TypeAdapter[str] = TypeAdapter(PersonName)


async def create(
    session: AsyncSession,
    here: Installation,
    body: AccountIn,
    by: UUID | None,
    now: datetime,
    chance: Callable[[int], bytes],
) -> CodeOut:
    """A new account and its activation code. Raises `EmailTaken`."""
    roles = plain_roles(body.roles)
    made = await queries.add_users(session, [(body.email, body.name)], roles)
    if not made:
        raise EmailTaken
    user = await queries.find_user(session, made[body.email])
    assert user is not None  # inserted just above
    await ledger.append(session, events.AccountCreated(user.id, roles), now, by)
    return await codes.issue(session, here, user, by, now, chance)


async def get_by_email(session: AsyncSession, email: str) -> User:
    """The account with this address, however it is spelt. Raises `NotFound`."""
    try:
        user = await queries.find_user_by_email(session, plain_email(email))
    except ValueError:
        user = None
    if user is None:
        raise NotFound(_("There is no account with this e-mail address."))
    return user


def plain_roles(roles: Iterable[Role]) -> list[str]:
    """In one order, each once: equal sets are equal in the database."""
    wanted = set(roles)
    return [role.value for role in Role if role in wanted]


async def import_candidates(
    session: AsyncSession,
    here: Installation,
    rows: list[RowIn],
    by: UUID,
    now: datetime,
    chance: Callable[[int], bytes],
) -> ImportOut:
    """One result per row, in order. What is wrong or known already never stops the others."""
    read = [_read(number, row) for number, row in enumerate(rows, start=1)]
    fresh = _first_of_each(read)
    known = await queries.find_ids_by_email(session, list(fresh))
    new = [(email, name) for email, name in fresh.items() if email not in known]
    roles = [Role.candidate.value]
    made = await queries.add_users(session, new, roles) if new else {}
    handed: dict[str, str] = {}
    for email, user_id in made.items():
        row, handed[email] = codes.prepare(user_id, by, now, chance)
        session.add(row)
        await ledger.append(session, events.AccountCreated(user_id, roles), now, by)
    known = await queries.find_ids_by_email(session, list(fresh))
    seen: set[str] = set()
    results = [_result(here, each, known, handed, seen) for each in read]
    return ImportOut(rows=results, created=len(made))


def _read(number: int, row: RowIn) -> tuple[RowOut, str]:
    """The row as we understand it; `wrong` with a sentence when we do not."""
    try:
        email = EMAIL.validate_python(row.email.strip())
        name = NAME.validate_python(row.name)
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        return RowOut(row=number, email=row.email[:254], status="wrong", problem=said), ""
    return RowOut(row=number, email=email, status="known"), name


def _first_of_each(read: list[tuple[RowOut, str]]) -> dict[str, str]:
    names: dict[str, str] = {}
    for row, name in read:
        if row.status != "wrong":
            names.setdefault(row.email, name)
    return names


def _result(
    here: Installation, read: tuple[RowOut, str], known: dict[str, UUID], handed: dict[str, str], seen: set[str]
) -> RowOut:
    row = read[0]
    if row.status == "wrong":
        return row
    user_id = known[row.email]
    if row.email in seen:
        return row.model_copy(update={"status": "repeated", "id": user_id})
    seen.add(row.email)
    if row.email not in handed:
        return row.model_copy(update={"id": user_id})
    code = handed[row.email]
    return row.model_copy(update={"status": "created", "id": user_id, "code": code, "link": codes.link(here, code)})


async def search(session: AsyncSession, wanted: SearchIn, *, only: Role | None = None) -> AccountsOut:
    """One page of accounts."""
    found, total = await queries.list_users(session, wanted, PAGE, only=only)
    shown = [show_account(each.user, each.ways_in) for each in found]
    return AccountsOut(accounts=shown, total=total, page=wanted.page)


def show_account(user: User, ways_in: int) -> AccountOut:
    return AccountOut(
        id=user.id,
        email=user.email,
        name=user.name,
        roles=[Role(role) for role in user.roles],
        ways_in=ways_in,
        created_at=user.created_at,
        disabled_at=user.disabled_at,
    )


async def set_roles(session: AsyncSession, user: User, roles: Iterable[Role], by: UUID, now: datetime) -> None:
    """What an account may do from now on. Raises `LastOperator`."""
    wanted = plain_roles(roles)
    if Role.operator.value not in wanted:
        await _keep_an_operator(session, user)
    if user.roles != wanted:
        user.roles = wanted
        await ledger.append(session, events.RolesChanged(user.id, wanted), now, by)


async def set_active(session: AsyncSession, user: User, *, active: bool, by: UUID, now: datetime) -> None:
    """Switch an account off, everywhere at once, or on again. Raises `LastOperator`."""
    if active == (user.disabled_at is None):
        return
    if not active:
        await _keep_an_operator(session, user)
        await sessions.end_all(session, user.id, now, but=None, by=by)
    user.disabled_at = None if active else now
    # Switched off is "no roles" in the ledger; switched on says them again.
    await ledger.append(session, events.RolesChanged(user.id, user.roles if active else []), now, by)


async def _keep_an_operator(session: AsyncSession, user: User) -> None:
    if await queries.lock_operators(session) == {user.id}:
        raise LastOperator
