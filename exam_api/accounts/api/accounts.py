"""Accounts, for those who look after them."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query

from exam_api.accounts.access import Operator, Registrar, Role, access_account, check_may_give
from exam_api.accounts.schemas import AccountIn, AccountsOut, CodeOut, ImportIn, ImportOut, RolesIn, SearchIn, StateIn
from exam_api.accounts.service import codes, people
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.problems import ERRORS

router = APIRouter(prefix="/accounts")


@router.get("", responses=ERRORS(401, 403, 422))
async def list_accounts(
    actor: Registrar,
    session: Session,
    role: Role | None = None,
    state: Literal["all", "active", "waiting", "off"] = "all",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> AccountsOut:
    """Accounts by name, fifty to a page. An instructor sees candidates only."""
    return await _search(actor, session, SearchIn(role=role, state=state, page=page))


@router.post("/search", responses=ERRORS(401, 403, 422))
async def search_accounts(body: SearchIn, actor: Registrar, session: Session) -> AccountsOut:
    """Look for words in names and e-mail addresses. An instructor sees candidates only."""
    return await _search(actor, session, body)


async def _search(actor: Registrar, session: Session, wanted: SearchIn) -> AccountsOut:
    return await people.search(session, wanted, only=None if actor.may(Role.operator) else Role.candidate)


@router.post("", status_code=201, responses=ERRORS(401, 403, 409, 422))
async def create_account(
    body: AccountIn, actor: Registrar, session: Session, here: Here, now: Now, chance: Chance
) -> CodeOut:
    """Make an account; its activation code is in the answer, this once. An instructor makes candidates only."""
    check_may_give(actor, body.roles)
    return await people.create(session, here, body, actor.id, now, chance)


@router.post("/import", responses=ERRORS(401, 403, 422))
async def import_accounts(
    body: ImportIn, actor: Registrar, session: Session, here: Here, now: Now, chance: Chance
) -> ImportOut:
    """Make many candidates at once: a result per row, none lost, no row stops another."""
    return await people.import_candidates(session, here, body.rows, actor.id, now, chance)


@router.post("/{user_id}/code", status_code=201, responses=ERRORS(401, 403, 404, 422))
async def new_code(user_id: UUID, actor: Registrar, session: Session, here: Here, now: Now, chance: Chance) -> CodeOut:
    """A new activation code, for somebody who is locked out. Older codes end."""
    user = await access_account(session, actor, user_id)
    return await codes.issue(session, here, user, actor.id, now, chance)


@router.put("/{user_id}/roles", status_code=204, responses=ERRORS(401, 403, 404, 409, 422))
async def set_roles(user_id: UUID, body: RolesIn, actor: Operator, session: Session, now: Now) -> None:
    """Set what an account may do."""
    await people.set_roles(session, await access_account(session, actor, user_id), body.roles, actor.id, now)


@router.put("/{user_id}/state", status_code=204, responses=ERRORS(401, 403, 404, 409, 422))
async def set_state(user_id: UUID, body: StateIn, actor: Operator, session: Session, now: Now) -> None:
    """Switch an account off or on."""
    user = await access_account(session, actor, user_id)
    await people.set_active(session, user, active=body.active, by=actor.id, now=now)
