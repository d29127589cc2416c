"""An app asks to be let in: the person reads who it is and what it may then do, and says yes or no."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from exam_api.accounts.access import Actor, MaybeActor, SignedIn
from exam_api.badges.schemas import SCOPES
from exam_api.badges.service import authorizing
from exam_api.badges.service.authorizing import FIELDS, Asked, RefusedBack
from exam_api.errors import Invalid, SetUpFirst
from exam_api.web.context import show
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.headers import CSP
from exam_api.web.i18n import _
from exam_api.web.render import Page

TWICE = _("The address that the app made names something twice. Go back to the app and connect it anew.")
router = APIRouter()


@dataclass(frozen=True)
class ConsentPage(Page):
    """`host` is certain, `name` is what the app says of itself; `may` are sentences."""

    template: ClassVar[str] = "badges/consent.html"
    name: str
    host: str
    terms: str
    privacy: str
    may: tuple[str, ...]
    fields: Mapping[str, str]
    email: str


@router.get("/oauth/authorize", response_model=None)
async def consent_page(request: Request, actor: MaybeActor, here: Here, session: Session) -> Response:
    """What an app asks for. Whoever is not signed in does that first and then comes back."""
    fields = _fields(request.query_params.multi_items())
    try:
        asked = await authorizing.read(session, here, fields)
    except RefusedBack as error:
        # Anybody can register an address: who did not sign in for it is not sent there (RFC 9700, section 4.11.2).
        return _sign_in(request) if actor is None else RedirectResponse(error.address, 303)
    if actor is None:
        return _sign_in(request)
    if actor.settling_in:
        raise SetUpFirst
    return _shown(request, actor, asked)


def _sign_in(request: Request) -> RedirectResponse:
    """Signing in, which then leads back here."""
    return RedirectResponse(f"/sign-in?next={quote(f'/oauth/authorize?{request.url.query}', safe='')}", 303)


@router.post("/oauth/authorize", response_model=None)
async def decide(request: Request, actor: SignedIn, here: Here, session: Session, now: Now, chance: Chance) -> Response:
    """Yes or no; the browser goes back to the app either way."""
    form = await request.form()
    fields = _fields([(name, value) for name, value in form.multi_items() if isinstance(value, str)])
    try:
        asked = await authorizing.read(session, here, fields)
    except RefusedBack as error:
        return RedirectResponse(error.address, 303)
    if form.get("decision") != "allow":
        return RedirectResponse(authorizing.refuse(here, asked), 303)
    return RedirectResponse(await authorizing.allow(session, here, asked, actor.id, now, chance), 303)


def _fields(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """The members of the request that count. Raises `Invalid` where one comes twice (RFC 6749 section 3.1)."""
    known = [(name, value) for name, value in pairs if name in FIELDS]
    if len(dict(known)) != len(known) or any(len(value) > 2_000 for _, value in known):
        raise Invalid(TWICE)
    return dict(known)


def _shown(request: Request, actor: Actor, asked: Asked) -> HTMLResponse:
    told = asked.app.registration
    may = tuple(SCOPES[each] for each in SCOPES if each in asked.scopes)
    page = ConsentPage(asked.app.name, asked.host, told["tos_uri"], told["policy_uri"], may, asked.fields, actor.email)
    answer = show(request, page)
    # A browser counts the way back to the app as part of sending the form (Content Security Policy, form-action).
    parts = urlsplit(asked.redirect_uri)
    answer.headers["Content-Security-Policy"] = CSP.replace(
        "form-action 'self'", f"form-action 'self' {parts.scheme}://{parts.netloc}"
    )
    return answer
