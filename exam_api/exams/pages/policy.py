"""How often one may try and which attempt counts, writing late, and how long answers may be on their way."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from exam_api.accounts.access import Instructor
from exam_api.errors import Invalid, SittingInUse
from exam_api.exams.access import LedSitting
from exam_api.exams.pages.frame import Blank, FormData, FormPage, Said, go, refusal_problems, shape_problems
from exam_api.exams.queries.sittings import SittingListed
from exam_api.exams.schemas import PolicyIn
from exam_api.exams.service import policy
from exam_api.web.context import show
from exam_api.web.deps import Here, Now, Session

router = APIRouter(prefix="/sittings/{sitting_id}")
MAY_BE_EMPTY = {"attempts", "grace_minutes"}


@dataclass(frozen=True)
class PolicyPage(FormPage):
    """The policy of one sitting. `grace` is what the installation has, for a field that is left empty."""

    template: ClassVar[str] = "exams/policy.html"
    sitting: SittingListed
    values: Blank
    grace: int
    said: str | None = None


def policy_values(body: PolicyIn) -> Blank:
    """A policy as the values of its fields."""
    return Blank({name: "" if value is None else str(value) for name, value in body.model_dump().items()})


def read_policy(form: Mapping[str, str]) -> PolicyIn:
    """The policy that a form says; a field that it does not have stays as usual. Raises `ValidationError`."""
    given = {name: form[name].strip() for name in PolicyIn.model_fields if name in form}
    return PolicyIn.model_validate(
        {name: text or (None if name in MAY_BE_EMPTY else text) for name, text in given.items()}
    )


def _page(here: Here, sitting: SittingListed, values: Blank, said: str | None = None) -> PolicyPage:
    return PolicyPage(sitting=sitting, values=values, grace=int(here.grace.total_seconds() // 60), said=said)


@router.get("/policy")
async def policy_page(request: Request, sitting: LedSitting, here: Here, said: Said) -> HTMLResponse:
    """The policy as it is."""
    return show(request, _page(here, sitting, policy_values(policy.policy_of(sitting.sitting)), said))


@router.post("/policy")
async def change_policy(
    request: Request, form: FormData, sitting: LedSitting, actor: Instructor, here: Here, session: Session, now: Now
) -> Response:
    """Change it; after the first start only for the better."""
    try:
        await policy.change(session, here, sitting.sitting.id, read_policy(form), now, actor.id)
    except (ValidationError, Invalid, SittingInUse) as error:
        problems = shape_problems(error) if isinstance(error, ValidationError) else refusal_problems(error)
        page = PolicyPage(sitting=sitting, values=form, grace=_page(here, sitting, form).grace, errors=problems)
        return show(request, page, 409 if isinstance(error, SittingInUse) else 422)
    return go(f"/sittings/{sitting.sitting.id}/policy", "saved")
