"""Reading what lies sealed in the store."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.db import evidence
from exam_api.errors import NotFound
from exam_api.installation import Installation
from exam_api.sealing import Unreadable


async def read(session: AsyncSession, here: Installation, attempt_id: UUID, blob: str) -> bytes:
    """The plain bytes of a blob of this attempt. Raises `NotFound` where they are gone or were changed."""
    key = await evidence.find_key(session, here.keyring, attempt_id)
    try:
        return await evidence.get(here.blobs, key, blob)
    except (Unreadable, FileNotFoundError) as error:
        raise NotFound from error


def sound_type(body: bytes) -> str:
    """What kind of sound these bytes are, by their first ones."""
    if body.startswith(b"RIFF"):
        return "audio/wav"
    return "audio/webm" if body.startswith(b"\x1a\x45\xdf\xa3") else "audio/mp4"
