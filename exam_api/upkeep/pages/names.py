"""Another name on certificates: the holder asks, a registrar decides; or mends what was misspelt."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from exam_api.accounts.access import Registrar, SignedIn
from exam_api.db.models.accounts import User
from exam_api.db.models.renewing import NameChange
from exam_api.errors import ExamError, Invalid, WrongState, status_of
from exam_api.upkeep import queries
from exam_api.upkeep.access import LockedChange, SomeAccount
from exam_api.upkeep.schemas import NameDecisionIn, NameIn
from exam_api.upkeep.service import names
from exam_api.upkeep.service.names import By
from exam_api.web.context import show
from exam_api.web.deps import Chance, Here, Now, Session
from exam_api.web.i18n import _
from exam_api.web.render import Page

WRONG = _("Give the name in at most 120 characters, and say in 3 to 2,000 why, and what shows it.")
NO_WORDS = _("Say in 3 to 2,000 characters why, for the person who asked.")
Text = Annotated[str, Form(max_length=4_000)]

router = APIRouter()


@dataclass(frozen=True)
class NamePage(Page):
    """One's own wish for another name, and what became of former ones."""

    template: ClassVar[str] = "upkeep/name.html"
    changes: Sequence[NameChange]
    waiting: NameChange | None
    affected: int
    name: str
    note: str
    linked: bool
    error: str | None


@dataclass(frozen=True)
class NamesPage(Page):
    """What registrars have to decide."""

    template: ClassVar[str] = "upkeep/names.html"
    waiting: Sequence[tuple[NameChange, User]]
    error: str | None


@dataclass(frozen=True)
class CorrectPage(Page):
    """Mending somebody's misspelt name."""

    template: ClassVar[str] = "upkeep/correct.html"
    person: User
    affected: int
    name: str
    note: str
    linked: bool
    error: str | None


@router.get("/my/name")
async def name_page(request: Request, actor: SignedIn, session: Session, now: Now) -> HTMLResponse:
    """What a changed name does."""
    return show(request, await _name_page(session, actor.id, now))


async def _name_page(
    session: AsyncSession, user_id: UUID, now: Now, form: NameIn | None = None, error: ExamError | None = None
) -> NamePage:
    changes = await queries.changes_of(session, user_id)
    waiting = next((each for each in changes if each.decided_at is None), None)
    return NamePage(
        changes=[each for each in changes if each is not waiting],
        waiting=waiting,
        affected=len(await queries.good_of(session, user_id, now)),
        name=form.name if form else "",
        note=form.note if form else "",
        linked=form.linked if form else False,
        error=str(error) if error else None,
    )


@router.post("/my/name", response_model=None)
async def ask(
    request: Request,
    actor: SignedIn,
    session: Session,
    now: Now,
    name: Text = "",
    note: Text = "",
    linked: Text = "",
) -> HTMLResponse | RedirectResponse:
    """Ask for another name."""
    typed = NameIn.model_construct(name=name, note=note, linked=bool(linked))
    try:
        await names.ask(session, actor.id, NameIn(name=name, note=note, linked=bool(linked)), now)
    except (ValidationError, Invalid, WrongState) as problem:
        error = Invalid(WRONG) if isinstance(problem, ValidationError) else problem
        return show(request, await _name_page(session, actor.id, now, typed, error), status_of(error))
    return RedirectResponse("/my/name", 303)


@router.post("/my/name/{change_id}/take-back")
async def take_back(change_id: UUID, actor: SignedIn, session: Session, now: Now) -> RedirectResponse:
    """The wish is gone."""
    await names.take_back(session, actor.id, change_id, now)
    return RedirectResponse("/my/name", 303)


@router.get("/names")
async def names_page(request: Request, _: Registrar, session: Session) -> HTMLResponse:
    """Wishes that wait."""
    return show(request, NamesPage(await queries.waiting_changes(session), None))


@router.post("/names/{change_id}", response_model=None)
async def decide(
    request: Request,
    change: LockedChange,
    actor: Registrar,
    here: Here,
    session: Session,
    now: Now,
    chance: Chance,
    decision: Text = "",
    words: Text = "",
) -> HTMLResponse | RedirectResponse:
    """Grant or refuse one."""
    try:
        body = NameDecisionIn(granted=decision == "grant", words=words)
        await names.decide(session, here, change, body, By(actor.id, now, chance))
    except (ValidationError, WrongState) as problem:
        error = Invalid(NO_WORDS) if isinstance(problem, ValidationError) else problem
        return show(request, NamesPage(await queries.waiting_changes(session), str(error)), status_of(error))
    return RedirectResponse("/names", 303)


@router.get("/operator/accounts/{user_id}/certificate-name")
async def correct_page(request: Request, person: SomeAccount, session: Session, now: Now) -> HTMLResponse:
    """What mending a name does."""
    return show(request, await _correct_page(session, person, now))


async def _correct_page(
    session: AsyncSession, person: User, now: Now, form: NameIn | None = None, error: ExamError | None = None
) -> CorrectPage:
    return CorrectPage(
        person=person,
        affected=len(await queries.good_of(session, person.id, now)),
        name=form.name if form else person.name,
        note=form.note if form else "",
        linked=form.linked if form else True,
        error=str(error) if error else None,
    )


@router.post("/operator/accounts/{user_id}/certificate-name", response_model=None)
async def correct(
    request: Request,
    person: SomeAccount,
    actor: Registrar,
    here: Here,
    session: Session,
    now: Now,
    chance: Chance,
    name: Text = "",
    note: Text = "",
    linked: Text = "",
) -> HTMLResponse | RedirectResponse:
    """Mend it: everything that holds is issued once more."""
    typed = NameIn.model_construct(name=name, note=note, linked=bool(linked))
    try:
        body = NameIn(name=name, note=note, linked=bool(linked))
        await names.correct(session, here, person.id, body, By(actor.id, now, chance))
    except (ValidationError, Invalid, WrongState) as problem:
        error = Invalid(WRONG) if isinstance(problem, ValidationError) else problem
        return show(request, await _correct_page(session, person, now, typed, error), status_of(error))
    return RedirectResponse(f"/operator/accounts/{person.id}", 303)
