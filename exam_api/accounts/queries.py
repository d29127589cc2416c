"""Accounts: SQL, nothing else."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db.models.accounts import LoginSession, User


async def find_session_with_user(
    session: AsyncSession, token_hash: str, now: datetime
) -> tuple[LoginSession, User] | None:
    """A live session and its account, which must not be switched off."""
    row = (
        await session.execute(
            select(LoginSession, User)
            .join(User, User.id == LoginSession.user_id)
            .where(
                LoginSession.token_hash == token_hash,
                LoginSession.revoked_at.is_(None),
                LoginSession.expires_at > now,
                User.disabled_at.is_(None),
            )
        )
    ).one_or_none()
    return (row[0], row[1]) if row else None
