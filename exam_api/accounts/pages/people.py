"""Accounts as staff see them: the list, a new one, many at once, one of them."""

import csv
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from exam_api.accounts.access import Actor, Operator, Registrar, Role, access_account, check_may_give
from exam_api.accounts.schemas import AccountIn, AccountOut, AccountsOut, CodeOut, ImportOut, RowIn, SearchIn
from exam_api.accounts.service import codes, people, ways_in
from exam_api.errors import EmailTaken, LastOperator
from exam_api.web.context import show
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.i18n import _
from exam_api.web.render import Page

router = APIRouter(prefix="/operator/accounts")
State = Literal["all", "active", "waiting", "off"]
MOST_ROWS = 2000


@dataclass(frozen=True)
class AccountsPage(Page):
    """The list. Role and state live in the address; names that are looked for do not."""

    template: ClassVar[str] = "accounts/people.html"
    found: AccountsOut
    pages: int
    wanted: SearchIn
    all_accounts: bool


@dataclass(frozen=True)
class NewAccountPage(Page):
    """One new account."""

    template: ClassVar[str] = "accounts/person_new.html"
    may_give: tuple[str, ...]
    email: str = ""
    name: str = ""
    roles: tuple[str, ...] = ("candidate",)
    errors: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ImportPage(Page):
    """Many candidates at once: the list that was sent, and what became of each line."""

    template: ClassVar[str] = "accounts/import.html"
    text: str = ""
    result: ImportOut | None = None
    error: str | None = None


@dataclass(frozen=True)
class CodePage(Page):
    """An activation code, shown this once."""

    template: ClassVar[str] = "accounts/code.html"
    code: CodeOut
    name: str


@dataclass(frozen=True)
class PersonPage(Page):
    """One account."""

    template: ClassVar[str] = "accounts/person.html"
    person: AccountOut
    is_operator: bool
    is_self: bool
    done: bool = False
    error: str | None = None


@router.get("")
async def accounts_page(
    request: Request,
    actor: Registrar,
    session: Session,
    role: Role | Literal[""] = "",
    state: State = "all",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """The list, filtered by what stands in the address."""
    return await _list(request, actor, session, SearchIn(role=role or None, state=state, page=page))


@router.post("/search")
async def search_page(
    request: Request,
    actor: Registrar,
    session: Session,
    text: Annotated[str, Form(max_length=120)] = "",
    role: Annotated[Role | Literal[""], Form()] = "",
    state: Annotated[State, Form()] = "all",
) -> Response:
    """A name that is looked for travels in the body: addresses end up in logs and histories."""
    plain = "".join(letter for letter in text if letter.isprintable())
    return await _list(request, actor, session, SearchIn(text=plain, role=role or None, state=state))


async def _list(request: Request, actor: Actor, session: Session, wanted: SearchIn) -> Response:
    everybody = actor.may(Role.operator)
    found = await people.search(session, wanted, only=None if everybody else Role.candidate)
    pages = max(1, -(-found.total // people.PAGE))
    return show(request, AccountsPage(found, pages, wanted, everybody))


def _may_give(actor: Actor) -> tuple[str, ...]:
    return tuple(Role) if actor.may(Role.operator) else (Role.candidate,)


@router.get("/new")
async def new_account_page(request: Request, actor: Registrar) -> Response:
    """An empty form."""
    return show(request, NewAccountPage(_may_give(actor)))


@router.post("/new")
async def create_account(
    request: Request,
    actor: Registrar,
    session: Session,
    here: Here,
    now: Now,
    chance: Chance,
    email: Annotated[str, Form(max_length=500)] = "",
    name: Annotated[str, Form(max_length=500)] = "",
    roles: Annotated[list[str] | None, Form(max_length=10)] = None,
) -> Response:
    """The answer shows the code, this once."""
    given = tuple(roles or ())
    try:
        body = AccountIn.model_validate({"email": email, "name": name, "roles": given})
        check_may_give(actor, body.roles)
        code = await people.create(session, here, body, actor.id, now, chance)
    except ValidationError as error:
        wrong = {str(each["loc"][0]) for each in error.errors()}
        errors = tuple((field, said) for field, said in MISTAKES.items() if field in wrong)
    except EmailTaken as error:
        errors = (("email", str(error)),)
    else:
        return show(request, CodePage(code, body.name), 201)
    return show(request, NewAccountPage(_may_give(actor), email, name, given, errors), 422)


MISTAKES = {
    "email": _("Type a complete e-mail address, such as name@example.org."),
    "name": _("Type a name, in at most 120 characters."),
    "roles": _("Choose at least one role."),
}


@router.get("/import")
async def import_page(request: Request, _actor: Registrar) -> Response:
    """An empty field."""
    return show(request, ImportPage())


@router.post("/import")
async def import_accounts(
    request: Request,
    actor: Registrar,
    session: Session,
    here: Here,
    now: Now,
    chance: Chance,
    text: Annotated[str, Form(max_length=400_000)] = "",
) -> Response:
    """A line per person, as a spreadsheet copies it."""
    rows = read_rows(text)
    if not 1 <= len(rows) <= MOST_ROWS:
        said = _("Paste at least one line, and at most 2,000.")
        return show(request, ImportPage(text=text, error=said), 422)
    result = await people.import_candidates(session, here, rows, actor.id, now, chance)
    return show(request, ImportPage(result=result))


def read_rows(text: str) -> list[RowIn]:
    """`e-mail, name` per line, parted by comma, semicolon or tab, whichever the first line uses; empty lines are left out."""
    lines = [line for line in text.splitlines() if line.strip()]
    first = lines[0] if lines else ""
    delimiter = next((mark for mark in "\t;" if mark in first), ",")
    read = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
    return [RowIn(email=row[0][:1000], name=" ".join(row[1:])[:1000]) for row in read if row]


@router.get("/{user_id}")
async def person_page(
    request: Request, user_id: UUID, actor: Registrar, session: Session, done: bool = False
) -> Response:
    """One account."""
    return show(request, await _person(session, actor, user_id, done=done))


async def _person(
    session: Session, actor: Actor, user_id: UUID, *, done: bool = False, error: str | None = None
) -> PersonPage:
    user = await access_account(session, actor, user_id)
    has = await ways_in.ways_in(session, user_id)
    return PersonPage(
        person=people.show_account(user, len(has.passkeys) + has.has_password),
        is_operator=actor.may(Role.operator),
        is_self=user_id == actor.id,
        done=done,
        error=error,
    )


@router.post("/{user_id}/code")
async def new_code(
    request: Request, user_id: UUID, actor: Registrar, session: Session, here: Here, now: Now, chance: Chance
) -> Response:
    """A new code, shown this once."""
    user = await access_account(session, actor, user_id)
    return show(request, CodePage(await codes.issue(session, here, user, actor.id, now, chance), user.name), 201)


@router.post("/{user_id}/roles")
async def set_roles(
    request: Request,
    user_id: UUID,
    actor: Operator,
    session: Session,
    now: Now,
    roles: Annotated[list[Role] | None, Form(max_length=5)] = None,
) -> Response:
    """At least one role stays."""
    user = await access_account(session, actor, user_id)
    if not roles:
        return show(request, await _person(session, actor, user_id, error=MISTAKES["roles"]), 422)
    try:
        await people.set_roles(session, user, roles, actor.id, now)
    except LastOperator as error:
        return show(request, await _person(session, actor, user_id, error=str(error)), 409)
    return RedirectResponse(f"/operator/accounts/{user_id}?done=true", 303)


@router.post("/{user_id}/state")
async def set_state(
    request: Request, user_id: UUID, actor: Operator, session: Session, now: Now, active: Annotated[bool, Form()]
) -> Response:
    """Off or on."""
    user = await access_account(session, actor, user_id)
    try:
        await people.set_active(session, user, active=active, by=actor.id, now=now)
    except LastOperator as error:
        return show(request, await _person(session, actor, user_id, error=str(error)), 409)
    return RedirectResponse(f"/operator/accounts/{user_id}?done=true", 303)
