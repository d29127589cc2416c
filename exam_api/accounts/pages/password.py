"""Adding a way in: the welcome page after an activation code, and the page that sets password and authenticator."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from exam_api.accounts.access import Actor, ChangesWaysIn, MaybeActor, Visit, is_recent, set_session_cookie
from exam_api.accounts.schemas import NewPassword, PasswordOffer
from exam_api.accounts.service import password, ways_in
from exam_api.errors import CodeNotValid, Invalid, SignInFailed
from exam_api.web.context import show
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.render import Page

router = APIRouter()


@dataclass(frozen=True)
class WelcomePage(Page):
    """The first way in: a passkey, or under a quiet heading the password."""

    template: ClassVar[str] = "accounts/welcome.html"
    name: str
    email: str


@dataclass(frozen=True)
class PasswordPage(Page):
    """A password and an authenticator app, set up together."""

    template: ClassVar[str] = "accounts/password.html"
    email: str
    offer: PasswordOffer
    qr: str
    password_error: str | None = None
    code_error: str | None = None


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, 303)


@router.get("/welcome")
async def welcome(request: Request, actor: MaybeActor) -> Response:
    """Only for somebody who has just used a code; everybody else has a home."""
    if actor is None or not actor.settling_in:
        return _to("/")
    return show(request, WelcomePage(actor.name, actor.email))


@router.get("/me/password")
async def password_page(request: Request, actor: MaybeActor, here: Here, now: Now, chance: Chance) -> Response:
    """A new secret on each visit; none is stored before its first code comes back."""
    if actor is None or not is_recent(actor, now):
        return _to("/sign-in?again=true&next=/me/password")
    return show(request, _page(actor, password.offer(here, actor.id, actor.email, now, chance)))


def _page(actor: Actor, offer: PasswordOffer, **errors: str) -> PasswordPage:
    return PasswordPage(email=actor.email, offer=offer, qr=password.qr_svg(offer.uri), **errors)


@router.post("/me/password")
async def set_password(
    request: Request,
    actor: ChangesWaysIn,
    session: Session,
    here: Here,
    visit: Visit,
    now: Now,
    chance: Chance,
    sealed: Annotated[str, Form(max_length=500)] = "",
    new_password: Annotated[str, Form(max_length=256)] = "",
    code: Annotated[str, Form(max_length=12)] = "",
) -> Response:
    """On a mistake the same QR code stays: whoever has scanned it need not scan again."""
    try:
        offer = password.same_offer(here, actor.id, actor.email, sealed, now)
    except CodeNotValid:
        return _to("/me/password")
    try:
        body = NewPassword(sealed=sealed, password=new_password, code=code)
        await ways_in.set_password(session, here, actor.id, actor.session_id, body, now, chance)
    except ValidationError as error:
        about_code = error.errors()[0]["loc"] == ("code",)
        wrong = {"code_error": password.WRONG_DIGITS} if about_code else {"password_error": password.TOO_SHORT}
        return show(request, _page(actor, offer, **wrong), 422)
    except Invalid as error:
        return show(request, _page(actor, offer, password_error=str(error)), 422)
    except SignInFailed as error:
        return show(request, _page(actor, offer, code_error=str(error)), 422)
    if not actor.settling_in:
        return _to("/me/security?done=password")
    response = _to("/")
    opened = await ways_in.settle(session, actor.id, "password", visit, now, chance)
    set_session_cookie(response, here, opened.token)
    return response
