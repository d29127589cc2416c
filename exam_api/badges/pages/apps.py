"""The apps that a person has let in, and the certificates from elsewhere that apps have put here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from exam_api.accounts.access import SignedIn
from exam_api.badges.schemas import ConnectedOut, HeldOut
from exam_api.badges.service import connected, hosting
from exam_api.web.context import show
from exam_api.web.deps import Now, Session
from exam_api.web.render import Page

router = APIRouter()


@dataclass(frozen=True)
class AppsPage(Page):
    """`done` is what was just ended or removed."""

    template: ClassVar[str] = "badges/apps.html"
    apps: Sequence[ConnectedOut]
    held: Sequence[HeldOut]
    done: str


@router.get("/me/apps")
async def apps_page(request: Request, actor: SignedIn, session: Session, done: str = "") -> HTMLResponse:
    """Who may read, since when, and what came from elsewhere."""
    apps = await connected.list_apps(session, actor.id)
    return show(request, AppsPage(apps, await hosting.list_held(session, actor.id), done))


@router.post("/me/apps/{consent_id}/end")
async def end(consent_id: UUID, actor: SignedIn, session: Session, now: Now) -> RedirectResponse:
    """The app may do nothing any more, from now on."""
    await connected.end(session, actor.id, consent_id, now)
    return RedirectResponse("/me/apps?done=ended", 303)


@router.post("/me/apps/certificates/{held_id}/remove")
async def remove(held_id: UUID, actor: SignedIn, session: Session, now: Now) -> RedirectResponse:
    """Forget a certificate from elsewhere; its issuer and its holder still have it."""
    await hosting.remove(session, actor.id, held_id, now)
    return RedirectResponse("/me/apps?done=removed", 303)
