"""What every page needs to know of its request, and the token that ties a form to it."""

import hmac

from fastapi import Request

from credentials.canonical import b64u
from exam_api.errors import ForgedForm
from exam_api.web.render import RequestContext

PRE_SESSION = "invigil-visitor"  # set by the sign-in pages, so that their forms are tied to one browser too


def csrf_token(request: Request) -> str:
    """A token bound to the session cookie, or to the visitor's cookie before sign-in."""
    here = request.state.installation
    name = "__Host-invigil" if here.secure_cookies else "invigil"
    anchor = request.cookies.get(name) or request.cookies.get(PRE_SESSION) or ""
    return b64u(hmac.digest(here.keyring.cookie, b"csrf:" + anchor.encode(), "sha256"))


async def checked_form(request: Request) -> None:
    """A router dependency for pages: a form without its token changes nothing. Raises `ForgedForm`."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    sent = (await request.form()).get("csrf")
    if not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), csrf_token(request).encode()):
        raise ForgedForm


def request_context(request: Request) -> RequestContext:
    """For the renderer: language, theme, who is signed in, the form token."""
    actor = getattr(request.state, "actor", None)
    return RequestContext(
        locale=request.state.renderer.locale_of(
            chosen=request.cookies.get("locale") or (actor.locale if actor else None),
            accepted=request.headers.get("accept-language"),
        ),
        theme=request.cookies.get("theme"),
        actor=actor,
        csrf_token=csrf_token(request),
        path=request.url.path,
    )
