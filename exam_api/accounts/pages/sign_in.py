"""The doors: sign in, activate, recover, sign out, and where `/` leads."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from credentials.canonical import b64u
from exam_api.accounts.access import MaybeActor, Visit, set_session_cookie
from exam_api.accounts.schemas import PasswordSignIn
from exam_api.accounts.service import sessions, sign_in
from exam_api.errors import CodeNotValid, SignInFailed
from exam_api.web.context import PRE_SESSION, show
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.render import Page

router = APIRouter()
Text = Annotated[str, Form(max_length=254)]


@dataclass(frozen=True)
class SignInPage(Page):
    """Passkey first, the password folded away."""

    template: ClassVar[str] = "accounts/sign_in.html"
    next: str
    email: str = ""
    error: str | None = None
    again: bool = False
    signed_out: bool = False


@dataclass(frozen=True)
class ActivatePage(Page):
    """A field for the code. It stands empty until the script finds a code behind the number sign."""

    template: ClassVar[str] = "accounts/activate.html"
    error: str | None = None


@dataclass(frozen=True)
class RecoverPage(Page):
    """What a locked-out person does."""

    template: ClassVar[str] = "accounts/recover.html"


@dataclass(frozen=True)
class SignOutPage(Page):
    """One button."""

    template: ClassVar[str] = "accounts/sign_out.html"


@dataclass(frozen=True)
class HelpPage(Page):
    """Short answers in plain words."""

    template: ClassVar[str] = "accounts/help.html"


def own_path(address: str) -> str:
    """A path on this site, or `/`: a link must never sign somebody in and then hand them to another site."""
    is_path = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if is_path and "\\" not in address else "/"


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, 303)


def _at_the_door(request: Request, page: Page, here: Here, chance: Chance, status: int = 200) -> Response:
    """Show a page to a visitor, with a cookie that ties its form to this one browser before there is a session."""
    fresh = None
    if PRE_SESSION not in request.cookies:
        fresh = request.cookies[PRE_SESSION] = b64u(chance(16))
    response = show(request, page, status)
    if fresh is not None:
        response.set_cookie(PRE_SESSION, fresh, path="/", secure=here.secure_cookies, httponly=True, samesite="lax")
    return response


@router.get("/")
async def start(actor: MaybeActor) -> Response:
    """The person's home, or the door."""
    if actor is None:
        return _to("/sign-in")
    return _to("/activate" if actor.settling_in else "/home")


@router.get("/sign-in")
async def sign_in_page(
    request: Request,
    actor: MaybeActor,
    here: Here,
    chance: Chance,
    next: str = "/",  # noqa: A002  (the name in the address)
    again: bool = False,
    done: bool = False,
) -> Response:
    """Who is signed in already goes on, unless asked to prove it again."""
    if actor is not None and not again:
        return _to(own_path(next))
    return _at_the_door(request, SignInPage(next=own_path(next), again=again, signed_out=done), here, chance)


@router.post("/sign-in")
async def sign_in_with_password(
    request: Request,
    session: Session,
    here: Here,
    visit: Visit,
    now: Now,
    chance: Chance,
    email: Text = "",
    password: Annotated[str, Form(max_length=256)] = "",
    code: Annotated[str, Form(max_length=12)] = "",
    next: Annotated[str, Form(max_length=4_000)] = "/",  # noqa: A002  (the field's name)
) -> Response:
    """Password and code together; one answer for every mistake."""
    try:
        body = PasswordSignIn(email=email, password=password, code=code)
        opened = await sign_in.with_password(session, here, body, visit, now, chance)
    except (SignInFailed, ValueError):
        page = SignInPage(next=own_path(next), email=email, error=str(SignInFailed()))
        return _at_the_door(request, page, here, chance, 401)
    response = _to(own_path(next))
    set_session_cookie(response, here, opened.token)
    return response


@router.get("/activate")
async def activate_page(request: Request, actor: MaybeActor, here: Here, chance: Chance) -> Response:
    """A field for the code; who has used it goes on to add a way in."""
    if actor is not None and actor.settling_in:
        return _to("/welcome")
    return _at_the_door(request, ActivatePage(), here, chance)


@router.post("/activate")
async def activate(
    request: Request, session: Session, here: Here, visit: Visit, now: Now, chance: Chance, code: Text = ""
) -> Response:
    """Use the code."""
    try:
        opened = await sign_in.with_code(session, here, code, visit, now, chance)
    except CodeNotValid as error:
        return _at_the_door(request, ActivatePage(error=str(error)), here, chance, 410)
    response = _to("/welcome")
    set_session_cookie(response, here, opened.token)
    return response


@router.get("/recover")
async def recover_page(request: Request, _actor: MaybeActor) -> Response:
    """In plain words."""
    return show(request, RecoverPage())


@router.get("/help")
async def help_page(request: Request, _actor: MaybeActor) -> Response:
    """In plain words."""
    return show(request, HelpPage())


@router.get("/sign-out")
async def sign_out_page(request: Request, actor: MaybeActor) -> Response:
    """Asks first: a link or a picture elsewhere must not sign anybody out."""
    return _to("/sign-in") if actor is None else show(request, SignOutPage())


@router.post("/sign-out")
async def sign_out(actor: MaybeActor, session: Session, here: Here, now: Now) -> Response:
    """End this session."""
    if actor is not None:
        await sessions.end(session, actor.id, actor.session_id, now)
    response = _to("/sign-in?done=true")
    set_session_cookie(response, here, None)
    return response
