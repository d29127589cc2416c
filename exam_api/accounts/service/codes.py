"""Activation codes: one-time, random, made to be typed from paper; only their hash is kept."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.accounts.queries import sessions as queries
from exam_api.accounts.schemas import CodeOut
from exam_api.db.models.accounts import ActivationCode, User
from exam_api.errors import CodeNotValid
from exam_api.installation import Installation

LIFE = timedelta(hours=72)
# Crockford's base 32: no letter looks like a digit.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 25  # 125 bits


def new_code(chance: Callable[[int], bytes]) -> str:
    """Five groups of five, e.g. `7K2QX-…`."""
    number = int.from_bytes(chance(16), "big") >> 3
    letters = "".join(ALPHABET[(number >> (5 * place)) & 31] for place in range(LENGTH))
    return "-".join(letters[start : start + 5] for start in range(0, LENGTH, 5))


def read_code(text: str) -> str:
    """What a person typed, as it was meant: case, spaces and dashes do not matter, O is 0, I and L are 1."""
    letters = "".join(letter for letter in text.upper() if letter.isalnum())
    return letters.translate(str.maketrans("OIL", "011"))


def link(here: Installation, code: str) -> str:
    """Behind the number sign, so that no server, proxy or log ever sees the code."""
    return f"{here.public_url.rstrip('/')}/activate#{code}"


async def issue(
    session: AsyncSession,
    here: Installation,
    user: User,
    by: UUID | None,
    now: datetime,
    chance: Callable[[int], bytes],
) -> CodeOut:
    """A new code for an account; older unused ones end."""
    await queries.drop_unused_codes(session, [user.id])
    row, code = prepare(user.id, by, now, chance)
    session.add(row)
    await session.flush()
    return CodeOut(id=user.id, email=user.email, code=code, link=link(here, code), expires_at=row.expires_at)


def prepare(
    user_id: UUID, by: UUID | None, now: datetime, chance: Callable[[int], bytes]
) -> tuple[ActivationCode, str]:
    """The row to keep, and the code to hand over."""
    code = new_code(chance)
    hashed = queries.token_hash(read_code(code))
    return ActivationCode(user_id=user_id, code_hash=hashed, created_by=by, expires_at=now + LIFE), code


async def use(session: AsyncSession, text: str, now: datetime) -> UUID:
    """The account that a code opens, this once. Raises `CodeNotValid`."""
    user_id = await queries.use_code(session, queries.token_hash(read_code(text)), now)
    if user_id is None:
        raise CodeNotValid
    return user_id
