"""What every page needs to know of its request, and the token that ties a form to it."""

import hmac
from datetime import UTC, datetime

from fastapi import Request
from fastapi.responses import HTMLResponse

from credentials.canonical import b64u
from exam_api.errors import ForgedForm
from exam_api.web.i18n import LANGUAGE_COOKIE, choose_language
from exam_api.web.render import CSRF_FIELD, THEME_COOKIE, THEMES, ActorView, Page, RequestContext, respond

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
    sent = (await request.form()).get(CSRF_FIELD)
    if not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), csrf_token(request).encode()):
        raise ForgedForm


def language_of(request: Request) -> str:
    """What the person chose for this browser or account, else what the browser asks for."""
    actor = getattr(request.state, "actor", None)
    return choose_language(
        request.cookies.get(LANGUAGE_COOKIE) or (actor.locale if actor else None),
        request.headers.get("accept-language"),
    )


def say(request: Request, text: str) -> str:
    """A text of ours for the page that asked. A program, which names no language, gets the English that is stored."""
    if LANGUAGE_COOKIE not in request.cookies and "accept-language" not in request.headers:
        return text
    said: str = request.state.renderer.say(language_of(request), text)
    return said


def request_context(request: Request) -> RequestContext:
    """For the renderer: language, theme, who is signed in, the form token."""
    actor = getattr(request.state, "actor", None)
    theme = request.cookies.get(THEME_COOKIE)
    return RequestContext(
        locale=language_of(request),
        now=datetime.now(UTC),
        path=request.url.path,
        csrf_token=csrf_token(request),
        theme=next((known for known in THEMES if known == theme), "auto"),
        actor=ActorView(actor.name, frozenset(actor.roles)) if actor else None,
        query=tuple(request.query_params.multi_items()),
    )


def show(request: Request, page: Page, status: int = 200) -> HTMLResponse:
    """Answer with a page."""
    return respond(request.state.renderer, page, request_context(request), status)
