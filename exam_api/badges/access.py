"""Which program may do what: the VC-API's one token, and the tokens that people gave to apps."""

import hashlib
import hmac
from typing import Annotated

from fastapi import Depends, Header

from exam_api.errors import NotFound, TokenNotValid
from exam_api.web.deps import Here
from exam_api.web.i18n import _

WRONG_TOKEN = _("This needs the VC-API's token: Authorization: Bearer …")
Authorization = Annotated[str, Header(max_length=2_000)]


def bearer(authorization: str) -> str:
    """The token of an Authorization header (RFC 6750), or nothing."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _switched_on(here: Here) -> None:
    if here.vc_api_token is None:
        raise NotFound


async def _vc_api(here: Here, authorization: Authorization = "") -> None:
    if here.vc_api_token is None:
        raise NotFound
    shown = hashlib.sha256(bearer(authorization).encode()).digest()
    if not hmac.compare_digest(shown, here.vc_api_token):
        raise TokenNotValid(WRONG_TOKEN, headers={"WWW-Authenticate": "Bearer"})


VcApiOn = Depends(_switched_on)
"""The VC-API is there at all."""
VcApi = Depends(_vc_api)
"""Whoever holds the VC-API's token."""
