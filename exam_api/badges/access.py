"""Which program may do what: the VC-API's one token, and the tokens that people gave to apps."""

import hashlib
import hmac
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Header

from exam_api.accounts.service import throttle
from exam_api.badges import queries
from exam_api.badges.schemas import PROFILE, READ, UPDATE, WRITE, Granted
from exam_api.errors import NotAllowed, NotFound, TokenNotValid
from exam_api.web.deps import Here, Now, Session
from exam_api.web.i18n import _

WRONG_TOKEN = _("This needs the VC-API's token: Authorization: Bearer …")
NOT_GOOD = _("This token is not known, too old, or was ended. Connect the app anew.")
NOT_GIVEN = _("The person did not let this app do that.")
USED_EVERY = timedelta(minutes=1)  # writing down each use would make readers wait for each other
Authorization = Annotated[str, Header(max_length=2_000)]


def bearer(authorization: str) -> str:
    """The token of an Authorization header (RFC 6750), or nothing."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _switched_on(here: Here) -> None:
    if here.vc_api_token is None:
        raise NotFound


async def _vc_api(here: Here, now: Now, authorization: Authorization = "") -> None:
    if here.vc_api_token is None:
        raise NotFound
    shown = hashlib.sha256(bearer(authorization).encode()).digest()
    if not hmac.compare_digest(shown, here.vc_api_token):
        raise TokenNotValid(WRONG_TOKEN, headers={"WWW-Authenticate": "Bearer"})
    await throttle.admit(here, [throttle.program_door(here, shown)], now)


VcApiOn = Depends(_switched_on)
"""The VC-API is there at all."""
VcApi = Depends(_vc_api)
"""Whoever holds the VC-API's token."""


def allowed(scope: str) -> Callable[..., Coroutine[Any, Any, Granted]]:
    """A dependency that lets only apps through to which a person gave this scope."""

    async def check(session: Session, now: Now, authorization: Authorization = "") -> Granted:
        found = await queries.find_granted(session, hashlib.sha256(bearer(authorization).encode()).digest(), now)
        if found is None:
            raise TokenNotValid(NOT_GOOD, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        consent, token, user = found
        scopes = frozenset(token.scopes) & frozenset(consent.scopes)  # the consent may have become narrower since
        if scope not in scopes:
            said = f'Bearer error="insufficient_scope", scope="{scope}"'
            raise NotAllowed(NOT_GIVEN, headers={"WWW-Authenticate": said})
        if consent.used_at is None or consent.used_at < now - USED_EVERY:
            consent.used_at = now
        return Granted(user.id, user.name, user.email, consent.app_id, consent.id, scopes)

    return check


Reader = Annotated[Granted, Depends(allowed(READ))]
Writer = Annotated[Granted, Depends(allowed(WRITE))]
ProfileReader = Annotated[Granted, Depends(allowed(PROFILE))]
ProfileWriter = Annotated[Granted, Depends(allowed(UPDATE))]
