"""A person lets an app in (OAuth 2.0 authorization code with PKCE S256, RFC 6749, 7636, 9207; RFC 9700's advice)."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import b64u
from exam_api.badges import queries
from exam_api.badges.schemas import CHALLENGE, SCOPES, OAuthRefused
from exam_api.db import ledger
from exam_api.db.models.badges import AppCode, ConnectedApp
from exam_api.errors import Invalid
from exam_api.events import AppLetIn
from exam_api.installation import Installation
from exam_api.web.i18n import _

CODE_LIFE = timedelta(seconds=60)
UNKNOWN_APP = _("No app with this number is registered here. Go back to the app and connect it anew.")
WRONG_ADDRESS = _("The app asks to be answered at an address that it has not registered, so nothing was sent there.")
FIELDS = ("response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method")


@dataclass(frozen=True)
class Asked:
    """What an app asks a person for, checked; `fields` is the request as it came."""

    app: ConnectedApp
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str
    state: str | None
    fields: Mapping[str, str]

    @property
    def host(self) -> str:
        """Where the answer goes: the one thing about an app that is certain."""
        return urlsplit(self.redirect_uri).netloc


class RefusedBack(Exception):
    """The request is wrong in a way that the app is told, at its own address."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


async def read(session: AsyncSession, here: Installation, fields: Mapping[str, str]) -> Asked:
    """Raises `Invalid` where nobody can be told but the person, `RefusedBack` where the app can."""
    app = await find_app(session, fields.get("client_id", ""))
    if app is None:
        raise Invalid(UNKNOWN_APP)
    redirect_uri = fields.get("redirect_uri", "")
    if redirect_uri not in app.redirect_uris:  # letter by letter
        raise Invalid(WRONG_ADDRESS)
    state = fields.get("state")
    try:
        scopes = _scopes(fields, app)
    except OAuthRefused as error:
        raise RefusedBack(_back(here, redirect_uri, state, **error.as_json())) from error
    return Asked(app, redirect_uri, scopes, fields["code_challenge"], state, fields)


async def find_app(session: AsyncSession, client_id: str) -> ConnectedApp | None:
    """The app of this client_id; a text that is none is as unknown as one that nobody has."""
    try:
        return await queries.find_app(session, UUID(client_id))
    except ValueError:
        return None


def _scopes(fields: Mapping[str, str], app: ConnectedApp) -> tuple[str, ...]:
    if fields.get("response_type") != "code":
        raise OAuthRefused("unsupported_response_type", "only response_type code is supported")
    if fields.get("code_challenge_method") != "S256" or not CHALLENGE.fullmatch(fields.get("code_challenge", "")):
        raise OAuthRefused("invalid_request", "PKCE is required: code_challenge with code_challenge_method S256")
    asked = tuple(dict.fromkeys(fields.get("scope", "").split()))
    if not set(asked) <= set(app.scopes) or not set(asked) & set(SCOPES):
        raise OAuthRefused("invalid_scope", "scope names only what the app registered for, and something of it")
    return asked


async def allow(
    session: AsyncSession,
    here: Installation,
    asked: Asked,
    user_id: UUID,
    now: datetime,
    chance: Callable[[int], bytes],
) -> str:
    """The person said yes: where to send their browser, with a code that is good once and for a minute."""
    consent = await queries.find_consent(
        session, user_id, asked.app.id
    )  # before the person: see `certificates.queries`
    if consent is None:
        await queries.lock_person(session, user_id)  # a second click at once finds the first one's consent
        consent = await queries.find_consent(session, user_id, asked.app.id)
    if consent is None:
        consent = await queries.add_consent(session, user_id, asked.app.id, asked.scopes, now)
    else:
        consent.scopes, consent.given_at = list(asked.scopes), now
    await ledger.append(session, AppLetIn(user_id, asked.app.id, list(asked.scopes)), now, user_id)
    code = b64u(chance(32))
    session.add(
        AppCode(
            code_hash=hashed(code),
            consent_id=consent.id,
            scopes=list(asked.scopes),
            redirect_uri=asked.redirect_uri,
            challenge=asked.challenge,
            expires_at=now + CODE_LIFE,
        )
    )
    return _back(here, asked.redirect_uri, asked.state, code=code)


def refuse(here: Installation, asked: Asked) -> str:
    """The person said no: where to send their browser."""
    said = {"error": "access_denied", "error_description": "the person did not agree"}
    return _back(here, asked.redirect_uri, asked.state, **said)


def hashed(secret: str) -> bytes:
    """What the tables keep of codes and tokens; they are random, so a plain hash tells nothing."""
    return hashlib.sha256(secret.encode()).digest()


def _back(here: Installation, redirect_uri: str, state: str | None, **said: str) -> str:
    told = {**said, **({} if state is None else {"state": state}), "iss": here.public_url.rstrip("/")}
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(told)}"
