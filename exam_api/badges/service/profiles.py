"""The profile of a person for their apps: what the account says, and what an app has written beside it."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import JsonObject, jcs
from credentials.linked_data.contexts import OB, VC
from credentials.linked_data.opened import is_url
from exam_api.badges import queries
from exam_api.badges.schemas import Granted
from exam_api.db import ledger
from exam_api.db.models.badges import BadgeProfile
from exam_api.errors import Invalid
from exam_api.events import BadgeProfileWritten
from exam_api.web.i18n import _

WRITABLE = ("url", "phone", "description", "image")
FIXED = {"@context", "id", "type", "name", "email"}  # the account's: what an app sends there is not taken over
MAX_BYTES = 16 * 1024
UNKNOWN = _("An app can write only these members of a profile: {names}. Nothing was changed.")
WRONG = _("The member {name} of the profile cannot be used as it is. Nothing was changed.")


async def read(session: AsyncSession, granted: Granted) -> dict[str, Any]:
    """A Profile of Open Badges 3.0."""
    more = await queries.find_profile(session, granted.user_id)
    return {
        "@context": [VC, OB],
        "id": f"urn:uuid:{granted.user_id}",
        "type": ["Profile"],
        "name": granted.name,
        "email": granted.email,
        **(more.document if more is not None else {}),
    }


async def write(session: AsyncSession, granted: Granted, sent: JsonObject, now: datetime) -> dict[str, Any]:
    """The profile as it is afterwards; name and e-mail address stay the account's. Raises `Invalid`."""
    document = {name: value for name, value in sent.items() if name not in FIXED}
    if set(document) - set(WRITABLE) or len(jcs(document)) > MAX_BYTES:
        raise Invalid(UNKNOWN.format(names=", ".join(WRITABLE)))
    for name, value in document.items():
        if not _fits(name, value):
            raise Invalid(WRONG.format(name=name))
    await queries.lock_person(session, granted.user_id)
    row = await queries.find_profile(session, granted.user_id)
    if row is None:
        session.add(BadgeProfile(user_id=granted.user_id, document=document, changed_at=now))
    else:
        row.document, row.changed_at = document, now
    await session.flush()
    told = BadgeProfileWritten(granted.user_id, granted.app_id, sorted(document))
    await ledger.append(session, told, now, granted.user_id)
    return await read(session, granted)


def _fits(name: str, value: object) -> bool:
    if name == "image":
        told = value if isinstance(value, dict) else {"id": value}
        return set(told) <= {"id", "type", "caption"} and _is_web(told.get("id")) and all(map(_is_text, told.values()))
    return _is_web(value) if name == "url" else _is_text(value)


def _is_text(value: object) -> bool:
    """Something to read, of a size that a profile has; a NUL no database keeps."""
    return isinstance(value, str) and 0 < len(value.strip()) <= 2_000 and "\0" not in value


def _is_web(address: object) -> bool:
    return is_url(address) and str(address).startswith(("https://", "http://"))
