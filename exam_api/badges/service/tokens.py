"""Tokens for apps: short-lived ones to work with, and ones that are good once to get the next (RFC 6749, 7009, 9700)."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from sqlalchemy.ext.asyncio import AsyncSession

from credentials.canonical import b64u
from exam_api.badges import queries
from exam_api.badges.schemas import OFFLINE, VERIFIER, OAuthRefused
from exam_api.badges.service.authorizing import find_app, hashed
from exam_api.badges.service.registering import hash_of
from exam_api.db import ledger
from exam_api.db.models.badges import AppConsent, AppToken, ConnectedApp
from exam_api.events import AppTokensEnded

ACCESS_LIFE = timedelta(minutes=15)
REFRESH_LIFE = timedelta(days=90)


async def authenticate(session: AsyncSession, authorization: str) -> ConnectedApp:
    """The app that shows its secret by HTTP Basic. Raises `OAuthRefused`."""
    scheme, _, sent = authorization.partition(" ")
    try:
        pair = base64.b64decode(sent.strip(), validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        pair = ""
    name, _, secret = (unquote_plus(part) for part in pair.partition(":"))
    app = await find_app(session, name)
    if app is None or app.secret_hash is None or not hmac.compare_digest(app.secret_hash, hash_of(secret)):
        raise OAuthRefused("invalid_client", "the app is not known by this name and secret (HTTP Basic)", 401)
    return app


async def exchange(
    session: AsyncSession, app: ConnectedApp, form: Mapping[str, str], now: datetime, chance: Callable[[int], bytes]
) -> dict[str, Any]:
    """Tokens for a code, or for a refresh token. Raises `OAuthRefused`; what was shown twice ends every token of its consent,
    so the caller commits then too.
    """
    ways = {"authorization_code": _by_code, "refresh_token": _by_refresh}
    way = ways.get(form.get("grant_type", ""))
    if way is None:
        raise OAuthRefused("unsupported_grant_type", "grant_type is authorization_code or refresh_token")
    made = await way(session, app, form, now, chance)
    await queries.forget_tokens(session, now)  # last, for others' tokens are among them: see the order of locks
    return made


async def _by_code(
    session: AsyncSession, app: ConnectedApp, form: Mapping[str, str], now: datetime, chance: Callable[[int], bytes]
) -> dict[str, Any]:
    found = await queries.lock_code(session, hashed(form.get("code", "")), app.id)
    if found is None:
        raise OAuthRefused("invalid_grant", "the code is not known, or not this app's")
    code, consent = found
    if code.used_at is not None:  # somebody has read it: whoever was first may be the thief
        await _end(session, consent, "shown twice", now)
        raise OAuthRefused("invalid_grant", "the code was used before; its tokens were ended")
    code.used_at = now
    if code.expires_at <= now or consent.revoked_at is not None:
        raise OAuthRefused("invalid_grant", "the code is too old, or the consent was ended")
    if form.get("redirect_uri") != code.redirect_uri:
        raise OAuthRefused("invalid_grant", "redirect_uri is not the one that the code was asked for")
    verifier = form.get("code_verifier", "")
    made = b64u(hashlib.sha256(verifier.encode()).digest())
    if not VERIFIER.fullmatch(verifier) or not hmac.compare_digest(made, code.challenge):
        raise OAuthRefused("invalid_grant", "code_verifier does not belong to the code's challenge")
    return await _give(session, consent, code.scopes, now, chance)


async def _by_refresh(
    session: AsyncSession, app: ConnectedApp, form: Mapping[str, str], now: datetime, chance: Callable[[int], bytes]
) -> dict[str, Any]:
    found = await queries.lock_refresh(session, hashed(form.get("refresh_token", "")), app.id)
    if found is None:
        raise OAuthRefused("invalid_grant", "the refresh token is not known, or not this app's")
    token, consent = found
    if token.used_at is not None:
        await _end(session, consent, "shown twice", now)
        raise OAuthRefused("invalid_grant", "the refresh token was used before; all tokens of this consent were ended")
    if token.expires_at <= now or token.revoked_at is not None or consent.revoked_at is not None:
        raise OAuthRefused("invalid_grant", "the refresh token is too old, or was ended")
    scopes = form["scope"].split() if "scope" in form else token.scopes
    if not scopes or not set(scopes) <= set(token.scopes):
        raise OAuthRefused("invalid_scope", "a refreshed token can do less than the one before, not more")
    token.used_at = now
    return await _give(session, consent, scopes, now, chance)


async def _give(
    session: AsyncSession, consent: AppConsent, scopes: list[str], now: datetime, chance: Callable[[int], bytes]
) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "access_token": _add(session, consent, "access", scopes, now + ACCESS_LIFE, chance),
        "token_type": "Bearer",
        "expires_in": int(ACCESS_LIFE.total_seconds()),
        "scope": " ".join(scopes),
    }
    if OFFLINE in scopes:
        answer["refresh_token"] = _add(session, consent, "refresh", scopes, now + REFRESH_LIFE, chance)
    await session.flush()
    return answer


def _add(
    session: AsyncSession,
    consent: AppConsent,
    kind: str,
    scopes: list[str],
    until: datetime,
    chance: Callable[[int], bytes],
) -> str:
    token = b64u(chance(32))
    session.add(AppToken(token_hash=hashed(token), consent_id=consent.id, kind=kind, scopes=scopes, expires_at=until))
    return token


async def revoke(session: AsyncSession, app: ConnectedApp, form: Mapping[str, str], now: datetime) -> None:
    """End a token of this app; a refresh token takes all tokens of its consent along. An unknown one is no error.

    Raises `OAuthRefused` where the form names none.
    """
    if "token" not in form:
        raise OAuthRefused("invalid_request", "the form names no token")
    found = await queries.find_token_of_app(session, hashed(form["token"]), app.id)
    if found is None:
        return
    token, consent = found
    if token.kind == "refresh":
        await _end(session, consent, "given back", now)
    else:
        token.revoked_at = token.revoked_at or now


async def _end(session: AsyncSession, consent: AppConsent, why: str, now: datetime) -> None:
    await queries.end_tokens(session, consent.id, now)
    await ledger.append(session, AppTokensEnded(consent.user_id, consent.app_id, why), now)
