"""Accounts and their ways in: SQL, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.accounts.schemas import Role, SearchIn
from exam_api.db.models.accounts import Passkey, User


async def find_user(session: AsyncSession, user_id: UUID) -> User | None:
    return await session.get(User, user_id)


async def find_user_by_email(session: AsyncSession, email: str) -> User | None:
    """By the stored spelling (`schemas.plain_email`)."""
    found: User | None = await session.scalar(select(User).where(User.email == email))
    return found


async def find_ids_by_email(session: AsyncSession, emails: Sequence[str]) -> dict[str, UUID]:
    """The accounts that exist among these addresses."""
    rows = await session.execute(select(User.email, User.id).where(User.email.in_(emails)))
    return {row[0]: row[1] for row in rows}


async def lock_user(session: AsyncSession, user_id: UUID) -> User | None:
    """An account, held until the transaction ends: two changes of its ways in cannot pass each other."""
    found: User | None = await session.scalar(
        select(User).where(User.id == user_id).with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    return found


async def add_users(session: AsyncSession, people: Sequence[tuple[str, str]], roles: list[str]) -> dict[str, UUID]:
    """Insert (e-mail, name) pairs, in one order for everybody; those whose address is taken meanwhile are left out of the answer."""
    rows = await session.execute(
        insert(User)
        .values([{"email": email, "name": name, "roles": roles} for email, name in sorted(people)])
        .on_conflict_do_nothing(index_elements=[User.email])
        .returning(User.email, User.id)
    )
    return {row[0]: row[1] for row in rows}


async def lock_operators(session: AsyncSession) -> set[UUID]:
    """Every account that can act as operator, held until the transaction ends."""
    rows = await session.scalars(
        select(User.id)
        .where(User.roles.contains([Role.operator]), User.disabled_at.is_(None))
        .order_by(User.id)
        .with_for_update(key_share=True)
    )
    return set(rows.all())


# --- ways in ---
def _has_password() -> ColumnElement[bool]:
    return and_(User.password_hash.is_not(None), User.totp_secret.is_not(None))


async def passkeys_of(session: AsyncSession, user_id: UUID) -> Sequence[Passkey]:
    """Oldest first."""
    found = await session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.created_at))
    return found.all()


async def lock_passkey(session: AsyncSession, credential_id: bytes) -> Passkey | None:
    """By credential id, held until the transaction ends: its counter only ever grows."""
    found: Passkey | None = await session.scalar(
        select(Passkey).where(Passkey.credential_id == credential_id).with_for_update()
    )
    return found


async def claim_totp_step(session: AsyncSession, user_id: UUID, step: int) -> bool:
    """Mark a code as used; False when it, or a later one, was used before. Decided by the row, so only one wins."""
    claimed = await session.scalar(
        update(User)
        .where(User.id == user_id, User.totp_last_step < step)
        .values(totp_last_step=step)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    )
    return claimed is not None


# --- lists for staff ---
@dataclass(frozen=True)
class Listed:
    """An account and how many ways in it has."""

    user: User
    ways_in: int


async def list_users(
    session: AsyncSession, wanted: SearchIn, size: int, *, only: Role | None = None
) -> tuple[list[Listed], int]:
    """One page of the accounts that fit, by name, and how many fit. `only`: nobody with any other role."""
    passkeys = select(func.count()).where(Passkey.user_id == User.id).correlate(User).scalar_subquery()
    ways_in = passkeys + _has_password().cast(Passkey.sign_count.type)
    conditions = _fits(wanted, ways_in)
    if only is not None:
        conditions.append(User.roles == [only.value])
    total = await session.scalar(select(func.count()).select_from(User).where(*conditions))
    rows = await session.execute(
        select(User, ways_in)
        .where(*conditions)
        .order_by(func.lower(User.name), User.id)
        .limit(size)
        .offset((wanted.page - 1) * size)
    )
    return [Listed(row[0], row[1]) for row in rows], total or 0


def _fits(wanted: SearchIn, ways_in: ColumnElement[int]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        or_(func.lower(User.name).contains(word, autoescape=True), User.email.contains(word, autoescape=True))
        for word in wanted.text.lower().split()
    ]
    if wanted.role is not None:
        conditions.append(User.roles.contains([wanted.role.value]))
    match wanted.state:
        case "active":
            conditions += [User.disabled_at.is_(None), ways_in > 0]
        case "waiting":
            conditions += [User.disabled_at.is_(None), ways_in == 0]
        case "off":
            conditions.append(User.disabled_at.is_not(None))
        case "all":
            pass
    return conditions
