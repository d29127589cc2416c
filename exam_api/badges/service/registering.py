"""Apps register themselves (OAuth 2.0 Dynamic Client Registration, RFC 7591, as Open Badges 3.0 section 7.2 narrows it)."""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import JsonObject, b64u
from exam_api.badges import queries
from exam_api.badges.schemas import SCOPES, OAuthRefused
from exam_api.db.models.badges import ConnectedApp
from exam_api.errors import TooManyTries
from exam_api.installation import Installation

UNUSED_LIFE = timedelta(days=30)  # an app that nobody let in is forgotten
MAX_UNUSED = 10_000
MAX_REDIRECTS = 5
PAGES = ("client_uri", "logo_uri", "tos_uri", "policy_uri")
TEXTS = ("client_name", "software_id", "software_version")
GRANTS = {"authorization_code", "refresh_token"}
METHOD = "client_secret_basic"
LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
# What every browser reads as we do: the host is what a person is told, and stands in a policy of the page.
HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?", re.ASCII)


def hash_of(secret: str) -> str:
    """What the table keeps of a secret of 32 random bytes."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def register(
    session: AsyncSession, here: Installation, metadata: JsonObject, now: datetime, chance: Callable[[int], bytes]
) -> dict[str, Any]:
    """The registration with its client_id and secret, which is shown this once. Raises `OAuthRefused`, `TooManyTries`."""
    kept = read(metadata, loopback=not here.secure_cookies)
    await queries.forget_unused(session, now - UNUSED_LIFE)
    if await queries.count_unused(session) >= MAX_UNUSED:
        raise TooManyTries
    secret = b64u(chance(32))
    app = ConnectedApp(
        secret_hash=hash_of(secret),
        name=kept["client_name"],
        redirect_uris=kept["redirect_uris"],
        scopes=kept["scope"].split(),
        registration=kept,
        registered_at=now,
    )
    session.add(app)
    await session.flush()
    return {
        "client_id": str(app.id),
        "client_secret": secret,
        "client_id_issued_at": int(now.timestamp()),
        "client_secret_expires_at": 0,
        **kept,
    }


def read(metadata: JsonObject, *, loopback: bool) -> dict[str, Any]:
    """The members of a registration that we keep. `loopback`: addresses on the same machine may do without TLS.

    Raises `OAuthRefused`.
    """
    for name in TEXTS:
        _check_text(name, metadata.get(name))
    redirects = metadata.get("redirect_uris")
    if not isinstance(redirects, list) or not 1 <= len(redirects) <= MAX_REDIRECTS:
        raise OAuthRefused("invalid_redirect_uri", f"redirect_uris lists one to {MAX_REDIRECTS} addresses")
    for each in redirects:
        _check_address(each, "invalid_redirect_uri", loopback=loopback)
    for name in PAGES:
        _check_address(metadata.get(name), "invalid_client_metadata", loopback=loopback)
    addresses = [*redirects, *(metadata[name] for name in PAGES)]
    if len({urlsplit(each).hostname for each in addresses}) != 1:
        raise OAuthRefused("invalid_client_metadata", "all addresses of an app are on one host")
    grants, responses = metadata.get("grant_types", ["authorization_code"]), metadata.get("response_types", ["code"])
    if not isinstance(grants, list) or "authorization_code" not in grants or not set(map(str, grants)) <= GRANTS:
        raise OAuthRefused("invalid_client_metadata", "grant_types are authorization_code and refresh_token")
    if responses != ["code"] or metadata.get("token_endpoint_auth_method", METHOD) != METHOD:
        raise OAuthRefused("invalid_client_metadata", f"only response_types code and {METHOD} are supported")
    return {
        **{name: metadata[name] for name in (*TEXTS, *PAGES)},
        "redirect_uris": redirects,
        "token_endpoint_auth_method": METHOD,
        "grant_types": grants,
        "response_types": responses,
        "scope": _scope(metadata.get("scope")),
        **_contacts(metadata.get("contacts")),
    }


def _check_text(name: str, value: object) -> None:
    if not isinstance(value, str) or not 1 <= len(value.strip()) <= 100 or not value.isprintable():
        raise OAuthRefused("invalid_client_metadata", f"{name} is a text of 1 to 100 characters")


def _check_address(found: object, code: str, *, loopback: bool) -> None:
    try:
        parts = urlsplit(found if isinstance(found, str) and found.isascii() and found.isprintable() else "")
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    secure = host is not None and parts.scheme == "https"
    own = loopback and host is not None and parts.scheme == "http" and parts.netloc.rsplit(":", 1)[0] in LOOPBACK
    if (
        not (secure or own)
        or len(str(found)) > 500
        or "#" in str(found)
        or " " in str(found)
        or not HOST.fullmatch(parts.netloc)
    ):
        raise OAuthRefused(code, f"{str(found)[:100]!r} is not an https address without a fragment")


def _scope(found: object) -> str:
    asked = found.split() if isinstance(found, str) else []
    known = [each for each in dict.fromkeys(asked) if each in SCOPES]
    if not known:
        raise OAuthRefused(
            "invalid_client_metadata", "scope names what the app may ask for, of what the discovery lists"
        )
    return " ".join(known)


def _contacts(found: object) -> dict[str, list[str]]:
    if found is None:
        return {}
    if not isinstance(found, list) or len(found) > 10 or not all(_is_contact(each) for each in found):
        raise OAuthRefused("invalid_client_metadata", "contacts is a list of texts")
    return {"contacts": found}


def _is_contact(each: object) -> bool:
    return isinstance(each, str) and len(each) <= 200 and each.isprintable()
