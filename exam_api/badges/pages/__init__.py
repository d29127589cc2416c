"""Pages about apps: letting one in, and which ones a person has let in."""

from fastapi import APIRouter, Depends

from exam_api.badges.pages import apps, consent
from exam_api.web.context import checked_form

router = APIRouter(include_in_schema=False, dependencies=[Depends(checked_form)])
for part in (consent, apps):
    router.include_router(part.router)

__all__ = ["router"]
